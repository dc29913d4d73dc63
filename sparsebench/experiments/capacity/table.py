"""Tables of what networks store, remember, predict and generate, for the terminal and the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.stored_bits import best_bits, network_of_case
from sparsebench.experiments.capacity.trends import slope
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.floors.table import among, floors_under
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.harness.experiment import RecordOf
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.parts.records import Record
from sparsebench.parts.task_kind import TaskFigure, TaskKind
from sparsebench.parts.tasks import name_of, slug, task_kind_of, task_kinds, title_of
from sparsebench.report.contents import Column, Entry, Table
from sparsebench.values.protocol import CELL_TYPES, INITIALISATIONS, OPTIMISERS, ReberStrings
from sparsebench.values.sequence_tasks import AddingProblem
from sparsebench.values.tasks import RandomLabels, Task

ReadRecord = tuple[Any, TaskCase, Record]
"""A case, its network before any pruning, and its record."""


Trained = tuple[str, str, str, int, int]
"""Key of a table row: task, variant, wiring, percent pruned, epochs."""


RECORDS = ("task", "pruned_task", "generation")
"""Figures of networks on tasks, and of the strings that they generate."""


def task_tables(records: Sequence[Record], record_of: RecordOf | None = None) -> list[Table]:
    """One table per measured task.

    Parameters
    ----------
    records
        Of networks on tasks, and of floors.
    record_of
        Looks up the floors under tasks; by default among the records.
    """
    floor_of = among(records) if record_of is None else record_of
    measured = [read(record) for record in records if record.experiment in RECORDS]
    tables = [
        _bits(measured),
        *(_by_units(measured, figure, floor_of) for figure in _figures(measured)),
        _written(measured),
        _ways(
            measured,
            "optimisers",
            "Accuracy in % by optimiser, on Reber strings",
            OPTIMISERS,
            optimiser_of,
        ),
        _ways(
            measured,
            "initialisations",
            "Accuracy in % by initial weights, on Reber strings",
            INITIALISATIONS,
            initialisation_of,
        ),
        _ways(
            measured,
            "long-memory",
            "Squared error by initial weights, of sums of two numbers far apart",
            INITIALISATIONS,
            memory_of,
            lambda record: record.metrics["loss"],
            ".4f",
        ),
    ]
    return [table for table in tables if table.rows]


def read(record: Record) -> ReadRecord:
    """A record with its case and the network."""
    case: Any = record.restored
    trained = case.network if isinstance(case, GenerationCase) else case
    return case, network_of_case(trained), record


def percent_of(case: Any) -> int:
    """Percentage of a case's network that was pruned."""
    trained = case.network if isinstance(case, GenerationCase) else case
    return (trained.percent or 0) if isinstance(trained, FinetuningCase) else 0


def how_made(network: TaskCase) -> str:
    """Whether a network is fully connected or wired."""
    return "layers" if network.graph is None else "wired"


def size_of(network: TaskCase) -> int:
    """Units per layer, or vertices of the graph."""
    return (network.graph.vertices if network.graph else network.hidden_size) or 0


def optimiser_of(network: TaskCase) -> str | None:
    """By which optimiser a network on Reber strings was trained, if optimisers are compared."""
    compared = _classifies_strings(network) and not network.initialisation
    return network.training.optimiser if compared else None


def initialisation_of(network: TaskCase) -> str | None:
    """How the initial weights of a network on Reber strings were drawn, if that is compared."""
    return network.initialisation if _classifies_strings(network) else None


def memory_of(network: TaskCase) -> str | None:
    """How the initial weights of a network that adds were drawn, if that is compared."""
    return network.initialisation if isinstance(network.task, AddingProblem) else None


def _classifies_strings(network: TaskCase) -> bool:
    return isinstance(network.task, ReberStrings) and network.task.negatives is None


def is_first_stretch(task: Task) -> bool:
    """Whether a task is not a later stretch of a series, on which no network is pruned."""
    return not getattr(task, "shift", 0)


def _trained(case: Any, network: TaskCase) -> Trained:
    apart = "" if is_first_stretch(network.task) else ", other stretches"
    return (
        name_of(network.task) + apart,
        network.variant,
        how_made(network),
        percent_of(case),
        network.training.epochs,
    )


def _bits(measured: Sequence[ReadRecord]) -> Table:
    """Random labels: the best number of samples for each network, and the line through all."""
    groups: dict[tuple[str, str, int, int, int], list[Record]] = {}
    for case, network, record in measured:
        if isinstance(network.task, RandomLabels):
            drawn = network.initialisation or how_made(network)
            epochs = network.training.epochs
            key = network.variant, drawn, network.layers, percent_of(case), epochs
            groups.setdefault(key, []).append(record)
    rows: list[list[Entry]] = []
    for key in sorted(groups, key=lambda key: (key[2], CELL_TYPES.index(key[0]), key[1], *key[3:])):
        best = [*best_bits(groups[key]).values()]
        points = [(each.metrics["parameters"], each.metrics["bits"]) for each in best]
        found, interval = slope(points, CONFIDENCE)
        each = [bits / parameters for parameters, bits in points]
        low, high = interval or (None, None)
        rows.append([*key, len(best), fmean(each), max(each), found, low, high])
    return Table(
        "bits",
        "Bits of random labels stored for each parameter that is left, at the best number of samples",
        (
            Column("variant", choice=True),
            Column("network", choice=True),
            Column("layers", "d"),
            Column("pruned %", "d"),
            Column("epochs", "d"),
            Column("networks", "d"),
            Column("mean", ".2f"),
            Column("most", ".2f"),
            Column("slope", ".2f"),
            Column("95 % from", ".2f"),
            Column("to", ".2f"),
        ),
        rows,
    )


