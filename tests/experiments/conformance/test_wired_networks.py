"""The author's wired networks are found in any part of a checkout, and held against his figures."""

import pickle
import shutil
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
import torch

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.experiments.conformance.base_models import NINE_IN_TEN, nine_in_ten_agree
from sparsebench.experiments.conformance.cases import WiredConformanceCase
from sparsebench.experiments.conformance.wired_networks import (
    EVERY_NETWORK,
    WiredAgreement,
    measure,
    survey,
    surveys,
    wired_networks,
)
from sparsebench.parts.graph_files import read_graph
from sparsebench.parts.graphs import draw
from sparsebench.parts.properties import graph_properties
from sparsebench.parts.records import Record, check_finite
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tables import read_strings
from sparsebench.parts.wired import wired_masks
from sparsebench.parts.wirings import orient, wire
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import digest, restore
from sparsebench.values.numerics import NUMERICS
from sparsebench.values.protocol import Training
from sparsebench.values.wiring import Wiring
from tests.author_files import WiredCheckout, write_graph
from tests.harness.settings import settings


class Bench:
    """Enough of a bench for a conformance case."""

    settings = SimpleNamespace(device="cpu", threads=1)
    numerics = NUMERICS
    here = None

    def __init__(self):
        self.made = {}

    def once(self, key, make):
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def note(self, where):
        return ""

    def progress(self, message):
        pass


def measured(checkout: WiredCheckout) -> WiredAgreement:
    (network,) = survey(checkout.folder).networks
    return measure(network, Bench())


def only_fault(checkout: WiredCheckout) -> str:
    (fault,) = measured(checkout).faults
    return fault


@pytest.fixture
def checkout(tmp_path):
    return WiredCheckout(tmp_path)


# The real files


def test_every_real_network_is_found_and_agrees(artifacts):
    found = survey(artifacts)
    assert found.faults == ()
    bench = Bench()
    agreements = {network.id: measure(network, bench) for network in found.networks}
    assert len(agreements) >= 215
    assert {name: each.faults for name, each in agreements.items() if each.faults} == {}
    whole = [each for each in agreements.values() if each.record is not None]
    assert len(whole) >= 20
    assert all(each.checks == ["row", "properties", "masks", "accuracy"] for each in whole)
    alone = [each.checks for each in agreements.values() if each.record is None]
    assert all(checks == ["row"] for checks in alone)
    assert max(abs(each.difference) for each in whole) < 0.01
    assert nine_in_ten_agree(whole)[0]


def test_the_networks_are_those_of_every_folder_in_order(artifacts):
    ids = [network.id for network in survey(artifacts).networks]
    assert "gru-watts_strogatz-12" in ids
    assert ids.index("rnn_tanh-barabasi_albert-57") < ids.index("lstm-barabasi_albert-3")
    assert ids.index("gru-barabasi_albert-9") < ids.index("gru-barabasi_albert-10")
    assert ids == [network.id for network in survey(artifacts / "Implementations").networks]


@pytest.mark.parametrize("name", ["rnn_tanh-watts_strogatz-12", "lstm-barabasi_albert-57"])
def test_one_moved_edge_of_a_real_graph_is_seen_in_the_masks(artifacts, tmp_path, name):
    (network,) = [each for each in survey(artifacts).networks if each.id == name]
    graph = read_graph(network.graph)
    wiring = wire(orient(graph))
    moved = 0
    for edge, other in product(list(graph.edges), nx.non_edges(graph)):
        changed = graph.copy()
        changed.remove_edge(*edge)
        changed.add_edge(*other)
        if nx.is_connected(changed) and wire(orient(changed)).sizes == wiring.sizes:
            write_graph(tmp_path / "moved.gpickle", changed)
            (fault,) = measure(
                replace(network, graph=tmp_path / "moved.gpickle", row=None), Bench()
            ).faults
            assert f"{network.weights}: " in fault
            moved += 1
        if moved == 10:
            return


# Parts of a checkout


