"""Items of analyses: how properties of graphs relate to the accuracy of networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparsebench.experiments.graph_statistics.cases import (
    FEATURE_SETS,
    REGRESSORS,
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.harness.items import suffix
from sparsebench.harness.profiles import GRAPHS
from sparsebench.values.checks import graphs_in_reason, listed, one_of, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import CELL_TYPES, VARIANTS
from sparsebench.values.semantics import SEMANTICS


class _AnalysisCell:
    """The shared part of items of analyses: the networks, checks of the fields, and the id."""

    variant: str
    graphs: int
    semantics: str
    first: int

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        graphs_in_reason(self.graphs)
        one_of("semantics", self.semantics, SEMANTICS)
        whole_number("first", self.first, 0)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant + suffix(self.semantics)

    @property
    def population(self) -> WiredPopulation:
        """The networks that are analysed."""
        return WiredPopulation(self.variant, self.graphs, SEMANTICS[self.semantics], self.first)


@dataclass(frozen=True)
class CorrelationItem(_AnalysisCell):
    """Correlations of accuracy with properties of graphs, over the networks of a variant.

    Attributes
    ----------
    variant
        The cell type of the networks.
    graphs
        Networks of each of the thesis's families.
    first
        Seed of the first network of each family.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    graphs: int = GRAPHS
    semantics: str = "published"
    first: int = 0

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The analysis; it has no seeds."""
        return [CorrelationCase(self.population)]


@dataclass(frozen=True)
class PredictionItem(_AnalysisCell):
    """Predictions of accuracy from properties of graphs, over the networks of a variant.

    Attributes
    ----------
    variant, graphs, first
        As in `CorrelationItem`.
    splits
        Random splits of the networks into training and test sets.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    splits: int
    graphs: int = GRAPHS
    semantics: str = "published"
    first: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("splits", self.splits, 1)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Each regressor with all properties, then the forest with the other feature sets."""
        kinds = [(regressor, FEATURE_SETS[0]) for regressor in REGRESSORS]
        kinds += [("random_forest", features) for features in FEATURE_SETS[1:]]
        return [PredictionCase(self.population, *kind, splits=self.splits) for kind in kinds]


def correlation_items(
    graphs: int = GRAPHS, variants: Iterable[str] = VARIANTS, first: int = 0
) -> list[CorrelationItem]:
    """Make the items on correlations of accuracy with properties (thesis, tables 6.1 to 6.4).

    Parameters
    ----------
    graphs
        Networks of each of the thesis's families.
    variants
        The cell types.
    first
        Seed of the first network of each family.

    Returns
    -------
    list of CorrelationItem
        One per variant.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of bounds, or a variant does not exist.
    """
    return [
        CorrelationItem(variant, graphs, first=first) for variant in listed("variants", variants)
    ]


def prediction_items(
    splits: int, graphs: int = GRAPHS, variants: Iterable[str] = VARIANTS, first: int = 0
) -> list[PredictionItem]:
    """Make the items on predictions of accuracy from properties (thesis, table 6.5).

    Parameters
    ----------
    splits
        Random splits of the networks into training and test sets.
    graphs, variants, first
        As in `correlation_items`.

    Returns
    -------
    list of PredictionItem
        One per variant.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of bounds, or a variant does not exist.
    """
    return [
        PredictionItem(variant, splits, graphs, first=first)
        for variant in listed("variants", variants)
    ]
