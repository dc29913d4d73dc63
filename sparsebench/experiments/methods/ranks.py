"""Ranks of methods over cell types and tasks: Friedman's test, and Nemenyi's critical difference.

References
----------
Demsar, J. (2006). Statistical comparisons of classifiers over multiple data sets.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.experiments.methods.table import Setting, figures, is_method

FEWEST = 3
"""Fewest methods, and fewest settings, that are ranked."""


@dataclass(frozen=True)
class Ranking:
    """Mean ranks of methods at one density; the best method has rank 1.

    Attributes
    ----------
    density
        The density, 0-1.
    settings
        The number of settings, cell types on tasks, in each of which methods are ranked by their
        mean over seeds.
    ranks
        Method -> mean rank, the best first.
    probability
        Of ranks at least as unequal if methods did not differ (Friedman's test).
    difference
        Critical difference of two mean ranks at 5 % (Nemenyi's test).
    """

    density: float
    settings: int
    ranks: Mapping[str, float]
    probability: float
    difference: float

    @property
    def best(self) -> list[str]:
        """The methods that do not differ from the best one by the critical difference."""
        least = min(self.ranks.values())
        return [name for name, rank in self.ranks.items() if rank < least + self.difference]


def rankings(settings: Sequence[Setting]) -> list[Ranking]:
    """Rank the methods that were measured in all settings, at each density, the highest first."""
    densities = sorted({each for setting in settings for each in setting.densities}, reverse=True)
    return [found for each in densities if (found := _ranking(each, settings)) is not None]


def _ranking(density: float, settings: Sequence[Setting]) -> Ranking | None:
    from scipy.stats import friedmanchisquare, rankdata, studentized_range

    tables = []
    for setting in settings:
        means = {
            method: -setting.sign * fmean(figures(row[density], setting.figure))
            for (method, control), row in setting.rows.items()
            if is_method(method, control) and density in row
        }
        if means:
            tables.append(means)
    if len(tables) < FEWEST:
        return None
    methods = sorted(set.intersection(*(set(each) for each in tables)))
    if len(methods) < FEWEST:
        return None
    scores = [[table[method] for method in methods] for table in tables]
    ranks = [rankdata(row) for row in scores]
    mean_ranks = [fmean(float(row[place]) for row in ranks) for place in range(len(methods))]
    count, apart = len(methods), any(len(set(row)) > 1 for row in scores)
    quantile = float(studentized_range.ppf(0.95, count, math.inf)) / math.sqrt(2)
    return Ranking(
        density,
        len(tables),
        dict(sorted(zip(methods, mean_ranks, strict=True), key=lambda pair: pair[1])),
        float(friedmanchisquare(*zip(*scores, strict=True)).pvalue) if apart else 1.0,
        quantile * math.sqrt(count * (count + 1) / (6 * len(tables))),
    )
