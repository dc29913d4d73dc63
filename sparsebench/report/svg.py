"""Lays panels out as one SVG element, without empty panels, with values for the pointer."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from sparsebench.report.marks import FONT, POINT, joined, markers, outline, stroke, words
from sparsebench.report.panel import FAINT, Area, Mark, Panel, Word
from sparsebench.report.plain_text import plain
from sparsebench.report.scales import Place, as_data, axis, share_ends, ticks

PIXELS = 100
"""Pixels per inch."""

_LETTER = 0.56
"""Mean width of a letter, relative to the font size."""

_WIDEST_PANEL = 420.0
_GAP = 14.0
_TICK_LENGTH = 4.0


def element(
    grid: np.ndarray, width: float, height: float, sharex: bool, sharey: bool, first: Sequence[str]
) -> Element:
    """Lay out panels and draw them.

    Parameters
    ----------
    grid
        Panels (rows, columns). Rows and columns without measured data are left out.
    width, height
        Size in inches with all panels.
    sharex, sharey
        Whether the panels of a column, or of a row, share an axis.
    first
        Labels that come first in the legend.
    """
    kept, share = _kept(grid)
    rows, columns = kept.shape
    share_ends(kept, sharex, sharey)
    panel_height = (PIXELS * height - 30) / grid.shape[0]
    whole = min(PIXELS * width * share, _WIDEST_PANEL * 1.05 * columns) if share < 1 else (
        PIXELS * width
    )  # fmt: skip
    names = np.array(
        [
            [_named(kept, row, column, sharex, sharey) for column in range(columns)]
            for row in range(rows)
        ]
    )
    lefts = [
        max(_left(kept[row, column], names[row, column, 1], panel_height) for row in range(rows))
        for column in range(columns)
    ]
    inner = (whole - sum(lefts) - _GAP * columns) / columns
    root = Element("svg", {"class": "panels"})
    top = _legend(root, kept, first, whole)
    for row in range(rows):
        titles = [_lines(panel.title, inner / (0.9 * FONT * _LETTER)) for panel in kept[row]]
        above = 15.0 * max(map(len, titles)) + 6
        below = max(_below(kept[row, column], names[row, column, 0]) for column in range(columns))
        tall = max(panel_height - above - below, 60.0)
        left = 0.0
        for column in range(columns):
            left += lefts[column]
            if not kept[row, column].empty:
                frame = _Frame(left, top + above, inner, tall)
                named = bool(names[row, column, 0]), bool(names[row, column, 1])
                _draw(root, kept[row, column], frame, named, titles[column])
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
    """The rows and columns with measured data, and their share of the width."""
    rows = [row for row in range(grid.shape[0]) if not all(each.empty for each in grid[row])]
    columns = [
        column for column in range(grid.shape[1]) if not all(each.empty for each in grid[:, column])
    ]
    if not rows:
        return grid[:1, :1], 1.0
    for row in range(grid.shape[0]):
        _hand_on(list(grid[row]), "ylabel")
    for column in range(grid.shape[1]):
        _hand_on(list(grid[:, column]), "title")
        _hand_on(list(grid[::-1, column]), "xlabel")
    return grid[np.ix_(rows, columns)], len(columns) / grid.shape[1]


def _hand_on(line: Sequence[Panel], what: str) -> None:
    """Move a label from the first panel of a line to the first one that is drawn."""
    drawn = next((panel for panel in line if not panel.empty), None)
    if drawn is not None and not getattr(drawn, what):
        setattr(drawn, what, getattr(line[0], what))


def _named(
    grid: np.ndarray, row: int, column: int, sharex: bool, sharey: bool
) -> tuple[bool, bool]:
    """Whether a panel has labels below and beside it; with shared axes, only outermost panels have."""
    below = all(panel.empty for panel in grid[row + 1 :, column])
    before = all(panel.empty for panel in grid[row, :column])
    return not sharex or below, not sharey or before


def _lines(text: str, letters: float) -> list[str]:
    return [
        line
        for part in text.split("\n")
        for line in textwrap.wrap(part, max(int(letters), 8), break_on_hyphens=False)
    ]


def _left(panel: Panel, labelled: bool, tall: float) -> float:
    """Width of the labels on the left."""
    if panel.empty or panel.off:
        return 4.0
    room = 14.0 * len(panel.ylabel.split("\n")) + 4 if panel.ylabel else 0.0
    if not labelled:
        return room + 6
    names = [label for _, label in ticks(panel.y, tall, 34)]
    longest = max((len(part) for name in names for part in name.split("\n")), default=0)
    return room + longest * panel.y.size * POINT * _LETTER + 10


def _below(panel: Panel, labelled: bool) -> float:
    if panel.empty or panel.off:
        return 4.0
    names = [label for _, label in panel.x.ticks or [(0, "0")]] if labelled else []
    ticks = max((len(name.split("\n")) for name in names), default=0) * 12.0 + 8
    return ticks + (18.0 if panel.xlabel else 0.0) + 6


# Drawing


def _legend(root: Element, grid: np.ndarray, first: Sequence[str], width: float) -> float:
    """Draw one legend above all panels, with each label once; return its height."""
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
        wide = 30 + len(label) * FONT * _LETTER + 14
        if left and left + wide > width:
            left, top = 0.0, top + 18
        mark = found[label]
        line = [(left + 2.0, top - 4), (left + 13.0, top - 4), (left + 24.0, top - 4)]
        if isinstance(mark, Area):
            right, above = left + 24, top - 9
            corners = [(left + 2, above), (right, above), (right, top), (left + 2, top)]
            seen = f"{max(mark.opacity, 0.3):g}"
            outline(root, corners, {"fill": mark.colour, "fill-opacity": seen})
        else:
            joined(root, mark, [line[0], line[2]] if mark.dash else [])
            markers(root, mark, [line[1]])
        words(root, label, left + 30, top, anchor="start")
        left += wide
    return top + 8 if labels else 2.0


def _unseen(mark: Mark | Area) -> bool:
    return mark.opacity == 0


def _draw(
    root: Element, panel: Panel, frame: _Frame, names: tuple[bool, bool], title: Sequence[str]
) -> None:
    group = SubElement(root, "g", {"class": "panel"})
    for line, text in enumerate(reversed(title)):
        words(
            group, text, frame.left + frame.width / 2, frame.top - 7 - 15 * line, size=0.95 * FONT
        )
    at_x, at_y = (
        axis(panel.x, frame.left, frame.width),
        axis(panel.y, frame.top, frame.height, True),
    )
    if not panel.off:
        _axes(group, panel, frame, names, at_x, at_y)
        group.set("data-x", as_data(panel.x, frame.left, frame.width))
        group.set("data-y", as_data(panel.y, frame.top + frame.height, -frame.height))
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
            words(
                group,
                mark.text,
                place[0],
                place[1] + 4,
                colour=mark.colour,
                size=mark.size * POINT,
            )
            continue
        points = [(at_x(x), at_y(y)) for x, y in mark.points if _drawable(panel, x, y)]
        if isinstance(mark, Area):
            shape = outline(group, points,
                          {"fill": mark.colour, "fill-opacity": f"{mark.opacity:g}"})  # fmt: skip
            told = [mark.told] if mark.told else []
            label = mark.label
        else:
            shape = joined(group, mark, points)
            shape = markers(group, mark, points) if shape is None else shape
            if mark.dash and mark.marker:
                markers(group, mark, points)
            told = list(mark.points) if mark.told else []
            label = mark.label
        if shape is not None and told and not panel.off:
            values = " ".join(f"{x:.5g},{y:.5g}" for x, y in told if _drawable(panel, x, y))
            shape.set("data-v", values)
            if label:
                shape.set("data-label", plain(label, 120))


def _drawable(panel: Panel, x: float, y: float) -> bool:
    return (x > 0 or not panel.x.log) and (y > 0 or not panel.y.log)


def _axes(
    group: Element, panel: Panel, frame: _Frame, names: tuple[bool, bool], at_x: Place, at_y: Place
) -> None:
    right, bottom = frame.left + frame.width, frame.top + frame.height
    grid, short = [], []
    for place, label in ticks(panel.x, frame.width, 48):
        x = at_x(place)
        if panel.x.grid:
            grid.append(f"M{x:.1f} {frame.top:.1f}V{bottom:.1f}")
        short.append(f"M{x:.1f} {bottom:.1f}v{_TICK_LENGTH:g}")
        shown = f"{100 * place:.3g} %" if panel.x.percent else label
        for line, part in enumerate(shown.split("\n") if names[0] else ()):
            words(group, part, x, bottom + 15 + 12 * line, size=panel.x.size * POINT)
    for place, label in ticks(panel.y, frame.height, 34):
        y = at_y(place)
        if panel.y.grid:
            grid.append(f"M{frame.left:.1f} {y:.1f}H{right:.1f}")
        short.append(f"M{frame.left:.1f} {y:.1f}h-{_TICK_LENGTH:g}")
        if names[1]:
            words(group, label, frame.left - 7, y + 4, anchor="end", size=panel.y.size * POINT)
    stroke(group, "".join(grid), FAINT, 0.8, opacity=0.35)
    edge = f"M{frame.left:.1f} {frame.top:.1f}V{bottom:.1f}H{right:.1f}"
    stroke(group, edge + "".join(short), FAINT, 1.0)
    if panel.xlabel:
        below = max((len(label.split("\n")) for _, label in panel.x.ticks or ()), default=1)
        down = bottom + (21 + 12 * below if names[0] else 20)
        words(group, panel.xlabel, frame.left + frame.width / 2, down)
    lines = panel.ylabel.split("\n") if panel.ylabel else []
    room = _left(panel, names[1], frame.height) - 14 * len(lines) + 4
    for line, part in enumerate(reversed(lines)):
        x, y = frame.left - room - 14 * line, frame.top + frame.height / 2
        words(group, part, x, y, turned=True)
