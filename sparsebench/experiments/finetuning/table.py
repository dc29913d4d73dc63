"""Tables of base models that were pruned and trained again: how many epochs regain the accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from sparsebench.experiments.finetuning.cases import RetrainingCase
from sparsebench.experiments.finetuning.claims import REGAIN
from sparsebench.experiments.finetuning.items import RegainCell, ThresholdCell
from sparsebench.harness.claims import claims, judge_claims
from sparsebench.judging.intervals import accuracy_interval
from sparsebench.judging.metrics import accuracies, epochs_to_regain
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.markdown import table
from sparsebench.report.words import WORDS
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import restore
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class RegainResult:
    """The records of one cell.

    Attributes
    ----------
    cell
        What was measured.
    records
        One for each seed.
    """

    cell: RegainCell | ThresholdCell
    records: tuple[Record, ...]

    @property
    def before(self) -> float:
        """Mean accuracy right after pruning, 0-1."""
        return fmean(record.metrics["accuracy_before"] for record in self.records)

    def after(self, epochs: int) -> float:
        """Mean accuracy after so many epochs of training again, 0-1."""
        return fmean(record.history["test_accuracy"][epochs - 1] for record in self.records)

    def epochs_to(self, level: float) -> str:
        """After how many epochs each seed is at a level, `never` where it is not."""
        found = [epochs_to_regain(record, level) for record in self.records]
        return " / ".join("never" if epochs is None else str(epochs) for epochs in found)

    @property
    def published_verdicts(self) -> list[Verdict]:
        """The thesis's claims about the cell, whatever its semantics."""
        return judge_claims(replace(self.cell, semantics="published"), self.records)


def by_regain_cell(records: Iterable[Record]) -> list[RegainResult]:
    """Group records of base models that were trained again into their cells; others are left out."""
    groups: dict[RegainCell | ThresholdCell, list[Record]] = {}
    for record in records:
        cell = regain_cell_of(restore(record.case)) if record.experiment == "retraining" else None
        if cell is not None:
            groups.setdefault(cell, []).append(record)
    return [RegainResult(cell, tuple(group)) for cell, group in groups.items()]


def regain_cell_of(case: RetrainingCase) -> RegainCell | ThresholdCell | None:
    """The cell that a case belongs to, or None if it is of no such cell's protocol."""
    network, epochs = case.network, case.training.epochs
    if not isinstance(network, BaseCase) or network.semantics.name not in SEMANTICS or epochs < 1:
        return None
    semantics = network.semantics.name
    cell: RegainCell | ThresholdCell = ThresholdCell(epochs, semantics, case.order)
    if case.percent is not None:
        cell = RegainCell(
            case.variant, case.target, case.percent, epochs, semantics, case.criterion, case.order
        )
    return cell if case in cell.cases([case.seed]) else None


def regain_markdown(records: Iterable[Record], epochs: int = 10) -> str:
    """The thesis's claims about regained accuracy beside our figures, under all measured semantics.

    Columns: what is pruned, variant, percentage, the thesis's statement, semantics; the epochs after
    which each seed is at the level; mean accuracy right after pruning, after one, two and all epochs,
    with the 95 % interval of the last; verdict; source. The thesis speaks of the published semantics;
    the corrected ones are held to the same words.

    Parameters
    ----------
    records
        Any; those of other protocols are left out.
    epochs
        For how long the models were trained again; three at least.
    """
    names = ["pruned", "variant", "percent", "the thesis", "semantics", "epochs of each seed"]
    names += ["not trained", "1 epoch", "2 epochs", f"{epochs} epochs (95 % interval)"]
    names += ["verdict", "source"]
    found = [
        (result, result.cell)
        for result in by_regain_cell(records)
        if isinstance(result.cell, RegainCell)
        and result.cell.epochs == epochs
        and result.cell.order is None
        and claims(replace(result.cell, semantics="published"))
    ]
    rows = []
    for result, cell in sorted(found, key=lambda row: _order(row[1])):
        level = REGAIN[cell.variant, cell.target].level
        last = accuracies(result.records)
        interval = accuracy_interval(last, int(result.records[0].metrics["strings"]))
        bounds = f" ({interval[0]:.3f}-{interval[1]:.3f})" if interval else ""
        for verdict in result.published_verdicts:
            row = [cell.target, cell.variant, str(cell.percent)]
            row += [verdict.statement.removeprefix("accuracy "), cell.semantics]
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
    """Mean accuracy in % right after pruning and after training again, by percentage.

    A row for each semantics, target and variant.
    """
    groups: dict[tuple[str, str, str], dict[int, RegainResult]] = {}
    for result in by_regain_cell(records):
        cell = result.cell
        if isinstance(cell, RegainCell) and (cell.epochs, cell.order, cell.criterion) == (
            epochs,
            None,
            "magnitude",
        ):
            groups.setdefault((cell.semantics, cell.target, cell.variant), {})[cell.percent] = (
                result
            )
    percents = sorted({percent for row in groups.values() for percent in row})
    rows = []
    for key in sorted(
        groups,
        key=lambda key: (key[0] != "published", _TARGETS.index(key[1]), VARIANTS.index(key[2])),
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
    """Models without their smallest weights beside what they were (slides, section 5.1)."""
    columns = ["semantics", "seed", "weights kept", "trained", "pruned", "trained again"]
    rows: list[list[str]] = []
    results = by_regain_cell(records)
    for result in sorted(results, key=lambda each: each.cell.semantics != "published"):
        if isinstance(result.cell, ThresholdCell) and result.cell == ThresholdCell(
            12, result.cell.semantics
        ):
            rows += [_threshold_row(result.cell, record) for record in result.records]
    return table(columns, rows)


def _threshold_row(cell: ThresholdCell, record: Record) -> list[str]:
    metrics = record.metrics
    row = [cell.semantics, str(restore(record.case).seed), f"{100 * metrics['density']:.1f} %"]
    names = ("accuracy_trained", "accuracy_before", "accuracy")
    return [*row, *(f"{metrics[name]:.4f}" for name in names)]


_TARGETS = ("both", "i2h", "h2h")
"""In the order of the thesis's section 6.2."""


def _order(cell: RegainCell) -> tuple[int, int, int, bool]:
    target, variant = _TARGETS.index(cell.target), VARIANTS.index(cell.variant)
    return target, variant, cell.percent, cell.semantics != "published"


def regain_rank(cell: RegainCell | ThresholdCell) -> tuple[bool, int]:
    """By what a cell is preferred to one like it: strings in the network's own order, more epochs."""
    return cell.order is None, cell.epochs


def longest_regained(records: Iterable[Record]) -> list[tuple[RegainCell, RegainResult]]:
    """Of the same pruned models, those that were trained again for longest."""
    found: dict[RegainCell, tuple[RegainCell, RegainResult]] = {}
    for result in sorted(by_regain_cell(records), key=lambda each: regain_rank(each.cell)):
        cell = result.cell
        if isinstance(cell, RegainCell) and cell.criterion == "magnitude":
            alike = RegainCell(cell.variant, cell.target, cell.percent, 1, cell.semantics)
            found[alike] = (cell, result)
    return list(found.values())


def markdown(records: Sequence[Record]) -> list[str]:
    """The tables of claims and figures, if anything was fine-tuned."""
    if not any(record.experiment == "retraining" for record in records):
        return []
    return [regain_markdown(records), retrained_markdown(records), threshold_markdown(records)]
