"""A compiled network computes what the network does, with its states in PyTorch's shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.engines.streaming.compiled import compile_network
from sparsebench.engines.streaming.packing import FORMATS
from sparsebench.engines.torch_networks import to_torch
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout
from sparsebench.values.own_structure import Stack
from tests.own_networks import inputs_of, own_networks, small_network
from tests.torch_strategies import flat

TOLERANCE = 1e-5

READ_FORWARD = st.sampled_from(["last_step", "last_state", "every_step"])


def assert_close(found: Any, expected: Any) -> None:
    for own, its in zip(flat(found), flat(expected), strict=True):
        np.testing.assert_allclose(own, its, rtol=TOLERANCE, atol=TOLERANCE)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), steps=st.integers(1, 6))
def test_outputs_and_states_are_those_of_the_network(data: st.DataObject, steps: int) -> None:
    network = data.draw(own_networks(bidirectional=False, reads=data.draw(READ_FORWARD)))
    inputs = inputs_of(network, steps, 1)
    sequence = inputs[0] if network.structure.batch_first else inputs[:, 0]
    compiled = compile_network(network)
    assert set(compiled.formats.values()) <= set(FORMATS)
    expected, after = network.reading("every_step").forward(inputs)
    said, state = compiled.run(sequence)
    assert_close(said, expected.reshape(said.shape))
    assert_close(compiled.state_for_torch(state), after)
    more, later = network.reading("every_step").forward(inputs, state=after)
    state = compiled.state_from_torch(after)
    for frame, its in zip(sequence, more.reshape(said.shape), strict=True):
        step, state = compiled.step(frame, state)
        assert_close(step, its)
    assert_close(compiled.state_for_torch(state), later)


def test_a_state_of_torch_goes_in_and_comes_out() -> None:
    network = small_network(variant="lstm")
    module, compiled = to_torch(network), compile_network(network)
    inputs = inputs_of(network, 4, 1)
    with torch.no_grad():
        _, state = module(torch.from_numpy(inputs[:2]))
        expected, after = module(torch.from_numpy(inputs[2:]), state=state)
    said, own = compiled.run(inputs[2:, 0], compiled.state_from_torch(state))
    assert_close(said[-1], expected[0])
    assert_close(compiled.state_for_torch(own), after)
    without_batch = tuple(part[:, 0] for part in state)
    assert_close(compiled.run(inputs[2:, 0], compiled.state_from_torch(without_batch))[0], said)


def test_a_layout_with_weights_and_masks_is_compiled_too() -> None:
    network = small_network()
    masks = {"layers.1.h2h": np.arange(48).reshape(12, 4) % 3 == 0}
    pruned = network.with_masks(masks)
    frames = inputs_of(network, 3, 1)[:, 0]
    formats = {"layers.1.h2h": "16x1"}
    compiled = compile_network(network.layout, network.engine_weights, masks, formats=formats)
    assert compiled.formats["layers.1.h2h"] == "16x1"
    assert_close(compiled.run(frames)[0], compile_network(pruned).run(frames)[0])
    rough = compile_network(pruned, dtype="int8")
    assert rough.dtype == "int8"
    np.testing.assert_allclose(rough.run(frames)[0], compiled.run(frames)[0], atol=0.02)
    assert_close(
        compiled.state_for_torch(compiled.start()), np.zeros((2, 1, 4))
    )  # equal layers are one stack
    unequal = Layout("gru", (4, 4, 2), tuple(Block(each - 1, each) for each in range(3)), 3, 0)
    states = compile_network(unequal, initial_weights(unequal, 0))
    assert [each.shape for each in flat(states.state_for_torch(states.start()))] == [
        (2, 1, 4),
        (1, 1, 2),
    ]


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (small_network([Stack(1, 4, bidirectional=True)]), "bidirectional, .* network.forward or"),
        (small_network(reads="mean"), r"mean over the steps .* network\.reading\('every_step'\)"),
    ],
)
def test_what_it_cannot_run_is_refused_with_what_to_do(network: OwnNetwork, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        compile_network(network)


def test_what_does_not_fit_is_refused_with_a_sentence() -> None:
    network = small_network()
    with pytest.raises(TypeError, match="leave out others"):
        compile_network(network, network.weights)
    with pytest.raises(TypeError, match="give weights, its named arrays"):
        compile_network(network.layout)
    with pytest.raises(TypeError, match="network is an int: give"):
        compile_network(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown format 'dense'"):
        compile_network(network, formats={"layers.0.i2h": "dense"})
    compiled = compile_network(network)
    with pytest.raises(ValueError, match=r"\(2, 3, 4\): give h \(2, 1, 4\), of a batch of one"):
        compiled.state_from_torch(np.zeros((2, 3, 4)))
    several = compile_network(small_network([Stack(1, 2), Stack(1, 3)], variant="lstm"))
    with pytest.raises(ValueError, match="a state of 1 stacks: give one for each of 2"):
        several.state_from_torch([np.zeros((1, 1, 2))])
    with pytest.raises(ValueError, match=r"give \(h, c\), each \(1, 1, 2\)"):
        several.state_from_torch([np.zeros((1, 1, 2)), np.zeros((1, 1, 3))])
