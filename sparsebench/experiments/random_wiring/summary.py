"""Terminal tables of wired networks: accuracies by family beside the thesis's, and after pruning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import THESIS, Distribution, Group, by_group
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.judging.metrics import accuracies, time_ratio
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.dense_column import dense_accuracy
from sparsebench.report.terminal_tables import (
    ACCURACY_TITLE,
    columns_by_percent,
    empty_table,
    in_percent,
    mean_in_percent,
)
from sparsebench.values.protocol import CELL_TYPES

Method = tuple[str, str, str]
"""A variant, a family of graphs, and the pruning criterion."""


def wired_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """A table of unpruned wired networks, and one for each pruned target."""
    wired: dict[str, list[tuple[WiredCase, Group]]] = {}
    pruned: dict[str, dict[Method, dict[int, list[Record]]]] = {}
    for group in by_group(records):
        case = group.case
        if isinstance(case, WiredCase):
            wired.setdefault(_wired_title(case), []).append((case, group))
        elif isinstance(case, FinetuningCase) and isinstance(case.network, WiredCase):
            if case.percent is None:
                continue
            rows = pruned.setdefault(_pruned_title(case, case.network), {})
            method = case.variant, case.network.graph.family, case.criterion
            rows.setdefault(method, {}).setdefault(case.percent, []).extend(group.records)
    for title, groups in wired.items():
        yield _wired_table(title, groups)
    for title, rows in pruned.items():
        yield _pruned_table(title, rows, record_of)


def _wired_title(case: WiredCase) -> str:
    own = [f"{case.training.epochs} epochs"] if case.training.epochs != 15 else []
    own += [f"edges by {case.graph.order}"] if case.graph.order else []
    own += [f"{case.graph.vertices} vertices"] if case.graph.vertices else []
    return ", ".join(["wired networks, accuracy in %", case.semantics.name, *own])


def _pruned_title(case: FinetuningCase, network: WiredCase) -> str:
    return (
        f"{case.target} of wired networks pruned, fine-tuned for {case.training.epochs} epochs, "
        f"{network.semantics.name}: {ACCURACY_TITLE}"
    )


def _wired_table(title: str, groups: list[tuple[WiredCase, Group]]) -> Table:
    columns = [
        "networks",
        "mean",
        "sd",
        "median",
        "lowest",
        "highest",
        "thesis: mean",
        "sd",
        "median",
    ]
    table = empty_table(title, ["family", "variant"], [*columns, "time / dense"])
    groups = sorted(groups, key=lambda item: CELL_TYPES.index(item[0].variant))
    for case, group in sorted(groups, key=lambda item: item[0].graph.family):
        ours, theirs = group.accuracy, THESIS.get((case.variant, case.graph.family))
        table.add_row(
            case.graph.family,
            case.variant,
            str(ours.count),
            *(in_percent(figure) for figure in (*_middle(ours), ours.low, ours.high)),
            *((in_percent(figure) for figure in _middle(theirs)) if theirs else ("", "", "")),
            "" if group.ratio is None else f"{group.ratio:.2f}",
        )
    return table


def _pruned_table(
    title: str, rows: dict[Method, dict[int, list[Record]]], record_of: RecordOf
) -> Table:
    percents, figures, times = columns_by_percent(rows, time_ratio)
    table = empty_table(title, ["variant", "family", "method", "fine-tuned"], figures)
    for method in sorted(rows, key=lambda each: (CELL_TYPES.index(each[0]), each[1:])):
        groups = [rows[method].get(percent, []) for percent in percents]
        networks = (each.restored.network for group in groups for each in group)
        before = [[each.metrics["accuracy_before"] for each in group] for group in groups]
        table.add_row(
            *method,
            "no",
            dense_accuracy(networks, record_of),
            *map(mean_in_percent, before),
            *times[method],
        )
        after = (mean_in_percent(accuracies(group)) for group in groups)
        table.add_row("", "", "", "yes", "", *after, *([""] * len(times[method])))
    return table


def _middle(found: Distribution) -> tuple[float, float, float]:
    return found.mean, found.deviation, found.median
