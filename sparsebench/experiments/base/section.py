"""Base models: accuracy by epoch (thesis, figures 6.1 to 6.4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsebench.experiments.base.claim_rows import claim_rows
from sparsebench.experiments.base.claims import BASE
from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.pruning.table import ThesisResult, by_item
from sparsebench.judging.claims import Claim
from sparsebench.judging.intervals import accuracy_interval
from sparsebench.judging.metrics import accuracies
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import (
    INK,
    OURS,
    SEMANTICS_COLOURS,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.every_claim import ClaimRow
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES, interval_text
from sparsebench.values.protocol import CELL_TYPES, VARIANTS
from sparsebench.values.semantics import SEMANTICS

_SERIES = {"test_accuracy": "test accuracy", "train_accuracy": "training accuracy"}


_ABOUT = (
    "Dense models of three recurrent layers of 50 units, trained for 50 epochs. Thin lines are "
    "single seeds, thick lines are means; the dotted line and the diamond are what the thesis "
    "states. It shows one model of each variant (figures 6.1 to 6.4)."
)
"""The introduction above the figures."""


def sections(measured: Measured) -> list[Section]:
    """The sections of the report."""
    return [base_section(measured)]


def base_section(measured: Measured) -> Section:
    """Accuracy by epoch, and the final accuracy beside the thesis's words."""
    results = [each for each in measured.of(by_item) if isinstance(each.item, BaseItem)]
    missing = [
        Missing(
            f"base models under the {semantics} semantics",
            f"pytest benchmarks/test_base.py --sparsebench-semantics={semantics}",
        )
        for semantics in SEMANTICS
        if not any(each.item.semantics == semantics for each in results)
    ]
    shown: list[Drawing | Table] = []
    if any(
        record.history.get(name) for each in results for record in each.records for name in _SERIES
    ):
        shown.append(_curves(results))
    if results:
        shown.append(_finals(results, claim_rows(measured)))
    return Section(
        "base",
        "Base models",
        (_ABOUT,),
        tuple(shown),
        tuple(missing),
    )


def _curves(results: Sequence[ThesisResult]) -> Drawing:
    figure, axes = panels(2, 4, 5.2, sharex=True, sharey=True)
    for column, variant in enumerate(VARIANTS):
        for row, (series, title) in enumerate(_SERIES.items()):
            panel = axes[row, column]
            for result in results:
                if result.item.variant == variant:
                    _draw(panel, result, series)
            _draw_published(panel, variant, series)
            panel.set(ylim=(0.45, 1.02), title=VARIANT_TITLES[variant] if row == 0 else "")
            if column == 0:
                panel.set_ylabel(title)
            if row == 1:
                panel.set_xlabel("epoch")
    figure.first = OURS
    finals = "; ".join(
        f"{VARIANT_TITLES[each.item.variant]} {each.accuracy:.3f}"
        for variant in VARIANTS
        for each in results
        if (each.item.variant, each.item.semantics) == (variant, "published")
    )
    return drawn(
        "base-by-epoch",
        "Accuracy of base models by epoch (figures 6.1 to 6.4)",
        "Mean test accuracy after the last epoch, published semantics: "
        f"{finals or 'not measured'}.",
        figure,
        _by_epoch(results),
    )


def _draw(panel: Panel, result: ThesisResult, series: str) -> None:
    curves = [each.history[series] for each in result.records if each.history.get(series)]
    colour = SEMANTICS_COLOURS[result.item.semantics]
    if not curves:
        return
    epochs = range(1, min(map(len, curves)) + 1)
    for curve in curves:
        panel.plot(range(1, len(curve) + 1), curve, color=colour, linewidth=0.5, alpha=0.4)
    mean = np.mean([curve[: len(epochs)] for curve in curves], axis=0)
    line = "-" if result.item.semantics == "published" else "--"
    panel.plot(epochs, mean, line, color=colour, label=f"ours, {result.item.semantics}")


def _draw_published(panel: Panel, variant: str, series: str) -> None:
    for claim in BASE[variant]:
        if claim.figure.name in ("accuracy", "steady") and series == "test_accuracy":
            panel.axhline(claim.low, color=INK, linestyle=":", label="the thesis: at least")
        if claim.figure.name == "first_epoch" and series == "train_accuracy":
            middle = (claim.low + claim.high) / 2
            label = f"the thesis: about {middle:.2f} over the first epoch"
            panel.plot([1], [middle], "D", color=INK, markersize=5, label=label, reference=True)


def _by_epoch(results: Sequence[ThesisResult]) -> Table:
    rows = [
        (VARIANT_TITLES[each.item.variant], each.item.semantics, epoch + 1, *_at(each, epoch))
        for each in sorted(results, key=_order)
        for epoch in range(max(len(_longest(each, series)) for series in _SERIES))
    ]
    return Table(
        "base-by-epoch-numbers",
        "Mean accuracy of base models after each epoch",
        (
            Column("variant", choice=True),
            Column("semantics", choice=True),
            Column("epoch", ".0f"),
            Column("training accuracy", ".4f"),
            Column("test accuracy", ".4f"),
        ),
        rows,
    )


def _longest(result: ThesisResult, series: str) -> Sequence[float]:
    return max((each.history.get(series, []) for each in result.records), key=len)


def _at(result: ThesisResult, epoch: int) -> list[float | None]:
    found: list[float | None] = []
    for series in ("train_accuracy", "test_accuracy"):
        curves = [each.history.get(series, []) for each in result.records]
        there = [curve[epoch] for curve in curves if len(curve) > epoch]
        found.append(sum(there) / len(there) if there else None)
    return found


def _finals(results: Sequence[ThesisResult], claims: Sequence[ClaimRow]) -> Table:
    rows = []
    for result in sorted(results, key=_order):
        values = accuracies(result.records)
        strings = int(result.records[0].metrics["strings"])
        variant = result.item.variant
        claim = next(
            (
                row
                for row in claims
                if isinstance(row.item, BaseItem)
                and row.item.variant == variant
                and row.statement == _level(variant).statement
            ),
            None,
        )
        rows.append(
            (
                VARIANT_TITLES[variant],
                result.item.semantics,
                len(values),
                result.accuracy,
                interval_text(accuracy_interval(values, strings)),
                min(values),
                max(values),
                claim.statement if claim else "",
                claim.source if claim else "",
                claim.verdict(result.item.semantics) if claim else "",
            )
        )
    return Table(
        "base-finals",
        "Test accuracy of base models after the last epoch, beside what the thesis states",
        (
            Column("variant", choice=True),
            Column("semantics", choice=True),
            Column("seeds", ".0f"),
            Column("mean", ".4f"),
            Column("95 % interval"),
            Column("lowest", ".4f"),
            Column("highest", ".4f"),
            Column("the thesis"),
            Column("source"),
            Column("verdict", choice=True),
        ),
        rows,
    )


def _level(variant: str) -> Claim:
    """The claim about final accuracy; for RNN-Tanh, about that of the last epochs."""
    return next(claim for claim in BASE[variant] if claim.figure.name in ("accuracy", "steady"))


def _order(result: ThesisResult) -> tuple[int, bool]:
    return CELL_TYPES.index(result.item.variant), result.item.semantics != "published"
