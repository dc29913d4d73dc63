"""How much accuracy depends on the draw of the strings, beside the draw of the weights.

    python -m validation.statistics.measure_draws [--draws 5] [--seeds 3] [--percents 0 50 80 90]
        [--variants NAME...] [--semantics published] [--store FOLDER]

trains base models of each variant on several data sets of Reber strings, prunes them, and prints
for each variant and percentage the mean accuracy on each data set, the standard deviation between
networks on one data set, the one that data sets add to it, and the p value of "data sets add
nothing". Trained networks are cached in the store, so an interrupted run continues.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, variance

from scipy.stats import f as fisher

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.items import base_case
from sparsebench.harness.measuring import measure
from sparsebench.harness.trained_models import request
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import VARIANTS, ReberStrings
from sparsebench.values.semantics import SEMANTICS
from validation.settings import thesis_settings


@dataclass(frozen=True)
class Spread:
    """Components of the spread of accuracies, 0-1.

    Attributes
    ----------
    within
        Standard deviation between networks on one data set.
    added
        Standard deviation that data sets add to it; 0 if they differ by less than networks explain.
    p
        Probability of such differences between data sets if they added nothing; NaN if all
        accuracies are equal.
    """

    within: float
    added: float
    p: float


def spread(groups: Sequence[Sequence[float]]) -> Spread:
    """One-way random effects: accuracies grouped by data set, equally many in each, two at least."""
    size = len(groups[0])
    within = fmean(variance(group) for group in groups)
    between = size * variance(fmean(group) for group in groups)
    added = math.sqrt(max(0.0, (between - within) / size))
    freedom = len(groups) - 1, len(groups) * (size - 1)
    if within == 0:
        return Spread(0.0, added, math.nan if between == 0 else 0.0)
    return Spread(math.sqrt(within), added, float(fisher.sf(between / within, *freedom)))


def main() -> None:
    """Train, prune, and print a row for each variant and percentage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--percents", type=int, nargs="+", default=[0, 50, 80, 90])
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--semantics", default="published", choices=SEMANTICS)
    parser.add_argument("--store", type=Path, default=Path("results/draws"))
    chosen = parser.parse_args()
    bench = Bench(thesis_settings(chosen.store), Path(), lambda said: print(said, flush=True))
    print("| variant | pruned % | mean of each data set | networks SD | data sets add | p |")
    print("|---|---:|---|---:|---:|---:|")
    for variant in chosen.variants:
        bases = {
            (draw, seed): replace(
                base_case(variant, seed, chosen.semantics),
                data=ReberStrings(seed=draw),
                training=replace(base_case(variant, seed).training, epochs=chosen.epochs),
            )
            for draw in range(chosen.draws)
            for seed in range(chosen.seeds)
        }
        request(bases.values(), bench)
        for percent in chosen.percents:
            groups = [
                [accuracy(bases[draw, seed], percent, bench) for seed in range(chosen.seeds)]
                for draw in range(chosen.draws)
            ]
            found = spread(groups)
            means = " ".join(f"{fmean(group):.3f}" for group in groups)
            print(
                f"| {variant} | {percent} | {means} | {found.within:.3f} | {found.added:.3f} | "
                f"{found.p:.2g} |",
                flush=True,
            )


def accuracy(base: BaseCase, percent: int, bench: Bench) -> float:
    """Accuracy of a base model on the test half, after both matrices were pruned by magnitude."""
    case = PruningCase(base, "both", percent) if percent else base
    return measure(case, bench).metrics["accuracy"]


if __name__ == "__main__":
    main()
