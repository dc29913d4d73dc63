"""Base models, pruned: accuracy by percentage (thesis, figures 6.5 to 6.27)."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.experiments.pruning.claim_rows import claim_rows
from sparsebench.experiments.pruning.claims import PRUNING, Published
from sparsebench.experiments.pruning.curves import COLUMNS, cells, draw_curve
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.other_targets import COMMAND, curves, of_other_targets
from sparsebench.experiments.pruning.safe import safe_table
from sparsebench.experiments.pruning.table import ThesisResult, by_item, pruned_order
from sparsebench.judging.claims import CHANCE
from sparsebench.judging.metrics import accuracies
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import (
    FAINT,
    INK,
    OURS,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.every_claim import SIDES, ClaimRow, sides
from sparsebench.report.measured import Measured
from sparsebench.report.words import TARGET_TITLES, VARIANT_TITLES
from sparsebench.values.protocol import TARGETS, VARIANTS
from sparsebench.values.semantics import SEMANTICS

Pruned = list[tuple[PruningItem, ThesisResult]]


_ABOUT = (
    "The weights of smallest magnitude are removed, without fine-tuning. Lines are means over "
    "seeds, bands reach from the lowest to the highest seed. The thesis states up to which "
    "percentage the accuracy holds, where it falls sharply, and for some models from where on it "
    "is at chance."
)
"""The introduction above the figures."""


def sections(measured: Measured) -> list[Section]:
    """The sections of the report."""
    return [pruning_section(measured)]


def pruning_section(measured: Measured) -> Section:
    """Accuracy by percentage pruned, for each target and variant, beside the thesis's levels."""
    pruned = sorted(
        (
            (each.item, each)
            for each in measured.of(by_item)
            if isinstance(each.item, PruningItem)
            and each.item.criterion == "magnitude"
            and each.item.target in TARGETS
        ),
        key=lambda each: _order(each[0]),
    )
    missing = [
        Missing(
            f"pruned base models under the {semantics} semantics",
            f"pytest benchmarks/test_pruning.py --sparsebench-semantics={semantics}",
        )
        for semantics in SEMANTICS
        if not any(item.semantics == semantics for item, _ in pruned)
    ]
    others = of_other_targets(measured.of(by_item))
    if not others:
        missing.append(Missing("pruned readouts and embeddings (slides, section 5.1)", COMMAND))
    return Section(
        "pruning",
        "Pruning without fine-tuning",
        (_ABOUT,),
        (
            *(
                (
                    _curves(pruned),
                    safe_table(measured.of(by_item)),
                    _beside_claims(claim_rows(measured)),
                )
                if pruned
                else ()
            ),
            *((curves(others),) if others else ()),
        ),
        tuple(missing),
    )


def _order(item: PruningItem) -> tuple[object, ...]:
    return pruned_order(item.variant, item.target, item.percent, item.semantics)


def _curves(pruned: Pruned) -> Drawing:
    figure, axes = panels(3, 4, 7.4, sharex=True, sharey=True)
    for row, target in enumerate(TARGET_TITLES):
        for column, variant in enumerate(VARIANTS):
            panel = axes[row, column]
            for semantics in SEMANTICS:
                line = [
                    (item.percent, accuracies(result.records))
                    for item, result in pruned
                    if (item.target, item.variant, item.semantics) == (target, variant, semantics)
                ]
                draw_curve(panel, line, semantics)
            published = PRUNING[variant, target]
            _draw_published(panel, published)
            figure_number = published.source.rpartition("fig ")[2].partition(";")[0]
            panel.set_title(f"{VARIANT_TITLES[variant]} (fig {figure_number})")
            panel.set(ylim=(0.42, 1.03), xlim=(5, 105), xticks=range(20, 101, 20))
        axes[row, 0].set_ylabel(f"{TARGET_TITLES[target]}\ntest accuracy")
    for panel in axes[-1]:
        panel.set_xlabel("percent pruned")
    figure.first = OURS
    return drawn(
        "accuracy-by-percent",
        "Accuracy by percent pruned (figures 6.5 to 6.27)",
        "One row of panels for each pruned target, one column for each variant. "
        f"{_through(pruned)}",
        figure,
        _numbers(pruned),
    )


def _draw_published(panel: Panel, published: Published) -> None:
    panel.hlines(
        published.level, 10, published.holds_through, color=INK, linewidth=2, linestyle=":",
        label="the thesis: holds at least here",
    )  # fmt: skip
    panel.plot([published.declines_at], [published.level], "v", color=INK, markersize=6,
               label="the thesis: falls sharply below", reference=True)  # fmt: skip
    if published.chance_from is not None:
        panel.fill_between(
            [published.chance_from - 3, 103], *CHANCE, color=FAINT, alpha=0.35,
            label="the thesis: at chance", reference=True,
        )  # fmt: skip


def _through(pruned: Pruned) -> str:
    """The percentage up to which our mean accuracy stays at the thesis's level, in words."""
    said = []
    for variant in VARIANTS:
        line = [
            (item.percent, result.accuracy)
            for item, result in pruned
            if (item.target, item.variant, item.semantics) == ("both", variant, "published")
        ]
        published = PRUNING[variant, "both"]
        holding = 0
        for percent, accuracy in line:
            if accuracy < published.level:
                break
            holding = percent
        if line:
            ours = f"through {holding} %" if holding else "nowhere"
            said.append(
                f"{VARIANT_TITLES[variant]} {ours} (the thesis: {published.holds_through} %)"
            )
    return (
        f"With both targets pruned, our means stay at the thesis's level: {'; '.join(said)}."
        if said
        else ""
    )


def _numbers(pruned: Pruned) -> Table:
    return Table(
        "accuracy-by-percent-numbers",
        "Test accuracy of pruned base models",
        (*COLUMNS, Column("the thesis")),
        [
            (
                *cells(item, result),
                _published_text(PRUNING.get((item.variant, item.target)), item.percent),
            )
            for item, result in pruned
        ],
    )


def _published_text(published: Published | None, percent: int) -> str:
    if published is None:
        return ""
    if published.chance_from is not None and percent >= published.chance_from:
        return "at chance"
    if percent <= published.holds_through:
        return f"at least {published.level:.2f}"
    return f"below {published.level:.2f}" if percent == published.declines_at else ""


def _beside_claims(claims: Sequence[ClaimRow]) -> Table:
    """One row per claim, with both semantics side by side."""
    rows = [(*row.subject, row.statement, *sides(row), row.source) for row in claims]
    return Table(
        "pruning-claims",
        "The thesis's claims about pruned models, judged under both semantics",
        (
            Column("variant", choice=True),
            Column("pruned", choice=True),
            Column("percent", ".0f"),
            Column("the thesis"),
            *SIDES,
            Column("source"),
        ),
        rows,
    )
