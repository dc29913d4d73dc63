"""Randomly wired networks: accuracy by family (thesis, figures 6.29 to 6.32), properties by family."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import (
    THESIS,
    Group,
    by_group,
    distribution,
    thesis_networks,
)
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import FAMILY_COLOURS, INK, SEMANTICS_COLOURS, Panel, drawn, panels
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES, family_title
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.protocol import CELL_TYPES, VARIANTS
from sparsebench.values.seeding import stream
from sparsebench.values.semantics import SEMANTICS

Networks = Sequence[tuple[WiredCase, Record]]


_ABOUT = (
    "A random graph is drawn and its edges are directed; its vertices become layers of units, and "
    "the network is trained for 15 epochs. The thesis trained 100 networks of each variant and "
    "family (figures 6.29 to 6.32); its figures here are computed from its author's result files."
)
"""The introduction above the figures."""


def wired_section(measured: Measured) -> Section:
    """Accuracy and properties of wired networks by family, beside the thesis's distributions."""
    networks = [
        (case, record)
        for case, record in measured.of(thesis_networks)
        if case.graph.family in PUBLISHED_FAMILIES
    ]
    missing = [
        Missing(
            f"randomly wired networks under the {semantics} semantics",
            "pytest benchmarks/test_wired.py --sparsebench-profile=thesis "
            f"--sparsebench-semantics={semantics}",
        )
        for semantics in SEMANTICS
        if not any(case.semantics.name == semantics for case, _ in networks)
    ]
    shown: list[Drawing | Table] = []
    if networks:
        shown.append(_by_family(networks))
    groups = [group for group in measured.of(by_group) if isinstance(group.case, WiredCase)]
    if groups:
        shown.append(_distributions(groups))
    graphs = _graphs(networks)
    if graphs:
        shown.append(_properties(graphs))
    return Section(
        "wired",
        "Randomly wired networks",
        (_ABOUT,),
        tuple(shown),
        tuple(missing),
    )


def _by_family(networks: Networks) -> Drawing:
    figure, axes = panels(1, 4, 3.6, sharey=True)
    for panel, variant in zip(axes[0], VARIANTS, strict=True):
        for place, family in enumerate(PUBLISHED_FAMILIES):
            for offset, semantics in zip((-0.22, 0.22), SEMANTICS, strict=True):
                values = [
                    record.metrics["accuracy"]
                    for case, record in networks
                    if (case.variant, case.graph.family, case.semantics.name)
                    == (variant, family, semantics)
                ]
                _draw_cloud(panel, values, place + offset, semantics)
            theirs = THESIS[variant, family]
            panel.vlines(place, theirs.low, theirs.high, color=INK, linewidth=1,
                         label="the thesis: lowest to highest")  # fmt: skip
            panel.plot(place, theirs.mean, "D", color=INK, markersize=5, label="the thesis: mean",
                       reference=True)  # fmt: skip
            panel.plot(
                place,
                theirs.median,
                "_",
                color=INK,
                markersize=11,
                label="the thesis: median",
                reference=True,
            )
        panel.set_title(VARIANT_TITLES[variant])
        panel.set_xticks(range(2), [family_title(family) for family in PUBLISHED_FAMILIES])
        panel.set(ylim=(0.45, 1.02), xlim=(-0.5, 1.5))
    axes[0, 0].set_ylabel("test accuracy")
    return drawn(
        "accuracy-by-family",
        "Accuracy of wired networks by family (figures 6.29 to 6.32)",
        "A dot is a network, a bar is our mean; the black line spans the thesis's networks from the "
        "lowest to the highest. "
        f"{_above(networks)}",
        figure,
        _every_network(networks),
    )


def _draw_cloud(panel: Panel, values: Sequence[float], place: float, semantics: str) -> None:
    if not values:
        return
    colour = SEMANTICS_COLOURS[semantics]
    beside = stream("cloud", len(values)).uniform(-0.1, 0.1, len(values))
    panel.plot(place + beside, values, ".", color=colour, markersize=2.5, alpha=0.5)
    mean = sum(values) / len(values)
    panel.hlines(
        mean,
        place - 0.14,
        place + 0.14,
        color=colour,
        linewidth=2.5,
        label=f"ours, {semantics}: mean",
    )


def _above(networks: Networks) -> str:
    said = []
    for variant in VARIANTS:
        means = []
        for family in PUBLISHED_FAMILIES:
            values = [
                record.metrics["accuracy"]
                for case, record in networks
                if (case.variant, case.graph.family, case.semantics.name)
                == (variant, family, "published")
            ]
            means.append(f"{sum(values) / len(values):.3f}" if values else "not measured")
        said.append(f"{VARIANT_TITLES[variant]} {means[0]} and {means[1]}")
    return f"Means for Watts-Strogatz and Barabási-Albert, published semantics: {'; '.join(said)}."


