"""The fused layers compute the textbook equations, with PyTorch's gate order, at the right step."""

import numpy as np
import pytest
import torch

from sparsebench.engines.network import StackedNetwork
from sparsebench.parts.strings import encode
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import VARIANTS, Architecture

STRINGS = encode(["BTXSE", "BPVVE", "BTSSXXTVVE", "BE"], [1, 1, 0, 0])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(variant, inputs, hidden, state):
    """One time step of one layer; `inputs` and `hidden` are the two affine maps, gates by column."""
    if variant == "rnn_tanh":
        return np.tanh(inputs + hidden), state
    if variant == "rnn_relu":
        return np.maximum(inputs + hidden, 0), state
    if variant == "lstm":
        i, f, g, o = np.split(inputs + hidden, 4, axis=1)
        cell = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(cell), (None, cell)
    input_r, input_z, input_n = np.split(inputs, 3, axis=1)
    hidden_r, hidden_z, hidden_n = np.split(hidden, 3, axis=1)
    r, z = sigmoid(input_r + hidden_r), sigmoid(input_z + hidden_z)
    n = np.tanh(input_n + r * hidden_n)
    return (1 - z) * n + z * state[0], state


def logits_by_hand(architecture, weights, codes, steps):
    """(B, classes) logits read at the given step (from 1) of each string, in float64."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}
    sequence = [w["embedding"][codes[:, t]] for t in range(codes.shape[1])]
    for layer in range(architecture.layers):
        h = np.zeros((len(codes), architecture.hidden_size))
        state, outputs = (h, h), []
        for x in sequence:
            inputs = x @ w[f"layers.{layer}.i2h"].T + w[f"layers.{layer}.i2h_bias"]
            hidden = h @ w[f"layers.{layer}.h2h"].T + w[f"layers.{layer}.h2h_bias"]
            h, state = step(architecture.variant, inputs, hidden, (h, state[1]))
            outputs.append(h)
        sequence = outputs
    read = np.stack([sequence[count - 1][row] for row, count in enumerate(steps)])
    return read @ w["readout.weight"].T + w["readout.bias"]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("readout", ["padded", "last_step"])
def test_logits_are_those_of_the_equations(variant, readout):
    architecture = Architecture(variant, layers=3, hidden_size=5)
    weights = initial_weights(architecture.layout, seed=1)
    network = StackedNetwork(architecture, weights, readout)
    codes = torch.from_numpy(STRINGS.inputs.T.astype(np.int64))
    with torch.inference_mode():
        measured = network(codes, torch.from_numpy(STRINGS.lengths)).numpy()
    steps = [STRINGS.inputs.shape[1]] * 4 if readout == "padded" else STRINGS.lengths
    expected = logits_by_hand(architecture, weights, STRINGS.inputs, steps)
    np.testing.assert_allclose(measured, expected, atol=2e-6)


@pytest.mark.parametrize("variant", VARIANTS)
def test_weights_come_back_as_they_went_in(variant):
    architecture = Architecture(variant, layers=2, hidden_size=4)
    weights = initial_weights(architecture.layout, seed=0)
    back = StackedNetwork(architecture, weights, "padded").weights()
    assert back.keys() == weights.keys()
    assert all(np.array_equal(back[name], weights[name]) for name in weights)


def test_weights_of_another_network_are_refused():
    weights = initial_weights(Architecture("gru", hidden_size=4).layout, seed=0)
    with pytest.raises(ValueError, match=r"3 x 4 lstm network: layers\.0\.i2h has shape"):
        StackedNetwork(Architecture("lstm", hidden_size=4), weights, "padded")
