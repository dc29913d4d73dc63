"""Correlation between properties of graphs and accuracy (thesis, section 6.3, tables 6.1 to 6.4)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sparsebench.experiments.graph_statistics.correlation_claims import CORRELATIONS, ESSENTIAL
from sparsebench.experiments.graph_statistics.table import correlations
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import thesis_networks
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record
from sparsebench.report.contents import Column, Drawing, Entry, Missing, Section, Table
from sparsebench.report.drawing import FAMILY_COLOURS, Panel, drawn, panels
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES, family_title, interval_text
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.protocol import CELL_TYPES, VARIANTS
from sparsebench.values.semantics import SEMANTICS

Correlations = dict[tuple[str, str], Record]
"""By semantics and variant."""

_DARK = 0.55
"""Correlation from which on the heat map writes a value in white."""


_ABOUT = (
    "Pearson's correlation of each graph property with test accuracy, over the networks of both "
    "families, beside tables 6.1 to 6.4 of the thesis. The families differ in accuracy and in "
    "nearly every property, so the table has the correlation within each family too. From a third "
    "of the vertices no path leads to the readout; layers, sources and sinks depend on the order "
    "of the nodes."
)
"""The introduction above the figures."""


def correlation_section(measured: Measured) -> Section:
    """The heat map beside the thesis's, a table of all figures, and accuracy against properties."""
    found: Correlations = {
        (case.population.semantics.name, case.variant): record
        for case, record in measured.of(correlations)
        if case.population.semantics.name in SEMANTICS
    }
    networks = [
        (case, record)
        for case, record in measured.of(thesis_networks)
        if case.graph.family in PUBLISHED_FAMILIES
        and case.semantics.name == "published"
        and all(name in record.properties for name in PROPERTIES)
    ]
    shown: list[Drawing | Table] = []
    missing = [
        Missing(
            f"correlations under the {semantics} semantics",
            "pytest benchmarks/test_correlation.py --sparsebench-profile=thesis "
            f"--sparsebench-semantics={semantics}",
        )
        for semantics in SEMANTICS
        if not any(name == semantics for name, _ in found)
    ]
    if found:
        shown += [_heat_map(found), _every_figure(found)]
    if networks:
        shown.append(_joint_plots(networks))
    return Section(
        "correlation",
        "Correlation of graph properties with accuracy",
        (_ABOUT,),
        tuple(shown),
        tuple(missing),
    )


def _heat_map(found: Correlations) -> Drawing:
    measured = [name for name in SEMANTICS if any(semantics == name for semantics, _ in found)]
    columns: list[tuple[str, Mapping[str, Mapping[str, float]]]] = [
        (f"ours, {name}", {each: _row(found, name, each, "pearson") for each in VARIANTS})
        for name in measured
    ]
    columns.append(("the thesis", {each: CORRELATIONS.get(each, {}) for each in VARIANTS}))
    figure, axes = panels(1, len(columns), 7.2, width=2.2 + 3.1 * len(columns), sharey=True)
    for panel, (title, figures) in zip(axes[0], columns, strict=True):
        _draw_map(panel, figures)
        panel.set_title(title)
    return drawn(
        "correlation-map",
        "Correlation of properties with accuracy (tables 6.1 to 6.4)",
        "Rows are properties, columns are variants. Blue: the larger the property, the higher the "
        "accuracy; red: the lower. "
        f"{_strongest(found)}",
        figure,
        None,
    )


def _row(found: Correlations, semantics: str, variant: str, table: str) -> Mapping[str, float]:
    record = found.get((semantics, variant))
    return record.tables.get(table, {}) if record else {}


def _draw_map(panel: Panel, figures: Mapping[str, Mapping[str, float]]) -> None:
    for row, name in enumerate(PROPERTIES):
        for column, variant in enumerate(VARIANTS):
            value = figures[variant].get(name)
            if value is not None and math.isfinite(value):
                ink = "#fefefe" if abs(value) > _DARK else "#000000"
                panel.cell((column, row), _between_red_and_blue(value), f"{value:+.2f}", ink)
    panel.set_xticks([place + 0.5 for place in range(4)], [VARIANT_TITLES[v] for v in VARIANTS])
    panel.set_yticks(
        [place + 0.5 for place in range(len(PROPERTIES))],
        [name.replace("_", " ") for name in PROPERTIES],
    )
    panel.set(xlim=(0, len(VARIANTS)), ylim=(len(PROPERTIES), 0))


_RED, _WHITE, _BLUE = (178, 24, 43), (247, 247, 247), (33, 102, 172)


def _between_red_and_blue(value: float) -> str:
    """The colour of a correlation: red for -1, white for 0, blue for 1."""
    end, share = (_BLUE if value > 0 else _RED), min(abs(value), 1.0)
    mixed = (round(white + share * (full - white)) for white, full in zip(_WHITE, end, strict=True))
    return "#" + "".join(f"{each:02x}" for each in mixed)


