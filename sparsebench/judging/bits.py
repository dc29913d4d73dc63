"""Are records the same bit for bit, where the same arithmetic made both?

On CPUs, one version of the arithmetic gives the same figures on every machine
(docs/reference/numerics.md). So one record says all: whatever differs is a change of the code. What
differs, from which step or epoch on, and whether the networks got worse, is told to whoever has to
accept the change or to mend it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.judging.change import Change
from sparsebench.judging.paired import Paired
from sparsebench.parts.records import Record

Pair = tuple[Record, Record]

_MEASURED_HERE = ("time_ratio", "time_ratios")
"""Figures of the machine: not of the arithmetic, and not in baselines."""

_STEPS_TOGETHER = 10
"""Steps whose losses a value of `onset_loss` is the mean of."""


def by_one_arithmetic(pair: Pair) -> bool:
    """Whether the same arithmetic made both records of a case, and promises the same bits."""
    was, now = pair
    return was.numerics == now.numerics != ""


def bits_change(pairs: Sequence[Pair], paired: Paired) -> Change:
    """Compare records that must be the same.

    Parameters
    ----------
    pairs
        Each record of the baseline with that of the same case now.
    paired
        Says whether figures got worse, pair by pair.

    Returns
    -------
    Change
        `unchanged`; `regressed` where the figures surely got worse; else `changed`.
    """
    found = [(now, other) for was, now in pairs if (other := difference(was, now))]
    if not found:
        return Change("unchanged", f"{len(pairs)} of the same bits")
    now, other = found[0]
    told = f"{other} (of {now.digest[:8]}; {len(found)} of {len(pairs)} have other bits)"
    verdict, numbers = paired(*map(list, zip(*pairs, strict=True)))
    kind = "regressed" if verdict == "worse" else "changed"
    return Change(kind, f"{told}; {numbers}")


def difference(was: Record, now: Record) -> str:
    """The first thing in which two records of one case differ, in words; else nothing."""
    if was.pruned_from != now.pruned_from:
        return (
            f"it was made from weights {now.pruned_from[:12]}, expected {was.pruned_from[:12]}: see "
            "the network that was pruned"
        )
    for name, before, after in _figures(was.properties, now.properties):
        return f"{name} of its graph is {after}, expected {before}"
    kept = [each.metrics.get("kept") for each in (was, now)]
    if kept[0] != kept[1]:
        return f"weights kept {kept[1]}, expected {kept[0]}"
    parting = _parting(was, now)
    if was.weights != now.weights:
        since = parting or "no kept figure of the training differs"
        return f"weights {now.weights[:12]}, expected {was.weights[:12]}: {since}"
    if parting:
        return parting
    for name, before, after in _figures(was.metrics, now.metrics):
        return f"{name} is {after}, expected {before}"
    for title in sorted(was.tables.keys() | now.tables.keys()):
        for name, before, after in _figures(was.tables.get(title, {}), now.tables.get(title, {})):
            return f"{title} of {name} is {after}, expected {before}"
    return ""


def _figures(
    was: dict[str, float], now: dict[str, float]
) -> Iterator[tuple[str, float | None, float | None]]:
    """Figures that differ, or that only one has."""
    for name in sorted(was.keys() | now.keys()):
        if name not in _MEASURED_HERE and _other(was.get(name), now.get(name)):
            yield name, was.get(name), now.get(name)


def _other(before: float | None, after: float | None) -> bool:
    both_nan = before != before and after != after
    return before != after and not both_nan


def _parting(was: Record, now: Record) -> str:
    """From where on a training went another way; nothing if no series that both have says so."""
    places = []
    for name in (was.history.keys() & now.history.keys()).difference(_MEASURED_HERE):
        before, after = was.history[name], now.history[name]
        for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
            if _other(old, new):
                places.append((*_place(name, number), f"{name} {new:g}, expected {old:g}"))
                break
        else:
            if len(before) != len(after):
                return f"{len(after)} values of {name}, expected {len(before)}"
    if not places:
        return ""
    _, where, told = min(places)
    return f"they part at {where} ({told})"


def _place(series: str, number: int) -> tuple[tuple[int, int], str]:
    """Where the value of a series lies in a training: something to sort by, and words."""
    if series == "onset_loss":
        first = (number - 1) * _STEPS_TOGETHER + 1
        return (0, first), f"steps {first} to {first + _STEPS_TOGETHER - 1}"
    if series == "loss":
        return (0, number), f"step {number}"
    return (1, number), f"epoch {number}"
