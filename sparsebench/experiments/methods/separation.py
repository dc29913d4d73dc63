"""Which methods a task tells apart: differences paired by seed whose intervals are clear of zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.experiments.methods.table import Setting, is_method, kept, mean_text
from sparsebench.judging.intervals import mean_interval
from sparsebench.report.contents import Column, Entry, Table

BLOCKS, SINGLE = "blocks", "gradual"
"""Two methods of ours that differ in their pattern alone."""


@dataclass(frozen=True)
class Separation:
    """The methods of one setting at one density.

    Attributes
    ----------
    clear, pairs
        Pairs whose difference is clear of zero, and all.
    chain
        As many methods as possible of which each is clearly better than the next.
    """

    clear: int
    pairs: int
    chain: tuple[str, ...]


Scores = dict[str, dict[int, float]]
"""Of each method, by seed; high scores are good."""


def scores_of(setting: Setting, density: float) -> Scores:
    """The figures of a setting's methods at a density, losses with a minus."""
    figure, sign = setting.figure, setting.sign
    return {
        name: {seed: sign * each.metrics[figure] for seed, each in row[density].items()}
        for (name, control), row in setting.rows.items()
        if is_method(name, control) and density in row
    }


def differences(scores: Scores, one: str, other: str) -> list[float]:
    """By how much a method is better than another, for each seed that both have."""
    ours, theirs = scores.get(one, {}), scores.get(other, {})
    return [ours[seed] - theirs[seed] for seed in ours if seed in theirs]


def separation(setting: Setting, density: float) -> Separation | None:
    """Compare all methods of a setting at a density, in pairs; None with fewer than two seeds."""
    scores = {name: own for name, own in scores_of(setting, density).items() if len(own) > 1}
    if len(scores) < 2:
        return None
    means = {name: fmean(own.values()) for name, own in scores.items()}
    methods = sorted(scores, key=lambda name: means[name])
    chains: dict[str, tuple[str, ...]] = {}
    clear = 0
    for place, name in enumerate(methods):
        worse = [each for each in methods[:place] if _is_clear(differences(scores, name, each))]
        clear += len(worse)
        longest = max((chains[each] for each in worse), key=len, default=())
        chains[name] = (name, *longest)
    longest = max(chains.values(), key=lambda chain: (len(chain), means[chain[0]]))
    return Separation(clear, len(methods) * (len(methods) - 1) // 2, longest)


def separation_table(settings: Sequence[Setting]) -> Table | None:
    """A row for each cell type and task: how many pairs of methods are told apart at each density.

    None where no method has two seeds.
    """
    densities = _densities(settings)
    rows: list[list[Entry]] = []
    for setting in settings:
        found = [separation(setting, density) for density in densities]
        cells = [
            f"{each.clear} of {each.pairs}: {' > '.join(each.chain)}" if each else ""
            for each in found
        ]
        if any(found):
            rows.append([setting.title, *cells])
    if not rows:
        return None
    return Table(
        "method-separation",
        "Pairs of methods whose difference, paired by seed, has a 95 % interval clear of zero (not "
        "corrected for the number of pairs), and methods of which each is clearly better than the next",
        (Column("cell type and task"), *(Column(kept(each)) for each in densities)),
        rows,
        folded=True,
    )


def blocks_table(settings: Sequence[Setting]) -> Table | None:
    """What blocks cost beside single weights, pruned as they are; None where both were not measured."""
    densities = _densities(settings)
    rows: list[list[Entry]] = []
    for setting in settings:
        found = [differences(scores_of(setting, each), BLOCKS, SINGLE) for each in densities]
        if any(found):
            rows.append(
                [setting.title, *(mean_text(each, setting.figure, signed=True) for each in found)]
            )
    if not rows:
        return None
    return Table(
        "what-blocks-cost",
        f"Blocks of 16 x 1 (`{BLOCKS}`) less single weights (`{SINGLE}`), paired by seed: points of "
        "accuracy, or nats of loss, with the 95 % interval",
        (Column("cell type and task"), *(Column(kept(each)) for each in densities)),
        rows,
        folded=True,
    )


def _is_clear(better_by: list[float]) -> bool:
    bounds = mean_interval(better_by)
    return bounds is not None and bounds[0] > 0


def _densities(settings: Sequence[Setting]) -> list[float]:
    return sorted({each for setting in settings for each in setting.densities}, reverse=True)
