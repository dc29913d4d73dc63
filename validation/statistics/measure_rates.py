"""The learning rate of each optimiser: five rates each, on seeds that no benchmark uses.

    python -m validation.statistics.measure_rates [--epochs 2] [--seeds 5] [--threads 2]
        [--optimisers NAME...]

prints the mean accuracy of networks of each variant on Reber strings by optimiser and rate, and the
seconds per epoch. Networks learn nine tenths of the training half and are judged by the rest,
so the test half chooses nothing. The best rate over all variants is in `RATES` of
`sparsebench.experiments.capacity.report_items`.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import fmean

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.network import task_network, training_start
from sparsebench.experiments.capacity.report_items import SIZES
from sparsebench.harness.context import circumstances
from sparsebench.harness.jobs import Job, train_together
from sparsebench.harness.registry import measurement_of
from sparsebench.parts.tasks import dataset
from sparsebench.values.protocol import VARIANTS, ReberStrings, Training
from sparsebench.values.tasks import Validation

FIRST_SEED = 100
MIDDLE = {"adam": 0.002, "nesterov": 0.05, "adagrad": 0.02, "rmsprop": 0.002}
FACTORS = (1 / 10, 1 / 3, 1, 3, 10)


def main() -> None:
    """Train, and print a row for each optimiser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--optimisers", nargs="+", default=list(MIDDLE), choices=MIDDLE)
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    chosen = parser.parse_args()
    task = Validation(ReberStrings())
    data, here = dataset(task), circumstances(Path(), "cpu")

    def trained(variant: str, optimiser: str, rate: float, seed: int) -> tuple[float, float]:
        """Accuracy and seconds per epoch; a network that overflows counts as chance."""
        training = Training(chosen.epochs, 64, rate, optimiser=optimiser)
        case = TaskCase(variant, task, seed, *SIZES, training=training)
        measurement, network = measurement_of(case), task_network(case)
        begin = training_start(case, network)
        job = Job(case, measurement.name, measurement.metrics, network, begin)
        (product,) = train_together([job], data, here, "cpu")
        if isinstance(product, Exception):
            return 0.5, float("nan")
        stored, _ = product
        return stored.record.metrics["accuracy"], (stored.seconds or 0.0) / chosen.epochs

    with ThreadPoolExecutor(chosen.threads) as pool:
        for optimiser in chosen.optimisers:
            rates = [float(f"{MIDDLE[optimiser] * factor:.2g}") for factor in FACTORS]
            runs = {
                rate: [
                    pool.submit(trained, variant, optimiser, rate, seed)
                    for variant in chosen.variants
                    for seed in range(FIRST_SEED, FIRST_SEED + chosen.seeds)
                ]
                for rate in rates
            }
            for rate, futures in runs.items():
                found, seconds = zip(*(future.result() for future in futures), strict=True)
                each = " ".join(
                    f"{variant} {fmean(found[place * chosen.seeds :][: chosen.seeds]):.4f}"
                    for place, variant in enumerate(chosen.variants)
                )
                print(
                    f"{optimiser} {rate:g}: mean {fmean(found):.4f} ({each}), "
                    f"{fmean(seconds):.2f} s an epoch",
                    flush=True,
                )


if __name__ == "__main__":
    main()
