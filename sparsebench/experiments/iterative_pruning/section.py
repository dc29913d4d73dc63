"""Iterative pruning with rewinding in the report: accuracy by weights left, beside the controls."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.experiments.iterative_pruning.table import (
    Round,
    by_round,
    epochs_of_protocol,
    rounds_table,
)
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record
from sparsebench.report.contents import Drawing, Missing, Section
from sparsebench.report.drawing import BLUE, FAINT, GREEN, VERMILION, Panel, drawn, panels
from sparsebench.report.measured import Measured
from sparsebench.report.words import TARGET_TITLES, VARIANT_TITLES

_ABOUT = (
    "A network is trained, its smallest weights are pruned, and the rest is rewound to its values "
    "at an early epoch and trained anew; this is repeated (Frankle and Carbin, 2019). If the "
    "early weights matter, rewound networks do better than new random weights with the same "
    "masks. The second control prunes everything at once. All are trained for equally long. Lines "
    "are means over seeds, bands reach from the lowest to the highest seed."
)
"""The introduction above the figure."""

_LINES = {
    "rewound": ("o-", BLUE),
    "new weights": ("s--", VERMILION),
    "pruned once": ("^:", GREEN),
}

_MOST_TICKS = 6
"""Most ticks on the axis of weights left."""

Place = tuple[str, int, str]
"""Target, epoch rewound to, variant."""


def sections(measured: Measured) -> list[Section]:
    """The sections of the report."""
    return [iterative_pruning_section(measured)]


def iterative_pruning_section(measured: Measured) -> Section:
    """Accuracy by the share of weights left, and a table of all rounds."""
    rounds = measured.of(by_round)
    command = "pytest benchmarks/test_iterative_pruning.py"
    return Section(
        "iterative-pruning",
        "Iterative pruning with rewinding",
        (_ABOUT,),
        (_curves(rounds),) if rounds else (),
        () if rounds else (Missing("networks pruned in rounds", command),),
    )


def _curves(rounds: Sequence[Round]) -> Drawing:
    longest = _longest(rounds)
    heights = list(dict.fromkeys((target, rewind) for target, rewind, _ in longest))
    variants = list(dict.fromkeys(variant for _, _, variant in longest))
    figure, axes = panels(len(heights), len(variants), 0.6 + 2.8 * len(heights), sharey=True)
    for row, (target, rewind) in enumerate(heights):
        for column, variant in enumerate(variants):
            panel = axes[row, column]
            _draw(panel, longest.get((target, rewind, variant), []))
            panel.set_title(VARIANT_TITLES[variant])
            panel.set_xlabel("weights left")
        axes[row, 0].set_ylabel(f"{TARGET_TITLES[target]}, rewound to {rewind}\ntest accuracy")
    figure.first = list(_LINES)
    return drawn(
        "iterative-pruning",
        "Accuracy by the share of weights that is left after each round",
        f"A panel for each variant, with the longest trainings of the file. {_message(longest)}",
        figure,
        rounds_table(rounds),
    )


def _longest(rounds: Sequence[Round]) -> dict[Place, list[Round]]:
    """For each panel, the rounds of the longest trainings."""
    found: dict[Place, list[Round]] = {}
    for each in rounds:
        case = each.case
        panel = found.setdefault((case.target, case.rewind, case.variant), [])
        if panel and epochs_of_protocol(panel[0].case) < epochs_of_protocol(case):
            panel.clear()
        panel.append(each)
    return found


def _draw(panel: Panel, rounds: Sequence[Round]) -> None:
    for label, records in (
        ("rewound", [each.rewound for each in rounds]),
        ("new weights", [each.new for each in rounds]),
        ("pruned once", [each.once for each in rounds]),
    ):
        _draw_line(panel, label, rounds, records)
    if rounds:
        panel.axhline(rounds[0].original, color=FAINT, linestyle="-.", label="unpruned")
    lefts = [_left(each) for each in rounds]
    if lefts:
        panel.set(xscale="log", xticks=lefts[:: -(-len(lefts) // _MOST_TICKS)])
        panel.x.percent = True
        panel.set_xlim(max(lefts) * 1.2, min(lefts) / 1.2)


def _draw_line(
    panel: Panel, label: str, rounds: Sequence[Round], records: Sequence[Sequence[Record]]
) -> None:
    points = [
        (_left(each), accuracies(found))
        for each, found in zip(rounds, records, strict=True)
        if found
    ]
    if not points:
        return
    mark, colour = _LINES[label]
    across = [left for left, _ in points]
    panel.fill_between(
        across,
        [min(values) for _, values in points],
        [max(values) for _, values in points],
        color=colour,
        alpha=0.13,
    )
    panel.plot(
        across,
        [fmean(values) for _, values in points],
        mark,
        color=colour,
        markersize=3.5,
        label=label,
    )


def _left(found: Round) -> float:
    """The share of the target's weights left, 0-1."""
    return 1 - found.case.percent / 100


def _message(longest: dict[Place, list[Round]]) -> str:
    """The results of the last rounds, in words."""
    said = []
    for (_, rewind, variant), rounds in longest.items():
        last = rounds[-1]
        means = [
            f"{label} {fmean(accuracies(records)):.3f}"
            for label, records in (
                ("rewound", last.rewound),
                ("new weights", last.new),
                ("pruned once", last.once),
            )
            if records
        ]
        to = f", rewound to epoch {rewind}" if rewind else ""
        percent = last.case.percent
        said.append(f"{VARIANT_TITLES[variant]}, {percent} % pruned{to}: {', '.join(means)}.")
    return " ".join(said)
