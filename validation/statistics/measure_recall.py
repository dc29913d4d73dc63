"""Why pruned networks fail to recall: the task, the mask, the weights or the learning rate?

    python -m validation.statistics.measure_recall [--units 100] [--percent 80] [--epochs 60]

trains networks that recall 64 numbers, prunes them and fine-tunes them: as in the benchmark, and
with one change at a time. It prints the loss, in % of the mean square of the numbers, right after
pruning and after fine-tuning, and the share of each matrix that was kept.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import numpy as np

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.network import task_network, training_start
from sparsebench.experiments.capacity.report_items import RecallItem
from sparsebench.harness.context import circumstances
from sparsebench.harness.jobs import Job, train_together
from sparsebench.harness.networks import Network, TrainingStart
from sparsebench.harness.registry import measurement_of
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weights import prunable
from sparsebench.values.identity import digest
from sparsebench.values.masks import Masks, Weights, masked
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import Recall

OTHER_SEED = 1_000_000
"""Added to a network's seed to seed its new weights."""

SLOWER = 10
"""Divisor of the lower learning rate."""


@dataclass(frozen=True)
class Control:
    """One way to continue after pruning.

    Attributes
    ----------
    name
        Its name.
    mask
        `together`: prune the smallest weights of both matrices, as in the benchmark; `apart`: the
        smallest of each matrix; `random`: equally many of both, at random.
    new
        Whether to start from new weights instead of the trained ones.
    slower
        Whether to use a tenth of the learning rate.
    """

    name: str
    mask: str = "together"
    new: bool = False
    slower: bool = False


CONTROLS = (
    Control("as in the benchmark"),
    Control("a tenth of the rate", slower=True),
    Control("the same mask on new weights", new=True),
    Control("a random mask on the trained weights", mask="random"),
    Control("a random mask on new weights", mask="random", new=True),
    Control("each matrix pruned by itself", mask="apart"),
)


def masks_of(how: str, weights: Weights, case: TaskCase, percent: int) -> Masks:
    """The masks of a way of pruning."""
    together = prunable(case.layout, "both")
    if how == "apart":
        return prune(
            weights, [[name] for names in together for name in names], percent, case.semantics
        )
    scores = dict(weights)
    if how == "random":
        random = stream("recall control", case.seed)
        scores |= {
            name: random.random_sample(weights[name].shape).astype(np.float32)
            for names in together
            for name in names
        }
    return prune(scores, together, percent, case.semantics)


def trained(
    cases: list[TaskCase], masks: list[Masks], begun: list[TrainingStart]
) -> list[tuple[Record, Weights]]:
    """Train networks together, by their cases."""
    jobs = []
    for case, mask, begin in zip(cases, masks, begun, strict=True):
        measurement = measurement_of(case)
        network = Network(case.layout, mask, digest(case))
        jobs.append(Job(case, measurement.name, measurement.metrics, network, begin))
    products = train_together(jobs, dataset(cases[0].task), circumstances(Path(), "cpu"), "cpu")
    found = []
    for product in products:
        if isinstance(product, Exception):
            raise product
        found.append((product[0].record, product[1]))
    return found


def lost(record: Record, metric: str = "loss") -> float:
    """Loss in % of the mean square of the inputs."""
    return 300 * record.metrics[metric]


def mean_kept(masks: list[Masks]) -> Mapping[str, float]:
    """Mean share of weights kept, by kind of matrix."""
    return {
        kind: fmean(
            float(mask.mean()) for each in masks for name, mask in each.items() if kind in name
        )
        for kind in ("i2h", "h2h")
    }


def main() -> None:
    """Train, prune, and continue in each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=["rnn_tanh", "lstm"], choices=VARIANTS)
    parser.add_argument("--units", type=int, default=100)
    parser.add_argument("--percent", type=int, default=80)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    for variant in chosen.variants:
        item = RecallItem(variant, (chosen.units,), chosen.epochs)
        cases = [case for case in item.cases(range(chosen.seeds)) if isinstance(case, TaskCase)]
        assert all(isinstance(case.task, Recall) for case in cases)
        whole = trained(
            cases, [{}] * len(cases), [training_start(c, task_network(c)) for c in cases]
        )
        what = f"{variant}, {chosen.units} units"
        print(f"{what}, not pruned: {fmean(lost(record) for record, _ in whole):.1f} % lost")
        for control in CONTROLS:
            masks = [
                masks_of(control.mask, weights, case, chosen.percent)
                for case, (_, weights) in zip(cases, whole, strict=True)
            ]
            others = [replace(case, seed=case.seed + OTHER_SEED) for case in cases]
            first = [
                training_start(other, task_network(other)).weights if control.new else weights
                for other, (_, weights) in zip(others, whole, strict=True)
            ]
            begun = [
                TrainingStart(masked(weights, mask), case.seed, chosen.epochs)
                for weights, mask, case in zip(first, masks, cases, strict=True)
            ]
            then = cases
            if control.slower:
                how = cases[0].training
                slower = replace(
                    how,
                    learning_rate=how.learning_rate / SLOWER,
                    final_rate=(how.final_rate or how.learning_rate) / SLOWER,
                )
                then = [replace(case, training=slower) for case in cases]
            found = [record for record, _ in trained(then, masks, begun)]
            kept = ", ".join(
                f"{100 * share:.1f} % of {kind}" for kind, share in mean_kept(masks).items()
            )
            before, after = ([lost(each, m) for each in found] for m in ("loss_before", "loss"))
            print(
                f"{what}, {chosen.percent} % pruned, {control.name}: "
                f"{' / '.join(f'{each:.1f}' for each in before)} % lost before, "
                f"{' / '.join(f'{each:.1f}' for each in after)} % after; kept {kept}",
                flush=True,
            )


if __name__ == "__main__":
    main()