def test_a_whole_network_is_checked_in_every_way(checkout):
    agreement = measured(checkout)
    assert agreement.faults == []
    assert agreement.checks == ["row", "properties", "masks", "accuracy"]
    assert agreement.difference == 0
    record = agreement.record
    assert restore(record.case) == WiredConformanceCase(
        "gru",
        "watts_strogatz",
        12,
        *(record.case[name] for name in ("graph", "weights", "strings")),
    )
    assert digest(restore(record.case)) == record.digest
    assert record.metrics.keys() == {"accuracy", "strings", "loss", "published"}
    assert record.metrics["strings"] == 6250
    assert record.properties["nodes"] == 12


@pytest.mark.parametrize(
    ("missing", "checks"),
    [
        (["graph_path"], ["row"]),
        (["weights_path"], ["row", "properties"]),
        (["table"], ["masks"]),
        (["strings"], ["row", "properties", "masks"]),
        (["graph_path", "weights_path"], ["row"]),
        (["graph_path", "table"], []),
        (["weights_path", "table"], []),
    ],
)
def test_whatever_part_is_there_is_checked(checkout, missing, checks):
    for name in missing:
        getattr(checkout, name).unlink()
    agreement = measured(checkout)
    assert agreement.faults == []
    assert agreement.checks == checks
    assert agreement.difference is None
    runs = not {"graph_path", "weights_path", "strings"} & set(missing)
    assert (agreement.record is not None) == runs


def test_each_network_is_measured_once_and_strings_are_read_once(checkout):
    bench = Bench()
    (network,) = survey(checkout.folder).networks
    first = measure(network, bench)
    shutil.rmtree(checkout.folder)
    assert measure(network, bench) is first


def test_an_empty_folder_says_what_is_looked_for(tmp_path):
    with pytest.raises(
        ValueError, match=r"no graphs/VARIANT/FAMILY_NR\.gpickle, .*: give a checkout"
    ):
        survey(tmp_path)


def test_a_checkout_of_base_models_only_has_no_wired_networks(tmp_path):
    folder = tmp_path / "experiments" / "state_dicts" / "prune"
    folder.mkdir(parents=True)
    (folder / "gru.pt").touch()
    assert survey(tmp_path).networks == ()


def test_items_are_those_of_the_given_checkout_and_none_without(tmp_path):
    WiredCheckout(tmp_path, "lstm")
    WiredCheckout(tmp_path, "gru")
    chosen = settings(tmp_path, artifacts=tmp_path)
    ids = ["lstm-watts_strogatz-12", "gru-watts_strogatz-12"]
    assert [item.id for item in wired_networks(chosen)] == ids
    assert [item.id for item in surveys(chosen)] == ["files"]
    for items in (wired_networks, surveys):
        assert items(settings(tmp_path)) == []


# What does not agree


def reordered(wiring: Wiring, seed: int) -> tuple[Wiring, list[int]]:
    """The wiring with its vertices shuffled inside layers, and the new number of each."""
    random, order, first = np.random.RandomState(seed), [], 0
    for size in wiring.sizes:
        order += [first + int(place) for place in random.permutation(size)]
        first += size
    edges = sorted((order[source], order[target]) for source, target in wiring.edges)
    return Wiring(wiring.sizes, tuple(edges)), order


@pytest.mark.parametrize("variant", ["rnn_tanh", "lstm"])
def test_the_order_of_vertices_inside_layers_is_the_checkpoints(tmp_path, variant):
    checkout = WiredCheckout(tmp_path, variant)
    before = measured(checkout).record
    stored, _ = reordered(checkout.wiring, seed=1)
    assert stored != checkout.wiring
    checkout.masks = wired_masks(stored, checkout.layout, "repeated")
    checkout.write_weights()
    after = measured(checkout)
    assert after.faults in ([], [fault for fault in after.faults if fault.startswith("accuracy")])
    direct = CpuPopulation(
        [sparse_layout(checkout.layout, checkout.masks)], [checkout.weights], "padded", Training()
    )
    (expected,) = direct.evaluate(read_strings(checkout.strings), 128)
    assert after.record.metrics["loss"] == expected.loss != before.metrics["loss"]
    assert after.record.digest != before.digest


