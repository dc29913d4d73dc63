"""Experiment: predicting a wired network's accuracy from the properties of its graph (thesis, 6.4)."""

from __future__ import annotations

from importlib.metadata import version
from statistics import median

import numpy as np

from sparsebench.experiments.graph_statistics.cases import FEATURE_SETS, PredictionCase
from sparsebench.experiments.graph_statistics.network_table import networks
from sparsebench.harness.context import Bench
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest

COUNTS = ("nodes", "edges", "source_nodes", "sink_nodes")
VARIANCES = tuple(name for name in PROPERTIES if name.endswith("_var"))

FEATURES: dict[str, tuple[str, ...]] = dict(
    zip(
        FEATURE_SETS,
        (PROPERTIES, COUNTS, tuple(each for each in PROPERTIES if each not in COUNTS), VARIANCES),
        strict=True,
    )
)
"""The properties in each of the thesis's feature sets (tables B.1 and B.2)."""

FEWEST = 20
"""Fewest networks: fewer leave less than two for testing."""


def measure(case: PredictionCase, bench: Bench) -> Record:
    """Learn accuracies from properties, repeatedly, each time with another tenth held out.

    Returns
    -------
    Record
        `r2`, as the thesis measured it: one split, with properties scaled over all networks.
        The history `r2` has R² of each split, with properties scaled over the training networks;
        `r2_median`, and `r2_low` to `r2_high` (the middle 95 %) summarise it. With all properties,
        `true` and `predicted` hold each network's accuracy and its prediction when held out
        (ten-fold cross-validation). Forests have tables: `impurity`, the mean over splits of how
        much a property lowers the trees' impurity, with the middle 95 %; and, with all properties,
        `permutation`: the loss of R² when a property is shuffled. `weights` identifies the networks
        analysed.

    Raises
    ------
    ValueError
        If there are too few networks.
    """
    from sparsebench.engines.predictors import cross_validate, middle, splits

    table, names = networks(case.population, bench), FEATURES[case.features]
    if len(table) < FEWEST:
        raise ValueError(
            f"{len(table)} networks: nothing can be predicted of so few, give {FEWEST} or more"
        )
    columns, target = table.columns(names), table.accuracy
    (as_published,) = splits(case.regressor, columns, target, 1, scaled_together=True)
    found = list(splits(case.regressor, columns, target, case.splits))
    r2 = [split.r2 for split in found]
    low, high = middle(r2)
    record = Record(
        digest=digest(case),
        experiment="prediction",
        case=canonical(case),
        metrics={
            "networks": len(table),
            "r2": as_published.r2,
            "r2_median": median(r2),
            "r2_low": low,
            "r2_high": high,
        },
        history={"r2": r2},
        weights=table.checksum,
        numerics=_library(),
        provenance=bench.note(bench.here),
    )
    if case.regressor == "random_forest":
        importance = np.array([split.importance for split in found])
        ranges = [middle(each) for each in importance.T]
        record.tables["impurity"] = _row(names, importance.mean(axis=0))
        record.tables["impurity_low"] = _row(names, [low for low, _ in ranges])
        record.tables["impurity_high"] = _row(names, [high for _, high in ranges])
    if case.features == "all":
        validated = cross_validate(case.regressor, columns, target)
        record.history["true"] = target.tolist()
        record.history["predicted"] = validated.predicted.tolist()
        if validated.importance is not None:
            record.tables["permutation"] = _row(names, validated.importance)
    return record


def cache_key(case: PredictionCase, bench: Bench) -> str:
    """Checksum of the data: it decides the figures, together with case and code."""
    return f"{networks(case.population, bench).checksum} {_library()}"


def _library() -> str:
    return f"scikit-learn {version('scikit-learn')}"


def _row(names: tuple[str, ...], figures: np.ndarray | list[float]) -> dict[str, float]:
    return {name: float(figure) for name, figure in zip(names, figures, strict=True)}
