"""What each way of being sparse costs and buys: weights, accuracy and forward time of every method."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from sparsebench.experiments.base.items import BaseCell
from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import Group
from sparsebench.judging.metrics import time_ratio
from sparsebench.parts.records import Record
from sparsebench.parts.weights import recurrent_weights
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    drawn,
    legend,
    panels,
)
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES, family_title
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import restore
from sparsebench.values.protocol import VARIANTS, Architecture
from sparsebench.values.semantics import SEMANTICS

_MARKS = {
    "dense": ("*", INK),
    "pruned": ("o", BLUE),
    "pruned, trained again": ("s", VERMILION),
    "wired": ("D", GREEN),
    "wired, pruned, trained again": ("^", PURPLE),
    "four ways: dense": ("P", ORANGE),
    "four ways: pruned dense": ("X", ORANGE),
    "four ways: wired": ("P", SKY),
    "four ways: pruned wired": ("X", SKY),
}
"""Methods, and how they are drawn."""

_LEAST = 1e-3
"""Where the axis of weights begins: with fewer, no network is better than chance."""


@dataclass(frozen=True)
class Point:
    """One method at one setting.

    Attributes
    ----------
    method
        One of the keys of `_MARKS`.
    setting
        What else tells it from others.
    variant, semantics
        Of the networks.
    density
        Recurrent weights over those of the thesis's dense model of the variant.
    accuracy
        Mean over seeds, 0-1.
    networks
        How many were measured.
    time
        Forward time over that of the dense model, where it was timed.
    """

    method: str
    setting: str
    variant: str
    semantics: str
    density: float
    accuracy: float
    networks: int
    time: float | None


def front(points: Iterable[Point], timed: bool = False) -> list[Point]:
    """The Pareto front: points that none beats at accuracy with as few weights, or in as little time.

    Parameters
    ----------
    points
        Of one variant and semantics; those without a time are passed over where time counts.
    timed
        Whether time counts, or the number of weights.

    Returns
    -------
    list of Point
        From the cheapest to the most accurate.
    """
    priced = [
        (price, point)
        for point in points
        if (price := point.time if timed else point.density) is not None
    ]
    best: list[Point] = []
    for _, point in sorted(priced, key=lambda each: (each[0], -each[1].accuracy)):
        if not best or point.accuracy > best[-1].accuracy:
            best.append(point)
    return best


_ABOUT = (
    "Every method that was run, at every setting: recurrent weights over those of the dense model "
    "of 3 layers of 50 units, mean test accuracy, and the time of a forward pass of 128 strings "
    "over the dense model's on torch's layers. The Pareto front joins the methods that none beats "
    "at accuracy with as few weights, or in as little time."
)
"""What stands above the figures."""


def cost_section(measured: Measured) -> Section:
    """Density, accuracy and forward time of every method that was run, with the Pareto fronts."""
    found = points(measured)
    timed = any(point.time is not None for point in found)
    missing = []
    if not timed:
        missing.append(
            Missing(
                "forward times: a baseline keeps them apart, and a run has them unless it was "
                "started with --benchmark-disable",
                "pytest benchmarks --sparsebench-json results/latest.json",
            )
        )
    return Section(
        "cost",
        "What it costs, and what it buys",
        (_ABOUT,),
        (_fronts(found, timed), _every_point(found)) if found else (),
        tuple(missing),
    )


def points(measured: Measured) -> list[Point]:
    """Every method at every setting, of the semantics that have a name."""
    forward = _forward_times(measured.records)
    found = [*_pruned(measured, forward), *_regained(measured), *_wired(measured.groups)]
    order = list(_MARKS)
    return sorted(
        found,
        key=lambda point: (
            VARIANTS.index(point.variant),
            order.index(point.method),
            point.semantics != "published",
            -point.density,
        ),
    )


def _pruned(measured: Measured, forward: dict[tuple[str, int], float]) -> Iterable[Point]:
    for result in measured.cells:
        cell, records = result.cell, result.records
        common = (cell.variant, cell.semantics)
        if isinstance(cell, BaseCell):
            time = result.ratio if result.ratio is not None else forward.get((cell.variant, 0))
            yield Point("dense", "", *common, 1.0, result.accuracy, len(records), time)
            continue
        metrics = records[0].metrics
        if "prunable" in metrics and "kept" in metrics:
            gone = fmean(each.metrics["prunable"] - each.metrics["kept"] for each in records)
            time = result.ratio
            if time is None and cell.target == "both":
                time = forward.get((cell.variant, cell.percent))
            yield Point(
                "pruned",
                f"{cell.target}, {cell.percent} %{_by(cell.criterion)}",
                *common,
                1 - gone / _dense_weights(cell.variant),
                result.accuracy,
                len(records),
                time,
            )


def _regained(measured: Measured) -> Iterable[Point]:
    for cell, result in measured.longest_regained:
        yield Point(
            "pruned, trained again",
            f"{cell.target}, {cell.percent} %",
            cell.variant,
            cell.semantics,
            fmean(each.metrics["kept"] for each in result.records) / _dense_weights(cell.variant),
            fmean(each.metrics["accuracy"] for each in result.records),
            len(result.records),
            time_ratio(result.records),
        )


def _wired(groups: Iterable[Group]) -> Iterable[Point]:
    for group in groups:
        case = group.case
        if isinstance(case, WiredCase):
            method, network = "wired", case
            setting = family_title(case.graph.family, case.graph.order)
        elif isinstance(case, FourWaysCase):
            method, network = f"four ways: {case.way}", case.wired
            setting = f"{family_title(network.graph.family)}, {case.percent} %"
        elif isinstance(case.network, WiredCase) and case.percent is not None:
            method, network = "wired, pruned, trained again", case.network
            setting = (
                f"{family_title(network.graph.family)}, {case.target}, {case.percent} %"
                f"{_by(case.criterion)}, {case.training.epochs} epochs"
            )
        else:
            continue
        weights = [_weights(record) for record in group.records]
        known = [count for count in weights if count is not None]
        if known and network.semantics.name in SEMANTICS:
            yield Point(
                method,
                setting,
                network.variant,
                network.semantics.name,
                fmean(known) / _dense_weights(network.variant),
                group.accuracy.mean,
                group.accuracy.count,
                group.ratio,
            )


def _weights(record: Record) -> float | None:
    """How many recurrent weights a network has."""
    return record.metrics.get("kept", record.properties.get("recurrent_weights"))


def _dense_weights(variant: str) -> int:
    return recurrent_weights(Architecture(variant).layout, {})[0]


def _by(criterion: str) -> str:
    return "" if criterion == "magnitude" else f" by {criterion}"


def _forward_times(records: Iterable[Record]) -> dict[tuple[str, int], float]:
    """Gated forward times of base models before training, by variant and percentage of both pruned."""
    found = {}
    for record in records:
        if record.experiment == "forward" and "time_ratio" in record.metrics:
            case = restore(record.case)
            if isinstance(case, ForwardCase) and isinstance(case.network, BaseCase):
                found[case.variant, case.percent] = record.metrics["time_ratio"]
    return found


def _fronts(found: Sequence[Point], timed: bool) -> Drawing:
    figure, axes = panels(1 + timed, 4, 3.4 + 3 * timed, sharey=True, sharex="row")
    shown = _main_semantics(found)
    for row in range(1 + timed):
        for panel, variant in zip(axes[row], VARIANTS, strict=True):
            of_variant = [
                point for point in found if (point.variant, point.semantics) == (variant, shown)
            ]
            _draw(panel, of_variant, timed=row == 1)
            panel.set_xscale("log")
            panel.xaxis.set_major_formatter("{x:g}")
            panel.xaxis.set_minor_formatter(NullFormatter())
            panel.set_ylim(0.45, 1.03)
            if row == 0:
                panel.set_xlim(_LEAST, 1.6)
            else:
                panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            panel.set_xlabel("forward time / dense" if row else "recurrent weights / dense")
            if row == 0:
                panel.set_title(VARIANT_TITLES[variant])
        axes[row, 0].set_ylabel("mean test accuracy")
    legend(figure, axes, 5)
    return drawn(
        "pareto-fronts",
        f"Weights{', time' if timed else ''} and accuracy of every method, {shown} semantics",
        "A mark is a method at one setting; a line joins the Pareto front of the variant. What keeps "
        "less than a thousandth of the weights lies beyond the left edge. "
        f"{_corners(found, shown)}",
        figure,
        None,
    )


def _main_semantics(found: Sequence[Point]) -> str:
    return "published" if any(each.semantics == "published" for each in found) else "corrected"


def _draw(panel: Axes, found: Sequence[Point], timed: bool) -> None:
    for method, (mark, colour) in _MARKS.items():
        marked = [
            (price, point.accuracy)
            for point in found
            if point.method == method and (price := point.time if timed else point.density)
        ]
        if marked:
            across, up = zip(*marked, strict=True)
            panel.plot(across, up, mark, color=colour, markersize=5 if mark != "*" else 9,
                       markeredgewidth=0, alpha=0.75, label=method)  # fmt: skip
    if timed and not any(point.time is not None for point in found):
        panel.text(0.5, 0.5, "not timed", ha="center", transform=panel.transAxes)
    best = [
        (point.time if timed else point.density, point.accuracy) for point in front(found, timed)
    ]
    drawable = [(price, accuracy) for price, accuracy in best if price]
    if drawable:
        panel.step(*zip(*drawable, strict=True), where="post", color=INK, linewidth=1, alpha=0.6,
                   label="Pareto front")  # fmt: skip


def _corners(found: Sequence[Point], semantics: str) -> str:
    """For each variant, the fewest weights at which some method has an accuracy of 0.99."""
    said = []
    for variant in VARIANTS:
        good = [
            point
            for point in found
            if (point.variant, point.semantics) == (variant, semantics) and point.accuracy >= 0.99
        ]
        if good:
            least = min(good, key=lambda point: point.density)
            setting = f" ({least.setting})" if least.setting else ""
            said.append(
                f"{VARIANT_TITLES[variant]} {100 * least.density:.2g} % by {least.method}{setting}"
            )
    return f"The fewest weights with an accuracy of 0.99: {'; '.join(said)}." if said else ""


def _every_point(found: Sequence[Point]) -> Table:
    fronts: dict[tuple[str, str], tuple[list[Point], list[Point]]] = {}
    for variant, semantics in {(point.variant, point.semantics) for point in found}:
        alike = [
            point for point in found if (point.variant, point.semantics) == (variant, semantics)
        ]
        fronts[variant, semantics] = front(alike), front(alike, timed=True)
    rows = []
    for point in found:
        by_weights, by_time = fronts[point.variant, point.semantics]
        rows.append(
            (
                point.method,
                point.setting,
                VARIANT_TITLES[point.variant],
                point.semantics,
                point.networks,
                point.density,
                point.accuracy,
                point.time,
                "yes" if point in by_weights else "no",
                "not timed" if point.time is None else "yes" if point in by_time else "no",
            )
        )
    return Table(
        "methods",
        "Every method at every setting",
        (
            Column("method", choice=True),
            Column("setting"),
            Column("variant", choice=True),
            Column("semantics", choice=True),
            Column("networks", ".0f"),
            Column("weights / dense", ".4f"),
            Column("mean accuracy", ".4f"),
            Column("time / dense", ".3f"),
            Column("on the front by weights", choice=True),
            Column("on the front by time", choice=True),
        ),
        rows,
    )