def _every_network(networks: Networks) -> Table:
    rows = [
        (
            VARIANT_TITLES[case.variant],
            family_title(case.graph.family),
            case.semantics.name,
            case.graph.seed,
            record.metrics["accuracy"],
            record.properties.get("nodes"),
            record.properties.get("reaching_readout"),
            record.properties.get("parameters"),
        )
        for case, record in networks
    ]
    return Table(
        "every-network",
        "Every wired network of the thesis's families",
        (
            Column("variant", choice=True),
            Column("family", choice=True),
            Column("semantics", choice=True),
            Column("seed", "d"),
            Column("test accuracy", ".4f"),
            Column("vertices", ".0f"),
            Column("of which reach the readout", ".0f"),
            Column("parameters", ".0f"),
        ),
        rows,
    )


def _distributions(groups: Sequence[Group]) -> Table:
    rows = []
    for group in sorted(groups, key=_order):
        case, ours = group.case, group.accuracy
        assert isinstance(case, WiredCase)
        theirs = THESIS.get((case.variant, case.graph.family))
        rows.append(
            (
                VARIANT_TITLES[case.variant],
                family_title(case.graph.family, case.graph.order),
                case.semantics.name,
                ours.count,
                *(ours.mean, ours.deviation, ours.median, ours.low, ours.high),
                *(
                    (theirs.mean, theirs.deviation, theirs.median, theirs.low, theirs.high)
                    if theirs
                    else (None,) * 5
                ),
            )
        )
    return Table(
        "wired-distributions",
        "Test accuracy of wired networks beside the thesis's",
        (
            Column("variant", choice=True),
            Column("family", choice=True),
            Column("semantics", choice=True),
            Column("networks", ".0f"),
            *(
                Column(f"{whose}{name}", ".3f")
                for whose in ("", "the thesis: ")
                for name in ("mean", "sd", "median", "lowest", "highest")
            ),
        ),
        rows,
    )


def _order(group: Group) -> tuple[object, ...]:
    case = group.case
    assert isinstance(case, WiredCase)
    place = CELL_TYPES.index(case.variant)
    return place, case.graph.family, str(case.graph.order), case.semantics.name != "published"


def _graphs(networks: Networks) -> dict[str, list[Record]]:
    """One record per graph, by family: all variants use the same graphs."""
    found: dict[tuple[str, int], Record] = {}
    for case, record in networks:
        if all(name in record.properties for name in PROPERTIES):
            found.setdefault((case.graph.family, case.graph.seed), record)
    graphs: dict[str, list[Record]] = {}
    for (family, _), record in found.items():
        graphs.setdefault(family, []).append(record)
    return graphs


def _properties(graphs: dict[str, list[Record]]) -> Drawing:
    figure, axes = panels(4, 6, 7.6)
    for panel, name in zip(axes.flat, PROPERTIES, strict=False):
        for place, family in enumerate(PUBLISHED_FAMILIES):
            values = [record.properties[name] for record in graphs.get(family, ())]
            if values:
                panel.box(place, values, color=FAMILY_COLOURS[family], label=family_title(family))
        panel.set_title(name.replace("_", " "))
        panel.set_xticks(range(2), ["WS", "BA"])
        panel.set_xlim(-0.6, 1.6)
    for panel in axes.flat[len(PROPERTIES) :]:
        panel.set_axis_off()
    return drawn(
        "properties-by-family",
        "Properties of the graphs by family",
        "A box for each family and property, from the lower to the upper quartile, with the median; "
        "whiskers reach to the last graph within one and a half times that. WS: Watts-Strogatz, BA: "
        "Barabási-Albert.",
        figure,
        _property_table(graphs),
    )


def _property_table(graphs: dict[str, list[Record]]) -> Table:
    rows = []
    for name in PROPERTIES:
        for family in PUBLISHED_FAMILIES:
            values = [record.properties[name] for record in graphs.get(family, ())]
            if values:
                found = distribution(values)
                quartiles = np.percentile(values, (25, 75))
                rows.append(
                    (
                        name,
                        family_title(family),
                        found.count,
                        *(found.mean, found.deviation, found.low),
                        *(float(quartiles[0]), found.median, float(quartiles[1]), found.high),
                    )
                )
    return Table(
        "property-distributions",
        "Properties of the graphs, by family",
        (
            Column("property"),
            Column("family", choice=True),
            Column("graphs", ".0f"),
            *(
                Column(title, ".4g")
                for title in (
                    "mean",
                    "sd",
                    "lowest",
                    "lower quartile",
                    "median",
                    "upper quartile",
                    "highest",
                )
            ),
        ),
        rows,
    )
