"""The network of a round: which weights are left, and what they begin with."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.experiments.iterative_pruning import network as networks
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.registry import network_kind_of
from sparsebench.harness.trained_models import model_of, network_of
from sparsebench.parts.weights import initial_weights, prunable, recurrent_weights
from sparsebench.values.case import BaseCase, epochs_of
from sparsebench.values.masks import masked
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.experiments.iterative_pruning import tiny
from tests.harness import small

BASE = BaseCase(
    Architecture("rnn_tanh", layers=2, hidden_size=5), 3, CORRECTED, small.TRAINING, small.DATA
)
ORIGINALS = {
    "task": tiny.original(),
    "base": BASE,
    "published": replace(BASE, semantics=PUBLISHED),
    "wired": small.wired(2, "gru"),
}


def training_start(case, bench):
    """What a round begins with."""
    kind = network_kind_of(case)
    made_from = [
        networks.TrainedNetwork(network_of(each, bench), model_of(each, bench).weights)
        for each in kind.made_from(case)
    ]
    return kind.start(case, network_of(case, bench), *made_from)


def counts(case, bench):
    """How many weights of each array of the target are left, and how many the first network had."""
    network, whole = network_of(case, bench), network_of(case.original, bench)
    shapes = whole.layout.shapes()
    for names in prunable(network.layout, case.target):
        for name in names:
            there = whole.masks.get(name, np.ones(shapes[name], np.bool_))
            yield int(network.masks[name].sum()), int(there.sum())


@pytest.mark.parametrize("target", ["i2h", "h2h", "both"])
@pytest.mark.parametrize("first", ORIGINALS)
def test_a_percentage_is_of_what_the_first_network_had(tmp_path, first, target):
    bench = small.bench(tmp_path)
    for percents in ((50,), (50, 75), (75,)):
        case = tiny.rounds(*percents, network=ORIGINALS[first], target=target)
        left, had = (sum(each) for each in zip(*counts(case, bench), strict=True))
        layers = len(network_of(case, bench).layout.blocks)
        assert abs(left - had * (100 - case.percent) / 100) <= layers


def test_each_layer_loses_its_share_by_the_corrected_semantics(tmp_path):
    bench = small.bench(tmp_path)
    case = tiny.rounds(30, 65, target="h2h")
    assert [left for left, _ in counts(case, bench)] == [
        had - round(0.65 * had) for _, had in counts(case, bench)
    ]


@pytest.mark.parametrize("first", ORIGINALS)
def test_the_smallest_of_what_a_round_left_go_and_nothing_comes_back(tmp_path, first):
    bench = small.bench(tmp_path)
    before = tiny.rounds(40, network=ORIGINALS[first])
    after = replace(before, network=before, percent=70)
    weights = model_of(before, bench).weights
    masks, left = network_of(before, bench).masks, network_of(after, bench).masks
    for names in prunable(network_of(after, bench).layout, "both"):
        gone = [np.abs(weights[name][masks[name] & ~left[name]]) for name in names]
        stays = [np.abs(weights[name][left[name]]) for name in names]
        assert not any((left[name] & ~masks[name]).any() for name in names)
        if before.semantics.threshold_scope == "layer":
            assert np.concatenate(gone).max() <= np.concatenate(stays).min()


@pytest.mark.parametrize("first", ORIGINALS)
def test_rewound_to_the_beginning_weights_are_those_that_were_drawn(tmp_path, first):
    bench, case = small.bench(tmp_path), tiny.rounds(50, 75, network=ORIGINALS[first])
    network = network_of(case, bench)
    drawn = initial_weights(network.layout, case.seed)
    begun = training_start(case, bench)
    expected = masked(drawn, network.masks)
    assert {name: array.tolist() for name, array in begun.weights.items()} == {
        name: array.tolist() for name, array in expected.items()
    }
    assert (begun.seed, begun.epochs) == (case.seed, 0)
    assert begun.pruned_from is model_of(case.network, bench).weights or all(
        np.array_equal(begun.pruned_from[name], array)
        for name, array in model_of(case.network, bench).weights.items()
    )


def test_rewound_to_an_epoch_weights_and_orders_are_those_that_followed_it(tmp_path):
    """Unpruned, they would be trained to where the first network was."""
    bench = small.bench(tmp_path)
    case = tiny.rounds(50, rewind=2)
    early = model_of(tiny.original(training=replace(small.TRAINING, until=2)), bench)
    whole = model_of(tiny.original(), bench)
    assert early.training.history["test_accuracy"] == whole.training.history["test_accuracy"][:2]
    begun = training_start(case, bench)
    expected = masked(early.weights, network_of(case, bench).masks)
    assert all(np.array_equal(begun.weights[name], array) for name, array in expected.items())
    assert (begun.seed, begun.epochs) == (0, 2)
    assert len(model_of(case, bench).training.history["test_accuracy"]) == 1
    assert epochs_of(case) == 3 + 1


@pytest.mark.parametrize("first", ORIGINALS)
def test_new_weights_have_the_masks_of_rewound_ones_and_are_drawn_as_these_were(tmp_path, first):
    bench = small.bench(tmp_path)
    rewound, new = (
        tiny.rounds(50, 75, network=ORIGINALS[first], start=start, rewind=1)
        for start in ("rewound", "new")
    )
    masks = network_of(rewound, bench).masks
    found = network_of(new, bench).masks
    assert masks.keys() == found.keys()
    assert all(np.array_equal(masks[name], found[name]) for name in masks)
    begun = training_start(new, bench)
    drawn = initial_weights(network_of(new, bench).layout, new.seed + networks.NEW)
    assert all(
        np.array_equal(begun.weights[name], array) for name, array in masked(drawn, masks).items()
    )
    assert (begun.seed, begun.epochs) == (new.seed, 0)
    assert len(model_of(new, bench).training.history["test_accuracy"]) == 3


def test_new_weights_of_another_initialisation_are_drawn_by_it(tmp_path):
    bench = small.bench(tmp_path)
    first = tiny.original(initialisation="orthogonal")
    plain, drawn = (
        training_start(tiny.rounds(50, network=each, start="new"), bench).weights
        for each in (tiny.original(), first)
    )
    assert not np.array_equal(plain["layers.0.h2h"], drawn["layers.0.h2h"])


def test_a_network_is_cached_by_its_masks_and_first_weights(tmp_path, monkeypatch):
    bench = small.bench(tmp_path)
    case = tiny.rounds(50)
    names = {network_of(each, bench).name for each in (case, replace(case, rewind=1))}
    names.add(network_of(replace(case, start="new"), bench).name)
    assert len(names) == 3
    monkeypatch.setattr(networks, "NEW", 5)
    names.add(network_of(replace(case, start="new"), small.bench(tmp_path)).name)
    assert len(names) == 4


def test_a_wired_network_stays_wired(tmp_path):
    bench = small.bench(tmp_path)
    case = tiny.rounds(50, network=ORIGINALS["wired"])
    assert isinstance(case.original, WiredCase)
    whole, left = network_of(case.original, bench), network_of(case, bench)
    assert all((left.masks[name] <= mask).all() for name, mask in whole.masks.items())
    assert (
        recurrent_weights(left.layout, left.masks)[0]
        < recurrent_weights(whole.layout, whole.masks)[0]
    )