@pytest.mark.parametrize("sign", [1, -1])
def test_an_accuracy_that_is_off_is_told_with_all_figures(checkout, sign):
    ours = checkout.accuracy()
    his = round((ours - sign * 0.0208) * 6250) / 6250
    checkout.write_row(test_acc=his)
    assert only_fault(checkout) == (
        f"accuracy: measured {ours:.5f}, published {his:.5f}, difference {ours - his:+.5f}"
    )
    checkout.write_row(test_acc=round((ours - sign * (EVERY_NETWORK - 0.0008)) * 6250) / 6250)
    assert measured(checkout).faults == []


@pytest.mark.parametrize("name", ["layers", "source_nodes", "sink_nodes", "diameter"])
def test_a_property_that_is_off_is_told_with_both_figures(checkout, name):
    ours = graph_properties(checkout.graph, checkout.wiring)[name]
    checkout.write_row(**{name: ours - 1})
    told = "\n".join(measured(checkout).faults)
    assert f"watts_strogatz_12.gpickle: {name}: measured {ours:g}, published {ours - 1:g}" in told


def test_a_row_that_contradicts_itself_is_told_with_its_line_without_a_graph(checkout):
    checkout.graph_path.unlink()
    checkout.write_row(test_acc=0.5, density=0.5)
    told = "\n".join(measured(checkout).faults)
    assert f"{checkout.table}, line 2: density is 0.5, but edges / (nodes (nodes - 1))" in told


def test_a_loss_that_overflows_is_left_out_of_the_record(checkout):
    checkout.weights["readout.weight"][:] = [[3e38], [-3e38]]
    checkout.weights["readout.bias"][:] = 3.4e38
    checkout.write_weights()
    record = measured(checkout).record
    assert record.metrics.keys() == {"accuracy", "strings", "published"}
    check_finite(record)


def test_masks_of_the_tiled_kind_are_told(checkout):
    checkout.masks = wired_masks(checkout.wiring, checkout.layout, "tiled")
    checkout.write_weights()
    assert "does not repeat each vertex's row for every gate" in only_fault(checkout)


def test_masks_with_one_edge_elsewhere_are_told(checkout):
    """The number of edges is right, their places are not."""
    name, mask = next(
        (name, mask) for name, mask in checkout.masks.items() if not mask.all() and mask.sum() > 9
    )
    moved = mask.copy()
    rows = moved[::3]
    row = next(each for each in rows if each.any() and not each.all())
    one, other = np.flatnonzero(row)[0], np.flatnonzero(~row)[0]
    row[one], row[other] = False, True
    checkout.masks[name] = np.repeat(rows, 3, axis=0)
    checkout.write_weights()
    edges = len(checkout.wiring.edges)
    told = only_fault(checkout)
    assert "watts_strogatz_12.pt: its masks" in told
    assert f"keep {edges} edges that in no order" in told or "are of no wiring" in told


def test_masks_without_any_edge_are_told(checkout):
    checkout.masks = {name: np.zeros_like(mask) for name, mask in checkout.masks.items()}
    checkout.write_weights()
    assert "its masks are of no wiring: vertices" in only_fault(checkout)


def test_the_graph_of_another_network_is_told(checkout):
    write_graph(checkout.graph_path, draw(GraphSpec("watts_strogatz", 4, vertices=12)))
    told = "\n".join(measured(checkout).faults)
    assert "closeness_mean: measured" in told
    assert "watts_strogatz_12.pt: not " in told


@pytest.mark.parametrize("path", ["graph_path", "weights_path", "strings"])
@pytest.mark.parametrize("share", [0, 0.5, 0.98])
def test_a_torn_file_is_a_fault_that_names_it(checkout, path, share):
    torn = getattr(checkout, path)
    content = torn.read_bytes()
    torn.write_bytes(content[: int(share * len(content))])
    assert str(torn) in only_fault(checkout)


