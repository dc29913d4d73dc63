"""Marks as SVG elements: lines, outlines, markers and words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

from sparsebench.report.panel import INK, Mark
from sparsebench.report.plain_text import plain

POINT = 100 / 72
"""Pixels per point, at a hundred pixels per inch."""

FONT = 12.0
"""Pixels."""


def stroke(group: Element, path: str, colour: str, width: float, opacity: float = 1.0) -> None:
    """Draw a line along a path, in pixels."""
    if path:
        found = {"d": path, "fill": "none", "stroke": colour, "stroke-width": f"{width:g}"}
        SubElement(group, "path", found | ({"opacity": f"{opacity:g}"} if opacity < 1 else {}))


_DASHES = {"--": "5 2.5", "-.": "7 2 1.5 2", ":": "1.5 2.5"}


def joined(group: Element, mark: Mark, points: Sequence[tuple[float, float]]) -> Element | None:
    """Draw the line of a mark, if it has one; `points` are in pixels."""
    if not mark.dash or not points:
        return None
    drawn = list(points)
    if mark.steps:
        drawn = [points[0]]
        for (_, before), (x, y) in pairwise(points):
            drawn += [(x, before), (x, y)]
    width = mark.width * POINT
    style = {"fill": "none", "stroke": mark.colour, "stroke-width": f"{width:.3g}"}
    if mark.dash in _DASHES:
        dashes = (float(each) * max(width, 0.8) * 0.75 for each in _DASHES[mark.dash].split())
        style["stroke-dasharray"] = " ".join(f"{each:.3g}" for each in dashes)
    if mark.opacity < 1:
        style["opacity"] = f"{mark.opacity:g}"
    return outline(group, drawn, style, closed=False)


def outline(
    group: Element,
    points: Sequence[tuple[float, float]],
    style: dict[str, str],
    closed: bool = True,
) -> Element | None:
    """Draw a line through points, or a closed outline."""
    if not points:
        return None
    return SubElement(group, "path", {"d": path_through(points) + ("Z" if closed else ""), **style})


def path_through(points: Iterable[tuple[float, float]], between: str = "l", after: str = "") -> str:
    """A path through points: its first one, then steps from each to the next.

    Steps take half as many characters as places. Places are rounded first, to tenths, so that no
    error adds up.

    Parameters
    ----------
    points
        At least one.
    between
        The command before each step.
    after
        What follows each point.
    """
    tenths = [(round(10 * x), round(10 * y)) for x, y in points]
    x, y = tenths[0]
    path = [f"M{x / 10:.9g} {y / 10:.9g}"]
    for (before_x, before_y), (x, y) in pairwise(tenths):
        path.append(f"{between}{(x - before_x) / 10:.9g} {(y - before_y) / 10:.9g}")
    return (after.join(path) + after).replace(" -", "-")


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
"""Outlines of markers, in units of half their size."""


def markers(group: Element, mark: Mark, points: Sequence[tuple[float, float]]) -> Element | None:
    """Draw all markers of a mark as one path; dots are the round caps of zero-length lines."""
    if not mark.marker or not points:
        return None
    size = mark.size * POINT
    style = {"opacity": f"{mark.opacity:g}"} if mark.opacity < 1 else {}
    if mark.hollow:
        path = "".join(_outline(_SHAPES["s"], x, y, size / 2) for x, y in points)
        style |= {"fill": "none", "stroke": mark.colour, "stroke-width": "1"}
    elif mark.marker in ".o":
        size *= 0.6 if mark.marker == "." else 1
        path = path_through(points, "m", "h0")
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
    return path_through((x + half * a, y + half * b) for a, b in shape) + "Z"


def words(
    group: Element,
    text: str,
    x: float,
    y: float,
    *,
    anchor: str = "middle",
    colour: str = INK,
    size: float = FONT,
    turned: bool = False,
) -> None:
    """Draw a line of text."""
    style = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": f"{size:.3g}", "fill": colour}
    if anchor != "start":
        style["text-anchor"] = anchor
    if turned:
        style["transform"] = f"rotate(-90 {x:.1f} {y:.1f})"
    SubElement(group, "text", style).text = plain(text, 200)
