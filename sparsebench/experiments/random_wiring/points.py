"""Points of wired networks, pruned and not, in the comparison of accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import fmean

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import Group, by_group
from sparsebench.report.cost import (
    Method,
    Point,
    accuracies_of,
    dense_weights,
    recurrent_weights_of,
)
from sparsebench.report.drawing import GREEN, PURPLE
from sparsebench.report.measured import Measured
from sparsebench.report.words import by_criterion, family_title
from sparsebench.values.semantics import SEMANTICS

WIRED = Method("wired", "D", GREEN)
PRUNED = Method("wired, pruned, fine-tuned", "^", PURPLE)


def points(measured: Measured) -> Iterable[Point]:
    """A point for each group of replicates."""
    for group in measured.of(by_group):
        case = group.case
        if isinstance(case, WiredCase):
            setting = family_title(case.graph.family, case.graph.order)
            yield from point_of(group, case, WIRED, setting)
        elif isinstance(case, FinetuningCase) and case.percent is not None:
            network = case.network
            if isinstance(network, WiredCase):
                family = family_title(network.graph.family)
                setting = (
                    f"{family}, {case.target}, {case.percent} %"
                    f"{by_criterion(case.criterion)}, {case.training.epochs} epochs"
                )
                what = f"{family}, {case.target}{by_criterion(case.criterion)}"
                yield from point_of(group, network, PRUNED, setting, case.percent, what)


def point_of(
    group: Group,
    network: WiredCase,
    method: Method,
    setting: str,
    percent: int | None = None,
    what: str = "",
) -> Iterator[Point]:
    """The point of a group, if its weights are known and its semantics are a preset."""
    known = [count for each in group.records if (count := recurrent_weights_of(each)) is not None]
    if known and network.semantics.name in SEMANTICS:
        yield Point(
            method,
            setting,
            network.variant,
            network.semantics.name,
            fmean(known) / dense_weights(network.variant),
            group.accuracy.mean,
            group.accuracy.count,
            group.ratio,
            percent,
            what,
            **accuracies_of(group.records),
        )
