"""Cases of analyses: frozen descriptions of a method applied to many networks at once.

An analysis trains no networks itself. It uses the accuracies of wired networks and the properties
of their graphs, so its case names these networks and the method.
"""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.checks import graphs_in_reason, instance_of, one_of, whole_number
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import CELL_TYPES
from sparsebench.values.semantics import PUBLISHED, Semantics

REGRESSORS = ("bayesian_ridge", "random_forest", "ada_boost")
"""Regressors that predict accuracy from the properties of graphs (thesis, section 5.3.3)."""

FEATURE_SETS = ("all", "nodes_and_edges", "without_nodes_and_edges", "variances")
"""Sets of properties used for prediction: the columns of the thesis's tables B.1 and B.2."""


@kind("WiredPopulation")
@dataclass(frozen=True)
class WiredPopulation:
    """Wired networks of a variant, equally many from each of the thesis's families (section 5.3).

    Attributes
    ----------
    variant
        The recurrent cell type of the networks.
    graphs
        Networks of each family.
    semantics
        Semantics of all networks.
    first
        Seed of the first network of each family; the others follow.
    """

    variant: str
    graphs: int = 100
    semantics: Semantics = PUBLISHED
    first: int = 0

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        graphs_in_reason(self.graphs)
        instance_of("semantics", self.semantics, Semantics)
        whole_number("first", self.first, 0)

    @property
    def networks(self) -> list[WiredCase]:
        """The networks, family by family."""
        return [
            WiredCase(self.variant, GraphSpec(family, seed), seed, self.semantics)
            for family in PUBLISHED_FAMILIES
            for seed in range(self.first, self.first + self.graphs)
        ]


@kind("CorrelationCase")
@dataclass(frozen=True)
class CorrelationCase:
    """Correlate accuracy with the properties of graphs (thesis, section 6.3, tables 6.1 to 6.4).

    Attributes
    ----------
    population
        The networks.
    resamples
        Bootstrap resamples for an interval.
    """

    population: WiredPopulation
    resamples: int = 2000

    def __post_init__(self) -> None:
        instance_of("population", self.population, WiredPopulation)
        whole_number("resamples", self.resamples, 100)

    @property
    def variant(self) -> str:
        """The recurrent cell type of the networks."""
        return self.population.variant


@kind("PredictionCase")
@dataclass(frozen=True)
class PredictionCase:
    """Predict accuracy from the properties of graphs (thesis, section 6.4, tables 6.5, B.1 and B.2).

    Attributes
    ----------
    population
        The networks.
    regressor
        One of `REGRESSORS`.
    features
        One of `FEATURE_SETS`.
    splits
        Random splits of the networks into nine tenths for training and one for testing.
    """

    population: WiredPopulation
    regressor: str
    features: str = "all"
    splits: int = 100

    def __post_init__(self) -> None:
        instance_of("population", self.population, WiredPopulation)
        one_of("regressor", self.regressor, REGRESSORS)
        one_of("features", self.features, FEATURE_SETS)
        whole_number("splits", self.splits, 1)

    @property
    def variant(self) -> str:
        """The recurrent cell type of the networks."""
        return self.population.variant
