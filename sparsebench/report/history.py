"""Changes of every item from file to file: accuracy across commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparsebench.harness.comparing import policy_of
from sparsebench.harness.registry import measurement_names
from sparsebench.judging.comparison import Comparison, File, compare
from sparsebench.parts.records import Item, Record
from sparsebench.report.compared import counts_in_words
from sparsebench.report.contents import Column, Drawing, Section, Table
from sparsebench.report.drawing import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    VERMILION,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.plain_text import plain

_STATE_COLOURS = {
    "regressed": VERMILION,
    "improved": GREEN,
    "changed": ORANGE,
    "undecided": BLUE,
}
"""States with a colour; items in other states are grey."""

_MOST_LABELS = 12
"""Most files whose names fit below a figure."""


@dataclass(frozen=True)
class Past:
    """One of several files.

    Attributes
    ----------
    label
        File and commit, abbreviated.
    machine
        Where its forward passes were timed.
    records
        The file's records.
    ended
        How its run ended; empty if it ended well (`sparsebench.judging.comparison.ending`).
    items
        The pytest items of its run; empty for a baseline.
    """

    label: str
    machine: str
    records: tuple[Record, ...]
    ended: str = ""
    items: Sequence[Item] = ()


def compared(files: Sequence[Past]) -> list[Comparison] | None:
    """The comparison of the oldest with the newest file, by item; None for a single file."""
    if len(files) < 2:
        return None
    return compare(
        [File(each.label, each.records, each.ended, each.items) for each in files],
        policy_of,
        len({each.machine for each in files if each.machine}) < 2,
    )


def history_section(files: Sequence[Past], compared: Sequence[Comparison]) -> Section:
    """Every item from the oldest to the newest file, and its change."""
    counts = counts_in_words(compared)
    about = (
        f"{len(files)} files, from {plain(files[0].label, 80)} to {plain(files[-1].label, 80)}. The "
        f"last compared with the first: {counts}."
    )
    unfinished = [f"{plain(each.label, 80)}: its run {each.ended}." for each in files if each.ended]
    shown = (_curves(compared, files, counts), _table(compared, files)) if compared else ()
    return Section("history", "Every item across the files", (about, *unfinished), shown)


def _curves(compared: Sequence[Comparison], files: Sequence[Past], counts: str) -> Drawing:
    known = {item.experiment for item in compared if _known(item)}
    names = [name for name in measurement_names() if name in known] or sorted(known)[:1]
    names += sorted(known.difference(names))
    columns = max(1, min(3, len(names)))
    rows = max(1, -(-len(names) // columns))
    figure, axes = panels(rows, columns, 0.6 + 2.8 * rows)
    for panel, name in zip(axes.flat, names, strict=False):
        for item in reversed(compared):
            if item.experiment == name:
                _draw(panel, item)
        panel.set_title(f"{name.replace('_', ' ')}: {policy_of(name).figure}")
        panel.set(xticks=range(1, len(files) + 1, -(-len(files) // _MOST_LABELS)))
        panel.set_xlim(0.8, len(files) + 0.2)
        panel.set_xlabel("file, oldest first")
    for panel in axes.flat[len(names) :]:
        panel.set_axis_off()
    return drawn(
        "history",
        "Every item across the files",
        f"A line is an item, coloured if it changed from the first file to the last: {counts}.",
        figure,
        None,
    )


def _known(item: Comparison) -> list[tuple[int, float]]:
    """An item's figure in each file that has it, by the file's number."""
    return [(place, each) for place, each in enumerate(item.figures, 1) if each is not None]


def _draw(panel: Panel, item: Comparison) -> None:
    known = _known(item)
    if known:
        colour = _STATE_COLOURS.get(item.state)
        panel.plot(
            [place for place, _ in known],
            [figure for _, figure in known],
            ".-",
            color=colour or FAINT,
            linewidth=1.6 if colour else 0.5,
            markersize=5 if colour else 2,
            alpha=0.9 if colour else 0.45,
            label=item.state if colour else "unchanged, added or removed",
        )


def _table(compared: Sequence[Comparison], files: Sequence[Past]) -> Table:
    timed = any(ratio is not None for item in compared for ratio in item.ratios)
    rows = [
        (
            item.title,
            item.state,
            item.figure,
            *item.figures,
            *(item.ratios if timed else ()),
            item.reason,
        )
        for item in compared
    ]
    labels = [f"{place}: {plain(each.label, 60)}" for place, each in enumerate(files, 1)]
    return Table(
        "items-across-files",
        "The figure of every item in each file, the worst first",
        (
            Column("item"),
            Column("state", choice=True),
            Column("figure", choice=True),
            *(Column(label, ".4f") for label in labels),
            *(Column(f"time / dense, {label}", ".3f") for label in (labels if timed else ())),
            Column("why"),
        ),
        rows,
    )
