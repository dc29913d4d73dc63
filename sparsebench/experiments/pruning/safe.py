"""How much of a network can safely be pruned (thesis, section 7.2 and chapter 8).

A percentage is safe here if at it, and at every lower one that was measured, most seeds keep the
thesis's level: the exact interval of their share lies above one half.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparsebench.experiments.pruning.claims import PRUNING, SAFE
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import ThesisResult, by_item
from sparsebench.judging.claims import judge_share
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record
from sparsebench.report.contents import Column, Entry, Table
from sparsebench.report.markdown import table as markdown_table
from sparsebench.report.words import TARGET_TITLES, VARIANT_TITLES
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS


def safe_through(results: Sequence[ThesisResult], level: float) -> int | None:
    """The highest safe percentage of some results of one variant and target; None: not the lowest.

    Parameters
    ----------
    results
        One for each percentage, in any order.
    level
        Accuracy, 0-1, that is to be kept.
    """
    safe = None
    for result in sorted(results, key=_percent):
        values = accuracies(result.records)
        kept = sum(value >= level for value in values)
        if judge_share(kept, len(values)).verdict != "pass":
            break
        safe = _percent(result)
    return safe


def _percent(result: ThesisResult) -> int:
    return result.item.percent if isinstance(result.item, PruningItem) else 0


def safe_table(results: Iterable[ThesisResult]) -> Table:
    """A row for each target and variant: the thesis's percentages and ours, under both semantics."""
    found: dict[tuple[str, str, str], list[ThesisResult]] = {}
    for result in results:
        item = result.item
        if isinstance(item, PruningItem) and item.criterion == "magnitude":
            found.setdefault((item.target, item.variant, item.semantics), []).append(result)
    rows: list[list[Entry]] = []
    for target in TARGET_TITLES:
        for variant in VARIANTS:
            measured = [found.get((target, variant, semantics), []) for semantics in SEMANTICS]
            if any(measured):
                published = PRUNING[variant, target]
                ours = [_words(each, published.level) for each in measured]
                rows.append(
                    [
                        target,
                        VARIANT_TITLES[variant],
                        published.level,
                        published.holds_through,
                        SAFE[variant, target],
                        *ours,
                    ]
                )
    return Table(
        "safe-percent",
        "How much can safely be pruned: the highest percentage through which most seeds keep the level",
        (
            Column("pruned", choice=True),
            Column("variant", choice=True),
            Column("level", ".2f"),
            Column("the thesis's figure, %", ".0f"),
            Column("section 7.2, %", ".0f"),
            *(Column(f"ours, {semantics}, %") for semantics in SEMANTICS),
        ),
        rows,
    )


def _words(results: Sequence[ThesisResult], level: float) -> str:
    if not results:
        return ""
    seeds = min(len(result.records) for result in results)
    if judge_share(seeds, seeds).verdict != "pass":
        return f"open: {seeds} seeds decide nothing"
    safe = safe_through(results, level)
    return "none" if safe is None else f"{safe}"


def safe_markdown(records: Sequence[Record]) -> list[str]:
    """The table as Markdown; nothing without records."""
    found = safe_table(by_item(records))
    if not found.rows:
        return []
    return [markdown_table([column.title for column in found.columns], found.texts)]
