"""Terminal tables of four ways to spend equal numbers of weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.table import Table

from sparsebench.experiments.equal_parameters.cases import WAYS, FourWaysCase
from sparsebench.experiments.random_wiring.table import Group, by_group
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table, in_percent
from sparsebench.values.protocol import CELL_TYPES


def four_ways_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """A table for each semantics."""
    ways: dict[str, dict[tuple[str, str, int], dict[str, Group]]] = {}
    for group in by_group(records):
        case = group.case
        if isinstance(case, FourWaysCase):
            rows = ways.setdefault(case.wired.semantics.name, {})
            row = (case.variant, case.wired.graph.family, case.percent)
            rows.setdefault(row, {})[case.way] = group
    for semantics, compared in ways.items():
        yield _four_ways_table(semantics, compared)


def _four_ways_table(semantics: str, rows: dict[tuple[str, str, int], dict[str, Group]]) -> Table:
    """Mean accuracy of each way, and the mean number of recurrent weights it has."""
    title = f"as many recurrent weights in four ways: accuracy in % (weights), {semantics}"
    names = ["variant", "wired by", "pruned by", "networks"]
    table = empty_table(title, names, WAYS)
    for (variant, family, percent), groups in sorted(
        rows.items(), key=lambda item: (CELL_TYPES.index(item[0][0]), item[0][1:])
    ):
        items = [
            f"{in_percent(groups[way].accuracy.mean)} "
            f"({fmean(record.metrics['kept'] for record in groups[way].records):.0f})"
            if way in groups
            else ""
            for way in WAYS
        ]
        count = max(len(group.records) for group in groups.values())
        table.add_row(variant, family, f"{percent} %", str(count), *items)
    return table
