"""Panels of a figure: their axes and contents, as values independent of markup.

Methods are named like the methods of matplotlib's `Axes` that they replace, with the arguments that
the sections need. `sparsebench.report.svg` turns panels into an SVG element in a fraction of
matplotlib's time (docs/design/decisions/0003-report.md).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

INK, FAINT = "#1b1b20", "#8a8a93"

Numbers = Iterable[float] | float


@dataclass(frozen=True)
class Mark:
    """Points, optionally joined by a line.

    Attributes
    ----------
    points
        Coordinates; those that are not finite are left out.
    colour, opacity
        Of line and markers.
    marker, size
        One of `o . s D ^ v < P X x * _`, or empty; its width in points.
    dash, width
        `-`, `--`, `-.`, `:`, or empty if points are not joined; width in points.
    label
        Text in the legend, and at the pointer.
    steps
        Whether lines are steps: first across, then up.
    told
        Whether values are shown at the pointer.
    hollow
        Whether only the marker's outline is drawn.
    reference
        Whether it is reference data: a panel with nothing else counts as empty.
    """

    points: tuple[tuple[float, float], ...]
    colour: str
    opacity: float = 1.0
    marker: str = ""
    size: float = 4.0
    dash: str = ""
    width: float = 1.4
    label: str = ""
    steps: bool = False
    told: bool = True
    hollow: bool = False
    reference: bool = False


@dataclass(frozen=True)
class Area:
    """A filled outline, such as a band or a bar."""

    points: tuple[tuple[float, float], ...]
    colour: str
    opacity: float = 1.0
    label: str = ""
    told: tuple[float, float] | None = None
    reference: bool = False


@dataclass(frozen=True)
class Word:
    """Text on the panel, at a share of its axes (0-1) if `within`, otherwise at data values."""

    place: tuple[float, float]
    text: str
    colour: str = INK
    size: float = 8.0
    within: bool = False


@dataclass
class Scale:
    """One of the two axes of a panel.

    Attributes
    ----------
    low, high
        Ends of the axis; None: those of the data, with a margin.
    ticks
        Tick positions with labels; None: round numbers.
    log, percent, grid, reversed
        Whether it is logarithmic, labelled in percent, has grid lines, is reversed.
    """

    low: float | None = None
    high: float | None = None
    ticks: list[tuple[float, str]] | None = None
    named: bool = False
    log: bool = False
    percent: bool = False
    grid: bool = True
    reversed: bool = False
    size: float = 8.5


@dataclass
class Panel:
    """Axes and their contents."""

    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    x: Scale = field(default_factory=Scale)
    y: Scale = field(default_factory=Scale)
    marks: list[Mark | Area | Word] = field(default_factory=list)
    off: bool = False

    @property
    def empty(self) -> bool:
        """Whether it shows no measured data."""
        return not any(isinstance(each, Word) or not each.reference for each in self.marks)

    # Contents

    def plot(
        self,
        across: Numbers,
        up: Numbers,
        form: str = "-",
        *,
        color: str | None = None,
        label: str = "",
        markersize: float = 4.0,
        linewidth: float = 1.4,
        alpha: float = 1.0,
        steps: bool = False,
        told: bool = True,
        hollow: bool = False,
        reference: bool = False,
    ) -> None:
        """Draw points: `form` is a marker, a line style, or both (`o-`, `s--`, `D`)."""
        dash = next((each for each in ("--", "-.", "-", ":") if form.endswith(each)), "")
        points = _points(across, up)
        self.marks.append(
            Mark(points, color or FAINT, alpha, form.removesuffix(dash), markersize, dash, linewidth,
                 label, steps, told, hollow, reference)
        )  # fmt: skip

    def step(self, across: Numbers, up: Numbers, **style: object) -> None:
        """Draw points joined by steps."""
        self.plot(across, up, "-", steps=True, **style)  # type: ignore[arg-type]

    def fill_between(
        self,
        across: Sequence[float],
        low: Numbers,
        high: Numbers,
        *,
        color: str,
        alpha: float,
        label: str = "",
        reference: bool = False,
    ) -> None:
        """Draw a band."""
        below = low if isinstance(low, Iterable) else [low] * len(across)
        above = high if isinstance(high, Iterable) else [high] * len(across)
        outline = [*_points(across, below), *reversed(_points(across, above))]
        self.marks.append(Area(tuple(outline), color, alpha, label, None, reference))

    def hlines(self, height: float, start: float, end: float, **style: object) -> None:
        """Draw a horizontal line between two x values."""
        self.plot([start, end], [height, height], **_line(style))  # type: ignore[arg-type]

    def vlines(self, place: float, low: float, high: float, **style: object) -> None:
        """Draw a vertical line between two y values."""
        self.plot([place, place], [low, high], **_line(style))  # type: ignore[arg-type]

    def axhline(self, height: float, **style: object) -> None:
        """Draw a horizontal line across the panel."""
        self.plot([-math.inf, math.inf], [height] * 2, **_line(style))  # type: ignore[arg-type]

    def axvline(self, place: float, **style: object) -> None:
        """Draw a vertical line across the panel."""
        self.plot([place] * 2, [-math.inf, math.inf], **_line(style))  # type: ignore[arg-type]

    def box(
        self,
        place: float,
        values: Sequence[float],
        *,
        color: str,
        middle: str = INK,
        width: float = 0.6,
        outliers: bool = False,
        label: str = "",
    ) -> None:
        """Draw a box from the lower to the upper quartile, with the median.

        Whiskers reach to the last value within 1.5 times the box's height.
        """
        low, median, high = np.percentile(values, (25, 50, 75))
        reach = 1.5 * (high - low)
        inside = [each for each in values if low - reach <= each <= high + reach]
        left, right = place - width / 2, place + width / 2
        outline = [(left, low), (right, low), (right, high), (left, high), (left, low)]
        for line in (
            outline,
            [(place, low), (place, min(inside))],
            [(place, high), (place, max(inside))],
            [(place - width / 4, min(inside)), (place + width / 4, min(inside))],
            [(place - width / 4, max(inside)), (place + width / 4, max(inside))],
        ):
            across, up = zip(*line, strict=True)
            self.plot(across, up, color=color, linewidth=1, told=False)
        self.plot([left, right], [median] * 2, color=middle, told=False)
        self.marks.append(
            Mark(((place, float(median)),), middle, 0.0, "o", 1, label=label or "median")
        )
        beyond = [each for each in values if not low - reach <= each <= high + reach]
        if outliers and beyond:
            self.plot([place] * len(beyond), beyond, "o", color=FAINT, markersize=2.5, hollow=True)

    def barh(
        self,
        places: Sequence[float],
        lengths: Sequence[float],
        *,
        height: float,
        color: str,
        label: str,
    ) -> None:
        """Draw horizontal bars."""
        for place, length in zip(places, lengths, strict=True):
            self._bar((0.0, place - height / 2), (length, place + height / 2), color, 1.0, label,
                      (length, place))  # fmt: skip

    def cell(self, place: tuple[float, float], colour: str, text: str, ink: str) -> None:
        """Draw a square of a heat map, one unit wide, with its value."""
        x, y = place
        self._bar((x, y), (x + 1, y + 1), colour, 1.0, "", None)
        self.marks.append(Word((x + 0.5, y + 0.5), text, ink))

    def _bar(
        self,
        corner: tuple[float, float],
        other: tuple[float, float],
        colour: str,
        opacity: float,
        label: str,
        told: tuple[float, float] | None,
    ) -> None:
        (left, low), (right, high) = corner, other
        outline = ((left, low), (right, low), (right, high), (left, high))
        self.marks.append(Area(outline, colour, opacity, label, told))

    def text(self, across: float, up: float, text: str) -> None:
        """Write text centred at a position in the axes, 0-1."""
        self.marks.append(Word((across, up), text, within=True))

    # Appearance

    def set(
        self,
        *,
        title: str | None = None,
        xlabel: str | None = None,
        ylabel: str | None = None,
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        xscale: str | None = None,
        xticks: Iterable[float] | None = None,
    ) -> None:
        """Set titles, limits and scales."""
        self.title = self.title if title is None else title
        self.xlabel = self.xlabel if xlabel is None else xlabel
        self.ylabel = self.ylabel if ylabel is None else ylabel
        if xlim is not None:
            self.set_xlim(*xlim)
        if ylim is not None:
            self.set_ylim(*ylim)
        self.x.log = self.x.log or xscale == "log"
        if xticks is not None:
            self.x.ticks = [(each, f"{each:g}") for each in xticks]

    def set_title(self, title: str) -> None:
        """Set the title above the panel."""
        self.title = title

    def set_xlabel(self, label: str) -> None:
        """Set the label below the panel."""
        self.xlabel = label

    def set_ylabel(self, label: str) -> None:
        """Set the label beside the panel; it is wrapped."""
        self.ylabel = label

    def set_xlim(self, low: float, high: float) -> None:
        """Set the limits; the first may be the higher one."""
        self.x.low, self.x.high, self.x.reversed = min(low, high), max(low, high), low > high

    def set_ylim(self, low: float, high: float) -> None:
        """Set the limits; the first may be the higher one."""
        self.y.low, self.y.high, self.y.reversed = min(low, high), max(low, high), low > high

    def set_xticks(self, places: Iterable[float], names: Iterable[str]) -> None:
        """Set tick labels below the panel."""
        self.x.ticks, self.x.named = list(zip(places, names, strict=True)), True
        self.x.grid = False

    def set_yticks(self, places: Iterable[float], names: Iterable[str]) -> None:
        """Set tick labels beside the panel."""
        self.y.ticks, self.y.named = list(zip(places, names, strict=True)), True
        self.y.grid = False

    def set_axis_off(self) -> None:
        """Hide the axes; a panel without contents is left out."""
        self.off = True


def _line(style: dict[str, object]) -> dict[str, object]:
    """Arguments of a line, with `linestyle` as the form."""
    found = dict(style)
    return {"form": found.pop("linestyle", "-"), "told": False, "reference": True, **found}


def _points(across: Numbers, up: Numbers) -> tuple[tuple[float, float], ...]:
    xs = across if isinstance(across, Iterable) else [across]
    ys = up if isinstance(up, Iterable) else [up]
    return tuple((float(x), float(y)) for x, y in zip(xs, ys, strict=True) if x == x and y == y)
