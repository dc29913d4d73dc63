"""Wired networks at the end of a run: accuracies by family beside the thesis's, and after pruning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.table import Table

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import THESIS, Distribution, Group, by_group
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table, in_percent
from sparsebench.values.protocol import VARIANTS


def wired_tables(records: Sequence[Record], verdicts: Sequence[Verdict] = ()) -> Iterable[Table]:
    """A table of networks as they were wired, and one for each pruned target."""
    wired: dict[str, list[tuple[WiredCase, Group]]] = {}
    pruned: dict[str, dict[tuple[str, str], dict[int, list[Group]]]] = {}
    for group in by_group(records):
        case = group.case
        if isinstance(case, WiredCase):
            wired.setdefault(_wired_title(case), []).append((case, group))
        elif isinstance(case, FinetuningCase) and isinstance(case.network, WiredCase):
            if case.percent is None:
                continue
            rows = pruned.setdefault(_pruned_title(case, case.network), {})
            row = rows.setdefault((case.variant, case.network.graph.family), {})
            row.setdefault(case.percent, []).append(group)
    for title, groups in wired.items():
        yield _wired_table(title, groups)
    for title, rows in pruned.items():
        yield _pruned_table(title, rows)


def _wired_title(case: WiredCase) -> str:
    own = [f"{case.training.epochs} epochs"] if case.training.epochs != 15 else []
    own += [f"edges by {case.graph.order}"] if case.graph.order else []
    own += [f"{case.graph.vertices} vertices"] if case.graph.vertices else []
    return ", ".join(["wired networks, accuracy in %", case.semantics.name, *own])


def _pruned_title(case: FinetuningCase, network: WiredCase) -> str:
    how = "" if case.criterion == "magnitude" else f" by {case.criterion}"
    return (
        f"{case.target} of wired networks pruned{how}, fine-tuned for {case.training.epochs} "
        f"epochs: accuracy in %, {network.semantics.name}"
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
    groups = sorted(groups, key=lambda item: VARIANTS.index(item[0].variant))
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


def _pruned_table(title: str, rows: dict[tuple[str, str], dict[int, list[Group]]]) -> Table:
    percents = sorted({percent for row in rows.values() for percent in row})
    names = ["variant", "family", "training"]
    table = empty_table(title, names, [f"{percent} %" for percent in percents])
    for (variant, family), row in sorted(
        rows.items(), key=lambda item: (VARIANTS.index(item[0][0]), item[0][1])
    ):
        groups = [row.get(percent, []) for percent in percents]
        table.add_row(
            variant, family, "before", *(_mean(each, "accuracy_before") for each in groups)
        )
        table.add_row("", "", "after", *(_mean(each, "accuracy") for each in groups))
    return table


def _mean(groups: list[Group], metric: str) -> str:
    figures = [record.metrics[metric] for group in groups for record in group.records]
    return in_percent(fmean(figures)) if figures else ""


def _middle(found: Distribution) -> tuple[float, float, float]:
    return found.mean, found.deviation, found.median
