"""Networks before training: dense ones with a method, and controls with the masks that it found."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from sparsebench.experiments.methods import network as networks
from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.harness.networks import TrainedNetwork
from sparsebench.parts.initialisations import reinitialised
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.values.masks import marked, masked
from sparsebench.values.seeding import NEW_WEIGHTS
from tests.experiments.methods import tiny
from tests.harness import small

CASE = tiny.case(METHODS["gradual"], 0.3)


def trained(case=CASE, share=0.3):
    """A network as a method leaves it: each matrix has another share of its weights."""
    network = networks.method_network(case)
    weights = initial_weights(network.layout, 40 + case.seed)
    random = np.random.RandomState(case.seed)
    names = [name for block in prunable(network.layout, case.target) for name in block]
    masks = {
        name: random.random_sample(weights[name].shape) < share * (1 + place)
        for place, name in enumerate(names)
    }
    return TrainedNetwork(network, masked(weights, masks)), masks


def control(name, case=CASE):
    """The structure and the start of a control."""
    made_from, masks = trained(case)
    control = MaskControlCase(case, name)
    network = networks.control_network(control, made_from)
    return network, networks.control_start(control, network, made_from), masks


def test_a_weight_that_is_zero_and_there_belongs_to_the_masks():
    """In a layer of rectified units, some units are silent: what grows there stays at zero."""
    made_from, masks = trained()
    name = "layers.0.h2h"
    row = masks[name].any(1).argmax()
    weights = {**made_from.weights, name: made_from.weights[name].copy()}
    weights[name][row] = 0
    silent = TrainedNetwork(made_from.network, marked(weights, masks))
    found = networks.control_network(MaskControlCase(CASE, "same"), silent)
    assert equal(found.masks, masks)


def equal(one, other):
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


def test_a_method_starts_with_the_dense_network_of_its_seed():
    network = networks.method_network(CASE)
    begun = networks.method_start(CASE, network)
    assert network.masks == {}
    assert equal(begun.weights, initial_weights(network.layout, CASE.seed))
    assert (begun.seed, begun.epochs) == (CASE.seed, 0)
    masking = begun.masking
    assert (masking.method, masking.density, masking.target, masking.seed) == (
        CASE.method,
        0.3,
        "both",
        CASE.seed,
    )


def test_at_a_density_of_1_no_masks_change():
    dense = replace(CASE, density=1.0)
    assert networks.method_start(dense, networks.method_network(dense)).masking is None


@pytest.mark.parametrize("base", [small.wired(2, "gru"), tiny.base(initialisation="orthogonal")])
def test_a_wired_network_is_refused_and_other_weights_are_not(base):
    case = MethodCase(base, Method(), 0.5)
    if hasattr(base, "initialisation"):
        begun = networks.method_start(case, networks.method_network(case))
        plain = initial_weights(networks.method_network(case).layout, case.seed)
        assert not equal(begun.weights, plain)
        return
    with pytest.raises(ValueError, match="WiredCase is sparse before any method: give one whose"):
        networks.method_network(case)


@pytest.mark.parametrize("name", ["same", "new_weights"])
def test_masks_are_those_that_the_method_found(name):
    network, _, masks = control(name)
    assert equal(network.masks, masks)


def test_shuffled_masks_keep_the_number_in_every_matrix_and_not_the_places():
    network, _, masks = control("shuffled")
    assert network.masks.keys() == masks.keys()
    for name, mask in network.masks.items():
        assert mask.sum() == masks[name].sum()
        assert mask.shape == masks[name].shape
        assert not np.array_equal(mask, masks[name])


def test_shuffled_masks_follow_from_the_seed_and_from_nothing_else():
    first, again = control("shuffled")[0], control("shuffled")[0]
    assert equal(first.masks, again.masks)
    assert first.name == again.name
    other = replace(CASE, base=tiny.base(1))
    made_from, _ = trained()
    moved = networks.control_network(MaskControlCase(other, "shuffled"), made_from)
    assert not equal(moved.masks, first.masks)


def test_the_target_alone_has_masks():
    network, _, _ = control("shuffled", replace(CASE, target="h2h"))
    assert list(network.masks) == ["layers.0.h2h"]


@pytest.mark.parametrize("name", ["same", "shuffled"])
def test_controls_start_with_the_initial_weights_of_the_method(name):
    network, begun, _ = control(name)
    expected = initial_weights(network.layout, CASE.seed)
    used = masked(begun.weights, network.masks)
    assert equal(used, masked(expected, network.masks))
    assert (begun.seed, begun.masking) == (CASE.seed, None)


def test_new_weights_are_of_no_seed_of_a_run_and_orders_stay():
    network, begun, _ = control("new_weights")
    plain = initial_weights(network.layout, CASE.seed)
    moved = initial_weights(network.layout, CASE.seed + NEW_WEIGHTS)
    assert equal(masked(begun.weights, network.masks), masked(moved, network.masks))
    assert not any(np.array_equal(begun.weights[name], plain[name]) for name in network.masks)
    assert begun.seed == CASE.seed
    assert NEW_WEIGHTS > 1_000_000


def test_a_method_that_draws_weights_anew_draws_them_as_the_network_was_drawn():
    base = replace(CASE.base, initialisation="orthogonal")
    case = replace(CASE, base=base)
    network = networks.method_network(case)
    start = pickle.loads(pickle.dumps(networks.method_start(case, network)))  # as for a cluster
    again = start.masking.new_weights()
    moved = initial_weights(network.layout, CASE.seed + NEW_WEIGHTS)
    own = reinitialised(moved, network.layout, "orthogonal", CASE.seed + NEW_WEIGHTS)
    assert equal(again, own)
    assert not equal(again, moved)


def test_controls_are_cached_apart():
    names = {control(name)[0].name for name in ("same", "shuffled", "new_weights")}
    assert len(names) == 3
