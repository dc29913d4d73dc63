"""Scales of panels: their ends, their ticks, and positions of values."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sparsebench.report.panel import Panel, Scale, Word

Place = Callable[[float], float]
"""Maps a value to pixels."""


def share_ends(grid: np.ndarray, sharex: bool, sharey: bool) -> None:
    """Set the ends of every axis; panels that share an axis get the same ends."""
    panels = [panel for panel in grid.flat if not panel.empty]
    for name, shared in (("x", sharex), ("y", sharey)):
        groups = [panels] if shared else [[panel] for panel in panels]
        for group in groups:
            ends = [_ends(panel, name) for panel in group]
            low, high = (
                min((end[0] for end in ends), default=0),
                max((end[1] for end in ends), default=1),
            )
            ticks = next((t for p in group if (t := getattr(p, name).ticks) is not None), None)
            for panel in group:
                scale: Scale = getattr(panel, name)
                scale.low, scale.high = low, high
                if ticks is not None and scale.ticks is None:
                    scale.ticks, scale.named, scale.grid = ticks, True, False
                scale.reversed = any(getattr(each, name).reversed for each in group)


def _ends(panel: Panel, name: str) -> tuple[float, float]:
    scale: Scale = getattr(panel, name)
    place = "xy".index(name)
    values = [
        point[place]
        for mark in panel.marks
        if not isinstance(mark, Word)
        for point in mark.points
        if math.isfinite(point[place]) and (point[place] > 0 or not scale.log)
    ]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if scale.log:
        margin = (high / low) ** 0.05 if high > low else 2.0
        low, high = low / margin, high * margin
    else:
        margin = 0.05 * (high - low) or 0.5
        low, high = low - margin, high + margin
    return (low if scale.low is None else scale.low), (high if scale.high is None else scale.high)


def ticks(scale: Scale, length: float, per_tick: float) -> list[tuple[float, str]]:
    """Tick positions with labels."""
    if scale.ticks is not None:
        return [each for each in scale.ticks if _within(scale, each[0])]
    assert scale.low is not None
    assert scale.high is not None
    if scale.log:
        return _log_ticks(scale.low, scale.high, max(2, int(length / per_tick)))
    most = max(2, int(length / per_tick))
    raw = (scale.high - scale.low) / most
    power = 10 ** math.floor(math.log10(raw))
    step = next(each * power for each in (1, 2, 2.5, 5, 10) if each * power >= raw * 0.999)
    start = math.ceil(scale.low / step - 1e-9)
    places = [step * each for each in range(start, math.floor(scale.high / step + 1e-9) + 1)]
    return [(each, f"{each + 0.0:.6g}") for each in places]


def _log_ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for parts in ((1, 2, 5), (1, 3), (1,)):
        places = [part * 10.0**decade for decade in decades for part in parts]
        places = [each for each in places if low <= each <= high]
        if len(places) <= most:
            break
    return [(each, f"{each:g}") for each in places]


def _within(scale: Scale, value: float) -> bool:
    assert scale.low is not None
    assert scale.high is not None
    return scale.low <= value <= scale.high


def axis(scale: Scale, start: float, length: float, upright: bool = False) -> Place:
    """Map from values to pixels; values beyond the ends land slightly outside."""
    low, high = scale.low, scale.high
    assert low is not None
    assert high is not None
    turn = math.log if scale.log else float
    from_, to = turn(low), turn(high)
    wide = (to - from_) or 1.0

    def place(value: float) -> float:
        if math.isfinite(value):
            share = min(max((turn(value) - from_) / wide, -0.02), 1.02)
        else:
            share = float(value > 0)
        share = 1 - share if scale.reversed != upright else share
        return start + share * length

    return place


def as_data(scale: Scale, start: float, length: float) -> str:
    """The parameters from which the page's script computes values at the pointer."""
    if scale.reversed:
        start, length = start + length, -length
    flags = f"{int(scale.log)} {int(scale.named)}"
    return f"{scale.low:g} {scale.high:g} {start:.1f} {start + length:.1f} {flags}"