def _strongest(found: Correlations) -> str:
    said = []
    for semantics, variant in found:
        row = _row(found, semantics, variant, "pearson")
        if row and semantics == "published":
            name = max(row, key=lambda each: abs(row[each]))
            said.append(f"{VARIANT_TITLES[variant]} {name.replace('_', ' ')} ({row[name]:+.2f})")
    return f"Our strongest correlations: {'; '.join(said)}." if said else ""


def _every_figure(found: Correlations) -> Table:
    rows = []
    for (semantics, variant), record in sorted(
        found.items(), key=lambda each: (CELL_TYPES.index(each[0][1]), each[0][0] != "published")
    ):
        tables = record.tables
        for name in PROPERTIES:
            low, high = (tables.get(end, {}).get(name) for end in ("pearson_low", "pearson_high"))
            interval = None if low is None or high is None else (low, high)
            theirs = CORRELATIONS.get(variant, {}).get(name)
            rows.append(
                (
                    name,
                    VARIANT_TITLES[variant],
                    semantics,
                    theirs,
                    tables.get("pearson", {}).get(name),
                    interval_text(interval, "+.2f"),
                    _agrees(theirs, interval),
                    *(
                        tables.get(figure, {}).get(name)
                        for figure in (
                            "spearman",
                            "partial",
                            "watts_strogatz",
                            "barabasi_albert",
                            "within",
                            "p_adjusted",
                        )
                    ),
                    "essential" if name in ESSENTIAL.get(variant, ()) else "",
                )
            )
    return Table(
        "correlations",
        "Correlation of properties with test accuracy, beside the thesis's",
        (
            Column("property"),
            Column("variant", choice=True),
            Column("semantics", choice=True),
            Column("the thesis", "+.2f"),
            Column("ours, Pearson", "+.2f"),
            Column("95 % interval"),
            Column("the thesis's figure is", choice=True),
            Column("Spearman", "+.2f"),
            Column("given the number of vertices", "+.2f"),
            Column("within Watts-Strogatz", "+.2f"),
            Column("within Barabási-Albert", "+.2f"),
            Column("within families, pooled", "+.2f"),
            Column("adjusted p", ".2g"),
            Column("the thesis calls it", choice=True),
        ),
        rows,
    )


def _agrees(theirs: float | None, interval: tuple[float, float] | None) -> str:
    if theirs is None or interval is None:
        return ""
    return "inside our interval" if interval[0] <= theirs <= interval[1] else "outside our interval"


def _joint_plots(networks: Sequence[tuple[WiredCase, Record]]) -> Drawing:
    columns = max(len(names) for names in ESSENTIAL.values())
    figure, axes = panels(len(VARIANTS), columns, 8.6, width=12.5)
    for row, variant in enumerate(VARIANTS):
        for panel, name in zip(axes[row], ESSENTIAL.get(variant, ()), strict=False):
            _draw_joint(panel, variant, name, networks)
        for panel in axes[row, len(ESSENTIAL.get(variant, ())) :]:
            panel.set_axis_off()
        axes[row, 0].set_ylabel(f"{VARIANT_TITLES[variant]}\ntest accuracy")
    return drawn(
        "joint-plots",
        "Accuracy against the properties that the thesis calls essential",
        "A dot is a network, published semantics.",
        figure,
        _essentials(networks),
    )


def _draw_joint(
    panel: Panel, variant: str, name: str, networks: Sequence[tuple[WiredCase, Record]]
) -> None:
    for family in PUBLISHED_FAMILIES:
        points = [
            (record.properties[name], record.metrics["accuracy"])
            for case, record in networks
            if (case.variant, case.graph.family) == (variant, family)
        ]
        if points:
            across, up = zip(*points, strict=True)
            colour = FAMILY_COLOURS[family]
            mark = "o" if family == "watts_strogatz" else "x"
            panel.plot(across, up, mark, color=colour, markersize=2.5, alpha=0.6,
                       label=family_title(family))  # fmt: skip
    panel.set_xlabel(name.replace("_", " "))
    panel.set_ylim(0.45, 1.02)


def _essentials(networks: Sequence[tuple[WiredCase, Record]]) -> Table:
    wanted = {name for names in ESSENTIAL.values() for name in names}
    names = [name for name in PROPERTIES if name in wanted]
    rows: list[Sequence[Entry]] = [
        (
            VARIANT_TITLES[case.variant],
            family_title(case.graph.family),
            case.graph.seed,
            record.metrics["accuracy"],
            *(record.properties[name] for name in names),
        )
        for case, record in networks
    ]
    return Table(
        "essential-properties",
        "Accuracy and essential properties of every network of the published semantics",
        (
            Column("variant", choice=True),
            Column("family", choice=True),
            Column("seed", "d"),
            Column("test accuracy", ".4f"),
            *(Column(name, ".4g") for name in names),
        ),
        rows,
    )
