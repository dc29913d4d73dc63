"""Base models, pruned and fine-tuned: accuracy by epoch (thesis, figures 6.6 to 6.28)."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

from sparsebench.experiments.finetuning.claims import REGAIN
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.experiments.finetuning.table import (
    FinetuningResult,
    by_finetuning_item,
    finetuning_rank,
    longest_finetuned,
)
from sparsebench.experiments.pruning.table import pruned_order
from sparsebench.harness.claims import claims, judge_claims
from sparsebench.judging.intervals import accuracy_interval
from sparsebench.judging.metrics import accuracies
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import INK, Panel, drawn, panels, shades
from sparsebench.report.measured import Measured
from sparsebench.report.words import (
    TARGET_TITLES,
    VARIANT_TITLES,
    VERDICTS,
    interval_text,
)
from sparsebench.values.protocol import TARGETS, VARIANTS
from sparsebench.values.semantics import SEMANTICS

Regained = list[tuple[FinetuningItem, FinetuningResult]]


_ABOUT = (
    "After pruning, the mask is fixed and the remaining weights are fine-tuned. Epoch 0 is right "
    "after pruning. The thesis states after how many epochs the accuracy reaches a level again, "
    "or that it never does."
)
"""The introduction above the figures."""


def sections(measured: Measured) -> list[Section]:
    """The sections of the report."""
    return [finetuning_section(measured)]


def finetuning_section(measured: Measured) -> Section:
    """Accuracy by epoch of fine-tuning, for each percentage, beside the thesis's words."""
    longest = [each for each in measured.of(longest_finetuned) if each[0].target in TARGETS]
    results = sorted(longest, key=lambda each: _order(each[0]))
    shown: list[Drawing | Table] = []
    missing = []
    for semantics in SEMANTICS:
        of_these = [each for each in results if each[0].semantics == semantics]
        if of_these:
            shown.append(_curves(of_these, semantics))
        else:
            missing.append(
                Missing(
                    f"models fine-tuned under the {semantics} semantics",
                    "pytest benchmarks/test_finetuning.py --sparsebench-profile=thesis "
                    f"--sparsebench-semantics={semantics}",
                )
            )
    if results:
        shown.append(_beside_claims(results))
    thresholds = _thresholds(measured)
    if thresholds.rows:
        shown.append(thresholds)
    else:
        missing.append(
            Missing(
                "models pruned below a threshold (slides, section 5.1)",
                "pytest benchmarks/test_finetuning.py -k threshold --sparsebench-profile=thesis",
            )
        )
    return Section(
        "finetuning",
        "Pruning with fine-tuning",
        (_ABOUT,),
        tuple(shown),
        tuple(missing),
    )


def _order(item: FinetuningItem) -> tuple[object, ...]:
    return pruned_order(item.variant, item.target, item.percent, item.semantics)


def _curves(results: Regained, semantics: str) -> Drawing:
    percents = sorted({item.percent for item, _ in results})
    colours = dict(zip(percents, shades(len(percents)), strict=True))
    figure, axes = panels(3, 4, 7.4, sharex=True, sharey=True)
    for row, target in enumerate(TARGET_TITLES):
        for column, variant in enumerate(VARIANTS):
            panel = axes[row, column]
            for item, result in results:
                if (item.target, item.variant) == (target, variant):
                    _draw(panel, item, result, colours[item.percent])
            published = REGAIN[variant, target]
            panel.axhline(published.level, color=INK, linestyle=":", label="the thesis's level")
            panel.set_title(f"{VARIANT_TITLES[variant]} ({published.source})")
            panel.set_ylim(0.42, 1.03)
        axes[row, 0].set_ylabel(f"{TARGET_TITLES[target]}\ntest accuracy")
    for panel in axes[-1]:
        panel.set_xlabel("epoch of fine-tuning")
    figure.first = [_percent_label(percent) for percent in percents]
    return drawn(
        f"regain-{semantics}",
        f"Accuracy by epoch of fine-tuning, {semantics} semantics (figures 6.6 to 6.28)",
        "One row of panels for each pruned target, one column for each variant, a line for each "
        "percentage. "
        f"{_regained_at_once(results)}",
        figure,
        _numbers(results, semantics),
    )


def _draw(panel: Panel, item: FinetuningItem, result: FinetuningResult, colour: str) -> None:
    panel.plot(
        range(item.epochs + 1),
        _course(item, result),
        ".-",
        color=colour,
        markersize=3,
        label=_percent_label(item.percent),
    )


