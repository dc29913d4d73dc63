"""Points of the four ways to spend equal numbers of weights, by accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.random_wiring.points import point_of
from sparsebench.experiments.random_wiring.table import Group, by_group
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


_ABOUT = (
    'The methods called "equal parameters" are four kinds of networks with about the same number of '
    "recurrent weights: a small randomly wired network, whose family is named; a small dense "
    "network; and a larger dense and a larger wired network, pruned to that number."
)
"""Explains the methods' names."""


def points(measured: Measured) -> Iterable[Point]:
    """A point for each way, variant, family and, of those that are pruned, percentage.

    The others are the same networks at every percentage, so the most of them are shown once.
    """
    found: dict[tuple[object, ...], tuple[FourWaysCase, Group]] = {}
    for group in measured.of(by_group):
        case = group.case
        if isinstance(case, FourWaysCase):
            key = (case.way, case.wired, case.percent if _is_pruned(case) else None)
            if key not in found or len(found[key][1].records) < len(group.records):
                found[key] = case, group
    for case, group in sorted(found.values(), key=lambda each: list(_MARKS).index(each[0].way)):
        method = Method(f"equal parameters: {case.way}", *_MARKS[case.way], _ABOUT)
        yield from point_of(group, case.wired, method, _setting(case))


def _is_pruned(case: FourWaysCase) -> bool:
    return case.way.startswith("pruned")


def _setting(case: FourWaysCase) -> str:
    family = family_title(case.wired.graph.family)
    whose = family if case.way.endswith("wired") else f"as many weights as {family}"
    return f"{whose}, {case.percent} % pruned" if _is_pruned(case) else whose
