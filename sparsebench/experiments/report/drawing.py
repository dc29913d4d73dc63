"""Drawing with matplotlib: figures of one look, as files and as SVG elements of the page.

Only the object-oriented interface is used, so nothing depends on, or leaves traces in, the figures and
settings of a program that calls this.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from sparsebench.experiments.report.contents import Drawing, Table
from sparsebench.experiments.report.plain_text import plain

INK, FAINT, PAPER = "#1b1b20", "#8a8a93", "#ffffff"
BLUE, VERMILION, GREEN, PURPLE = "#0072b2", "#d55e00", "#009e73", "#aa4499"
ORANGE, SKY = "#e69f00", "#56b4e9"
"""Okabe and Ito's colours, which colour-blind people can tell apart; purple is darker than theirs, to
be seen on white."""

VARIANT_COLOURS = {"rnn_tanh": BLUE, "rnn_relu": VERMILION, "lstm": GREEN, "gru": PURPLE}
SEMANTICS_COLOURS = {"published": BLUE, "corrected": VERMILION}
FAMILY_COLOURS = {"watts_strogatz": BLUE, "barabasi_albert": VERMILION}

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
}
"""Colours that the page may replace, by the names of its CSS variables."""

_STYLE: dict[str, object] = {
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
    rows: int, columns: int, height: float, width: float = WIDTH, **shared: bool
) -> tuple[Figure, np.ndarray]:
    """An empty figure of panels.

    Parameters
    ----------
    rows, columns
        How many.
    height, width
        Of the figure, in inches.
    shared
        `sharex` and `sharey`, as matplotlib takes them.

    Returns
    -------
    figure, panels
        The panels as an array (rows, columns).
    """
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **shared)


def legend(figure: Figure, axes: np.ndarray, columns: int = 6) -> None:
    """One legend above all panels, in which each label stands once."""
    found: dict[str, Artist] = {}
    for panel in axes.flat:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    if found:
        figure.legend(list(found.values()), list(found), loc="outside upper left", ncols=columns)


def drawn(name: str, title: str, message: str, figure: Figure, numbers: Table | None) -> Drawing:
    """Render a figure for the page and for its files."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # it has been laid out, and need not be again for each format
    svg, png = io.BytesIO(), io.BytesIO()
    figure.savefig(svg, format="svg", metadata=_NO_METADATA)
    figure.savefig(png, format="png", dpi=_DOTS_PER_INCH)
    return Drawing(
        name,
        title,
        message,
        svg.getvalue(),
        png.getvalue(),
        inline_svg(svg.getvalue(), name, title, message),
        numbers,
    )


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


def shades(count: int) -> Sequence[str]:
    """Colours from light to dark, as many as there are steps."""
    colours = mpl.colormaps["cividis_r"](np.linspace(0.12, 1, max(count, 1)))
    return [mpl.colors.to_hex(colour) for colour in colours]