def _percent_label(percent: int) -> str:
    return f"{percent} %"


def _course(item: FinetuningItem, result: FinetuningResult) -> list[float]:
    """Mean accuracy right after pruning and after each epoch."""
    return [result.before, *(result.after(epoch) for epoch in range(1, item.epochs + 1))]


def _regained_at_once(results: Regained) -> str:
    short = [
        result.after(1) >= REGAIN[item.variant, item.target].level
        for item, result in results
        if item.percent < 100 and (item.variant, item.target) in REGAIN
    ]
    back = sum(short)
    return f"Of {len(short)} lines below 100 %, {back} reach the thesis's level after one epoch."


def _numbers(results: Regained, semantics: str) -> Table:
    most = max(item.epochs for item, _ in results)
    rows = [
        (
            VARIANT_TITLES[item.variant],
            item.target,
            item.percent,
            len(result.records),
            *_padded(_course(item, result), most + 1),
        )
        for item, result in results
    ]
    return Table(
        f"regain-{semantics}-numbers",
        f"Mean test accuracy by epoch of fine-tuning, {semantics} semantics",
        (
            Column("variant", choice=True),
            Column("pruned", choice=True),
            Column("percent", ".0f"),
            Column("seeds", ".0f"),
            *(Column(f"epoch {epoch}", ".3f") for epoch in range(most + 1)),
        ),
        rows,
    )


def _padded(course: list[float], length: int) -> list[float | None]:
    return [*course, *[None] * (length - len(course))]


def _beside_claims(results: Regained) -> Table:
    rows = []
    for item, result in results:
        if not claims(replace(item, semantics="published")):
            continue
        level = REGAIN[item.variant, item.target].level
        values = accuracies(result.records)
        strings = int(result.records[0].metrics["strings"])
        for verdict in result.published_verdicts:
            rows.append(
                (
                    VARIANT_TITLES[item.variant],
                    item.target,
                    item.percent,
                    item.semantics,
                    verdict.statement,
                    result.epochs_to(level),
                    result.before,
                    result.after(1),
                    fmean(values),
                    interval_text(accuracy_interval(values, strings)),
                    item.epochs,
                    VERDICTS[verdict.verdict],
                    verdict.source.removeprefix("thesis, "),
                )
            )
    return Table(
        "regain-claims",
        "The thesis's claims about fine-tuned models, judged under both semantics",
        (
            Column("variant", choice=True),
            Column("pruned", choice=True),
            Column("percent", ".0f"),
            Column("semantics", choice=True),
            Column("the thesis"),
            Column("epochs to that level, by seed"),
            Column("right after pruning", ".3f"),
            Column("after 1 epoch", ".3f"),
            Column("after the last epoch", ".3f"),
            Column("95 % interval"),
            Column("epochs", ".0f"),
            Column("verdict", choice=True),
            Column("source"),
        ),
        rows,
    )


def _thresholds(measured: Measured) -> Table:
    """Models without their smallest weights, compared with the unpruned ones."""
    longest: dict[str, tuple[ThresholdItem, FinetuningResult]] = {}
    for result in sorted(
        measured.of(by_finetuning_item), key=lambda each: finetuning_rank(each.item)
    ):
        if isinstance(result.item, ThresholdItem):
            longest[result.item.semantics] = (result.item, result)
    rows = []
    for semantics in SEMANTICS:
        if semantics not in longest:
            continue
        item, result = longest[semantics]
        verdicts = "; ".join(
            f"{each.statement.removeprefix('accuracy stays approximately the same ')}: "
            f"{VERDICTS[each.verdict]}"
            for each in judge_claims(replace(item, semantics="published"), result.records)
        )
        for record in result.records:
            metrics = record.metrics
            rows.append(
                (
                    semantics,
                    record.restored.seed,
                    metrics.get("density"),
                    metrics.get("accuracy_trained"),
                    metrics["accuracy_before"],
                    metrics["accuracy"],
                    item.epochs,
                    verdicts,
                )
            )
    return Table(
        "thresholds",
        "RNN-ReLU models whose hidden-to-hidden weights of magnitude below 0.01 are pruned (slides, "
        "section 5.1)",
        (
            Column("semantics", choice=True),
            Column("seed", "d"),
            Column("weights kept (share)", ".3f"),
            Column("trained", ".4f"),
            Column("pruned", ".4f"),
            Column("fine-tuned", ".4f"),
            Column("epochs", ".0f"),
            Column("claim: accuracy stays approximately the same"),
        ),
        rows,
    )
