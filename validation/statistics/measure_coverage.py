"""How often confidence intervals cover the mean, on samples of stored networks.

Its figures are in docs/design/gate-measured.md.

    python -m validation.statistics.measure_coverage [--sizes 3 5 8 12 20 100] [--samples 500]

A population here is the set of differences between a hundred wired networks of two groups, pair by
pair, as in the claims about families and variants; there are 24, of both semantics. Samples are
drawn with replacement. A 95 % interval should cover the population's mean in 95 of 100 samples; the
rank-based one of Hodges and Lehmann estimates the median of pairwise means, and should cover that
instead. An unbounded interval covers everything: it is counted separately, and decides nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from statistics import fmean, median

import numpy as np

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.claims import families_contrasts, variants_contrasts
from sparsebench.experiments.random_wiring.items import FamiliesItem, VariantsItem
from sparsebench.experiments.random_wiring.table import thesis_networks
from sparsebench.judging.claims import Contrast
from sparsebench.judging.intervals import (
    CONFIDENCE,
    RESAMPLES,
    Interval,
    bootstrap_interval,
    mean_interval,
)
from sparsebench.parts.documents import read_baseline
from sparsebench.parts.records import Record
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.seeding import stream
from sparsebench.values.semantics import SEMANTICS

GRAPHS = 100
WELL = 0.9
"""Least share of samples in which a 95 % interval must cover a population's mean to count as good."""


def contrasts() -> list[Contrast]:
    """The thesis's contrasts."""
    return [
        *(each for name in VARIANTS for each in families_contrasts(FamiliesItem(name, GRAPHS))),
        *(
            each
            for name in PUBLISHED_FAMILIES
            for each in variants_contrasts(VariantsItem(name, GRAPHS))
        ),
    ]


def populations(records: Sequence[Record]) -> list[list[float]]:
    """The differences within pairs, for every contrast under both semantics."""
    accuracy: dict[str, dict[tuple[object, object], float]] = {name: {} for name in SEMANTICS}
    for case, record in thesis_networks(records):
        assert isinstance(case, WiredCase)
        if case.semantics.name in accuracy:
            key = (case.variant, case.graph.family), case.graph.seed
            accuracy[case.semantics.name][key] = record.metrics["accuracy"]
    found = []
    for known in accuracy.values():
        for each in contrasts():
            seeds = [seed for group, seed in known if group == each.better]
            pairs = [seed for seed in seeds if (each.worse, seed) in known]
            found.append([known[each.better, k] - known[each.worse, k] for k in pairs])
    return [population for population in found if population]


def rank_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Hodges and Lehmann's interval: bounded by means of two values, from the signed rank test."""
    given = np.asarray(values)
    below = int(np.searchsorted(_signed_ranks(len(given)), (1 - confidence) / 2, "right"))
    means = np.sort(_means_of_two(given))
    return (float(means[below - 1]), float(means[-below])) if below else (-np.inf, np.inf)


def _means_of_two(values: np.ndarray) -> np.ndarray:
    rows, columns = np.triu_indices(len(values))
    return np.asarray((values[rows] + values[columns]) / 2)


@cache
def _signed_ranks(count: int) -> np.ndarray:
    """The cumulative distribution of the sum of signed ranks."""
    chances = np.zeros(count * (count + 1) // 2 + 1)
    chances[0] = 1
    for rank in range(1, count + 1):
        chances[rank:] += chances[:-rank].copy()
        chances /= 2
    return np.cumsum(chances)


def student(values: Sequence[float]) -> Interval:
    """Student's t interval."""
    found = mean_interval(values)
    assert found is not None
    return found


def main() -> None:
    """Print a row for each size and interval."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[3, 5, 8, 12, 20, 100])
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    parser.add_argument("--baseline", type=Path, default=Path("baselines/thesis"))
    chosen = parser.parse_args()
    known = populations(read_baseline(chosen.baseline).records)
    intervals: dict[
        str, tuple[Callable[[Sequence[float]], Interval], Callable[[np.ndarray], float]]
    ]
    intervals = {
        "Student": (student, np.mean),
        "bootstrap-t": (partial(bootstrap_interval, resamples=chosen.resamples), np.mean),
        "signed ranks, of the mean": (rank_interval, np.mean),
        "signed ranks, of their own": (
            rank_interval,
            lambda values: float(np.median(_means_of_two(values))),
        ),
    }
    print(f"{len(known)} populations of {min(map(len, known))} to {max(map(len, known))}")
    print("| values | interval | median coverage | lowest | covered well | no bound |")
    print("|---:|---|---:|---:|---:|---:|")
    for size in chosen.sizes:
        for name, (interval, truth) in intervals.items():
            coverage, unbounded = [], []
            for number, population in enumerate(known):
                values = np.array(population)
                target, random = truth(values), stream("coverage", size, number)
                bounds = [
                    interval(list(values[random.randint(0, len(values), size)]))
                    for _ in range(chosen.samples)
                ]
                coverage.append(fmean(low <= target <= high for low, high in bounds))
                unbounded.append(fmean(not np.isfinite(high - low) for low, high in bounds))
            well = sum(each >= WELL for each in coverage)
            print(
                f"| {size} | {name} | {median(coverage):.2f} | {min(coverage):.2f} | "
                f"{well} of {len(known)} | {100 * fmean(unbounded):.0f} % |",
                flush=True,
            )


if __name__ == "__main__":
    main()
