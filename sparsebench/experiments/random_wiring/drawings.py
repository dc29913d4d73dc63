"""Drawings of wirings by layer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import networkx as nx

from sparsebench.experiments.random_wiring.table import wired_networks
from sparsebench.parts.graphs import FAMILIES
from sparsebench.parts.properties import vertices_reaching_readout
from sparsebench.parts.wired import graph_and_wiring
from sparsebench.parts.wirings import ORDERS, graph_of
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import BLUE, FAINT, VERMILION, Panel, drawn, panels
from sparsebench.report.measured import Measured
from sparsebench.report.words import family_title
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.wiring import Wiring

_EXAMPLES = 2
"""Wirings by family."""

_MOST_FAMILIES, _MOST_VERTICES = 8, 60
"""Number of drawings, and most vertices: larger graphs cannot be read."""


_ABOUT = (
    "Layers are drawn from left to right, and every edge leads to the right. The readout sees only "
    "the last layer. No path leads there from vertices drawn as hollow squares, so they do not "
    "contribute."
)
"""The introduction above the figures."""

_WAVE = 0.04
"""Vertical offset of layers, in units of the layout, whose width is 2."""


def wirings_section(measured: Measured) -> Section:
    """A few wirings of each family in the records, redrawn from the graphs' seeds."""
    wirings = _examples(measured)
    missing = Missing("networks whose wiring could be drawn", "pytest benchmarks/test_wired.py")
    return Section(
        "wirings",
        "Wirings by layer",
        (_ABOUT,),
        (_drawings(wirings),) if wirings else (),
        () if wirings else (missing,),
    )


def _examples(measured: Measured) -> list[tuple[GraphSpec, Wiring]]:
    """The graphs with the lowest seeds of each family; those with edges by node order come first."""
    by_family: dict[str, list[GraphSpec]] = {}
    for case, _ in measured.of(wired_networks):
        specs = by_family.setdefault(case.graph.family, [])
        if case.graph not in specs and (case.graph.vertices or 0) <= _MOST_VERTICES:
            specs.append(case.graph)
    found = []
    known = [family for family in FAMILIES if family in by_family][:_MOST_FAMILIES]
    for family in known:
        specs = [spec for spec in by_family[family] if (spec.order or "nodes") in ORDERS]
        for spec in sorted(specs, key=lambda each: (each.order or "", each.seed))[:_EXAMPLES]:
            try:
                found.append((spec, graph_and_wiring(spec)[1]))
            except (ValueError, nx.NetworkXException):
                continue  # the family has no graph with this number of vertices
    return found


def _drawings(wirings: Sequence[tuple[GraphSpec, Wiring]]) -> Drawing:
    columns = min(3, len(wirings))
    rows = -(-len(wirings) // columns)
    figure, axes = panels(rows, columns, 2.9 * rows)
    numbers = []
    for panel, (spec, wiring) in zip(axes.flat, wirings, strict=False):
        reaching = vertices_reaching_readout(wiring)
        _draw(panel, wiring, reaching)
        title = f"{family_title(spec.family, spec.order)}, seed {spec.seed}"
        panel.set_title(f"{title}: {len(reaching)} of {sum(wiring.sizes)} reach the readout")
        numbers.append(
            (
                family_title(spec.family, spec.order),
                spec.seed,
                sum(wiring.sizes),
                len(wiring.edges),
                "-".join(str(size) for size in wiring.sizes),
                len(reaching),
            )
        )
    for panel in axes.flat[len(wirings) :]:
        panel.set_axis_off()
    share = sum(row[5] for row in numbers) / sum(row[2] for row in numbers)
    return drawn(
        "wirings-by-layer",
        "Wirings by layer",
        f"{len(wirings)} wirings of {len({row[0] for row in numbers})} families, layers from left to "
        f"right. {100 * share:.0f} % of their vertices can reach the readout.",
        figure,
        Table(
            "wirings-by-layer-numbers",
            "The wirings that are drawn",
            (
                Column("family", choice=True),
                Column("seed", "d"),
                Column("vertices", ".0f"),
                Column("edges", ".0f"),
                Column("vertices of each layer"),
                Column("reach the readout", ".0f"),
            ),
            numbers,
        ),
    )


def _draw(panel: Panel, wiring: Wiring, reaching: set[int]) -> None:
    graph = graph_of(wiring)
    nx.set_node_attributes(graph, dict(enumerate(wiring.layer_of())), "layer")
    places = nx.multipartite_layout(graph, subset_key="layer")
    for vertex, layer in graph.nodes(data="layer"):
        places[vertex][1] += _WAVE * math.sin(
            2.4 * layer
        )  # else edges that skip a layer would overlap
    for one, other in graph.edges:
        (left, low), (right, high) = places[one], places[other]
        panel.plot([left, right], [low, high], color=FAINT, linewidth=0.6, alpha=0.6, told=False)
    for vertices, marker, colour, label, hollow in (
        (sorted(reaching), "o", BLUE, "reaches the readout", False),
        (sorted(set(graph) - reaching), "s", VERMILION, "does not", True),
    ):
        if vertices:
            across, up = zip(*(places[each] for each in vertices), strict=True)
            panel.plot(across, up, marker, color=colour, markersize=5, label=label, hollow=hollow,
                       told=False)  # fmt: skip
    panel.set_axis_off()