def figures_of(kind: TaskKind) -> tuple[TaskFigure, ...]:
    """Figures shown for a class of tasks: its own choice, or accuracy and loss."""
    if kind.figures is not None:
        return kind.figures
    title = title_of(kind)
    name = slug(title)
    return (
        TaskFigure(
            name=f"{name}-accuracy",
            metric="accuracy",
            caption=f"Accuracy in % on {title}, by units or vertices",
            scale=100,
            form=".1f",
        ),
        TaskFigure(
            name=f"{name}-steps",
            metric="letters_right",
            caption=f"Steps in % whose class is right, on {title}, by units or vertices",
            scale=100,
            form=".1f",
        ),
        TaskFigure(
            name=f"{name}-loss",
            metric="loss",
            caption=f"Loss on {title} (cross entropy in nats, or squared error), by units or vertices",
            form=".4g",
        ),
    )


def _figures(measured: Sequence[ReadRecord]) -> list[TaskFigure]:
    """The figures of all measured tasks, in the order of the registry."""
    seen = {type(network.task) for _, network, _ in measured}
    return [
        *dict.fromkeys(
            figure for kind in task_kinds() if kind.task in seen for figure in figures_of(kind)
        )
    ]


def _by_units(measured: Sequence[ReadRecord], figure: TaskFigure, floor_of: RecordOf) -> Table:
    """Mean figures over seeds: a row for each task, variant, percentage and number of epochs.

    Networks of which initial weights are compared have a table of their own. Before the networks of
    a task stand its floors, which do not depend on the size.
    """
    groups: dict[Trained, dict[int, list[float]]] = {}
    seeds: dict[Trained, set[int]] = {}
    tasks: dict[Task, None] = {}
    for case, network, record in measured:
        shown = figure in figures_of(task_kind_of(network.task)) and memory_of(network) is None
        if shown and record.experiment != "generation" and figure.metric in record.metrics:
            tasks.setdefault(network.task)
            key = _trained(case, network)
            seeds.setdefault(key, set()).add(network.seed)
            sizes_of = groups.setdefault(key, {})
            sizes_of.setdefault(size_of(network), []).append(
                figure.scale * record.metrics[figure.metric]
            )
    sizes = sorted({units for row in groups.values() for units in row})
    rows: list[list[Entry]] = [
        [task, f"floor: {method}", "none", None, None, None, *[figure.scale * found] * len(sizes)]
        for task, method, found in floors_under(tasks, figure.metric, floor_of)
    ]
    for key in sorted(groups, key=lambda key: (key[0], CELL_TYPES.index(key[1]), *key[2:])):
        found = [groups[key].get(units) for units in sizes]
        rows.append([*key, len(seeds[key]), *(fmean(each) if each else None for each in found)])
    return Table(
        figure.name,
        figure.caption,
        (
            Column("task", choice=True),
            Column("variant", choice=True),
            Column("network", choice=True),
            Column("pruned %", "d"),
            Column("epochs", "d"),
            Column("seeds", "d"),
            *(Column(str(units), figure.form) for units in sizes),
        ),
        rows,
    )


def _written(measured: Sequence[ReadRecord]) -> Table:
    """The strings that networks generated, and how well they predict the next letter."""
    groups: dict[Trained, list[Record]] = {}
    for case, network, record in measured:
        if record.experiment == "generation":
            groups.setdefault(_trained(case, network), []).append(record)
    rows: list[list[Entry]] = []
    for key in sorted(groups, key=lambda key: (key[0], CELL_TYPES.index(key[1]), *key[2:])):
        shares = (
            100 * fmean(each.metrics[name] for each in groups[key])
            for name in ("grammatical", "legal_next")
        )
        rows.append([*key, len(groups[key]), *shares])
    return Table(
        "written",
        "Strings written letter by letter: how many are grammatical, how many letters legal",
        (
            Column("grammar", choice=True),
            Column("variant", choice=True),
            Column("network", choice=True),
            Column("pruned %", "d"),
            Column("epochs", "d"),
            Column("seeds", "d"),
            Column("grammatical %", ".1f"),
            Column("legal letters %", ".2f"),
        ),
        rows,
    )


def _ways(
    measured: Sequence[ReadRecord],
    name: str,
    caption: str,
    ways: Sequence[str],
    way_of: Callable[[TaskCase], str | None],
    figure: Callable[[Record], float] = lambda record: 100 * record.metrics["accuracy"],
    form: str = ".2f",
) -> Table:
    """Mean of a figure over seeds, by one property in which networks differ."""
    groups: dict[tuple[str, int], dict[str, list[float]]] = {}
    for _, network, record in measured:
        way = way_of(network)
        if way is not None:
            row = groups.setdefault((network.variant, network.training.epochs), {})
            row.setdefault(way, []).append(figure(record))
    rows: list[list[Entry]] = []
    for key in sorted(groups, key=lambda key: (key[1], CELL_TYPES.index(key[0]))):
        found = [groups[key].get(way) for way in ways]
        seeds = max(len(each) for each in found if each)
        rows.append([*key, seeds, *(fmean(each) if each else None for each in found)])
    return Table(
        name,
        caption,
        (
            Column("variant", choice=True),
            Column("epochs", "d"),
            Column("seeds", "d"),
            *(Column(way, form) for way in ways),
        ),
        rows,
    )
