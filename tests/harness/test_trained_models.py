"""Networks are trained together, once, and each as it would be alone."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from sparsebench.engines import population_training
from sparsebench.engines.population_training import Start
from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.finetuning.network import pruned_network
from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.network import wired_network
from sparsebench.harness.cache import store_of
from sparsebench.harness.networks import TrainedNetwork
from sparsebench.harness.trained_models import model_of, network_of, request
from sparsebench.parts.graphs import FAMILIES
from sparsebench.parts.pruning import CRITERIA
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.store import Store
from sparsebench.parts.weights import initial_weights
from sparsebench.values.identity import digest
from sparsebench.values.masks import masked
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.harness import small
from tests.harness.small import models

BASE = small.base(3)


# What is trained together


def test_the_first_that_is_asked_for_brings_all_that_is_wanted_of_its_kind(tmp_path, noted):
    kin = [small.wired(0), small.wired(1, family="layered"), small.wired(2, vertices=5)]
    strangers = [small.wired(3, "gru"), small.wired(4, "gru")]
    bench = small.bench(tmp_path)
    request([*kin, *strangers], bench)
    model_of(kin[1], bench)
    assert sorted(noted) == [[0], [1], [2]]
    for case in kin:
        model_of(case, bench)
    assert len(noted) == 3
    model_of(strangers[0], bench)
    assert sorted(noted[3:]) == [[3], [4]]


def test_what_nobody_wants_is_not_trained(tmp_path, noted):
    bench = small.bench(tmp_path)
    model_of(small.wired(5), bench)
    request([small.wired(5), small.wired(5), small.wired(6)], bench)
    request([small.wired(6)], bench)
    model_of(small.wired(7), bench)
    assert sorted(noted) == [[5], [6], [7]]


@pytest.mark.parametrize("profile", ["quick", "thesis"])
def test_networks_that_are_analysed_are_wanted_where_nothing_stored_is_used(tmp_path, profile):
    population = WiredPopulation("gru", 3)
    bench = small.bench(tmp_path, profile=profile)
    request([CorrelationCase(population), PredictionCase(population, "ada_boost")], bench)
    assert list(bench.requested.cases) == (population.networks if profile == "thesis" else [])


@pytest.mark.parametrize(
    "other",
    [
        small.wired(1, "gru"),
        small.wired(1, semantics=CORRECTED),
        small.wired(1, training=replace(small.TRAINING, epochs=2)),
        small.wired(1, data=ReberStrings(31, 30, 20, 20)),
        small.retraining(1),
    ],
    ids=["variant", "semantics", "training", "data", "retraining"],
)
def test_another_kind_is_left_for_later(tmp_path, noted, other):
    bench = small.bench(tmp_path)
    bench.requested.cases = {small.wired(0): None, other: None}
    model_of(small.wired(0), bench)
    assert noted == [[0]]


def test_networks_are_wanted_and_nothing_that_is_only_measured(tmp_path):
    bench, finetuning = small.bench(tmp_path), FinetuningCase(BASE, "i2h", 10)
    request([LossTraceCase(BASE), PruningCase(BASE, "both", 50), finetuning], bench)
    assert list(bench.requested.cases) == [BASE, finetuning]


def test_a_network_is_wanted_before_what_is_made_from_it(tmp_path):
    bench = small.bench(tmp_path)
    request([small.retraining(1), small.wired(0), small.retraining(0), small.retraining(1)], bench)
    assert list(bench.requested.cases) == [
        small.wired(1),
        small.retraining(1),
        small.wired(0),
        small.retraining(0),
    ]


def test_a_retraining_brings_its_kin_and_all_the_networks_that_these_are_made_from(tmp_path, noted):
    cases = [small.retraining(0), small.retraining(1), small.retraining(1, percent=90)]
    bench = small.bench(tmp_path)
    request([*cases, small.wired(2)], bench)
    model_of(cases[0], bench)
    assert sorted(noted[:3]) == [[0], [1], [2]]
    assert sorted(noted[3:]) == [[0], [1], [1]]
    models(cases, bench)
    assert len(noted) == 6


# What is kept


def test_what_is_in_the_store_is_not_trained_again(tmp_path, noted):
    cases = [small.wired(seed) for seed in range(3)]
    first = models(cases[:2], small.bench(tmp_path))
    second = models(cases, small.bench(tmp_path))
    assert sorted(noted) == [[0], [1], [2]]
    assert second[:2] == first


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
@pytest.mark.filterwarnings("ignore::sparsebench.parts.store.DamagedEntry")
@pytest.mark.parametrize("damage", [b"", b"{}", None])
def test_a_damaged_network_is_trained_again(tmp_path, noted, suffix, damage):
    bench, cases = small.bench(tmp_path), [small.wired(0), small.wired(1)]
    before = models(cases, bench)
    path = (
        store_of(cases[1], bench).weights_path(network_of(cases[1], bench).name).with_suffix(suffix)
    )
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    assert models(cases, small.bench(tmp_path)) == before
    assert noted[2:] == [[1]]


def test_a_changed_family_of_ones_own_finds_nothing_that_the_old_one_made(
    tmp_path, noted, monkeypatch
):
    case = small.wired(0, family="mine")
    monkeypatch.setitem(FAMILIES, "mine", lambda n, random: nx.path_graph(n))
    (path,) = models([case], small.bench(tmp_path))
    monkeypatch.setitem(FAMILIES, "mine", lambda n, random: nx.complete_graph(n))
    (complete,) = models([case], small.bench(tmp_path))
    monkeypatch.setitem(FAMILIES, "mine", lambda n, random: nx.path_graph(n))
    assert models([case], small.bench(tmp_path)) == [path]
    assert len(noted) == 2
    assert path.digest == complete.digest
    assert path.weights != complete.weights


def test_a_changed_criterion_of_ones_own_finds_nothing_that_the_old_one_made(
    tmp_path, noted, monkeypatch
):
    case = replace(small.retraining(0), criterion="mine")
    monkeypatch.setitem(CRITERIA, "mine", lambda weights, name: weights[name])
    (signed,) = models([case], small.bench(tmp_path))
    monkeypatch.setitem(CRITERIA, "mine", lambda weights, name: -weights[name])
    (other,) = models([case], small.bench(tmp_path))
    assert len(noted) == 3
    assert signed.weights != other.weights


def test_a_retraining_follows_the_weights_that_it_starts_from(tmp_path):
    """Networks of the same name trained otherwise, as by a library that is no code of ours."""
    bench, case = small.bench(tmp_path), small.retraining(0)
    name = network_of(case, bench).name
    dense = wired_network(case.network)
    weights = dict(model_of(case.network, bench).weights)
    assert pruned_network(case, TrainedNetwork(dense, weights)).name == name
    weights["readout.bias"] = weights["readout.bias"] + np.float32(1)
    assert pruned_network(case, TrainedNetwork(dense, weights)).name != name


def test_a_store_that_does_not_give_back_what_was_written_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(Store, "load", lambda store, name, layout: None)
    with pytest.raises(OSError, match=r"safetensors was written and cannot be read back: check"):
        model_of(small.wired(0), small.bench(tmp_path))


def test_a_store_that_cannot_be_written_ends_the_work_of_all(tmp_path):
    (tmp_path / "file").write_text("")
    bench = small.bench(tmp_path, store=tmp_path / "file")
    request([small.wired(0), small.wired(1)], bench)
    with pytest.raises(OSError, match="file"):
        model_of(small.wired(0), bench)
    assert not bench.requested.failures


# Bit for bit


def test_company_and_threads_change_no_bit(tmp_path):
    cases = [small.wired(seed, vertices=4 + seed) for seed in range(4)]
    cases += [small.retraining(seed, percent=10 * seed) for seed in range(1, 4)]
    alone = [models([case], small.bench(tmp_path / str(n)))[0] for n, case in enumerate(cases)]
    assert len({record.weights for record in alone}) == len(cases)
    for threads in (1, 2, 5):
        folder = tmp_path / f"together-{threads}"
        assert models(cases, small.bench(folder, threads=threads)) == alone


@pytest.mark.parametrize("semantics", [PUBLISHED, CORRECTED], ids=lambda each: each.name)
def test_a_wired_network_is_trained_from_the_weights_of_its_seed(tmp_path, semantics):
    case, bench = small.wired(3, "gru", semantics=semantics), small.bench(tmp_path)
    network, model = network_of(case, bench), model_of(case, bench)
    (expected,) = population_training.train_population(
        [
            Start(
                sparse_layout(network.layout, network.masks), initial_weights(network.layout, 3), 3
            )
        ],
        bench.dataset(small.DATA),
        small.TRAINING,
        semantics.readout,
        "cpu",
    )
    for name, array in expected.weights.items():
        assert array.tobytes() == model.weights[name].tobytes()
    training = model.training
    assert (training.digest, training.experiment) == (digest(case), "wired")
    assert training.history == expected.history
    assert training.metrics == {
        "accuracy": expected.after.accuracy,
        "loss": expected.after.loss,
        "strings": 40,
        "accuracy_before": expected.before.accuracy,
    }


@pytest.mark.parametrize("network", [small.wired(3), BASE], ids=["wired", "stacked"])
def test_a_retraining_goes_on_from_the_trained_weights_with_fixed_masks(tmp_path, network):
    case = FinetuningCase(network, "both", 70, training=small.RETRAINING)
    bench = small.bench(tmp_path)
    model, masks = model_of(case, bench), network_of(case, bench).masks
    trained = model_of(network, bench)
    layout = network_of(network, bench).layout
    (expected,) = population_training.train_population(
        [
            Start(
                sparse_layout(layout, masks), masked(trained.weights, masks), network.seed, epochs=3
            )
        ],
        bench.dataset(small.DATA),
        small.RETRAINING,
        "padded",
        "cpu",
    )
    for name, array in expected.weights.items():
        assert array.tobytes() == model.weights[name].tobytes()
    for name, mask in masks.items():
        assert not model.weights[name][~mask].any()
    metrics, history = model.training.metrics, model.training.history
    assert model.training.experiment == "retraining"
    assert metrics["accuracy_before"] == expected.before.accuracy
    assert history == expected.history
    assert len(history["test_accuracy"]) == small.RETRAINING.epochs
    assert history["test_accuracy"][-1] == metrics["accuracy"]


@pytest.mark.parametrize("network", [small.wired(3), BASE], ids=["wired", "stacked"])
def test_a_retraining_sees_the_strings_in_the_order_of_its_own_seed_if_it_has_one(
    tmp_path, network
):
    case = FinetuningCase(network, "both", 70, training=small.RETRAINING, order=9)
    bench = small.bench(tmp_path)
    model, masks = model_of(case, bench), network_of(case, bench).masks
    trained = model_of(network, bench)
    layout = network_of(network, bench).layout
    (expected,) = population_training.train_population(
        [Start(sparse_layout(layout, masks), masked(trained.weights, masks), 9)],
        bench.dataset(small.DATA),
        small.RETRAINING,
        "padded",
        "cpu",
    )
    for name, array in expected.weights.items():
        assert array.tobytes() == model.weights[name].tobytes()


def test_orders_change_what_is_trained_and_nothing_that_is_pruned(tmp_path, noted):
    cases = [replace(small.retraining(0), order=order) for order in (None, 1, 2)]
    bench = small.bench(tmp_path)
    records = models(cases, bench)
    assert len({record.weights for record in records}) == 3
    assert len({record.pruned_from for record in records}) == 1
    assert len({record.metrics["accuracy_before"] for record in records}) == 1
    masks = [network_of(case, bench).masks for case in cases]
    for name, mask in masks[0].items():
        assert all(np.array_equal(mask, others[name]) for others in masks[1:])
    assert sorted(noted) == [[0], [0], [1], [2]]  # the network once, and it again three times
