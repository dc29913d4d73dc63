"""Experiment: correlation of wired networks' accuracy with their graphs' properties (thesis, 6.3).

The thesis prints Pearson's r over the networks of both families together. Larger graphs make better
networks, and the families differ in most properties, so r alone does not isolate the effect of a
property. Therefore r with the number of vertices held fixed and r within the families are given
too.
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
"""Property -> figure; undefined figures are absent."""

SIZE = "nodes"
"""The property held fixed in a partial correlation."""

_NO_SPREAD = 1e-12
"""Standard deviation, as a share of the largest value, below which values count as constant."""


def measure(case: CorrelationCase, bench: Bench) -> Record:
    """Correlate the accuracies of some networks with the properties of their graphs.

    Returns
    -------
    Record
        The tables of `correlations`; `weights` identifies the networks analysed.
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
    """Checksum of the data: it decides the figures, together with case and code."""
    return f"{networks(case.population, bench).checksum} scipy {version('scipy')}"


def correlations(table: NetworkTable, resamples: int) -> dict[str, Row]:
    """All correlations between accuracy and properties.

    Parameters
    ----------
    table
        The networks.
    resamples
        Bootstrap resamples for the interval.

    Returns
    -------
    dict
        `pearson`, with its 95 % interval `pearson_low` to `pearson_high` (bootstrap, bias-corrected
        and accelerated: Efron 1987), and `p_adjusted`: the probability of such an r without
        correlation, adjusted for the number of properties (Benjamini and Hochberg 1995);
        `spearman`: of ranks; `partial`: Pearson's r with the number of vertices held fixed; one row
        for each family, with r within it; and `within`: r over both families after subtracting each
        family's means.
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
    rows["within"] = {  # a property constant within both families leaves only rounding errors
        name: value
        for name, value in within.items()
        if any(_varies(part.columns([name])[:, 0]) for part in parts.values())
        and any(_varies(part.accuracy) for part in parts.values())
    }
    return rows


def pearson(one: Array, other: Array) -> float | None:
    """Pearson's r; None if one side is constant or there are fewer than three pairs."""
    from scipy.stats import pearsonr

    if len(one) < 3 or not (_varies(one) and _varies(other)):
        return None
    return float(pearsonr(one, other).statistic)


def spearman(one: Array, other: Array) -> float | None:
    """Pearson's r of the ranks; ties share their mean rank."""
    from scipy.stats import rankdata

    return pearson(rankdata(one), rankdata(other))


def partial(one: Array, other: Array, fixed: Array) -> float | None:
    """Pearson's r of the residuals of two variables after linear regression on `fixed`.

    None if one of them is constant or a linear function of `fixed`.
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
    """Subtract each part's own means, and join the parts."""
    return NetworkTable(
        np.concatenate([part.properties - part.properties.mean(axis=0) for part in parts]),
        np.concatenate([part.accuracy - part.accuracy.mean() for part in parts]),
        tuple(family for part in parts for family in part.families),
    )


def _interval(values: Array, accuracy: Array, resamples: int) -> tuple[float, float] | None:
    """The bootstrap's 95 % interval of Pearson's r; None if there are too few networks."""
    from scipy.stats import bootstrap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # constant resamples make the interval NaN, see below
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
