"""Pruned readouts and embeddings: accuracy by percentage (slides, section 5.1).

The slides ask whether hidden-to-output weights are worth looking at beside the recurrent ones. The
readout answers that; the embedding is the control at the other end of the network. Neither text
claims anything about them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparsebench.experiments.pruning.curves import COLUMNS, cells, draw_curve
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.safe import safe_markdown
from sparsebench.experiments.pruning.table import ThesisResult, by_item, claims_markdown
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record
from sparsebench.report.contents import Drawing, Table
from sparsebench.report.drawing import drawn, panels
from sparsebench.report.markdown import table
from sparsebench.report.words import OTHER_TARGET_TITLES, VARIANT_TITLES
from sparsebench.values.protocol import CELL_TYPES, OTHER_TARGETS, VARIANTS
from sparsebench.values.semantics import SEMANTICS

COMMAND = "pytest benchmarks/test_pruning.py -k readout --sparsebench-profile=thesis"
"""Measures the items of readout and embedding."""

Rows = list[tuple[PruningItem, ThesisResult]]


def of_other_targets(results: Iterable[ThesisResult]) -> Rows:
    """Results of pruned readouts and embeddings: by target, variant, semantics and percentage."""
    found = [
        (each.item, each)
        for each in results
        if isinstance(each.item, PruningItem)
        and each.item.target in OTHER_TARGETS
        and each.item.criterion == "magnitude"
    ]
    return sorted(found, key=lambda row: _order(row[0]))


def _order(item: PruningItem) -> tuple[int, int, bool, int]:
    place = OTHER_TARGETS.index(item.target), CELL_TYPES.index(item.variant)
    return (*place, item.semantics != "published", item.percent)


def curves(rows: Rows) -> Drawing:
    """Mean accuracy by percentage, from the lowest to the highest seed, for each target and variant."""
    figure, axes = panels(2, 4, 5.2, sharex=True, sharey=True)
    for row, (target, title) in enumerate(OTHER_TARGET_TITLES.items()):
        for panel, variant in zip(axes[row], VARIANTS, strict=True):
            for semantics in SEMANTICS:
                line = [
                    (item.percent, accuracies(result.records))
                    for item, result in rows
                    if (item.target, item.variant, item.semantics) == (target, variant, semantics)
                ]
                draw_curve(panel, line, semantics)
            panel.set_title(VARIANT_TITLES[variant])
            panel.set(ylim=(0.42, 1.03), xlim=(5, 105), xticks=range(20, 101, 20))
        axes[row, 0].set_ylabel(f"{title}\ntest accuracy")
    for panel in axes[-1]:
        panel.set_xlabel("percent pruned")
    return drawn(
        "accuracy-by-percent-others",
        "Accuracy by percent pruned of the readout and of the embedding (slides, section 5.1)",
        "The readout has 100 weights; the embedding has 6,400, most of them for symbols that no string "
        "has.",
        figure,
        _numbers(rows),
    )


def _numbers(rows: Rows) -> Table:
    return Table(
        "accuracy-by-percent-others-numbers",
        "Test accuracy of base models with a pruned readout or embedding",
        COLUMNS,
        [cells(item, result) for item, result in rows],
    )


def other_targets_markdown(records: Sequence[Record]) -> list[str]:
    """Mean accuracy, with the lowest and highest seed, by percentage: a row for each variant.

    No table without records.
    """
    groups: dict[tuple[str, str, str], dict[int, ThesisResult]] = {}
    for item, result in of_other_targets(by_item(records)):
        groups.setdefault((item.target, item.variant, item.semantics), {})[item.percent] = result
    if not groups:
        return []
    percents = sorted({percent for row in groups.values() for percent in row})
    rows = [
        [*key, *(_cell(row.get(percent)) for percent in percents)] for key, row in groups.items()
    ]
    return [table(["pruned", "variant", "semantics", *(f"{each} %" for each in percents)], rows)]


def _cell(result: ThesisResult | None) -> str:
    if result is None:
        return ""
    values = accuracies(result.records)
    return f"{result.accuracy:.3f} ({min(values):.3f}-{max(values):.3f})"


def markdown(records: Sequence[Record]) -> list[str]:
    """The claims about base models and pruned ones; how much is safe; the other targets' figures."""
    return [
        claims_markdown(by_item(records)),
        *safe_markdown(records),
        *other_targets_markdown(records),
    ]
