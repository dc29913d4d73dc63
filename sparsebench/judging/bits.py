"""Compare records bit by bit where the same arithmetic made both.

On CPUs, one version of the arithmetic gives the same figures on every machine
(docs/reference/numerics.md). So a single record is conclusive: any difference is a change of the
code. The message names what differs, from which step or epoch on, and whether the networks got
worse, for whoever has to accept or repair the change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.judging.change import Change
from sparsebench.judging.paired import Paired
from sparsebench.parts.records import Record

Pair = tuple[Record, Record]

_MEASURED_HERE = ("time_ratio", "time_ratios")
"""Figures that depend on the machine, not on the arithmetic; baselines do not hold them."""

_STEPS_TOGETHER = 10
"""Steps per value of `onset_loss`, which is the mean of their losses."""

_BY_EPOCH = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
"""Series with a value for each epoch; long trainings have one for every few epochs."""


def by_one_arithmetic(pair: Pair) -> bool:
    """Whether the same arithmetic, which promises the same bits, made both records of a case."""
    was, now = pair
    return was.numerics == now.numerics != ""


def bits_change(pairs: Sequence[Pair], paired: Paired) -> Change:
    """Compare records that must be identical.

    Parameters
    ----------
    pairs
        Each record of the baseline with the new record of the same case.
    paired
        Judges, pair by pair, whether figures got worse.

    Returns
    -------
    Change
        `unchanged`; `regressed` if the figures surely got worse; otherwise `changed`.
    """
    found = [(now, other) for was, now in pairs if (other := difference(was, now))]
    if not found:
        return Change("unchanged", "", f"{len(pairs)} records agree bit for bit")
    now, other = found[0]
    verdict, numbers = paired(*map(list, zip(*pairs, strict=True)))
    kind = "regressed" if verdict == "worse" else "changed"
    return Change(
        kind,
        f"{len(found)} of {len(pairs)} records are not the same bit for bit, though made by the same "
        f"arithmetic; of {now.digest[:8]}, {other}",
        f"are they worse? {numbers}",
    )


def difference(was: Record, now: Record) -> str:
    """The first difference between two records of one case, in words; empty if there is none."""
    if was.pruned_from != now.pruned_from:
        return (
            f"another network was pruned: weights {_short(now.pruned_from)}, expected "
            f"{_short(was.pruned_from)}"
        )
    for name, before, after in _figures(was.properties, now.properties):
        return f"{name} of the graph is {_figure(after)}, expected {_figure(before)}"
    kept = [each.metrics.get("kept") for each in (was, now)]
    if kept[0] != kept[1]:
        return f"weights kept are {_figure(kept[1])}, expected {_figure(kept[0])}"
    parting = _parting(was, now)
    if was.weights != now.weights:
        since = parting or "all figures of the training that the baseline holds are the same"
        return f"weights are {_short(now.weights)}, expected {_short(was.weights)}: {since}"
    if parting:
        return parting
    for name, before, after in _figures(was.metrics, now.metrics):
        return f"{name} is {_figure(after)}, expected {_figure(before)}"
    for title in sorted(was.tables.keys() | now.tables.keys()):
        for name, before, after in _figures(was.tables.get(title, {}), now.tables.get(title, {})):
            return f"{title} of {name} is {_figure(after)}, expected {_figure(before)}"
    return ""


def _short(checksum: str) -> str:
    return checksum[:12] or "unknown"


def _figure(value: float | None) -> str:
    return "missing" if value is None else repr(value)


def _figures(
    was: dict[str, float], now: dict[str, float]
) -> Iterator[tuple[str, float | None, float | None]]:
    """Figures that differ, or that only one record has."""
    for name in sorted(was.keys() | now.keys()):
        if name not in _MEASURED_HERE and _other(was.get(name), now.get(name)):
            yield name, was.get(name), now.get(name)


def _other(before: float | None, after: float | None) -> bool:
    both_nan = before != before and after != after
    return before != after and not both_nan


def _parting(was: Record, now: Record) -> str:
    """Where two trainings diverge, in words; empty if the series that both have agree."""
    places, lengths = [], []
    for name in sorted((was.history.keys() & now.history.keys()).difference(_MEASURED_HERE)):
        before, after = was.history[name], now.history[name]
        for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
            if _other(old, new):
                told = f"{name} is {_figure(new)}, expected {_figure(old)}"
                places.append((*_place(name, number, len(before)), told))
                break
        if len(before) != len(after):
            lengths.append(f"{len(after)} values of {name}, expected {len(before)}")
    if not places:
        return lengths[0] if lengths else ""
    _, where, told = min(places)
    return f"the training diverges at {where}, where {told}"


def _place(series: str, number: int, length: int) -> tuple[tuple[int, int], str]:
    """Where a series' value lies in a training: a sort key, and words."""
    if series == "onset_loss":
        first = (number - 1) * _STEPS_TOGETHER + 1
        return (0, first), f"steps {first} to {first + _STEPS_TOGETHER - 1}"
    if series == "loss":
        return (0, number), f"step {number}"
    if series in _BY_EPOCH:
        return (1, number), f"epoch {number} of {length} on record"
    return (2, number), f"value {number} of {length}"
