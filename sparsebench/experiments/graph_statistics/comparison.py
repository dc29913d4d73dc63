"""Did an analysis change? Compares correlations and predictions with those of the baseline.

For the same networks the figures must agree, because the analysis is deterministic. For networks
trained elsewhere they must agree within the uncertainty of the baseline's figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

from sparsebench.judging.change import Change, in_pairs
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record

SAME_NETWORKS = 1e-6
"""Allowed difference for the same networks: rounding of another machine."""

OTHER_LIBRARY = 0.05
"""Allowed difference of R² if another version of scikit-learn grew the trees."""

WIDENED = 2.0
"""Allowed difference of correlations between different networks, in half-widths of their 95 %
interval. At one half-width, the hundred correlations of a run would often raise a false alarm."""


def moved(was: Record, now: Record) -> str:
    """The first figure of an analysis that differs by more than allowed, in words; else empty."""
    limits = _same(was, now) if was.weights == now.weights else _other(was, now)
    for name, before, after, allowed in limits:
        if before is None or after is None or not abs(after - before) <= allowed:
            return f"{name} is {_figure(after)}, expected {_figure(before)} +- {allowed:.2g}"
    return ""


_Limit = tuple[str, float | None, float | None, float]
"""Name of a figure, its value before and now, and the allowed difference."""


def _same(was: Record, now: Record) -> Iterator[_Limit]:
    if was.numerics != now.numerics:
        yield "r2_median", *_both(was.metrics, now.metrics, "r2_median"), OTHER_LIBRARY
        return
    before, after = _figures(was), _figures(now)
    for name in dict.fromkeys([*before, *after]):
        yield name, *_both(before, after, name), SAME_NETWORKS


def _other(was: Record, now: Record) -> Iterator[_Limit]:
    if was.experiment == "prediction":
        reach = max(was.metrics["r2_high"] - was.metrics["r2_low"], OTHER_LIBRARY)
        yield "r2_median", *_both(was.metrics, now.metrics, "r2_median"), reach
        return
    low, high = was.tables["pearson_low"], was.tables["pearson_high"]
    for name, before in was.tables["pearson"].items():
        if name in low and name in high:
            reach = WIDENED * max(before - low[name], high[name] - before)
            yield f"pearson of {name}", before, now.tables["pearson"].get(name), reach


def _figures(record: Record) -> dict[str, float]:
    """All figures of an analysis, by name."""
    figures = dict(record.metrics)
    for title, row in record.tables.items():
        figures |= {f"{title} of {name}": figure for name, figure in row.items()}
    for title, series in record.history.items():
        figures |= {f"{title} {place}": figure for place, figure in enumerate(series)}
    return figures


def _both(
    was: dict[str, float], now: dict[str, float], name: str
) -> tuple[float | None, float | None]:
    return was.get(name), now.get(name)


def _figure(value: float | None) -> str:
    return "not there" if value is None else f"{value:.6f}"


def analyses_change(old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
    """Compare the figures of analyses with those of the baseline."""
    pairs = in_pairs(old, new)
    if not pairs:
        return Change("undecided", "other networks, or another method, than before")
    for was, now in pairs:
        other = moved(was, now)
        if other:
            return Change("changed", other)
    same = sum(was.weights == now.weights for was, now in pairs)
    return Change("unchanged", f"{len(pairs)} analyses, {same} of the very same networks")


def _mean_correlation(record: Record) -> float | None:
    found = [abs(each) for each in record.tables["pearson"].values()]
    return fmean(found) if found else None


CORRELATIONS = Policy(
    figure="mean |r|",
    figure_of=_mean_correlation,
    inexact=analyses_change,
    figures=lambda records: list(records[0].tables["pearson"].values()),
    statement="correlations are those of the baseline",
    replicated=False,
    larger_is="neither",
)

PREDICTIONS = Policy(
    figure="median R\N{SUPERSCRIPT TWO}",
    figure_of=metric("r2_median"),
    inexact=analyses_change,
    figures=lambda records: [each.metrics["r2_median"] for each in records],
    statement="predictions are those of the baseline",
    replicated=False,
)
