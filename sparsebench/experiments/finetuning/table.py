"""Tables of fine-tuned base models: how many epochs recover the accuracy."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.finetuning.claims import REGAIN
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.harness.claims import claims, judge_claims
from sparsebench.judging.intervals import accuracy_interval
from sparsebench.judging.metrics import accuracies, epochs_to_regain
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.markdown import table
from sparsebench.report.words import WORDS
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import CELL_TYPES
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class FinetuningResult:
    """The records of one item.

    Attributes
    ----------
    item
        The item that was measured.
    records
        One per seed.
    """

    item: FinetuningItem | ThresholdItem
    records: tuple[Record, ...]

    @property
    def all_before(self) -> list[float]:
        """Accuracy of each seed right after pruning, 0-1."""
        return [record.metrics["accuracy_before"] for record in self.records]

    @property
    def before(self) -> float:
        """The mean over seeds of accuracy right after pruning, 0-1."""
        return fmean(self.all_before)

    def all_after(self, epochs: int) -> list[float]:
        """Accuracy of each seed after `epochs` epochs of fine-tuning, 0-1."""
        return [record.history["test_accuracy"][epochs - 1] for record in self.records]

    def after(self, epochs: int) -> float:
        """The mean over seeds of accuracy after `epochs` epochs, 0-1."""
        return fmean(self.all_after(epochs))

    def epochs_to(self, level: float) -> str:
        """Epochs until a seed reaches a level, or `never`, each with the number of its seeds."""
        found = Counter(epochs_to_regain(record, level) for record in self.records)
        order = sorted(found, key=lambda epochs: math.inf if epochs is None else epochs)
        return ", ".join(f"{'never' if each is None else each}: {found[each]}" for each in order)

    @property
    def published_verdicts(self) -> list[Verdict]:
        """The thesis's claims about the item, whatever its semantics."""
        return judge_claims(replace(self.item, semantics="published"), self.records)


def by_finetuning_item(records: Iterable[Record]) -> list[FinetuningResult]:
    """Group records of fine-tuned base models by item; other records are left out."""
    groups: dict[FinetuningItem | ThresholdItem, list[Record]] = {}
    for record in records:
        item = finetuning_item_of(record.restored) if record.experiment == "retraining" else None
        if item is not None:
            groups.setdefault(item, []).append(record)
    return [FinetuningResult(item, tuple(group)) for item, group in groups.items()]


def finetuning_item_of(case: FinetuningCase) -> FinetuningItem | ThresholdItem | None:
    """The item that a case belongs to, or None if its protocol is not that of an item."""
    network, epochs = case.network, case.training.epochs
    if not isinstance(network, BaseCase) or network.semantics.name not in SEMANTICS or epochs < 1:
        return None
    semantics = network.semantics.name
    item: FinetuningItem | ThresholdItem = ThresholdItem(epochs, semantics, case.order)
    if case.percent is not None:
        item = FinetuningItem(
            case.variant, case.target, case.percent, epochs, semantics, case.criterion, case.order
        )
    return item if case in item.cases([case.seed]) else None


def finetuning_markdown(records: Iterable[Record], epochs: int = 10) -> str:
    """The thesis's claims about recovered accuracy beside our figures, for all measured semantics.

    Columns: what is pruned, variant, percentage, the thesis's statement, semantics; epochs until
    each seed reaches the level; mean accuracy right after pruning, after one, two and all epochs,
    with the 95 % interval of the last; verdict; source. The thesis's claims are about the published
    semantics; the corrected ones are judged by the same words.

    Parameters
    ----------
    records
        Any records; those of other protocols are left out.
    epochs
        Epochs of fine-tuning; at least three.
    """
    names = ["pruned", "variant", "percent", "the thesis", "semantics", "epochs: seeds"]
    names += ["not trained", "1 epoch", "2 epochs", f"{epochs} epochs (95 % interval)"]
    names += ["verdict", "source"]
    found = [
        (result, result.item)
        for result in by_finetuning_item(records)
        if isinstance(result.item, FinetuningItem)
        and result.item.epochs == epochs
        and result.item.order is None
        and claims(replace(result.item, semantics="published"))
    ]
    rows = []
    for result, item in sorted(found, key=lambda row: _order(row[1])):
        level = REGAIN[item.variant, item.target].level
        last = accuracies(result.records)
        interval = accuracy_interval(last, int(result.records[0].metrics["strings"]))
        bounds = f" ({interval[0]:.3f}-{interval[1]:.3f})" if interval else ""
        for verdict in result.published_verdicts:
            row = [item.target, item.variant, str(item.percent)]
            row += [verdict.statement.removeprefix("accuracy "), item.semantics]
            row += [str(result.epochs_to(level)), f"{result.before:.3f}"]
            row += [
                f"{result.after(1):.3f}",
                f"{result.after(2):.3f}",
                f"{fmean(last):.3f}{bounds}",
            ]
            row += [WORDS[verdict.verdict], verdict.source.removeprefix("thesis, ")]
            rows.append(row)
    return table(names, rows)


