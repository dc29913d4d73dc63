"""Drawing: figures of one style, as elements of the page and as SVG files.

Sections draw on panels with methods named like matplotlib's; `sparsebench.report.svg` lays them
out. On the page, figures take its colours, which may be dark; SVG files use the colours below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, tostring

import numpy as np

from sparsebench.report.contents import Drawing, Table
from sparsebench.report.panel import FAINT, INK, Panel
from sparsebench.report.plain_text import plain
from sparsebench.report.svg import element

__all__ = [
    "BLUE",
    "FAINT",
    "FAMILY_COLOURS",
    "GREEN",
    "INK",
    "ORANGE",
    "OURS",
    "PAPER",
    "PURPLE",
    "SEMANTICS_COLOURS",
    "SHADES",
    "SKY",
    "VARIANT_COLOURS",
    "VERMILION",
    "Figure",
    "Panel",
    "drawn",
    "panels",
    "shades",
]

PAPER = "#ffffff"
BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#aa4499"
ORANGE, SKY = "#e69f00", "#56b4e9"
"""Okabe and Ito's colours, distinguishable for colour-blind readers; purple is darker than theirs,
to be visible on white."""

VARIANT_COLOURS = {
    "rnn_tanh": BLUE,
    "rnn_relu": VERMILION,
    "lstm": GREEN,
    "gru": PURPLE,
    "mgu": ORANGE,
}
SEMANTICS_COLOURS = {"published": BLUE, "corrected": VERMILION}
OURS = ("ours, published", "ours, corrected")
FAMILY_COLOURS = {"watts_strogatz": BLUE, "barabasi_albert": VERMILION}

SHADES = (
    "#7ad151", "#54c568", "#35b779", "#22a884", "#20928c",
    "#287d8e", "#31688e", "#39568c", "#423f85", "#440154",
)  # fmt: skip
"""From light to dark, for ordered values: viridis without its yellow, which is invisible on white."""

WIDTH = 11.0
"""Width in inches of a figure with four columns."""

_THEMED = {
    INK: "ink",
    FAINT: "faint",
    PAPER: "paper",
    BLUE: "blue",
    VERMILION: "vermilion",
    GREEN: "green",
    PURPLE: "purple",
    ORANGE: "orange",
    SKY: "sky",
    **{shade: f"shade-{step}" for step, shade in enumerate(SHADES)},
}
"""Colours that the page may replace: colour -> CSS variable."""

_SVG = "http://www.w3.org/2000/svg"


@dataclass
class Figure:
    """Panels drawn together.

    Attributes
    ----------
    grid
        Panels (rows, columns).
    height, width
        In inches.
    sharex, sharey
        Whether all panels share one axis.
    first
        Labels that come first in the legend.
    """

    grid: np.ndarray
    height: float
    width: float
    sharex: bool
    sharey: bool
    first: Sequence[str] = ()


def panels(
    rows: int,
    columns: int,
    height: float,
    width: float = WIDTH,
    sharex: bool = False,
    sharey: bool = False,
    first: Sequence[str] = (),
) -> tuple[Figure, np.ndarray]:
    """An empty figure of panels. Panels without measured data are left out when it is drawn.

    Parameters
    ----------
    rows, columns
        Numbers of rows and columns.
    height, width
        Of the figure, in inches.
    sharex, sharey
        Whether all panels share one axis.
    first
        Labels that come first in the legend.

    Returns
    -------
    figure, panels
        The panels as an array (rows, columns).
    """
    grid = np.empty((rows, columns), dtype=object)
    for place in np.ndindex(rows, columns):
        grid[place] = Panel()
    return Figure(grid, height, width, sharex, sharey, first), grid


def drawn(name: str, title: str, message: str, figure: Figure, numbers: Table | None) -> Drawing:
    """Render a figure for the page and for its file."""
    root = element(
        figure.grid, figure.width, figure.height, figure.sharex, figure.sharey, figure.first
    )
    return Drawing(name, title, message, _file(root), _inline(root, name, title, message), numbers)


def _file(root: Element) -> bytes:
    """A stand-alone SVG file, on white."""
    _, _, width, height = root.get("viewBox", "0 0 100 100").split()
    alone = Element("svg", {**root.attrib, "xmlns": _SVG, "width": width, "height": height,
                            "font-family": "sans-serif"})  # fmt: skip
    alone.append(Element("rect", {"width": width, "height": height, "fill": PAPER}))
    alone.extend(root)
    text = tostring(alone, encoding="unicode")
    return re.sub(r' data-[a-z]+="[^"]*"', "", text).encode()


def _inline(root: Element, name: str, title: str, message: str) -> str:
    """An element of the page, with the page's colours and an accessible description."""
    root.set("role", "img")
    root.set("aria-label", plain(title))
    root.set("aria-describedby", f"{name}-message")
    said = Element("desc", {"id": f"{name}-message"})
    said.text = plain(message)
    root.insert(0, said)
    for each in root.iter():
        for key in ("fill", "stroke"):
            variable = _THEMED.get(each.get(key, ""))
            if variable:
                each.set(key, f"var(--{variable})")
    return tostring(root, encoding="unicode")


def shades(count: int) -> list[str]:
    """Colours for `count` steps, as distinct as possible."""
    return [SHADES[place * (len(SHADES) - 1) // max(count - 1, 1)] for place in range(count)]
