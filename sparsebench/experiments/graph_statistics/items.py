"""Items of analyses: what the properties of graphs tell of the accuracy of a variant's networks."""

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
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS


class _AnalysisCell:
    """What items of analyses share: which networks, and the id that tells it."""

    variant: str
    graphs: int
    semantics: str
    first: int

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
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
    """Accuracy and properties of graphs, correlated over the networks of a variant.

    Attributes
    ----------
    variant
        The recurrent cell type of the networks.
    graphs
        How many of each of the thesis's families.
    first
        The seed of the first.
    """

    variant: str
    graphs: int = GRAPHS
    semantics: str = "published"
    first: int = 0

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The analysis; it has no seeds of its own."""
        return [CorrelationCase(self.population)]


@dataclass(frozen=True)
class PredictionItem(_AnalysisCell):
    """Accuracy predicted from the properties of graphs, over the networks of a variant.

    Attributes
    ----------
    variant, graphs, first
        As of a `CorrelationItem`.
    splits
        How often the networks are split anew.
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
        """Every regressor with all properties, then the forest with the other feature sets."""
        kinds = [(regressor, FEATURE_SETS[0]) for regressor in REGRESSORS]
        kinds += [("random_forest", features) for features in FEATURE_SETS[1:]]
        return [PredictionCase(self.population, *kind, splits=self.splits) for kind in kinds]


def correlation_items(
    graphs: int = GRAPHS, variants: Iterable[str] = VARIANTS, first: int = 0
) -> list[CorrelationItem]:
    """Correlations of accuracy with properties (thesis, tables 6.1 to 6.4): one item per variant."""
    return [
        CorrelationItem(variant, graphs, first=first) for variant in listed("variants", variants)
    ]


def prediction_items(
    splits: int, graphs: int = GRAPHS, variants: Iterable[str] = VARIANTS, first: int = 0
) -> list[PredictionItem]:
    """Predictions of accuracy from properties (thesis, table 6.5): one item per variant."""
    return [
        PredictionItem(variant, splits, graphs, first=first)
        for variant in listed("variants", variants)
    ]
