"""Experiment: how wired networks' accuracy goes with the properties of their graphs (thesis, 6.3).

The thesis prints Pearson's r over the networks of both families together. Larger graphs make better
networks, and the families differ in most properties, so r alone does not tell what a property does:
beside it stand r with the number of vertices held fixed, and r within the families.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version

import numpy as np

from sparsebench.experiments.graph_statistics.cases import CorrelationCase
from sparsebench.experiments.graph_statistics.network_table import Array, NetworkTable, networks
from sparsebench.harness.context import Bench
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest
from sparsebench.values.seeding import stream

Row = dict[str, float]
"""Property -> figure; properties whose figure is not defined are absent."""

SIZE = "nodes"
"""What is held fixed in a partial correlation."""

_NO_SPREAD = 1e-12
"""A standard deviation, as a share of the largest value, below which all values are the same."""


def measure(case: CorrelationCase, bench: Bench) -> Record:
    """Correlate the accuracies of a population with the properties of its graphs.

    Returns
    -------
    Record
        The tables of `correlations`; `weights` tells which networks were analysed.
    """
    table = networks(case.population, bench)
    return Record(
        digest=digest(case),
        experiment="correlation",
        case=canonical(case),
        metrics={"networks": len(table)},
        tables=correlations(table, case.resamples),
        weights=table.checksum,
        provenance=bench.note(bench.here),
    )


def cache_key(case: CorrelationCase, bench: Bench) -> str:
    """What decides the figures beside the case and the code."""
    return f"{networks(case.population, bench).checksum} scipy {version('scipy')}"


def correlations(table: NetworkTable, resamples: int) -> dict[str, Row]:
    """All correlations between accuracy and properties.

    Parameters
    ----------
    table
        The networks.
    resamples
        How often they are drawn anew for the interval.

    Returns
    -------
    dict
        `pearson`, with `pearson_low` and `pearson_high`, its 95 % interval (bootstrap, bias-corrected
        and accelerated: Efron 1987), and `p_adjusted`: the chance of such an r where there is no
        correlation, adjusted for the number of properties (Benjamini and Hochberg 1995);
        `spearman`, of ranks; `partial`, Pearson's with the number of vertices held fixed; a row for
        each family, within it; and `within`, over both families with each one's means taken away.
    """
    accuracy = table.accuracy
    rows: dict[str, Row] = {
        "pearson": _each(table, pearson),
        "spearman": _each(table, spearman),
        "partial": _partial(table),
    }
    intervals = {
        name: _interval(values, accuracy, resamples)
        for name, values in _columns(table)
        if name in rows["pearson"]
    }
    known = {name: interval for name, interval in intervals.items() if interval is not None}
    rows["pearson_low"] = {name: low for name, (low, _) in known.items()}
    rows["pearson_high"] = {name: high for name, (_, high) in known.items()}
    rows["p_adjusted"] = _adjusted(table)
    parts = {family: table.of_family(family) for family in dict.fromkeys(table.families)}
    rows |= {family: _each(part, pearson) for family, part in parts.items()}
    within = _each(_centred(list(parts.values())), pearson)
    rows["within"] = {  # what varies in no family is left with rounding errors
        name: value
        for name, value in within.items()
        if any(_varies(part.columns([name])[:, 0]) for part in parts.values())
        and any(_varies(part.accuracy) for part in parts.values())
    }
    return rows


def pearson(one: Array, other: Array) -> float | None:
    """Pearson's r; None where one of the two does not vary, or there are fewer than three pairs."""
    from scipy.stats import pearsonr

    if len(one) < 3 or not (_varies(one) and _varies(other)):
        return None
    return float(pearsonr(one, other).statistic)


def spearman(one: Array, other: Array) -> float | None:
    """Pearson's r of the ranks, ties sharing theirs."""
    from scipy.stats import rankdata

    return pearson(rankdata(one), rankdata(other))


def partial(one: Array, other: Array, fixed: Array) -> float | None:
    """Pearson's r of what a straight line through `fixed` leaves of two variables.

    None where one of them does not vary, or is nothing but that line.
    """
    if not (_varies(one) and _varies(other) and _varies(fixed)):
        return None
    left = []
    for values in (one, other):
        line = np.polynomial.Polynomial.fit(fixed, values, 1)
        rest = values - line(fixed)
        if rest.std() <= 1e-9 * values.std():
            return None
        left.append(rest)
    return pearson(*left)


def _columns(table: NetworkTable) -> Iterator[tuple[str, Array]]:
    return zip(PROPERTIES, table.properties.T, strict=True)


def _each(table: NetworkTable, figure: Callable[[Array, Array], float | None]) -> Row:
    found = ((name, figure(values, table.accuracy)) for name, values in _columns(table))
    return {name: value for name, value in found if value is not None}


def _partial(table: NetworkTable) -> Row:
    fixed = table.columns([SIZE])[:, 0]
    found = (
        (name, partial(values, table.accuracy, fixed))
        for name, values in _columns(table)
        if name != SIZE
    )
    return {name: value for name, value in found if value is not None}


def _centred(parts: Sequence[NetworkTable]) -> NetworkTable:
    """Parts of a table, each with its means taken away."""
    return NetworkTable(
        np.concatenate([part.properties - part.properties.mean(axis=0) for part in parts]),
        np.concatenate([part.accuracy - part.accuracy.mean() for part in parts]),
        tuple(family for part in parts for family in part.families),
    )


def _interval(values: Array, accuracy: Array, resamples: int) -> tuple[float, float] | None:
    """The bootstrap's 95 % interval of Pearson's r; None where too few networks tell nothing."""
    from scipy.stats import bootstrap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # draws without spread: they make the interval NaN below
        interval = bootstrap(
            (values, accuracy),
            _pearson_of_rows,
            n_resamples=resamples,
            paired=True,
            vectorized=True,
            random_state=stream("correlation bootstrap"),
        ).confidence_interval
    low, high = float(interval.low), float(interval.high)
    return (low, high) if np.isfinite([low, high]).all() else None


def _pearson_of_rows(one: Array, other: Array, axis: int = -1) -> Array:
    one = one - one.mean(axis=axis, keepdims=True)
    other = other - other.mean(axis=axis, keepdims=True)
    squares = (one * one).sum(axis=axis) * (other * other).sum(axis=axis)
    return (one * other).sum(axis=axis) / np.sqrt(squares)


def _adjusted(table: NetworkTable) -> Row:
    from scipy.stats import false_discovery_control, pearsonr

    chances = {
        name: float(pearsonr(values, table.accuracy).pvalue)
        for name, values in _columns(table)
        if pearson(values, table.accuracy) is not None
    }
    adjusted = false_discovery_control(list(chances.values())) if chances else []
    return {name: float(chance) for name, chance in zip(chances, adjusted, strict=True)}


def _varies(values: Array) -> bool:
    return (
        bool(values.std() > _NO_SPREAD * max(abs(values).max(), 1e-300)) if len(values) else False
    )
