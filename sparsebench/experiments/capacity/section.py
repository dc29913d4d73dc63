"""Report section: what networks store, remember, predict and generate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from sparsebench.experiments.capacity.claims import BITS, RECALLED
from sparsebench.experiments.capacity.drawings import (
    Lines,
    Points,
    best_networks,
    bits_of,
    draw_line,
    drawings,
    named_by_variant,
    numbers,
)
from sparsebench.experiments.capacity.table import (
    RECORDS,
    ReadRecord,
    figures_of,
    is_first_stretch,
    memory_of,
    percent_of,
    read,
    size_of,
    task_tables,
)
from sparsebench.experiments.floors.table import among
from sparsebench.parts.records import Record
from sparsebench.parts.task_kind import TaskFigure
from sparsebench.parts.tasks import name_of, task_kind_of
from sparsebench.report.contents import Drawing, Missing, Section, Table
from sparsebench.report.drawing import (
    FAINT,
    VARIANT_COLOURS,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.measured import Measured
from sparsebench.report.plain_text import plain
from sparsebench.report.words import VARIANT_TITLES
from sparsebench.values.protocol import CELL_TYPES
from sparsebench.values.tasks import NextLetters, RandomFunction, RandomLabels, Recall

_BY_SIZE = (RandomLabels, Recall, NextLetters, RandomFunction)
"""The tasks of the report on capacity, each with its own figure."""

MOST_PANELS = 12
"""Tasks with a figure by percentage pruned; all tasks have tables."""

_ABOUT = (
    "A report on capacity (after Collins, Sohl-Dickstein and Sussillo, 2016) states that networks "
    "store about 5 bits per parameter (3 to 6, gated networks slightly fewer), that 64 units "
    "recall 64 numbers, and that errors fall as parameters are added. For pruned networks, the "
    "parameters that are left are counted."
)
"""The introduction above the figures."""

_COMMAND = (
    "pytest benchmarks/test_capacity.py benchmarks/test_functions.py benchmarks/test_letters.py"
)


def sections(measured: Measured) -> list[Section]:
    """The sections of the report."""
    return [tasks_section(measured)]


def tasks_section(measured: Measured) -> Section:
    """Bits, memory, letters and functions by size, and tables of all measured tasks."""
    records = [record for record in measured.records if record.experiment in RECORDS]
    shown: list[Drawing | Table] = []
    measured_networks = [read(record) for record in records]
    if any("bits" in record.metrics for record in records):
        shown.append(_capacity(measured_networks))
    shown += drawings(measured_networks)
    if others := _others(measured_networks):
        shown.append(_by_percent(others))
    shown += task_tables(records, among(measured.records))
    missing = [] if shown else [Missing("networks on other tasks than the thesis's", _COMMAND)]
    return Section(
        "tasks", "Other tasks: capacity, memory, text", (_ABOUT,), tuple(shown), tuple(missing)
    )


def _capacity(measured: Sequence[ReadRecord]) -> Drawing:
    figure, axes = panels(1, 4, 3.6)
    bits, recalled, letters, functions = axes[0]
    stored = bits_of(best_networks(measured), 1, named_by_variant)
    _draw(bits, stored, "o")
    most = max((across for points in stored.values() for across, _ in points), default=1.0)
    for each in BITS:
        bits.plot([0, most], [0, each * most], ":", color=FAINT, linewidth=1, reference=True)
    bits.set(title="bits stored (dotted: 3 and 6 each)", xlabel="parameters", ylabel="bits")
    left = _by_size(measured, Recall, lambda record: 3 * record.metrics["loss"])
    _draw(recalled, left, "o-")
    recalled.axvline(RECALLED, color=FAINT, linestyle=":", linewidth=1)
    recalled.set(title="lost of 64 numbers", xlabel="units", ylabel="share of the mean square")
    per_letter = _by_size(measured, NextLetters, lambda record: record.metrics["bits_per_letter"])
    _draw(letters, per_letter, "o-")
    letters.set(title="Reber strings", xlabel="units", ylabel="bits per letter", xscale="log")
    errors = _by_size(measured, RandomFunction, lambda record: record.metrics["loss"])
    _draw(functions, errors, "o-")
    functions.set(title="random function", xlabel="units", ylabel="squared error", xscale="log")
    figure.first = [VARIANT_TITLES[variant] for variant in CELL_TYPES]
    return drawn(
        "capacity",
        "Capacity, memory and prediction of unpruned networks, by size",
        "Four panels with a line for each variant: bits of random labels by parameters; what is lost "
        "of 64 numbers by units; bits per letter of Reber strings; squared error of a random function.",
        figure,
        numbers(
            "capacity",
            "unpruned networks by size",
            "variant",
            "parameters or units",
            {"bits": stored, "recall": left, "letters": per_letter, "function": errors},
        ),
    )


def _others(measured: Sequence[ReadRecord]) -> dict[str, tuple[TaskFigure, Lines]]:
    """For each task that is not drawn by size, its first figure that was measured."""
    found: dict[str, tuple[TaskFigure, Lines]] = {}
    others = [
        each
        for each in measured
        if not isinstance(each[1].task, _BY_SIZE)
        and memory_of(each[1]) is None
        and is_first_stretch(each[1].task)
    ]
    for task in dict.fromkeys(network.task for _, network, _ in others):
        of_task = [each for each in others if each[1].task == task]
        for figure in figures_of(task_kind_of(task)):
            if lines := _sparse(of_task, figure):
                found[name_of(task)] = figure, lines
                break
    return dict(sorted(found.items())[:MOST_PANELS])


def _sparse(measured: Sequence[ReadRecord], figure: TaskFigure) -> Lines:
    """Means over seeds by percentage, for each variant's largest and longest-trained networks."""
    groups: dict[str, dict[tuple[int, int], dict[int, list[float]]]] = {}
    for case, network, record in measured:
        layered = record.experiment != "generation" and network.graph is None
        if layered and figure.metric in record.metrics:
            size = size_of(network), network.training.epochs
            by_percent = groups.setdefault(network.variant, {}).setdefault(size, {})
            by_percent.setdefault(percent_of(case), []).append(
                figure.scale * record.metrics[figure.metric]
            )
    points = {
        variant: [(percent, fmean(each)) for percent, each in sizes[max(sizes)].items()]
        for variant, sizes in groups.items()
    }
    return _by_title(points)


