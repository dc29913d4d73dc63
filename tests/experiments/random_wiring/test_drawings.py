"""Wirings are rebuilt from the seeds in the records; what does not reach the readout is marked."""

from dataclasses import replace

from sparsebench.experiments.random_wiring.drawings import wirings_section
from sparsebench.experiments.random_wiring.items import WiredItem
from sparsebench.parts.properties import vertices_reaching_readout
from sparsebench.report.measured import Measured
from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.wiring import Wiring
from tests.judging.records import networks
from tests.report import made_up


def test_a_vertex_without_a_way_up_does_not_reach_the_readout():
    wiring = Wiring((2, 2, 1), ((0, 2), (1, 3), (2, 4)))
    assert vertices_reaching_readout(wiring) == {0, 2, 4}


def test_every_vertex_of_the_last_layer_is_read():
    wiring = Wiring((2, 1, 2), ((0, 2), (2, 3), (2, 4)))
    assert vertices_reaching_readout(wiring) == {0, 2, 3, 4}


def test_two_wirings_of_each_family_are_drawn():
    section = wirings_section(Measured(tuple(made_up.wired(graphs=3))))
    (drawing,) = section.shown
    assert [row[:2] for row in drawing.numbers.rows] == [
        ("Watts-Strogatz", 0),
        ("Watts-Strogatz", 1),
        ("Barabási-Albert", 0),
        ("Barabási-Albert", 1),
    ]


def test_families_that_nobody_knows_and_graphs_too_large_are_passed_over():
    (unknown,) = networks(WiredItem("gru", "<script>", 0), [0.9])
    (large,) = networks(WiredItem("gru", "watts_strogatz", 0), [0.9])
    case = restore(large.case)
    case = replace(case, graph=replace(case.graph, vertices=10**6))
    large.case, large.digest = canonical(case), digest(case)
    section = wirings_section(Measured((unknown, large)))
    assert section.shown == ()
    assert section.missing


def test_a_graph_that_cannot_be_drawn_so_small_is_passed_over():
    (small,) = networks(WiredItem("gru", "barabasi_albert", 0), [0.9])
    case = restore(small.case)
    case = replace(case, graph=replace(case.graph, vertices=1))
    small.case, small.digest = canonical(case), digest(case)
    assert wirings_section(Measured((small,))).shown == ()