@pytest.mark.parametrize("graph", [nx.Graph([(0, 1), (2, 3)]), nx.DiGraph([(0, 1)]), nx.Graph()])
def test_a_graph_of_another_kind_is_a_fault_that_names_its_file(checkout, graph):
    write_graph(checkout.graph_path, graph)
    assert str(checkout.graph_path) in only_fault(checkout)


def test_a_folder_in_place_of_a_file_is_a_fault(checkout):
    checkout.graph_path.unlink()
    checkout.graph_path.mkdir()
    assert str(checkout.graph_path) in only_fault(checkout)


def test_code_in_a_checkout_never_runs(checkout, tmp_path):
    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    checkout.graph_path.write_bytes(pickle.dumps(Evil()))
    assert "the name 'io.open'" in only_fault(checkout) or "opcode" in only_fault(checkout)
    write_graph(checkout.graph_path, checkout.graph)
    torch.save({"embedding.weight": Evil()}, checkout.weights_path)
    assert "run code" in only_fault(checkout)
    assert not (tmp_path / "ran").exists()


def test_a_figure_that_is_no_number_is_told_with_its_line(checkout):
    checkout.write_row(test_acc=0.5, diameter="four")
    assert "line 2: diameter is 'four'" in only_fault(checkout)


# Files of no network


def test_files_that_are_called_otherwise_are_told(checkout):
    strays = [
        checkout.graph_path.with_name("notes.gpickle"),
        checkout.graph_path.with_name("watts_strogatz_012.gpickle"),
        checkout.graph_path.with_name("kleinberg_1.gpickle"),
        checkout.graph_path.parents[1] / "MGU" / "watts_strogatz_1.gpickle",
        checkout.weights_path.with_name("watts_strogatz.pt"),
        checkout.table.with_name("all.csv"),
    ]
    for path in strays:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = survey(checkout.folder)
    assert [network.id for network in found.networks] == ["gru-watts_strogatz-12"]
    assert len(found.faults) == len(strays)
    for path in strays:
        (fault,) = [fault for fault in found.faults if fault.startswith(f"{path}: not called")]
        assert "rnn_tanh, rnn_relu, lstm, gru" in fault


def test_a_damaged_line_is_told_and_hides_no_network(checkout):
    with checkout.table.open("a") as file:
        file.write("GRU,watts_strogatz,thirteen\n")
    found = survey(checkout.folder)
    assert [network.id for network in found.networks] == ["gru-watts_strogatz-12"]
    assert "gru.csv, line 3" in found.faults[0]


def test_a_network_that_is_there_twice_is_told(checkout):
    shutil.copytree(checkout.folder / "Implementations", checkout.folder / "Twice")
    found = survey(checkout.folder)
    (network,) = found.networks
    assert network.graph == checkout.graph_path
    assert measure(network, Bench()).faults == []
    told = "\n".join(found.faults)
    assert len(found.faults) == 3
    for place in (checkout.graph_path, checkout.weights_path, f"{checkout.table}, line 2"):
        assert f": {place} is of the same network: keep one" in told


# Nine in ten


@pytest.mark.parametrize(
    ("far", "of", "agree"),
    [(0, 5, True), (1, 5, False), (2, 20, True), (3, 20, False), (10, 100, True), (11, 100, False)],
)
def test_nine_in_ten_must_be_close(far, of, agree):
    def agreement(accuracy):
        record = Record(
            digest="", experiment="conformance", case={}, metrics={"accuracy": accuracy}
        )
        return WiredAgreement([], [], record, 0.9)

    agreements = [agreement(0.9 + (-1) ** each * 1.1 * NINE_IN_TEN) for each in range(far)]
    agreements += [agreement(0.9)] * (of - far)
    agreements += [WiredAgreement(["row"], [], None, 0.9), WiredAgreement([], [])]
    assert nine_in_ten_agree(agreements) == (agree, of - far, of)
