"""By how much an item moved between two sets of its records, in which seeds, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from statistics import fmean
from typing import Any

from sparsebench.judging.bits import by_one_arithmetic, difference
from sparsebench.judging.change import in_pairs
from sparsebench.judging.intervals import CONFIDENCE, difference_interval, mean_interval
from sparsebench.judging.policy import Policy, Unit
from sparsebench.parts.records import Record
from sparsebench.values.kinds import kind_of


@dataclass(frozen=True)
class SeedMoved:
    """One seed, measured on both sides.

    Attributes
    ----------
    seed
        What tells it from the others, such as `seed 2`.
    before, after
        Its figure on each side.
    moved
        By how much it moved, in the unit of the movement.
    same_bits
        Whether the records are the same bit for bit; None where no arithmetic promises that.
    """

    seed: str
    before: float
    after: float
    moved: float
    same_bits: bool | None


@dataclass(frozen=True)
class Movement:
    """How the main figure of an item moved.

    Attributes
    ----------
    unit
        Of `mean`, `interval` and each seed's `moved`: `points` of a share (100 of them are 1.0),
        `percent` of the figure before, or nothing for a plain difference.
    mean
        The mean over the seeds; None where a side has no figure.
    interval
        The 95 % interval of the mean; None where there are too few seeds.
    paired
        Whether each seed is beside itself; else two groups of different seeds are compared.
    seeds
        Those that both sides have, the worst first; empty where groups are compared.
    worse
        How much worse the worst of the mean and the seeds is, as a share, to sort items by.
    """

    unit: Unit = ""
    mean: float | None = None
    interval: tuple[float, float] | None = None
    paired: bool = False
    seeds: tuple[SeedMoved, ...] = ()
    worse: float = 0.0

    @property
    def sure(self) -> str:
        """How sure the movement is, in words; empty where a side has no figure."""
        if self.interval is not None:
            low, high = (in_unit(bound, self.unit, name=False) for bound in self.interval)
            over = f"{len(self.seeds)} paired seeds" if self.paired else "other seeds than before"
            return f"{CONFIDENCE:.0%} interval {low} to {high}{_UNITS[self.unit]} ({over})"
        if self.mean is None:
            return ""
        return "one seed, so no interval" if self.paired else "too few seeds to tell"


_UNITS = {"points": " points", "percent": " %", "": ""}


def in_unit(moved: float, unit: Unit, name: bool = True) -> str:
    """A movement with its sign, and its unit."""
    digits = {"points": 2, "percent": 1, "": 4}[unit]
    return f"{moved:+.{digits}f}{_UNITS[unit] if name else ''}"


def movement(old: Sequence[Record], new: Sequence[Record], policy: Policy) -> Movement:
    """How the main figure of an item moved from old records to new ones.

    Parameters
    ----------
    old, new
        Records of one measurement. Those of the same cases are compared in pairs; without any, the two
        groups are.
    policy
        What the figure is, and whether a larger one is better.
    """
    take = policy.figure_of
    pairs = [
        (was, now)
        for was, now in in_pairs(old, new)
        if take(was) is not None and take(now) is not None
    ]
    if not pairs:
        before, after = (_known(side, policy) for side in (old, new))
        return _of_groups(before, after, policy)
    before, after = ([take(each) or 0.0 for each in side] for side in zip(*pairs, strict=True))
    unit = _usable(policy.unit, [*before, *after])
    exact = [policy.paired is not None and by_one_arithmetic(pair) for pair in pairs]
    names = seed_names([now for _, now in pairs])
    seeds = [
        SeedMoved(name, *figures, _moved(*figures, unit), not difference(*pair) if sure else None)
        for name, figures, pair, sure in zip(
            names, zip(before, after, strict=True), pairs, exact, strict=True
        )
    ]
    scaled = [_scaled(*figures, unit) for figures in zip(before, after, strict=True)]
    mean = _shown(fmean(scaled), unit)
    bad = [_worse(each.moved, each.before, unit, policy) for each in seeds]
    worst = sorted(zip(bad, seeds, strict=True), key=lambda each: -each[0])
    return Movement(
        unit,
        mean,
        _bounds(mean_interval(scaled), unit),
        True,
        tuple(seed for _, seed in worst),
        max([*bad, _worse(mean, fmean(before), unit, policy)]),
    )


def _of_groups(before: Sequence[float], after: Sequence[float], policy: Policy) -> Movement:
    if not before or not after:
        return Movement()
    unit = _usable(policy.unit, [*before, *after])
    was, now = (
        [math.log(each) if unit == "percent" else each for each in side] for side in (before, after)
    )
    mean = _shown(fmean(now) - fmean(was), unit)
    return Movement(
        unit,
        mean,
        _bounds(difference_interval(was, now), unit),
        worse=_worse(mean, fmean(before), unit, policy),
    )


def _known(records: Sequence[Record], policy: Policy) -> list[float]:
    return [figure for each in records if (figure := policy.figure_of(each)) is not None]


def _usable(unit: Unit, figures: Sequence[float]) -> Unit:
    """The unit, or a plain difference where nothing can be a percentage of nought."""
    return "" if unit == "percent" and min(figures) <= 0 else unit


def _scaled(before: float, after: float, unit: Unit) -> float:
    """A difference that means are taken of: of logarithms, where ratios are compared."""
    return math.log(after / before) if unit == "percent" else after - before


def _shown(scaled: float, unit: Unit) -> float:
    return {"points": 100 * scaled, "percent": 100 * math.expm1(scaled), "": scaled}[unit]


def _moved(before: float, after: float, unit: Unit) -> float:
    return _shown(_scaled(before, after, unit), unit)


def _bounds(interval: tuple[float, float] | None, unit: Unit) -> tuple[float, float] | None:
    return interval and (_shown(interval[0], unit), _shown(interval[1], unit))


def _worse(moved: float, before: float, unit: Unit, policy: Policy) -> float:
    """A movement as a share, positive where it is for the worse; of what is neither, its size."""
    share = moved / 100 if unit else moved / (abs(before) or 1.0)
    return {"better": -share, "worse": share, "neither": abs(share)}[policy.larger_is]


def seed_names(records: Sequence[Record]) -> list[str]:
    """What tells the records of one population apart: `seed 2`, or `graph seed 4, seed 0`."""
    found = [_seeds(record) for record in records]
    columns: dict[str, tuple[object, ...]] = {}
    for name in found[0] if found else ():
        values = tuple(each.get(name) for each in found)
        if values not in columns.values() and any(value is not None for value in values):
            columns[name] = values
    vary = {name: values for name, values in columns.items() if len(set(values)) > 1}
    chosen = vary or dict(list(columns.items())[:1])
    if not chosen:
        return [f"record {each.digest[:8]}" for each in records]
    if len(chosen) == 1:
        (name, values), *_ = chosen.items()
        return [f"{name.split()[-1]} {value}" for value in values]
    return [
        ", ".join(f"{name} {values[place]}" for name, values in chosen.items())
        for place in range(len(records))
    ]


def _seeds(record: Record) -> dict[str, object]:
    try:
        return dict(_seeds_in(record.restored, ""))
    except ValueError:
        return {}


def _seeds_in(value: Any, owner: str) -> Iterator[tuple[str, object]]:
    """The fields that hold seeds, those of the outer description first."""
    seeds = kind_of(type(value)).seeds
    for name in seeds:
        yield f"{owner}{name}".replace("_", " "), getattr(value, name)
    for each in fields(value):
        inner = getattr(value, each.name)
        if each.name not in seeds and is_dataclass(inner):
            yield from _seeds_in(inner, f"{each.name} ")
