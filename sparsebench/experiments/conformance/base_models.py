"""Experiment: the thesis author's own models, pruned here and compared with his accuracies."""

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
from sparsebench.parts.string_files import strings_checksum
from sparsebench.parts.tables import read_strings
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import prunable
from sparsebench.values.checks import one_of
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import masked
from sparsebench.values.protocol import TARGETS, VARIANTS
from sparsebench.values.semantics import PUBLISHED

EVERY_CELL, NINE_IN_TEN = 0.015, 0.005
"""Accuracy, 0-1: the measured effect of other batch compositions on the author's models, at most
and in nine items of ten. His batches were shuffled; ours are in file order."""

_WIRED = "**/structure/*"
"""The wired networks of a checkout (`sparsebench.experiments.conformance.wired_networks`)."""

_MODES = {"both": "prune", "i2h": "prune_i2h", "h2h": "prune_h2h"}


@dataclass(frozen=True)
class Checkpoint:
    """One trained base model in a checkout of the author's repository.

    Attributes
    ----------
    path
        The weights.
    variant
        The cell type that the file's name states.
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
    """A measured accuracy and the published one (None if the author's table lacks it)."""

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
        If the folder has neither checkpoints nor wired networks, or a checkpoint is not named after
        a variant.
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
    """The checkpoints of the run's checkout; empty if the run has none."""
    return checkpoints(settings.artifacts) if settings.artifacts else []


def conformance_items(settings: Settings) -> list[ConformanceItem]:
    """An item for every target and percentage of the checkpoints in the run's checkout."""
    return [item for checkpoint in conformance_checkpoints(settings) for item in checkpoint.items()]


def measure(item: ConformanceItem, bench: Bench) -> Agreement:
    """Prune the author's model as he did and evaluate it on his test strings, in file order.

    Each item is measured once per run, however often it is requested.

    Raises
    ------
    OSError, ValueError
        If a file is missing or damaged, contains code, or holds a different network.
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
        strings=strings_checksum(strings),
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
        His result file, with columns mode, prune, epoch, test_acc and others; epoch 0 is before
        fine-tuning.
    variant
        The variant with which the mode of its rows begins.

    Returns
    -------
    dict
        (target, percent) -> accuracy, 0-1; empty if there is no such file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If a row cannot be read; the message names file and line.
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
    """The percentage pruned and the accuracy, from a row of epoch 0; else None."""
    if int(row["epoch"] or "") != 0:
        return None
    percent, accuracy = int(row["prune"] or ""), float(row["test_acc"] or "")
    if not 0 <= accuracy <= 1:
        raise ValueError(f"an accuracy of {accuracy}")
    return percent, accuracy


class Compared(Protocol):
    """A measurement, with a published figure if there is one."""

    @property
    def difference(self) -> float | None:
        """Measured minus published accuracy, 0-1; None if one of them is missing."""


def nine_in_ten_agree(agreements: Sequence[Compared]) -> tuple[bool, int, int]:
    """Whether nine in ten lie within `NINE_IN_TEN`, how many do, and how many were compared."""
    differences = [abs(item.difference) for item in agreements if item.difference is not None]
    close = sum(difference <= NINE_IN_TEN for difference in differences)
    return close * 10 >= 9 * len(differences), close, len(differences)
