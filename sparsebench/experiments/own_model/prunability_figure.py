"""The figure of what pruning a network of one's own costs and buys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sparsebench.experiments.own_model.prunability import DENSE, GIVEN
from sparsebench.report.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    drawn,
    panels,
)

if TYPE_CHECKING:
    from pandas import DataFrame

_MARKS = ("o-", "s--", "^:", "v-", "D--")
_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)


def prunability_figure(frame: DataFrame) -> bytes:
    """Draw accuracy, or loss, by the time of a step and by that of a batch.

    Parameters
    ----------
    frame
        What `prunability` returned, or some of its rows.

    Returns
    -------
    bytes
        An SVG file; in a notebook, `IPython.display.SVG` shows it.

    Raises
    ------
    ValueError
        If columns are missing.
    """
    figure = next((name for name in ("accuracy", "loss") if name in frame), None)
    needed = ("method", "density", "program", "step_seconds", "batch_seconds")
    lacks = [name for name in needed if name not in frame]
    if figure is None or lacks:
        raise ValueError(
            f"a frame without {', '.join(lacks) or 'accuracy or loss'}: give one of prunability"
        )
    drawing, grid = panels(1, 2, 3.6)
    batch = frame.attrs.get("batch", 32)
    for panel, column, title in zip(
        grid[0],
        ("step_seconds", "batch_seconds"),
        ("A step of one sequence", f"A batch of {batch} sequences"),
        strict=True,
    ):
        for name, across, up, form, colour in _lines(frame, figure, column):
            panel.plot(across, up, form, color=colour, markersize=4, label=name)
        panel.set(title=title, xlabel="microseconds", ylabel=figure, xscale="log")
        panel.y.percent = figure == "accuracy"
    message = f"{figure.capitalize()} by time; points of a method are densities."
    return drawn("prunability", "What pruning costs and buys", message, drawing, None).svg


def _lines(frame: DataFrame, figure: str, column: str) -> Iterator[tuple[Any, ...]]:
    """A line for each method, the densest network first, and points for the dense network."""
    count = 0
    for (method, program), rows in frame.groupby(["method", "program"], sort=False):
        if method == GIVEN:
            continue
        rows = rows[rows[column].notna()].sort_values("density", ascending=False)
        if rows.empty:
            continue
        across, up = [1e6 * each for each in rows[column]], [*rows[figure]]
        if method == DENSE:
            ours = program == "sparsebench"
            form = "s" if ours else "D" if program == "PyTorch" else "X"
            name = "dense" if ours else f"dense, {program}"
            yield name, across, up, form, INK if ours else FAINT
        else:
            form, colour = _MARKS[count % len(_MARKS)], _COLOURS[count % len(_COLOURS)]
            count += 1
            yield method, across, up, form, colour
