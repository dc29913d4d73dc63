"""Experiment: the thesis author's own models, pruned here, against the accuracies he published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sparsebench.experiments.conformance.cases import ConformanceCase
from sparsebench.harness.context import Bench
from sparsebench.harness.evaluating import evaluated
from sparsebench.harness.items import PERCENTS
from sparsebench.harness.profiles import Settings
from sparsebench.parts.csv_files import Cells, read_columns
from sparsebench.parts.files import FilePath, shown
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tables import read_strings
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import prunable
from sparsebench.values.checks import one_of
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import masked
from sparsebench.values.protocol import TARGETS, VARIANTS
from sparsebench.values.semantics import PUBLISHED

EVERY_CELL, NINE_IN_TEN = 0.015, 0.005
"""Accuracy, 0-1: what other batch mates were measured to do to the author's models, at the most and
in nine items of ten. His batches were shuffled; ours are in file order."""

_WIRED = "**/structure/*"
"""What a checkout has of wired networks, `sparsebench.experiments.conformance.wired_networks`."""

_MODES = {"both": "prune", "i2h": "prune_i2h", "h2h": "prune_h2h"}


@dataclass(frozen=True)
class Checkpoint:
    """One trained base model in a checkout of the author's repository.

    Attributes
    ----------
    path
        The weights.
    variant
        What the file's name says it is.
    results, test
        The CSV files of its published accuracies and of the test strings.
    """

    path: Path
    variant: str
    results: Path
    test: Path

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant

    def items(self) -> list[ConformanceItem]:
        """An item for every target and percentage."""
        return [
            ConformanceItem(self, target, percent) for target in TARGETS for percent in PERCENTS
        ]


@dataclass(frozen=True)
class ConformanceItem:
    """One published accuracy: a checkpoint, a target and a percentage."""

    checkpoint: Checkpoint
    target: str
    percent: int

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.checkpoint.variant}-{self.target}-p{self.percent}"


@dataclass(frozen=True)
class Agreement:
    """A measured accuracy beside the published one (None where the author's table lacks it)."""

    record: Record
    measured: float
    published: float | None

    @property
    def difference(self) -> float | None:
        """Measured minus published."""
        return None if self.published is None else self.measured - self.published


def checkpoints(folder: Path) -> list[Checkpoint]:
    """Every base checkpoint below a folder: files `state_dicts/prune/VARIANT.pt`.

    Raises
    ------
    ValueError
        If there is none, nor any wired network, or one is not named after a variant.
    """
    found = []
    for path in sorted(folder.glob("**/state_dicts/prune/*.pt")):
        one_of(f"variant in the name of {path}:", path.stem, VARIANTS)
        experiments = path.parents[2]
        results = experiments / "results" / "prune" / f"{path.stem}.csv"
        test = experiments.parent / "dataset" / "test_data.csv"
        found.append(Checkpoint(path, path.stem, results, test))
    if not found and not any(folder.glob(_WIRED)):
        raise ValueError(
            f"{folder}: no state_dicts/prune/*.pt below it: give a checkout of the author's repository"
        )
    return found


def conformance_checkpoints(settings: Settings) -> list[Checkpoint]:
    """The checkpoints of the checkout that a run was given; none if it was given none."""
    return checkpoints(settings.artifacts) if settings.artifacts else []


def conformance_items(settings: Settings) -> list[ConformanceItem]:
    """An item for every target and percentage of those checkpoints."""
    return [item for checkpoint in conformance_checkpoints(settings) for item in checkpoint.items()]


def measure(item: ConformanceItem, bench: Bench) -> Agreement:
    """Prune the author's model as he did and evaluate it on his test strings, in file order.

    Each item is measured once in a run, however often it is asked for.

    Raises
    ------
    OSError, ValueError
        If a file is missing, damaged, tries to run code or is another network.
    """
    return bench.once(item, lambda: _measure(item, bench))


def _measure(item: ConformanceItem, bench: Bench) -> Agreement:
    from sparsebench.engines.checkpoints import read_base_checkpoint

    variant = item.checkpoint.variant
    architecture, weights = read_base_checkpoint(item.checkpoint.path, variant)
    strings = read_strings(item.checkpoint.test)
    masks = prune(weights, prunable(architecture.layout, item.target), item.percent, PUBLISHED)
    case = ConformanceCase(
        variant,
        item.target,
        item.percent,
        weights=checksum(weights),
        strings=checksum({"codes": strings.inputs, "labels": strings.answers}),
    )
    result = evaluated(
        sparse_layout(architecture.layout, masks),
        masked(weights, masks),
        PUBLISHED.readout,
        strings,
        case.batch_size,
        bench,
    )
    published = published_accuracies(item.checkpoint.results, variant)
    expected = published.get((item.target, item.percent))
    metrics = {"accuracy": result.accuracy, "loss": result.loss, "strings": result.total}
    if expected is not None:
        metrics["published"] = expected
    record = Record(
        digest=digest(case),
        experiment="conformance",
        case=canonical(case),
        metrics=metrics,
        weights=case.weights,
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
    )
    return Agreement(record, result.accuracy, expected)


def published_accuracies(path: FilePath, variant: str) -> dict[tuple[str, int], float]:
    """The author's accuracies right after pruning, by target and percentage.

    Parameters
    ----------
    path
        His result file: columns mode, prune, epoch, test_acc and others; epoch 0 is before
        retraining.
    variant
        The variant that the rows' mode begins with.

    Returns
    -------
    dict
        (target, percent) -> accuracy, 0-1; empty if there is no such file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        Naming the file and line of a row that cannot be read.
    """
    if not Path(path).exists():
        return {}
    targets = {f"{variant}_{mode}": target for target, mode in _MODES.items()}
    accuracies = {}
    for line, row in read_columns(path, ("mode", "prune", "epoch", "test_acc")):
        if row["mode"] in targets:
            try:
                found = _right_after_pruning(row)
            except ValueError:
                told = ", ".join(f"{column} {shown(text)}" for column, text in row.items())
                raise ValueError(
                    f"{path}, line {line}: {told}: write whole numbers and an accuracy from 0 to 1"
                ) from None
            if found is not None:
                percent, accuracy = found
                accuracies[targets[row["mode"]], percent] = accuracy
    return accuracies


def _right_after_pruning(row: Cells) -> tuple[int, float] | None:
    """The percentage pruned and the accuracy, of a row of epoch 0."""
    if int(row["epoch"] or "") != 0:
        return None
    percent, accuracy = int(row["prune"] or ""), float(row["test_acc"] or "")
    if not 0 <= accuracy <= 1:
        raise ValueError(f"an accuracy of {accuracy}")
    return percent, accuracy


class Compared(Protocol):
    """What has been measured, perhaps beside a published figure."""

    @property
    def difference(self) -> float | None:
        """Measured minus published accuracy, 0-1; None where one of them is missing."""


def nine_in_ten_agree(agreements: Sequence[Compared]) -> tuple[bool, int, int]:
    """Whether nine in ten of those compared lie within `NINE_IN_TEN`, how many do, and of how many."""
    differences = [abs(item.difference) for item in agreements if item.difference is not None]
    close = sum(difference <= NINE_IN_TEN for difference in differences)
    return close * 10 >= 9 * len(differences), close, len(differences)
