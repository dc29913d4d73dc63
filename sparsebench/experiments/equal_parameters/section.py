"""Equal numbers of weights in four ways (slides, section 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.experiments.equal_parameters.cases import WAYS, FourWaysCase
from sparsebench.experiments.random_wiring.table import Group, by_group
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import (
    BLUE,
    FAINT,
    GREEN,
    PURPLE,
    VERMILION,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES, family_title
from sparsebench.values.protocol import CELL_TYPES, VARIANTS

_WAY_MARKS = {"dense": "o", "pruned dense": "s", "wired": "D", "pruned wired": "^"}
_WAY_COLOURS = dict(zip(WAYS, (BLUE, VERMILION, GREEN, PURPLE), strict=True))


_ABOUT = (
    "The same number of recurrent weights is spent in four ways: a stack of dense layers, a "
    "larger stack that is pruned, a wired network, and a larger wired network that is pruned. "
    "Each is trained for 25 epochs in total."
)
"""The introduction above the figure."""


def sections(measured: Measured) -> list[Section]:
    """Accuracy of each way, by variant and family."""
    ways = [
        (group.case, group)
        for group in measured.of(by_group)
        if isinstance(group.case, FourWaysCase)
    ]
    missing = Missing(
        "the same number of weights in four ways",
        "pytest benchmarks/test_wired_pruning.py -k four_ways --sparsebench-profile=thesis",
    )
    return [
        Section(
            "equal-parameters",
            "Equal numbers of weights",
            (_ABOUT,),
            (_four_ways(ways),) if ways else (),
            () if ways else (missing,),
        )
    ]


def _four_ways(ways: Sequence[tuple[FourWaysCase, Group]]) -> Drawing:
    figure, axes = panels(1, 4, 3.6, sharey=True)
    settings = sorted({(case.wired.graph.family, case.percent) for case, _ in ways})
    published = [(case, group) for case, group in ways if case.wired.semantics.name == "published"]
    names = [
        f"{'BA' if family == 'barabasi_albert' else 'WS' if family == 'watts_strogatz' else family}"
        f"\n{percent} %"
        for family, percent in settings
    ]
    for panel, variant in zip(axes[0], VARIANTS, strict=True):
        for place, (family, percent) in enumerate(settings):
            for number, way in enumerate(WAYS):
                for case, group in published:
                    if (case.way, case.variant, case.wired.graph.family, case.percent) == (
                        way,
                        variant,
                        family,
                        percent,
                    ):
                        _draw_way(panel, place + 0.17 * (number - 1.5), way, group)
        panel.set_title(VARIANT_TITLES[variant])
        panel.set_xticks(range(len(settings)), names)
        panel.set(ylim=(0.45, 1.02), xlim=(-0.6, len(settings) - 0.4))
    axes[0, 0].set_ylabel("test accuracy")
    return drawn(
        "four-ways",
        "Four ways to spend the same number of recurrent weights, published semantics",
        "Below each group: the family of the wired network (WS Watts-Strogatz, BA Barabási-Albert) and "
        "the percentage pruned. A mark is the mean of one way; its line spans the networks from the "
        f"lowest to the highest. {_best_ways(published)}",
        figure,
        _four_ways_table(ways),
    )


def _draw_way(panel: Panel, place: float, way: str, group: Group) -> None:
    accuracy = group.accuracy
    panel.vlines(place, accuracy.low, accuracy.high, color=FAINT, linewidth=1)
    panel.plot(
        place, accuracy.mean, _WAY_MARKS[way], color=_WAY_COLOURS[way], markersize=5, label=way
    )


def _best_ways(ways: Sequence[tuple[FourWaysCase, Group]]) -> str:
    means: dict[tuple[str, str, int], dict[str, float]] = {}
    for case, group in ways:
        key = (case.variant, case.wired.graph.family, case.percent)
        means.setdefault(key, {})[case.way] = group.accuracy.mean
    best = [max(row, key=row.__getitem__) for row in means.values()]
    counts = {way: best.count(way) for way in WAYS if way in best}
    said = ", ".join(f"{way} in {count}" for way, count in counts.items())
    return f"Best of the four in {len(best)} comparisons: {said}."


def _four_ways_table(ways: Sequence[tuple[FourWaysCase, Group]]) -> Table:
    rows = [
        (
            VARIANT_TITLES[case.variant],
            family_title(case.wired.graph.family, case.wired.graph.order),
            f"{case.percent} %",
            case.way,
            case.wired.semantics.name,
            group.accuracy.count,
            group.accuracy.mean,
            group.accuracy.low,
            group.accuracy.high,
            fmean(record.metrics["kept"] for record in group.records),
        )
        for case, group in sorted(
            ways,
            key=lambda each: (
                CELL_TYPES.index(each[0].variant),
                each[0].wired.graph.family,
                each[0].percent,
                WAYS.index(each[0].way),
            ),
        )
    ]
    return Table(
        "four-ways-numbers",
        "Test accuracy of four ways to spend the same number of recurrent weights",
        (
            Column("variant", choice=True),
            Column("family of the wired network", choice=True),
            Column("pruned", choice=True),
            Column("way", choice=True),
            Column("semantics", choice=True),
            Column("networks", ".0f"),
            Column("mean", ".3f"),
            Column("lowest", ".3f"),
            Column("highest", ".3f"),
            Column("recurrent weights", ".0f"),
        ),
        rows,
    )
