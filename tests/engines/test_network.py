"""The fused layers compute the textbook equations, with PyTorch's gate order, at the right step."""

import numpy as np
import pytest
import torch

from sparsebench.engines.network import StackedNetwork
from sparsebench.parts.strings import encode
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import VARIANTS, Architecture
from tests.engines.equations import logits_by_hand

STRINGS = encode(["BTXSE", "BPVVE", "BTSSXXTVVE", "BE"], [1, 1, 0, 0])


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


def test_a_cell_type_that_torch_does_not_have_is_refused():
    architecture = Architecture("mgu", hidden_size=4)
    weights = initial_weights(architecture.layout, seed=0)
    message = "variant is 'mgu', and torch.nn has no such layer: choose one of rnn_tanh, .*, gru"
    with pytest.raises(ValueError, match=f"^{message}$"):
        StackedNetwork(architecture, weights, "padded")
