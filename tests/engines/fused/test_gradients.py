"""The fused engine computes what the reference does: loss, logits and every gradient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sparsebench.engines.fused.loop_spec import LoopSpec, training_lanes
from sparsebench.parts.examples import Examples
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Architecture
from tests import network_strategies
from tests.engines.fused.passes import assert_agree, fused_pass, nearest_kink, reference_pass
from tests.network_strategies import SparseNetwork

TOLERANCES = {"float64": 1e-10, "float32": 1e-5}
LOGITS = {"float64": 1e3, "float32": 10.0}
"""Up to which logits gradients are compared: a ReLU network may grow until the rounding of the logits
alone, one in 2**24 of them, moves the softmax by more than the tolerance."""
LANES = {"float64": 4, "float32": training_lanes()}
readouts = st.sampled_from(["padded", "last_step"])
TRIED = [
    pytest.param(
        variant,
        dtype,
        marks=[pytest.mark.long] if dtype == "float32" and variant != "gru" else [],
    )
    for variant in CELL_TYPES
    for dtype in TOLERANCES
]


@pytest.mark.parametrize(("variant", "dtype"), TRIED)
@settings(max_examples=25)
@given(data=st.data(), readout=readouts)
def test_every_gradient_is_the_references(
    variant: str, dtype: str, data: st.DataObject, readout: str
) -> None:
    network = data.draw(network_strategies.sparse_networks_of(variant))
    strings = data.draw(network_strategies.labelled_strings(network.layout.classes))
    order = data.draw(network_strategies.batches(len(strings), LANES[dtype]))
    if dtype == "float64":  # also where gates saturate
        scale = np.float32(data.draw(st.sampled_from([0.25, 1.0, 4.0])))
        scaled = {name: array * scale for name, array in network.weights.items()}
        network = network._replace(weights=scaled)
    expected = reference_pass(network, readout, strings, order)
    assume(np.abs(expected.logits).max() < LOGITS[dtype])
    if variant == "rnn_relu" and dtype == "float32":  # beside its kink, rounding picks the slope
        assume(nearest_kink(network, readout, strings, order) > 1e-5)
    measured = fused_pass(LoopSpec(variant, dtype, LANES[dtype]), network, readout, strings, order)
    assert_agree(measured, expected, TOLERANCES[dtype])


@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_right_answers_are_counted(variant: str, readout: str) -> None:
    random = np.random.RandomState(0)
    lengths = random.randint(1, 9, 30)
    codes = random.randint(0, 128, (30, 8)).astype(np.uint8)
    strings = Examples(codes, lengths, random.randint(0, 3, 30))
    layout = Architecture(variant, layers=2, hidden_size=5, classes=3).layout
    network = SparseNetwork(layout, {}, initial_weights(layout, 0))
    order = np.arange(30)
    measured = fused_pass(LoopSpec(variant, "float64", 4), network, readout, strings, order)
    expected = reference_pass(network, readout, strings, order)
    assert 0 < expected.correct < 30
    assert measured.correct == expected.correct
    assert_agree(measured, expected, 1e-10)


@pytest.mark.parametrize("variant", CELL_TYPES)
def test_a_network_of_the_thesiss_size(variant: str) -> None:
    """Wider than any drawn network: every unrolled loop runs, with and without a rest."""
    random = np.random.RandomState(1)
    lengths = random.randint(1, 13, 9)
    codes = random.randint(0, 128, (9, 12)).astype(np.uint8)
    strings = Examples(codes, lengths, random.randint(0, 2, 9))
    layout = Architecture(variant, layers=3, hidden_size=50).layout
    masks = {
        "layers.0.h2h": random.rand(*layout.shapes()["layers.0.h2h"]) < 0.9,
        "layers.1.i2h": random.rand(*layout.shapes()["layers.1.i2h"]) < 0.3,
        "layers.2.h2h": random.rand(*layout.shapes()["layers.2.h2h"]) < 0.3,
    }
    network = SparseNetwork(layout, masks, initial_weights(layout, 0))
    order = np.arange(9)
    expected = reference_pass(network, "padded", strings, order)
    measured = fused_pass(LoopSpec(variant, "float64", 4), network, "padded", strings, order)
    assert_agree(measured, expected, 1e-10)


@pytest.mark.parametrize("variant", ["rnn_tanh", "gru"])
@pytest.mark.parametrize("name", ["readout.weight", "layers.1.h2h_bias"])
def test_pruned_entries_of_arrays_that_are_not_recurrent_have_no_gradient(
    variant: str, name: str
) -> None:
    random = np.random.RandomState(2)
    lengths = random.randint(1, 9, 20)
    codes = random.randint(0, 128, (20, 8)).astype(np.uint8)
    strings = Examples(codes, lengths, random.randint(0, 2, 20))
    layout = Architecture(variant, layers=2, hidden_size=5).layout
    masks = {name: random.rand(*layout.shapes()[name]) < 0.4}
    network = SparseNetwork(layout, masks, initial_weights(layout, 0))
    order = np.arange(20)
    expected = reference_pass(network, "padded", strings, order)
    measured = fused_pass(LoopSpec(variant, "float64", 4), network, "padded", strings, order)
    assert_agree(measured, expected, 1e-10)
    assert (measured.gradient == 0).sum() >= (~masks[name]).sum() > 0


def test_an_idle_lane_does_not_spoil_the_gradient() -> None:
    """Lanes without a string run on padding, which may overflow where no string does."""
    layout = Architecture("rnn_relu", layers=1, hidden_size=2).layout
    weights = {name: np.abs(array) for name, array in initial_weights(layout, 0).items()}
    weights["embedding"][0] = 1e38
    weights["layers.0.i2h"][:] = 10
    strings = Examples(np.full((1, 3), 5, np.uint8), np.array([3]), np.array([1]))
    network = SparseNetwork(layout, {}, weights)
    order = np.array([0])
    expected = reference_pass(network, "padded", strings, order)
    lanes = training_lanes()
    measured = fused_pass(LoopSpec("rnn_relu", "float32", lanes), network, "padded", strings, order)
    assert_agree(measured, expected, 1e-5)
