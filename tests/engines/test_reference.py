"""The reference engine computes the textbook equations, and PyTorch's layers where there are any."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from sparsebench.engines.reference import ReferenceNetwork, train_step
from sparsebench.parts.examples import Examples
from sparsebench.parts.strings import encode
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.layout import Layout
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Architecture
from sparsebench.values.wiring import Wiring
from tests import network_strategies
from tests.engines.equations import logits_by_hand

STRINGS = encode(["BTXSE", "BPVVE", "BTSSXXTVVE", "BE"], [1, 1, 0, 0])
READOUTS = ("padded", "last_step")
LAYERS = {"rnn_tanh": torch.nn.RNN, "rnn_relu": torch.nn.RNN}
LAYERS |= {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
TORCH_NAMES = {
    "i2h": "weight_ih_l",
    "h2h": "weight_hh_l",
    "i2h_bias": "bias_ih_l",
    "h2h_bias": "bias_hh_l",
}


def tensors(strings: Examples) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    codes = torch.from_numpy(strings.inputs.T.astype(np.int64))
    return codes, torch.from_numpy(strings.lengths), torch.from_numpy(strings.answers)


def torch_layers(architecture: Architecture, weights: dict[str, np.ndarray]) -> torch.nn.Module:
    """PyTorch's own layers with the same weights, in float64."""
    options = {}
    if architecture.variant.startswith("rnn_"):
        options["nonlinearity"] = architecture.variant.removeprefix("rnn_")
    size = architecture.hidden_size
    layers = LAYERS[architecture.variant](size, size, architecture.layers, **options).double()
    for layer in range(architecture.layers):
        for ours, theirs in TORCH_NAMES.items():
            parameter = getattr(layers, f"{theirs}{layer}")
            parameter.data[:] = torch.from_numpy(weights[f"layers.{layer}.{ours}"])
    return layers