def _by_percent(others: dict[str, tuple[TaskFigure, Lines]]) -> Drawing:
    columns = min(4, len(others))
    rows = -(-len(others) // columns)
    figure, axes = panels(rows, columns, 0.8 + 2.8 * rows)
    for panel, (name, (shown, lines)) in zip(axes.flat, others.items(), strict=False):
        _draw(panel, lines, "o-")
        unit = " in %" if shown.scale == 100 else ""
        panel.set(
            title=plain(name, 40), xlabel="% pruned", ylabel=f"{plain(shown.metric, 40)}{unit}"
        )
    for panel in axes.flat[len(others) :]:
        panel.set_axis_off()
    figure.first = [VARIANT_TITLES[variant] for variant in CELL_TYPES]
    return drawn(
        "tasks",
        "Networks on each task, pruned and fine-tuned, by percentage pruned",
        "A panel for each task, with a line for each variant: means over seeds of the largest networks "
        "trained for longest.",
        figure,
        numbers(
            "tasks",
            "networks by percentage pruned",
            "variant",
            "% pruned",
            {name: lines for name, (_, lines) in others.items()},
        ),
    )


def _draw(panel: Panel, lines: Lines, mark: str) -> None:
    for variant in CELL_TYPES:
        label = VARIANT_TITLES[variant]
        if label in lines:
            draw_line(panel, label, lines[label], VARIANT_COLOURS[variant], mark)


def _by_size(
    measured: Sequence[ReadRecord], task: type, figure: Callable[[Record], float]
) -> Lines:
    """Means over seeds by units, for the longest-trained networks that are not pruned or wired."""
    groups: dict[tuple[str, int], dict[int, list[float]]] = {}
    for case, network, record in measured:
        dense = record.experiment == "task" and network.graph is None and percent_of(case) == 0
        reber = getattr(network.task, "grammar", "reber") == "reber"
        if dense and isinstance(network.task, task) and reber:
            key = network.variant, network.hidden_size or 0
            by_epochs = groups.setdefault(key, {})
            by_epochs.setdefault(network.training.epochs, []).append(figure(record))
    points: dict[str, Points] = {}
    for (variant, units), by_epochs in groups.items():
        points.setdefault(variant, []).append((units, fmean(by_epochs[max(by_epochs)])))
    return _by_title(points)


def _by_title(points: Mapping[str, Sequence[tuple[float, float]]]) -> Lines:
    """Lines by the titles of variants, in order, each from left to right."""
    return {VARIANT_TITLES[each]: sorted(points[each]) for each in CELL_TYPES if each in points}
