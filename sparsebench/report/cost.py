"""Cost and accuracy of every sparse method: weights, accuracy and forward time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sparsebench.harness.registry import experiments
from sparsebench.judging.intervals import accuracy_interval
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record
from sparsebench.parts.weights import recurrent_weights
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import INK, Panel, drawn, panels
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Architecture

DENSE = "dense"
"""The name of the method of networks that are not pruned."""

_LEAST = 1e-3
"""Lower end of the axis of weights: below it, no network is better than chance."""


@dataclass(frozen=True)
class Method:
    """A way of making a network.

    Attributes
    ----------
    name
        Short, for tables and legends.
    marker, colour
        The marker, by matplotlib's name, and the colour in figures.
    about
        A sentence on the page for readers whom the name does not tell enough.
    """

    name: str
    marker: str
    colour: str
    about: str = ""


@dataclass(frozen=True)
class Point:
    """One method at one setting.

    Attributes
    ----------
    method
        How the networks were made.
    setting
        Further settings that distinguish it from other points.
    variant, semantics
        Cell type and semantics of the networks.
    density
        Recurrent weights over those of the thesis's dense model of the variant.
    accuracy
        Mean over networks, 0-1.
    networks
        Number of networks.
    time
        Forward time relative to the dense model's; None if it was not timed.
    percent, what
        The percentage pruned; and what is pruned, by which criterion. If a method has both, its
        points are listed by percentage.
    accuracies, strings
        The accuracy of each network, and the number of test strings, for the interval of the mean.
    """

    method: Method
    setting: str
    variant: str
    semantics: str
    density: float
    accuracy: float
    networks: int
    time: float | None
    percent: int | None = None
    what: str = ""
    accuracies: tuple[float, ...] = ()
    strings: int = 0

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the mean accuracy; covers sampling of strings and of networks."""
        if not self.accuracies or not self.strings:
            return None
        return accuracy_interval(self.accuracies, self.strings)


def accuracies_of(records: Sequence[Record]) -> dict[str, Any]:
    """The two fields of a `Point` from which its interval is computed."""
    return {
        "accuracies": tuple(accuracies(records)),
        "strings": int(records[0].metrics.get("strings", 0)),
    }


def front(points: Iterable[Point], timed: bool = False) -> list[Point]:
    """The Pareto front: points that no cheaper point beats in accuracy.

    Parameters
    ----------
    points
        Points of one variant and semantics; points without a time are skipped if `timed`.
    timed
        Whether cost is forward time; otherwise it is the number of weights.

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
    "Every method at every setting: the share of the recurrent weights of the dense model (3 "
    "layers of 50 units), the mean test accuracy, and the time of a forward pass of 128 strings "
    "divided by that of the dense model on torch's layers. The line is the Pareto front: no other "
    "method in the file is more accurate with as few weights, or in as little time."
)
"""The introduction above the figures."""


def cost_section(measured: Measured) -> Section:
    """Density, accuracy and forward time of every measured method, with the Pareto fronts."""
    found = measured.once(points)
    timed = any(point.time is not None for point in found)
    missing = []
    if not timed:
        missing.append(
            Missing(
                "forward times (a baseline stores them in separate files; a run measures them "
                "unless it is started with --benchmark-disable)",
                "pytest benchmarks --sparsebench-json results/latest.json",
            )
        )
    return Section(
        "cost",
        "Weights, accuracy and time of every method",
        (_ABOUT,),
        (_fronts(found, timed), _every_point(found)) if found else (),
        tuple(missing),
    )


def points(measured: Measured) -> list[Point]:
    """Every method of every experiment at every setting, for preset semantics."""
    found = [point for each in experiments() for point in each.points(measured)]
    order = list(dict.fromkeys(point.method for point in found))
    return sorted(
        found,
        key=lambda point: (
            CELL_TYPES.index(point.variant),
            order.index(point.method),
            point.semantics != "published",
            -point.density,
        ),
    )


def recurrent_weights_of(record: Record) -> float | None:
    """The number of recurrent weights of a record's network."""
    return record.metrics.get("kept", record.properties.get("recurrent_weights"))


def dense_weights(variant: str) -> int:
    """The number of recurrent weights of the thesis's dense model of a variant."""
    return recurrent_weights(Architecture(variant).layout, {})[0]


def _fronts(found: Sequence[Point], timed: bool) -> Drawing:
    figure, axes = panels(1 + timed, 4, 3.4 + 3 * timed, sharey=True)
    shown = _main_semantics(found)
    for row in range(1 + timed):
        for panel, variant in zip(axes[row], VARIANTS, strict=True):
            of_variant = [
                point for point in found if (point.variant, point.semantics) == (variant, shown)
            ]
            _draw(panel, of_variant, timed=row == 1)
            panel.set(xscale="log")
            panel.set_ylim(0.45, 1.03)
            if row == 0:
                panel.set_xlim(_LEAST, 1.6)
            panel.set_xlabel("forward time / dense" if row else "recurrent weights / dense")
            if row == 0:
                panel.set_title(VARIANT_TITLES[variant])
        axes[row, 0].set_ylabel("mean test accuracy")
    return drawn(
        "pareto-fronts",
        f"Weights{', time' if timed else ''} and accuracy of every method, {shown} semantics",
        "A mark is a method at one setting; the line is the Pareto front of the variant. Methods that "
        "keep less than 0.1 % of the weights lie beyond the left edge. "
        f"{_corners(found, shown)}",
        figure,
        None,
    )


def _main_semantics(found: Sequence[Point]) -> str:
    return "published" if any(each.semantics == "published" for each in found) else "corrected"


def _draw(panel: Panel, found: Sequence[Point], timed: bool) -> None:
    for method in dict.fromkeys(point.method for point in found):
        marked = [
            (price, point.accuracy)
            for point in found
            if point.method == method and (price := point.time if timed else point.density)
        ]
        if marked:
            across, up = zip(*marked, strict=True)
            panel.plot(across, up, method.marker, color=method.colour,
                       markersize=5 if method.marker != "*" else 9,
                       alpha=0.75, label=method.name)  # fmt: skip
    best = [
        (point.time if timed else point.density, point.accuracy) for point in front(found, timed)
    ]
    drawable = [(price, accuracy) for price, accuracy in best if price]
    if drawable:
        panel.step(*zip(*drawable, strict=True), color=INK, linewidth=1, alpha=0.6,
                   label="Pareto front")  # fmt: skip


def _corners(found: Sequence[Point], semantics: str) -> str:
    """For each variant, the fewest weights with which some method reaches an accuracy of 0.99."""
    said = []
    for variant in CELL_TYPES:
        good = [
            point
            for point in found
            if (point.variant, point.semantics) == (variant, semantics) and point.accuracy >= 0.99
        ]
        if good:
            least = min(good, key=lambda point: point.density)
            setting = f" ({least.setting})" if least.setting else ""
            said.append(
                f"{VARIANT_TITLES[variant]} {100 * least.density:.2g} % by {least.method.name}{setting}"
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
                point.method.name,
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
