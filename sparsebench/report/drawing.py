"""Drawing with matplotlib: figures of one look, as files and as SVG elements of the page.

Only the object-oriented interface is used, so nothing depends on, or leaves traces in, the figures and
settings of a program that calls this.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from sparsebench.report.contents import Drawing, Table
from sparsebench.report.plain_text import plain

INK, FAINT, PAPER = "#1b1b20", "#8a8a93", "#ffffff"
BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#aa4499"
ORANGE, SKY = "#e69f00", "#56b4e9"
"""Okabe and Ito's colours, which colour-blind people can tell apart; purple is darker than theirs, to
be seen on white."""

VARIANT_COLOURS = {"rnn_tanh": BLUE, "rnn_relu": VERMILION, "lstm": GREEN, "gru": PURPLE}
SEMANTICS_COLOURS = {"published": BLUE, "corrected": VERMILION}
OURS = ("ours, published", "ours, corrected")
FAMILY_COLOURS = {"watts_strogatz": BLUE, "barabasi_albert": VERMILION}

SHADES = (
    "#7ad151", "#54c568", "#35b779", "#22a884", "#20928c",
    "#287d8e", "#31688e", "#39568c", "#423f85", "#440154",
)  # fmt: skip
"""From light to dark, for what has an order: viridis, without its yellow, which white hides."""

WIDTH = 11.0
"""Inches, of a figure of four columns."""

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
"""Colours that the page may replace, by the names of its CSS variables."""

_STYLE: dict[Any, Any] = {
    "axes.edgecolor": FAINT,
    "axes.facecolor": PAPER,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "figure.facecolor": PAPER,
    "font.size": 9,
    "grid.alpha": 0.35,
    "grid.color": FAINT,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "path.simplify_threshold": 0.2,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
    "svg.hashsalt": "sparsebench",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
}

_DOTS_PER_INCH = 100

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


@contextmanager
def style() -> Iterator[None]:
    """Within it, figures look alike, whatever the user's own matplotlib is set to."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def panels(
    rows: int,
    columns: int,
    height: float,
    width: float = WIDTH,
    sharex: bool | Literal["row"] = False,
    sharey: bool = False,
) -> tuple[Figure, np.ndarray]:
    """An empty figure of panels.

    Parameters
    ----------
    rows, columns
        How many.
    height, width
        Of the figure, in inches.
    sharex, sharey
        Which panels have one axis, as matplotlib takes them.

    Returns
    -------
    figure, panels
        The panels as an array (rows, columns).
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, sharex=sharex, sharey=sharey, squeeze=False)


def legend(figure: Figure, axes: np.ndarray, columns: int = 6, first: Sequence[str] = ()) -> None:
    """One legend above all panels, in which each label stands once.

    Parameters
    ----------
    figure, axes
        What it is a legend of.
    columns
        Of labels.
    first
        Labels that come first, in this order.
    """
    found: dict[str, Artist] = {}
    for panel in axes.flat:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    labels = [
        *(each for each in first if each in found),
        *(each for each in found if each not in first),
    ]
    if labels:
        handles = [found[label] for label in labels]
        figure.legend(handles, labels, loc="outside upper left", ncols=columns)


def drawn(name: str, title: str, message: str, figure: Figure, numbers: Table | None) -> Drawing:
    """Render a figure for the page and for its files."""
    svg, png = _rendered(figure)
    return Drawing(
        name,
        title,
        message,
        svg,
        png,
        inline_svg(svg, name, title, message),
        numbers,
    )


def _rendered(figure: Figure) -> tuple[bytes, bytes]:
    """A figure as SVG and as PNG: laid out once, and drawn once for each."""
    svg, png = io.BytesIO(), io.BytesIO()
    figure.set_dpi(_DOTS_PER_INCH)
    canvas = FigureCanvasAgg(figure)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")
    canvas.print_png(png)
    FigureCanvasSVG(figure).print_svg(svg, metadata=_NO_METADATA)
    return svg.getvalue(), png.getvalue()


def inline_svg(content: bytes, name: str, title: str, message: str) -> str:
    """An SVG file as an element of the page.

    Its ids begin with the figure's name, since several figures share the page; its colours are the
    page's, which may be dark; and it says what it shows.
    """
    root = ElementTree.fromstring(content)
    for parent in root.iter():
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    for element in root.iter():
        for key, value in element.attrib.items():
            element.set(key, _own(key, value, name))
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-message")
    for place, (tag, text) in enumerate((("title", title), ("desc", message))):
        said = ElementTree.Element(f"{{{_SVG}}}{tag}", {"id": f"{name}-{_IDS[tag]}"})
        said.text = plain(text)
        root.insert(place, said)
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return ElementTree.tostring(root, encoding="unicode")


_IDS = {"title": "title", "desc": "message"}


def _own(key: str, value: str, name: str) -> str:
    """An attribute as the page needs it."""
    if key == "id":
        return f"{name}-{value}"
    if key.endswith("href"):
        return re.sub("^#", f"#{name}-", value)
    value = value.replace("url(#", f"url(#{name}-")
    if key in ("style", "fill", "stroke"):
        return re.sub("#[0-9a-f]{6}", lambda found: _themed(found[0]), value)
    return value


def _themed(colour: str) -> str:
    variable = _THEMED.get(colour)
    return f"var(--{variable}, {colour})" if variable else colour


def shades(count: int) -> list[str]:
    """Colours for so many steps, as far apart as they can be."""
    return [SHADES[place * (len(SHADES) - 1) // max(count - 1, 1)] for place in range(count)]
