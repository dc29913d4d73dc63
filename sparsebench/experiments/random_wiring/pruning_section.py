"""Wired networks pruned and fine-tuned (slides, section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import Group, by_group, longest_pruned
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import (
    FAMILY_COLOURS,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.measured import Measured
from sparsebench.report.words import TARGET_TITLES, VARIANT_TITLES, family_title
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS

_ABOUT = (
    "Randomly wired networks, which are sparse already, are pruned by magnitude and fine-tuned "
    "(research question 5 of the thesis). Percentages are of the weights that the graph allows."
)
"""The introduction above the figures."""


def wired_pruning_section(measured: Measured) -> Section:
    """Accuracy of wired networks by percentage pruned."""
    pruned = longest_pruned(measured.of(by_group))
    shown: list[Drawing | Table] = []
    missing = []
    for semantics in SEMANTICS:
        of_these = [each for each in pruned if each[1].semantics.name == semantics]
        if of_these:
            shown.append(_pruned(of_these, semantics))
        elif semantics == "published":
            missing.append(
                Missing(
                    "wired networks pruned and fine-tuned",
                    "pytest benchmarks/test_wired_pruning.py --sparsebench-profile=thesis",
                )
            )
    return Section(
        "wired-pruning",
        "Pruning of randomly wired networks",
        (_ABOUT,),
        tuple(shown),
        tuple(missing),
    )


Pruned = Sequence[tuple[FinetuningCase, WiredCase, Group]]


def _pruned(pruned: Pruned, semantics: str) -> Drawing:
    figure, axes = panels(3, 4, 7.4, sharex=True, sharey=True)
    for row, target in enumerate(TARGET_TITLES):
        for column, variant in enumerate(VARIANTS):
            panel = axes[row, column]
            for family in PUBLISHED_FAMILIES:
                line = [
                    (case.percent or 0, group)
                    for case, network, group in pruned
                    if (case.target, case.variant, network.graph.family)
                    == (target, variant, family)
                ]
                _draw(panel, line, family)
            panel.set(ylim=(0.42, 1.03), xlim=(5, 105), xticks=range(20, 101, 20))
            if row == 0:
                panel.set_title(VARIANT_TITLES[variant])
        axes[row, 0].set_ylabel(f"{TARGET_TITLES[target]}\ntest accuracy")
    for panel in axes[-1]:
        panel.set_xlabel("percent pruned")
    return drawn(
        f"wired-pruned-{semantics}",
        f"Wired networks pruned and fine-tuned, {semantics} semantics",
        "One row of panels for each pruned target, one column for each variant. Dashed lines: right "
        "after pruning; solid lines: after fine-tuning.",
        figure,
        _pruned_table(pruned, semantics),
    )


def _draw(panel: Panel, line: Sequence[tuple[int, Group]], family: str) -> None:
    if not line:
        return
    percents = [percent for percent, _ in line]
    colour, title = FAMILY_COLOURS[family], family_title(family)
    panel.plot(percents, [group.before for _, group in line], "--", color=colour, alpha=0.7,
               label=f"{title}, right after pruning")  # fmt: skip
    panel.plot(percents, [group.accuracy.mean for _, group in line], "o-", color=colour,
               markersize=3, label=f"{title}, fine-tuned")  # fmt: skip


def _pruned_table(pruned: Pruned, semantics: str) -> Table:
    rows = [
        (
            VARIANT_TITLES[case.variant],
            family_title(network.graph.family, network.graph.order),
            case.target,
            case.percent or 0,
            group.accuracy.count,
            group.before,
            group.accuracy.mean,
            group.accuracy.low,
            group.accuracy.high,
            case.training.epochs,
        )
        for case, network, group in pruned
    ]
    return Table(
        f"wired-pruned-{semantics}-numbers",
        f"Test accuracy of pruned wired networks, {semantics} semantics",
        (
            Column("variant", choice=True),
            Column("family", choice=True),
            Column("pruned", choice=True),
            Column("percent", ".0f"),
            Column("networks", ".0f"),
            Column("right after pruning", ".3f"),
            Column("fine-tuned", ".3f"),
            Column("lowest", ".3f"),
            Column("highest", ".3f"),
            Column("epochs", ".0f"),
        ),
        rows,
    )
