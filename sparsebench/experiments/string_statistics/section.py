"""The strings in the report (thesis, figures 4.2 to 4.5)."""

from __future__ import annotations

from sparsebench.experiments.string_statistics.claims import STATED
from sparsebench.experiments.string_statistics.measure import HALVES
from sparsebench.experiments.string_statistics.table import (
    AUTHOR,
    beside_stated,
    data_sets,
    distances_table,
    letters_table,
)
from sparsebench.parts.records import Record
from sparsebench.parts.string_statistics import PLACES
from sparsebench.report.contents import Drawing, Missing, Section, Table
from sparsebench.report.drawing import BLUE, GREEN, INK, VERMILION, drawn, panels, shades
from sparsebench.report.measured import Measured

_ABOUT = (
    "The strings that networks are trained and tested on: valid ones are walks through Reber's "
    "diagram, invalid ones walks through altered diagrams, made in two ways. The thesis shows how many "
    "there are of each class and of each length; it states the shortest, the longest and the most "
    "frequent length with their numbers."
)
_COMMAND = "pytest benchmarks/test_strings.py"
_COLOURS = {"altered": BLUE, "author_like": VERMILION, AUTHOR: GREEN}
_REBER = "BEPSTVX"

Sets = dict[str, list[Record]]


def sections(measured: Measured) -> list[Section]:
    """The section of the report."""
    sets = measured.of(data_sets)
    shown: list[Drawing | Table] = []
    missing = [] if sets else [Missing("statistics of the strings", _COMMAND)]
    if sets:
        shown += [_lengths(sets), _places(sets), beside_stated(sets), letters_table(sets)]
        distances = distances_table(sets)
        if distances.rows:
            shown.append(distances)
        else:
            files = f"{_COMMAND} --sparsebench-artifacts=DIR"
            missing.append(Missing("the author's strings beside ours", files))
    return [Section("strings", "The strings", (_ABOUT,), tuple(shown), tuple(missing))]


def _lengths(sets: Sets) -> Drawing:
    """Strings by length in both halves together and in each, of the first seed, beside the thesis."""
    figure, axes = panels(1, 3, 3.4, sharex=True)
    stated = {each.metric: each.number for each in STATED}
    figures = {half: f"fig 4.{number}" for number, half in enumerate(HALVES, 3)}
    for panel, half in zip(axes[0], HALVES, strict=True):
        for name, records in sets.items():
            counts = records[0].history[f"lengths {half}"]
            panel.plot(range(10, len(counts)), counts[10:], "-", color=_COLOURS[name], label=name)
        places = [stated[f"{name} {half}"] for name in ("shortest", "mode", "longest")]
        heights = [
            stated[f"number of the {name} {half}"] for name in ("shortest", "mode", "longest")
        ]
        panel.plot(places, heights, "v", color=INK, markersize=6, label="the thesis")
        panel.set_title(f"{half} ({figures[half]})")
        panel.set_xlabel("letters")
    axes[0, 0].set_ylabel("strings")
    return drawn(
        "strings-lengths",
        "Strings by number of letters (figures 4.3 to 4.5)",
        "Data sets of the first seed. Triangles: the shortest, the most frequent and the longest "
        "length with the number of strings that the thesis states.",
        figure,
        None,
    )


def _places(sets: Sets) -> Drawing:
    """Shares of letters at the first places, by class; letters that no valid string has together."""
    figure, axes = panels(len(sets), 2, 1.2 + 2.4 * len(sets), sharex=True, sharey=True)
    colours = dict(zip(_REBER, shades(len(_REBER)), strict=True))
    for row, (name, records) in enumerate(sets.items()):
        for panel, kind in zip(axes[row], ("valid", "invalid"), strict=True):
            tables = [
                records[0].tables[f"letter {place}, {kind}"] for place in range(1, PLACES + 1)
            ]
            for letter, colour in colours.items():
                shares = [table.get(letter, 0.0) for table in tables]
                panel.plot(range(1, PLACES + 1), shares, ".-", color=colour, label=letter)
            others = [
                sum(share for letter, share in table.items() if letter not in _REBER)
                for table in tables
            ]
            panel.plot(range(1, PLACES + 1), others, "s--", color=INK, markersize=3, label="others")
            panel.set_title(f"{name}: {kind}")
        axes[row, 0].set_ylabel("share of strings")
    for panel in axes[-1]:
        panel.set_xlabel("place of the letter")
    return drawn(
        "strings-places",
        "Letters at the first places of strings, by class",
        "Shares among the strings of a class that are long enough; data sets of the first seed.",
        figure,
        None,
    )
