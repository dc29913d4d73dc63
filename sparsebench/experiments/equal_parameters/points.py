"""Points of the four ways to spend equal numbers of weights, by accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.random_wiring.points import point_of
from sparsebench.experiments.random_wiring.table import by_group
from sparsebench.report.cost import Method, Point
from sparsebench.report.drawing import ORANGE, SKY
from sparsebench.report.measured import Measured
from sparsebench.report.words import family_title

_MARKS = {
    "dense": ("P", ORANGE),
    "pruned dense": ("X", ORANGE),
    "wired": ("P", SKY),
    "pruned wired": ("X", SKY),
}


def points(measured: Measured) -> Iterable[Point]:
    """A point for each way, variant and family."""
    found = [
        (group.case, group)
        for group in measured.of(by_group)
        if isinstance(group.case, FourWaysCase)
    ]
    for case, group in sorted(found, key=lambda each: list(_MARKS).index(each[0].way)):
        method = Method(f"equal parameters: {case.way}", *_MARKS[case.way])
        setting = f"{family_title(case.wired.graph.family)}, {case.percent} %"
        yield from point_of(group, case.wired, method, setting)
