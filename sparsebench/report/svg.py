"""Panels as one SVG element: laid out, without empty panels, with values for whoever points at them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from sparsebench.report.panel import FAINT, INK, Area, Mark, Panel, Scale, Word
from sparsebench.report.plain_text import plain

Place = Callable[[float], float]
"""Where a value lies, in pixels."""

PIXELS = 100
"""Of an inch."""

_POINT = PIXELS / 72
_FONT = 12.0
_LETTER = 0.56
"""The width of a letter, on average, in heights of the font."""

_WIDEST_PANEL = 420.0
_GAP = 14.0
_TICK_LENGTH = 4.0


def element(
    grid: np.ndarray, width: float, height: float, sharex: bool, sharey: bool, first: Sequence[str]
) -> Element:
    """Lay panels out, and draw them.

    Parameters
    ----------
    grid
        Panels (rows, columns). Rows and columns of which nothing was measured are left out.
    width, height
        Of the whole, in inches, were all panels there.
    sharex, sharey
        Whether panels of a column, or of a row, have one axis.
    first
        Labels that come first in the legend.
    """
    kept, share = _kept(grid)
    rows, columns = kept.shape
    _share_ends(kept, sharex, sharey)
    panel_height = (PIXELS * height - 30) / grid.shape[0]
    whole = min(PIXELS * width * share, _WIDEST_PANEL * 1.05 * columns) if share < 1 else (
        PIXELS * width
    )  # fmt: skip
    lefts = [
        max(_left(kept[row, column], not sharey or column == 0) for row in range(rows))
        for column in range(columns)
    ]
    inner = (whole - sum(lefts) - _GAP * columns) / columns
    root = Element("svg", {"class": "panels"})
    top = _legend(root, kept, first, whole)
    for row in range(rows):
        of_row = [panel for panel in kept[row] if not panel.empty]
        titles = [_lines(panel.title, inner / (0.9 * _FONT * _LETTER)) for panel in kept[row]]
        above = 15.0 * max(map(len, titles)) + 6
        labelled = not sharex or row == rows - 1
        below = max((_below(panel, labelled) for panel in of_row), default=0.0)
        tall = max(panel_height - above - below, 60.0)
        left = 0.0
        for column in range(columns):
            left += lefts[column]
            panel = kept[row, column]
            if not panel.empty:
                frame = _Frame(left, top + above, inner, tall)
                names = (labelled, not sharey or column == 0)
                _draw(root, panel, frame, names, titles[column])
            left += inner + _GAP
        top += above + tall + below
    root.set("viewBox", f"0 0 {whole:.0f} {top + 4:.0f}")
    return root


@dataclass(frozen=True)
class _Frame:
    left: float
    top: float
    width: float
    height: float


def _kept(grid: np.ndarray) -> tuple[np.ndarray, float]:
    """The rows and columns in which something was measured, and which share of the width they take."""
    rows = [row for row in range(grid.shape[0]) if not all(each.empty for each in grid[row])]
    columns = [
        column for column in range(grid.shape[1]) if not all(each.empty for each in grid[:, column])
    ]
    if not rows:
        return grid[:1, :1], 1.0
    for row in range(grid.shape[0]):
        _hand_on(list(grid[row]), "ylabel", columns)
    for column in range(grid.shape[1]):
        _hand_on(list(grid[:, column]), "title", rows)
        _hand_on(
            list(grid[::-1, column]), "xlabel", [grid.shape[0] - 1 - row for row in reversed(rows)]
        )
    return grid[np.ix_(rows, columns)], len(columns) / grid.shape[1]


def _hand_on(line: Sequence[Panel], what: str, kept: Sequence[int]) -> None:
    """Give what stands at the first panel of a line to the first that is kept."""
    if kept and kept[0] != 0 and not getattr(line[kept[0]], what):
        setattr(line[kept[0]], what, getattr(line[0], what))


def _share_ends(grid: np.ndarray, sharex: bool, sharey: bool) -> None:
    """Give every axis its ends."""
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


def _ticks(scale: Scale, length: float, per_tick: float) -> list[tuple[float, str]]:
    """Places with their labels."""
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


def _lines(text: str, letters: float) -> list[str]:
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(part, max(int(letters), 8), break_on_hyphens=False)
    ]


def _left(panel: Panel, labelled: bool) -> float:
    """Room for labels on the left."""
    if panel.empty or panel.off:
        return 4.0
    room = 14.0 * len(panel.ylabel.split("\n")) + 4 if panel.ylabel else 0.0
    if not labelled:
        return room + 6
    names = [label for _, label in _ticks(panel.y, 150, 34)]
    longest = max((len(part) for name in names for part in name.split("\n")), default=0)
    return room + longest * panel.y.size * _POINT * _LETTER + 10


def _below(panel: Panel, labelled: bool) -> float:
    if panel.off:
        return 4.0
    names = [label for _, label in panel.x.ticks or [(0, "0")]] if labelled else []
    ticks = max((len(name.split("\n")) for name in names), default=0) * 12.0 + 8
    return ticks + (18.0 if panel.xlabel else 0.0) + 6


# Drawing


def _legend(root: Element, grid: np.ndarray, first: Sequence[str], width: float) -> float:
    """One legend above all panels, in which each label stands once; its height."""
    found: dict[str, Mark | Area] = {}
    for panel in grid.flat:
        for mark in () if panel.empty else panel.marks:
            if not isinstance(mark, Word) and mark.label and not _unseen(mark):
                found.setdefault(mark.label, mark)
    labels = [
        *(each for each in first if each in found),
        *(each for each in found if each not in first),
    ]
    left, top = 0.0, 12.0
    for label in labels:
        wide = 30 + len(label) * _FONT * _LETTER + 14
        if left and left + wide > width:
            left, top = 0.0, top + 18
        mark = found[label]
        line = [(left + 2.0, top - 4), (left + 13.0, top - 4), (left + 24.0, top - 4)]
        if isinstance(mark, Area):
            _path(root, [(left + 2, top - 9), (left + 24, top - 9), (left + 24, top), (left + 2, top)],
                  {"fill": mark.colour, "fill-opacity": f"{max(mark.opacity, 0.3):g}"})  # fmt: skip
        else:
            _joined(root, mark, [line[0], line[2]] if mark.dash else [])
            _markers(root, mark, [line[1]])
        _text(root, label, left + 30, top, anchor="start")
        left += wide
    return top + 8 if labels else 2.0


def _unseen(mark: Mark | Area) -> bool:
    return mark.opacity == 0


def _draw(
    root: Element, panel: Panel, frame: _Frame, names: tuple[bool, bool], title: Sequence[str]
) -> None:
    group = SubElement(root, "g", {"class": "panel"})
    for line, text in enumerate(reversed(title)):
        _text(
            group, text, frame.left + frame.width / 2, frame.top - 7 - 15 * line, size=0.95 * _FONT
        )
    at_x, at_y = (
        _axis(panel.x, frame.left, frame.width),
        _axis(panel.y, frame.top, frame.height, True),
    )
    if not panel.off:
        _axes(group, panel, frame, names, at_x, at_y)
        group.set("data-x", _told(panel.x, frame.left, frame.width))
        group.set("data-y", _told(panel.y, frame.top + frame.height, -frame.height))
        if panel.xlabel:
            group.set("data-across", plain(panel.xlabel, 60))
    for mark in panel.marks:
        if isinstance(mark, Word):
            x, y = mark.place
            place = (
                (frame.left + x * frame.width, frame.top + (1 - y) * frame.height)
                if mark.within
                else (at_x(x), at_y(y))
            )
            _text(
                group,
                mark.text,
                place[0],
                place[1] + 4,
                colour=mark.colour,
                size=mark.size * _POINT,
            )
            continue
        points = [(at_x(x), at_y(y)) for x, y in mark.points if _drawable(panel, x, y)]
        if isinstance(mark, Area):
            shape = _path(group, points,
                          {"fill": mark.colour, "fill-opacity": f"{mark.opacity:g}"})  # fmt: skip
            told = [mark.told] if mark.told else []
            label = mark.label
        else:
            shape = _joined(group, mark, points)
            shape = _markers(group, mark, points) if shape is None else shape
            if mark.dash and mark.marker:
                _markers(group, mark, points)
            told = list(mark.points) if mark.told else []
            label = mark.label
        if shape is not None and told and not panel.off:
            values = " ".join(f"{x:.5g},{y:.5g}" for x, y in told if _drawable(panel, x, y))
            shape.set("data-v", values)
            if label:
                shape.set("data-label", plain(label, 120))


def _drawable(panel: Panel, x: float, y: float) -> bool:
    return (x > 0 or not panel.x.log) and (y > 0 or not panel.y.log)


def _axis(scale: Scale, start: float, length: float, upright: bool = False) -> Place:
    """Where a value lies, in pixels; beyond the ends a little outside."""
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


def _told(scale: Scale, start: float, length: float) -> str:
    """What a script needs to know where values lie."""
    if scale.reversed:
        start, length = start + length, -length
    flags = f"{int(scale.log)} {int(scale.named)}"
    return f"{scale.low:g} {scale.high:g} {start:.1f} {start + length:.1f} {flags}"


def _axes(
    group: Element, panel: Panel, frame: _Frame, names: tuple[bool, bool], at_x: Place, at_y: Place
) -> None:
    right, bottom = frame.left + frame.width, frame.top + frame.height
    grid, ticks = [], []
    for place, label in _ticks(panel.x, frame.width, 48):
        x = at_x(place)
        if panel.x.grid:
            grid.append(f"M{x:.1f} {frame.top:.1f}V{bottom:.1f}")
        ticks.append(f"M{x:.1f} {bottom:.1f}v{_TICK_LENGTH:g}")
        shown = f"{100 * place:.3g} %" if panel.x.percent else label
        for line, part in enumerate(shown.split("\n") if names[0] else ()):
            _text(group, part, x, bottom + 15 + 12 * line, size=panel.x.size * _POINT)
    for place, label in _ticks(panel.y, frame.height, 34):
        y = at_y(place)
        if panel.y.grid:
            grid.append(f"M{frame.left:.1f} {y:.1f}H{right:.1f}")
        ticks.append(f"M{frame.left:.1f} {y:.1f}h-{_TICK_LENGTH:g}")
        if names[1]:
            _text(group, label, frame.left - 7, y + 4, anchor="end", size=panel.y.size * _POINT)
    _stroke(group, "".join(grid), FAINT, 0.8, opacity=0.35)
    edge = f"M{frame.left:.1f} {frame.top:.1f}V{bottom:.1f}H{right:.1f}"
    _stroke(group, edge + "".join(ticks), FAINT, 1.0)
    if panel.xlabel:
        below = max((len(label.split("\n")) for _, label in panel.x.ticks or ()), default=1)
        down = bottom + (21 + 12 * below if names[0] else 20)
        _text(group, panel.xlabel, frame.left + frame.width / 2, down)
    lines = panel.ylabel.split("\n") if panel.ylabel else []
    room = _left(panel, names[1]) - 14 * len(lines) + 4
    for line, part in enumerate(reversed(lines)):
        x, y = frame.left - room - 14 * line, frame.top + frame.height / 2
        _text(group, part, x, y, turned=True)


def _stroke(group: Element, path: str, colour: str, width: float, opacity: float = 1.0) -> None:
    if path:
        found = {"d": path, "fill": "none", "stroke": colour, "stroke-width": f"{width:g}"}
        SubElement(group, "path", found | ({"opacity": f"{opacity:g}"} if opacity < 1 else {}))


_DASHES = {"--": "5 2.5", "-.": "7 2 1.5 2", ":": "1.5 2.5"}


def _joined(group: Element, mark: Mark, points: Sequence[tuple[float, float]]) -> Element | None:
    if not mark.dash or not points:
        return None
    drawn = list(points)
    if mark.steps:
        drawn = [points[0]]
        for (_, before), (x, y) in pairwise(points):
            drawn += [(x, before), (x, y)]
    width = mark.width * _POINT
    style = {"fill": "none", "stroke": mark.colour, "stroke-width": f"{width:.3g}"}
    if mark.dash in _DASHES:
        dashes = (float(each) * max(width, 0.8) * 0.75 for each in _DASHES[mark.dash].split())
        style["stroke-dasharray"] = " ".join(f"{each:.3g}" for each in dashes)
    if mark.opacity < 1:
        style["opacity"] = f"{mark.opacity:g}"
    return _path(group, drawn, style, closed=False)


def _path(
    group: Element,
    points: Sequence[tuple[float, float]],
    style: dict[str, str],
    closed: bool = True,
) -> Element | None:
    if not points:
        return None
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + ("Z" if closed else "")
    return SubElement(group, "path", {"d": path, **style})


_SHAPES = {
    "s": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "D": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "^": ((0, -1.2), (1.2, 1), (-1.2, 1)),
    "v": ((0, 1.2), (1.2, -1), (-1.2, -1)),
    "<": ((-1.2, 0), (1, -1.2), (1, 1.2)),
    "P": ((-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2),
          (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)),
    "X": ((-1.2, -0.7), (-0.7, -1.2), (0, -0.5), (0.7, -1.2), (1.2, -0.7), (0.5, 0), (1.2, 0.7),
          (0.7, 1.2), (0, 0.5), (-0.7, 1.2), (-1.2, 0.7), (-0.5, 0)),
    "*": tuple(
        (radius * math.sin(angle), -radius * math.cos(angle))
        for step in range(10)
        for radius, angle in [(1.3 if step % 2 == 0 else 0.55, math.pi * step / 5)]
    ),
}  # fmt: skip
"""Outlines of markers, in halves of their size."""


def _markers(group: Element, mark: Mark, points: Sequence[tuple[float, float]]) -> Element | None:
    """All markers of a mark as one path: dots are the round ends of lines without length."""
    if not mark.marker or not points:
        return None
    size = mark.size * _POINT
    style = {"opacity": f"{mark.opacity:g}"} if mark.opacity < 1 else {}
    if mark.hollow:
        path = "".join(_outline(_SHAPES["s"], x, y, size / 2) for x, y in points)
        style |= {"fill": "none", "stroke": mark.colour, "stroke-width": "1"}
    elif mark.marker in ".o":
        size *= 0.6 if mark.marker == "." else 1
        path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
        style |= {"class": "dots", "stroke": mark.colour, "stroke-width": f"{size:.3g}"}
        style["stroke-linecap"] = "round"
    elif mark.marker in ("x", "_"):
        half = size / 2
        one = (
            f"m-{half:.1f} 0h{size:.1f}"
            if mark.marker == "_"
            else f"m-{half:.1f} -{half:.1f}l{size:.1f} {size:.1f}m0 -{size:.1f}l-{size:.1f} {size:.1f}"
        )
        path = "".join(f"M{x:.1f} {y:.1f}{one}" for x, y in points)
        style |= {"fill": "none", "stroke": mark.colour, "stroke-width": "1"}
    else:
        path = "".join(_outline(_SHAPES[mark.marker], x, y, size / 2) for x, y in points)
        style |= {"fill": mark.colour}
    return SubElement(group, "path", {"d": path, **style})


def _outline(shape: Iterable[tuple[float, float]], x: float, y: float, half: float) -> str:
    return "M" + "L".join(f"{x + half * a:.1f} {y + half * b:.1f}" for a, b in shape) + "Z"


def _text(
    group: Element,
    text: str,
    x: float,
    y: float,
    *,
    anchor: str = "middle",
    colour: str = INK,
    size: float = _FONT,
    turned: bool = False,
) -> None:
    style = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": f"{size:.3g}", "fill": colour}
    if anchor != "start":
        style["text-anchor"] = anchor
    if turned:
        style["transform"] = f"rotate(-90 {x:.1f} {y:.1f})"
    SubElement(group, "text", style).text = plain(text, 200)