def retrained_markdown(records: Iterable[Record], epochs: int = 10) -> str:
    """Mean accuracy in % right after pruning and after fine-tuning, by percentage.

    A row for each semantics, target and variant.
    """
    groups: dict[tuple[str, str, str], dict[int, FinetuningResult]] = {}
    for result in by_finetuning_item(records):
        item = result.item
        if isinstance(item, FinetuningItem) and (item.epochs, item.order, item.criterion) == (
            epochs,
            None,
            "magnitude",
        ):
            groups.setdefault((item.semantics, item.target, item.variant), {})[item.percent] = (
                result
            )
    percents = sorted({percent for row in groups.values() for percent in row})
    rows = []
    for key in sorted(
        groups,
        key=lambda key: (key[0] != "published", _TARGETS.index(key[1]), CELL_TYPES.index(key[2])),
    ):
        figures = [groups[key].get(percent) for percent in percents]
        texts = (
            f"{100 * each.before:.0f} > {100 * each.after(epochs):.0f}" if each else ""
            for each in figures
        )
        rows.append([*key, *texts])
    columns = ["semantics", "pruned", "variant", *(f"{each} %" for each in percents)]
    return table(columns, rows)


def threshold_markdown(records: Iterable[Record]) -> str:
    """Models without their smallest weights, compared with the unpruned ones (slides, section 5.1)."""
    columns = ["semantics", "seed", "weights kept", "trained", "pruned", "fine-tuned"]
    rows: list[list[str]] = []
    results = by_finetuning_item(records)
    for result in sorted(results, key=lambda each: each.item.semantics != "published"):
        if isinstance(result.item, ThresholdItem) and result.item == ThresholdItem(
            12, result.item.semantics
        ):
            rows += [_threshold_row(result.item, record) for record in result.records]
    return table(columns, rows)


def _threshold_row(item: ThresholdItem, record: Record) -> list[str]:
    metrics = record.metrics
    row = [item.semantics, str(record.restored.seed), f"{100 * metrics['density']:.1f} %"]
    names = ("accuracy_trained", "accuracy_before", "accuracy")
    return [*row, *(f"{metrics[name]:.4f}" for name in names)]


_TARGETS = ("both", "i2h", "h2h", "readout")
"""In the order of the thesis's section 6.2; it fine-tunes no pruned readout."""


def _order(item: FinetuningItem) -> tuple[int, int, int, bool]:
    target, variant = _TARGETS.index(item.target), CELL_TYPES.index(item.variant)
    return target, variant, item.percent, item.semantics != "published"


def finetuning_rank(item: FinetuningItem | ThresholdItem) -> tuple[bool, int]:
    """Sort key for equivalent items; higher is preferred: the network's own order, then more epochs."""
    return item.order is None, item.epochs


def longest_finetuned(records: Iterable[Record]) -> list[tuple[FinetuningItem, FinetuningResult]]:
    """For each pruned model, the longest fine-tuning in the records."""
    found: dict[FinetuningItem, tuple[FinetuningItem, FinetuningResult]] = {}
    for result in sorted(by_finetuning_item(records), key=lambda each: finetuning_rank(each.item)):
        item = result.item
        if isinstance(item, FinetuningItem) and item.criterion == "magnitude":
            alike = FinetuningItem(item.variant, item.target, item.percent, 1, item.semantics)
            found[alike] = (item, result)
    return list(found.values())


def markdown(records: Sequence[Record]) -> list[str]:
    """The tables of claims and figures; empty if no record is of this experiment."""
    if not any(record.experiment == "retraining" for record in records):
        return []
    return [finetuning_markdown(records), retrained_markdown(records), threshold_markdown(records)]