@pytest.mark.parametrize("variant", CELL_TYPES)
@pytest.mark.parametrize("readout", READOUTS)
def test_logits_are_those_of_the_equations(variant: str, readout: str) -> None:
    architecture = Architecture(variant, layers=2, hidden_size=5)
    weights = initial_weights(architecture.layout, seed=1)
    network = ReferenceNetwork(architecture.layout, weights, {}, readout, torch.float64)
    codes, lengths, _ = tensors(STRINGS)
    steps = [len(codes)] * 4 if readout == "padded" else STRINGS.lengths
    expected = logits_by_hand(architecture, weights, STRINGS.inputs, steps)
    measured = network.logits(codes, lengths).detach().numpy()
    np.testing.assert_allclose(measured, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("readout", READOUTS)
def test_a_stacked_network_is_that_of_torchs_layers(variant: str, readout: str) -> None:
    architecture = Architecture(variant, layers=3, hidden_size=5)
    weights = initial_weights(architecture.layout, seed=1)
    network = ReferenceNetwork(architecture.layout, weights, {}, readout, torch.float64)
    codes, lengths, labels = tensors(STRINGS)
    network.loss(codes, lengths, labels).backward()

    layers = torch_layers(architecture, weights)
    embedding, weight, bias = (
        torch.from_numpy(weights[name].astype(np.float64)).requires_grad_()
        for name in ("embedding", "readout.weight", "readout.bias")
    )
    outputs, _ = layers(embedding[codes])
    read = lengths - 1 if readout == "last_step" else torch.full((4,), len(codes) - 1)
    logits = outputs[read, torch.arange(4)] @ weight.T + bias
    torch.nn.functional.cross_entropy(logits, labels).backward()

    torch.testing.assert_close(network.logits(codes, lengths), logits, rtol=0, atol=1e-12)
    expected = {"embedding": embedding, "readout.weight": weight, "readout.bias": bias}
    for layer in range(3):
        for ours, theirs in TORCH_NAMES.items():
            expected[f"layers.{layer}.{ours}"] = getattr(layers, f"{theirs}{layer}")
    assert network.parameters.keys() == expected.keys()
    for name, parameter in network.parameters.items():
        torch.testing.assert_close(parameter.grad, expected[name].grad, rtol=0, atol=1e-12)


@settings(max_examples=20)
@given(network=network_strategies.sparse_networks)
def test_a_mask_multiplies_the_weight_where_it_is_used(
    network: network_strategies.SparseNetwork,
) -> None:
    zeroed = {
        name: array * network.masks.get(name, np.ones(1, np.bool_))
        for name, array in network.weights.items()
    }
    masked = ReferenceNetwork(*network_parts(network), "padded", torch.float64)
    plain = ReferenceNetwork(network.layout, zeroed, {}, "padded", torch.float64)
    codes, lengths, labels = tensors(STRINGS)
    labels = labels % network.layout.classes
    assert torch.equal(masked.logits(codes, lengths), plain.logits(codes, lengths))
    masked.loss(codes, lengths, labels).backward()
    plain.loss(codes, lengths, labels).backward()
    for name, parameter in masked.parameters.items():
        keep = network.masks.get(name, np.ones(tuple(parameter.shape), np.bool_))
        assert not parameter.grad.numpy()[~keep].any()
        assert np.array_equal(parameter.grad.numpy()[keep], plain.parameters[name].grad[keep])
        assert np.array_equal(parameter.detach().numpy(), network.weights[name])


def network_parts(
    network: network_strategies.SparseNetwork,
) -> tuple[Layout, dict[str, np.ndarray], dict[str, np.ndarray]]:
    return network.layout, network.weights, dict(network.masks)


def test_blocks_that_lead_into_one_layer_add_their_outputs() -> None:
    """A wiring 1-2-1 with a skip, computed unit by unit."""
    wiring = Wiring((1, 2, 1), ((0, 1), (0, 2), (0, 3), (2, 3)))  # vertex 1 leads nowhere
    layout = wired_layout(wiring, "rnn_tanh")
    masks = wired_masks(wiring, layout, "tiled")
    w = {name: array.astype(float) for name, array in initial_weights(layout, 5).items()}
    network = ReferenceNetwork(layout, w, masks, "last_step", torch.float64)
    codes, lengths, _ = tensors(STRINGS)

    def unit(block: str, row: int, total: float, state: list[float]) -> float:
        total += w[f"{block}.i2h_bias"][row] + w[f"{block}.h2h_bias"][row]
        total += sum(w[f"{block}.h2h"][row, j] * value for j, value in enumerate(state))
        return float(np.tanh(total))

    for string, measured in enumerate(network.logits(codes, lengths).detach().numpy()):
        bottom, middle, top, skip = [0.0], [0.0, 0.0], [0.0], [0.0]
        for code in STRINGS.inputs[string, : STRINGS.lengths[string]]:
            bottom = [
                unit("layers.0", 0, w["layers.0.i2h"][0, 0] * w["embedding"][code, 0], bottom)
            ]
            middle = [
                unit("layers.1", row, w["layers.1.i2h"][row, 0] * bottom[0], middle)
                for row in (0, 1)
            ]
            top = [unit("layers.2", 0, w["layers.2.i2h"][0, 1] * middle[1], top)]
            skip = [unit("skips.0.2", 0, w["skips.0.2.i2h"][0, 0] * bottom[0], skip)]
        expected = w["readout.weight"][:, 0] * (top[0] + skip[0]) + w["readout.bias"]
        np.testing.assert_allclose(measured, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("readout", READOUTS)
def test_only_the_padded_readout_sees_batch_mates(readout: str) -> None:
    layout = Architecture("gru", layers=1, hidden_size=4).layout
    network = ReferenceNetwork(layout, initial_weights(layout, 0), {}, readout, torch.float64)
    codes, lengths, _ = tensors(STRINGS)
    together = network.logits(codes, lengths)[0]
    alone = network.logits(codes[:5, :1], lengths[:1])[0]
    assert torch.allclose(together, alone, rtol=0, atol=1e-12) == (readout == "last_step")


def test_a_training_step_clips_and_takes_the_optimisers_step() -> None:
    layout = Architecture("lstm", layers=1, hidden_size=3).layout
    weights = initial_weights(layout, 0)
    network = ReferenceNetwork(layout, weights, {}, "padded", torch.float64)
    codes, lengths, labels = tensors(STRINGS)
    expected = network.loss(codes, lengths, labels)
    expected.backward()
    gradients = {name: item.grad.clone() for name, item in network.parameters.items()}
    norm = float(sum(float((item**2).sum()) for item in gradients.values())) ** 0.5
    optimiser = torch.optim.SGD(network.parameters.values(), lr=1.0)
    loss = train_step(network, optimiser, codes, lengths, labels, clip_norm=norm / 4)
    assert loss == pytest.approx(float(expected.detach()), rel=1e-12)
    for name, array in network.arrays().items():
        step = gradients[name].numpy() / 4
        np.testing.assert_allclose(array, weights[name] - step, rtol=0, atol=1e-5 * norm)


def test_the_arrays_are_copies_in_the_networks_number_type() -> None:
    layout = Architecture("gru", layers=1, hidden_size=2).layout
    weights = initial_weights(layout, 0)
    network = ReferenceNetwork(layout, weights, {}, "padded")
    arrays = network.arrays()
    assert {array.dtype for array in arrays.values()} == {np.dtype("float32")}
    for array in arrays.values():
        array[...] = 0
    assert all(np.array_equal(array, weights[name]) for name, array in network.arrays().items())


def test_another_readout_is_refused() -> None:
    layout = Architecture("gru", layers=1, hidden_size=2).layout
    with pytest.raises(ValueError, match=r"^unknown semantics switch readout 'mean': choose one"):
        ReferenceNetwork(layout, initial_weights(layout, 0), {}, "mean")


def test_masks_that_do_not_fit_are_refused() -> None:
    layout = Architecture("gru", layers=1, hidden_size=2).layout
    with pytest.raises(ValueError, match=r"^mask of 'layers.0.h2h' is bool \(2, 2\)"):
        ReferenceNetwork(
            layout, initial_weights(layout, 0), {"layers.0.h2h": np.ones((2, 2), bool)}, "padded"
        )
