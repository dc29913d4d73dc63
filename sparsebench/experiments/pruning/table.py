"""Base models and pruned ones: records by item, and claims beside our figures as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.claims import judge_claims
from sparsebench.judging.metrics import accuracies, time_ratio
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.every_claim import Evidence
from sparsebench.report.markdown import table
from sparsebench.report.measured import Measured
from sparsebench.report.words import TARGET_TITLES, WORDS
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import CELL_TYPES
from sparsebench.values.semantics import SEMANTICS

ThesisItem = BaseItem | PruningItem


@dataclass(frozen=True)
class ThesisResult:
    """The records of one item.

    Attributes
    ----------
    item
        The item that was measured.
    records
        One per seed.
    """

    item: ThesisItem
    records: tuple[Record, ...]

    @property
    def accuracy(self) -> float:
        """The mean over seeds, 0-1."""
        return fmean(accuracies(self.records))

    @property
    def ratio(self) -> float | None:
        """Forward time relative to the dense network's; None if it was not timed."""
        return time_ratio(self.records)


def by_item(records: Iterable[Record]) -> list[ThesisResult]:
    """Group accuracy records by item; other records are left out.

    Cases whose protocol, data or semantics are not a preset belong to no item and are left out too.
    """
    groups: dict[ThesisItem, list[Record]] = {}
    for record in records:
        if record.experiment in ("base", "pruning"):
            item = item_of(record.restored)
            if item is not None:
                groups.setdefault(item, []).append(record)
    return [ThesisResult(item, tuple(group)) for item, group in groups.items()]


def item_of(case: BaseCase | PruningCase) -> ThesisItem | None:
    """The item that a case belongs to, or None if it does not follow the thesis's protocol."""
    base = case if isinstance(case, BaseCase) else case.base
    semantics = base.semantics.name
    if semantics not in SEMANTICS:
        return None
    item: ThesisItem = BaseItem(base.variant, semantics)
    if isinstance(case, PruningCase):
        item = PruningItem(base.variant, case.target, case.percent, semantics, case.criterion)
    return item if case in item.cases([case.seed]) else None


def pruned_order(variant: str, target: str, percent: int, semantics: str) -> tuple[object, ...]:
    """Sort key for pruned models in the thesis's order: target, variant, semantics, percentage."""
    place = list(TARGET_TITLES).index(target), CELL_TYPES.index(variant)
    return (*place, semantics != "published", percent)


def evidence(measured: Measured) -> Evidence:
    """Records by the published item that they are evidence for, of base and of pruned models."""
    return {
        (replace(each.item, semantics="published"), each.item.semantics): each.records
        for each in measured.of(by_item)
    }


def claims_table(results: Iterable[ThesisResult]) -> list[tuple[ThesisItem, Verdict]]:
    """Every claim about the measured items with its verdict, ordered by target, variant, percent.

    What later chapters conclude comes after what is said of the figures. Claims about figures that
    no record has, such as the history of a stored model, are left out.
    """
    rows = [
        (result.item, verdict)
        for result in results
        for verdict in judge_claims(result.item, result.records)
        if verdict.measured
    ]
    return sorted(rows, key=lambda row: _order(row[0], "fig " not in row[1].source))


def claims_markdown(results: Iterable[ThesisResult]) -> str:
    """The claims as a Markdown table; neighbouring percentages with the same verdict share a row.

    Columns: what is pruned, variant, percentages, the thesis's statement, our mean accuracies (with
    the lowest and highest seed), verdict, source.
    """
    columns = ["pruned", "variant", "percent", "the thesis", "ours (lowest-highest seed)"]
    rows = [_claim_row(list(rows)) for _, rows in groupby(claims_table(results), key=_shared)]
    return table([*columns, "verdict", "source"], rows)


def _shared(row: tuple[ThesisItem, Verdict]) -> tuple[str, ...]:
    item, verdict = row
    target = item.target if isinstance(item, PruningItem) else "nothing"
    return target, item.variant, verdict.statement, verdict.verdict, verdict.source


def _claim_row(rows: Sequence[tuple[ThesisItem, Verdict]]) -> list[str]:
    target, variant, statement, verdict, source = _shared(rows[0])
    percents = [item.percent for item, _ in rows if isinstance(item, PruningItem)]
    means = [fmean(each.measured) for _, each in rows]
    seeds = [figure for _, each in rows for figure in each.measured]
    ours = f"{_span(means, '.3f')} ({_span(seeds, '.3f')})"
    row = [target, variant, _span(percents, ""), statement, ours, WORDS[verdict]]
    return [*row, source.removeprefix("thesis, ")]


def _span(values: Sequence[float], form: str) -> str:
    ends = dict.fromkeys(format(end, form) for end in (min(values), max(values))) if values else ()
    return "-".join(ends)


def _order(item: ThesisItem, concluded: bool) -> tuple[int, int, bool, int]:
    variant = CELL_TYPES.index(item.variant)
    if isinstance(item, BaseItem):
        return (0, variant, concluded, 0)
    return (1 + ("both", "i2h", "h2h").index(item.target), variant, concluded, item.percent)
