"""How much accuracy depends on the draw of the strings, beside the draw of the weights.

    python -m validation.statistics.measure_draws [--draws 5] [--seeds 4] [--percents 0 50 80 90]
        [--variants NAME...] [--semantics published] [--store FOLDER] [--rows FILE]

trains base models of each variant on several data sets of Reber strings, each with seeds of its own,
prunes them, and prints for each variant and percentage the mean accuracy on each data set, the
standard deviation between networks on one data set, the one that data sets add to it, and the p
value of "data sets add nothing". Trained networks are cached in the store, and each accuracy is
appended to the file of rows, so an interrupted run continues; progress goes to standard error.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, variance

import msgspec
from scipy.stats import f as fisher

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.items import base_case
from sparsebench.harness.measuring import measure
from sparsebench.harness.trained_models import request
from sparsebench.report.markdown import table as markdown_table
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import digest
from sparsebench.values.protocol import VARIANTS, ReberStrings
from sparsebench.values.semantics import SEMANTICS
from validation.settings import thesis_settings


class Row(msgspec.Struct, frozen=True):
    """One accuracy.

    Attributes
    ----------
    digest
        Of the case.
    variant, percent, draw
        The network, how much of it was pruned, and the seed of its strings.
    accuracy
        0-1.
    """

    digest: str
    variant: str
    percent: int
    draw: int
    accuracy: float


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
    parser.add_argument("--draws", type=int, default=5, help="data sets, two or more")
    parser.add_argument("--seeds", type=int, default=4, help="networks on each, two or more")
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--percents", type=int, nargs="+", default=[0, 50, 80, 90])
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--semantics", default="published", choices=SEMANTICS)
    parser.add_argument("--store", type=Path, default=Path("results/draws"))
    parser.add_argument("--rows", type=Path, metavar="FILE", help="keep what was measured there")
    chosen = parser.parse_args()
    if chosen.draws < 2 or chosen.seeds < 2:
        parser.error("--draws and --seeds: give two or more of each, or there is no spread")
    bench = Bench(
        thesis_settings(chosen.store), Path(), lambda said: print(said, file=sys.stderr, flush=True)
    )
    known = known_rows(chosen.rows)
    rows = []
    for variant in chosen.variants:
        cases = [
            (draw, percent, case_of(base, percent))
            for draw in range(chosen.draws)
            for base in bases_on(draw, variant, chosen)
            for percent in chosen.percents
        ]
        request([case for *_, case in cases if digest(case) not in known], bench)
        for draw, percent, case in cases:
            name = digest(case)
            if name not in known:
                found = measure(case, bench).metrics["accuracy"]
                known[name] = Row(name, variant, percent, draw, found)
                kept(known[name], chosen.rows)
            rows.append(known[name])
    print(table(rows))


def bases_on(draw: int, variant: str, chosen: argparse.Namespace) -> list[BaseCase]:
    """Base models on one data set; no two data sets share a seed of weights."""
    usual = base_case(variant, 0, chosen.semantics)
    training = replace(usual.training, epochs=chosen.epochs)
    first = draw * chosen.seeds
    return [
        replace(usual, seed=seed, training=training, data=ReberStrings(seed=draw))
        for seed in range(first, first + chosen.seeds)
    ]


def case_of(base: BaseCase, percent: int) -> BaseCase | PruningCase:
    """A base model, with a percentage of both matrices pruned by magnitude."""
    return PruningCase(base, "both", percent) if percent else base


def known_rows(path: Path | None) -> dict[str, Row]:
    """The rows of an earlier run, by the digest of their case."""
    if path is None or not path.exists():
        return {}
    rows = [msgspec.json.decode(line, type=Row) for line in path.read_bytes().splitlines()]
    return {row.digest: row for row in rows}


def kept(row: Row, path: Path | None) -> None:
    """Append a row to the file of rows, if there is one."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")


def table(rows: Sequence[Row]) -> str:
    """A line for each variant and percentage."""
    groups: dict[tuple[str, int], dict[int, list[float]]] = {}
    for row in rows:
        draws = groups.setdefault((row.variant, row.percent), {})
        draws.setdefault(row.draw, []).append(row.accuracy)
    titles = ["variant", "pruned %", "mean of each data set", "networks SD", "data sets add", "p"]
    lines = []
    for (variant, percent), draws in groups.items():
        found = spread([*draws.values()])
        means = " ".join(f"{fmean(group):.3f}" for group in draws.values())
        numbers = f"{found.within:.3f}", f"{found.added:.3f}", f"{found.p:.2g}"
        lines.append([variant, str(percent), means, *numbers])
    return markdown_table(titles, lines)


if __name__ == "__main__":
    main()
