"""Equal numbers of weights in four ways, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from sparsebench.experiments.equal_parameters.cases import WAYS, FourWaysCase
from sparsebench.experiments.random_wiring.table import Group, by_group
from sparsebench.parts.records import Record
from sparsebench.report.markdown import table
from sparsebench.values.protocol import CELL_TYPES
from sparsebench.values.semantics import SEMANTICS

_Row = tuple[str, str, str, int]
"""Semantics, variant, family of the wired network, percentage pruned."""


def four_ways_markdown(records: Iterable[Record]) -> str:
    """Mean accuracy in %, and recurrent weights, of each way.

    A row for each semantics, variant, family of the wired network and percentage pruned.
    """
    rows: dict[_Row, dict[str, Group]] = {}
    for group in by_group(records):
        case = group.case
        if isinstance(case, FourWaysCase) and case.wired.semantics.name in SEMANTICS:
            key = case.wired.semantics.name, case.variant, case.wired.graph.family, case.percent
            rows.setdefault(key, {})[case.way] = group
    columns = ["semantics", "variant", "family of the wired network", "pruned", *WAYS]
    return table(
        columns,
        [
            [*key[:3], f"{key[3]} %", *(_text(rows[key].get(way)) for way in WAYS)]
            for key in sorted(rows, key=_order)
        ],
    )


def _order(key: _Row) -> tuple[int, int, str, int]:
    semantics, variant, family, percent = key
    return list(SEMANTICS).index(semantics), CELL_TYPES.index(variant), family, percent


def _text(group: Group | None) -> str:
    if group is None:
        return ""
    weights = fmean(record.metrics["kept"] for record in group.records)
    return f"{100 * group.accuracy.mean:.1f} ({weights:.0f})"


def markdown(records: Iterable[Record]) -> list[str]:
    """The table; empty if no record is of this experiment."""
    found = [record for record in records if record.experiment == "four_ways"]
    return [four_ways_markdown(found)] if found else []
