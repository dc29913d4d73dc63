"""What pruning does to the time of training: seconds and multiply-adds of an epoch, and to a level.

    python -m validation.performance.measure_training_time [--variants ...] [--percents 0 50 70 80 90]
        [--rounds 11]

times training steps of base models (batches of 32, strings of 30 letters, one thread) whose recurrent
weights are pruned by a percentage, by our engine and by PyTorch's layers, which multiply zeros: all of
a cell type in turn in one run. An epoch has as many steps as the thesis's. The shipped baseline says
after how many epochs of fine-tuning each seed has the accuracy that the thesis names; the time to it is
that of as many epochs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from statistics import median

from sparsebench.experiments.engine_speed.measure import (
    BATCHES,
    fused_step,
    interleaved,
    multiply_adds,
    torch_step,
)
from sparsebench.experiments.finetuning.claims import REGAIN
from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.finetuning.table import by_finetuning_item
from sparsebench.judging.metrics import epochs_to_regain
from sparsebench.parts.documents import read_baseline
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.report.markdown import table
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings, Training
from sparsebench.values.semantics import PUBLISHED
from validation import ROOT

COLUMNS = (
    "variant", "percent pruned", "million multiply-adds an epoch", "seconds an epoch, ours",
    "PyTorch", "epochs to the level: seeds", "seconds to it, ours", "PyTorch",
)  # fmt: skip


def plan_of(variant: str, percent: int) -> SparseLayout:
    """A base model, pruned."""
    layout = Architecture(variant).layout
    weights = initial_weights(layout, seed=0)
    return sparse_layout(layout, prune(weights, prunable(layout, "both"), percent, PUBLISHED))


def epochs_by_seed(records: Sequence[Record]) -> dict[tuple[str, int], list[int | None]]:
    """Epochs until each seed has the thesis's level, by cell type and percentage; None: not reached."""
    found: dict[tuple[str, int], list[int | None]] = {}
    for result in by_finetuning_item(records):
        item = result.item
        if not isinstance(item, FinetuningItem) or item.order is not None or item.epochs < 10:
            continue
        if (item.target, item.semantics, item.criterion) == ("both", "published", "magnitude"):
            level = REGAIN[item.variant, "both"].level
            own = [epochs_to_regain(record, level) for record in result.records]
            found[item.variant, item.percent] = own
    return found


def rows_of(
    variant: str,
    percents: Sequence[int],
    rounds: int,
    epochs: dict[tuple[str, int], list[int | None]],
) -> list[list[str]]:
    """A row for each percentage."""
    batch = Training().batch_size
    plans = [plan_of(variant, percent) for percent in percents]
    passes = [fused_step([plan], batch) for plan in plans]
    *ours, theirs = interleaved([*passes, torch_step(Architecture(variant), batch)], rounds)
    strings = ReberStrings()
    steps = -(-(strings.train_valid + strings.train_invalid) // batch)
    rows = []
    for percent, plan, seconds in zip(percents, plans, ours, strict=True):
        own, other = seconds / BATCHES * steps, theirs * steps
        work = f"{multiply_adds([plan], batch) * steps / 1e6:,.0f}"
        row = [variant, f"{percent} %", work, f"{own:.2f}", f"{other:.2f}"]
        seeds = epochs.get((variant, percent), [])
        reached = [each for each in seeds if each is not None]
        if percent and reached:
            middle = median(reached)
            told = f"{min(reached)} to {max(reached)}: {len(reached)} of {len(seeds)}"
            row += [told, f"{middle * own:.2f}", f"{middle * other:.2f}"]
        else:
            row += ["", "", ""]
        rows.append(row)
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--percents", nargs="+", type=int, default=[0, 50, 70, 80, 90])
    parser.add_argument("--rounds", type=int, default=11)
    chosen = parser.parse_args()
    epochs = epochs_by_seed(read_baseline(ROOT / "baselines" / "thesis").records)
    rows = []
    for variant in chosen.variants:
        rows += rows_of(variant, chosen.percents, chosen.rounds, epochs)
    print(table(COLUMNS, rows))


if __name__ == "__main__":
    main()
