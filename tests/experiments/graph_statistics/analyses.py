"""Analyses for tests: made-up networks, a bench that knows them, and records of what was found."""

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.graph_statistics.network_table import NetworkTable
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.identity import canonical, digest

Bounds = tuple[float, float, float]
"""A figure, and the ends of its interval."""

SHARES = {"source_nodes": (0.5, 0.4, 0.6), "edges": (0.2, 0.1, 0.3), "nodes": (0.1, 0.0, 0.2)}
"""What a forest made of some properties."""


def table(graphs: int = 15, seed: int = 0, noise: float = 0.01) -> NetworkTable:
    """So many networks of each family, whose accuracy follows from nodes, edges and some noise.

    The families differ in every property, as those of the thesis do.
    """
    random = np.random.default_rng(seed)
    family = np.repeat([0.0, 1.0], graphs)
    properties = random.normal(size=(2 * graphs, len(PROPERTIES))) + family[:, None]
    properties[:, PROPERTIES.index("nodes")] = random.integers(10, 52, 2 * graphs)
    steep = {"nodes": 0.002, "edges": 0.02}
    accuracy = 0.8 + noise * random.normal(size=2 * graphs)
    for name, slope in steep.items():
        accuracy = accuracy + slope * properties[:, PROPERTIES.index(name)]
    return NetworkTable(properties, accuracy, tuple(np.repeat(PUBLISHED_FAMILIES, graphs)))


def networks(population: WiredPopulation, seed: int = 0) -> list[Record]:
    """Records of made-up networks, one for each of a population."""
    made = table(population.graphs, seed)
    return [
        Record(
            digest=digest(case),
            experiment="wired",
            case=canonical(case),
            metrics={"accuracy": float(accuracy), "strings": 6250, "kept": 100},
            history={"onset_loss": [0.7]},
            properties=dict(zip(PROPERTIES, map(float, properties), strict=True)),
            weights=f"{case.graph.family}{case.seed}",
        )
        for case, accuracy, properties in zip(
            population.networks, made.accuracy, made.properties, strict=True
        )
    ]


class Bench:
    """Enough of a bench for an analysis of networks that the baseline knows."""

    here = None

    def __init__(self, known: Iterable[Record] = (), from_scratch: bool = False) -> None:
        work = SimpleNamespace(from_scratch=from_scratch)
        self.settings = SimpleNamespace(work=work, baseline="thesis")
        by_digest = {record.digest: record for record in known}
        self.baseline = SimpleNamespace(of=lambda case: by_digest.get(digest(case)))
        self.made: dict[Any, Any] = {}

    def once(self, key: Any, make: Any) -> Any:
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def note(self, where: object) -> str:
        return "here"


def correlated(
    bounds: Mapping[str, Bounds], variant: str = "gru", *, graphs: int = 100, weights: str = "same"
) -> Record:
    """The record of an analysis that found these correlations, each with its interval."""
    case = CorrelationCase(WiredPopulation(variant, graphs))
    ends = ("pearson", "pearson_low", "pearson_high")
    return Record(
        digest=digest(case),
        experiment="correlation",
        case=canonical(case),
        metrics={"networks": 2 * graphs},
        tables={
            end: {name: figures[place] for name, figures in bounds.items()}
            for place, end in enumerate(ends)
        },
        weights=weights,
    )


def predicted(
    r2: Sequence[float],
    regressor: str = "random_forest",
    features: str = "all",
    variant: str = "gru",
    *,
    bounds: tuple[float, float] | None = None,
    importance: Mapping[str, Bounds] = SHARES,
    weights: str = "same",
    library: str = "scikit-learn 1",
) -> Record:
    """The record of predictions that were as good as this in each split; importance is a forest's."""
    case = PredictionCase(WiredPopulation(variant), regressor, features, len(r2))
    low, high = bounds or (min(r2), max(r2))
    ends = ("impurity", "impurity_low", "impurity_high")
    return Record(
        digest=digest(case),
        experiment="prediction",
        case=canonical(case),
        metrics={
            "networks": 200,
            "r2": r2[0],
            "r2_median": float(np.median(r2)),
            "r2_low": low,
            "r2_high": high,
        },
        history={"r2": list(r2)},
        tables={
            end: {name: figures[place] for name, figures in importance.items()}
            for place, end in enumerate(ends)
            if regressor == "random_forest"
        },
        weights=weights,
        numerics=library,
    )


def all_predicted(r2: Mapping[tuple[str, str], Sequence[float]], variant: str) -> list[Record]:
    """A record for every prediction of an item; `r2` of a regressor and features, else 0.6 always."""
    splits = {len(each) for each in r2.values()}
    (count,) = splits or {100}
    return [
        predicted(
            r2.get((case.regressor, case.features), [0.6] * count),
            case.regressor,
            case.features,
            variant,
        )
        for case in PredictionItem(variant, count).cases([])
    ]


def every_correlation(item: CorrelationItem | None = None, r: float = 0.5) -> Record:
    """The record of an analysis that found the same correlation with every property."""
    (case,) = (item or CorrelationItem("gru")).cases([])
    rows = {"pearson": r, "pearson_low": r - 0.05, "pearson_high": r + 0.05, "p_adjusted": 1e-9}
    rows |= {"spearman": 0.25, "within": 0.125, "watts_strogatz": 0.1, "barabasi_albert": 0.2}
    tables = {title: dict.fromkeys(PROPERTIES, figure) for title, figure in rows.items()}
    tables["partial"] = {name: -0.125 for name in PROPERTIES if name != "nodes"}
    return Record(
        digest=digest(case),
        case=canonical(case),
        experiment="correlation",
        metrics={"networks": 200},
        tables=tables,
    )


def every_prediction(item: PredictionItem | None = None, r2: float = 0.5) -> list[Record]:
    """The records of an item in which all that was predicted was predicted as well, in every split."""
    found = []
    for case in (item or PredictionItem("gru", 100)).cases([]):
        tables = {}
        if case.regressor == "random_forest":
            names = ("impurity", "impurity_low", "impurity_high", "permutation")
            tables = {name: dict.fromkeys(PROPERTIES, 0.04) for name in names}
        found.append(
            Record(
                digest=digest(case),
                case=canonical(case),
                experiment="prediction",
                metrics={
                    "networks": 200,
                    "r2": r2,
                    "r2_median": r2,
                    "r2_low": r2 - 0.1,
                    "r2_high": r2 + 0.1,
                },
                history={"r2": [r2] * case.splits},
                tables=tables,
            )
        )
    return found
