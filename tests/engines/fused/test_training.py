"""Twenty-five steps of training take a network where the reference engine takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch

from sparsebench.engines.batches import batch
from sparsebench.engines.fused import population
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.populations import Epoch
from sparsebench.engines.reference import ReferenceNetwork, train_step
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.protocol import VARIANTS, Architecture, Training
from sparsebench.values.wiring import Wiring
from tests.network_strategies import SparseNetwork

WIRING = Wiring((2, 2, 3, 1), ((0, 2), (0, 4), (1, 3), (1, 7), (2, 4), (2, 6), (3, 5), (5, 7)))
STEPS = 25
PROTOCOL = Training(batch_size=10, learning_rate=0.002, clip_norm=5.0)


class Trained(NamedTuple):
    """Named arrays after training, and the loss of every step."""

    weights: dict[str, np.ndarray]
    losses: np.ndarray


def drawn_strings(count: int = 30, longest: int = 8) -> Examples:
    random = np.random.RandomState(4)
    lengths = random.randint(1, longest + 1, count)
    codes = random.randint(1, 128, (count, longest)).astype(np.uint8)
    codes[np.arange(longest) >= lengths[:, None]] = 0
    return Examples(codes, lengths, random.randint(0, 2, count))


STRINGS = drawn_strings()


def order_of(training: Training) -> np.ndarray:
    """Strings for all steps; the last batch is short."""
    random = np.random.RandomState(5)
    return random.randint(0, len(STRINGS), (STEPS - 1) * training.batch_size + 3)


def stacked(variant: str) -> SparseNetwork:
    """Two layers that lose few or many weights, a whole row among them."""
    layout = Architecture(variant, layers=2, hidden_size=6).layout
    random = np.random.RandomState(6)
    masks = {
        "layers.0.h2h": random.rand(*layout.shapes()["layers.0.h2h"]) < 0.5,
        "layers.1.i2h": random.rand(*layout.shapes()["layers.1.i2h"]) < 0.3,
        "layers.1.h2h": random.rand(*layout.shapes()["layers.1.h2h"]) < 0.8,
    }
    masks["layers.1.i2h"][2] = False
    return SparseNetwork(layout, masks, initial_weights(layout, 7))


def wired(variant: str) -> SparseNetwork:
    layout = wired_layout(WIRING, variant)
    return SparseNetwork(
        layout, wired_masks(WIRING, layout, "repeated"), initial_weights(layout, 8)
    )


def reference_training(
    network: SparseNetwork,
    readout: str,
    training: Training,
    dtype: torch.dtype,
) -> Trained:
    reference = ReferenceNetwork(network.layout, network.weights, network.masks, readout, dtype)
    optimiser = torch.optim.Adam(reference.parameters.values(), training.learning_rate)
    losses, order = [], order_of(training)
    for start in range(0, len(order), training.batch_size):
        rows = order[start : start + training.batch_size]
        codes, lengths, labels = batch(STRINGS, rows, int(STRINGS.lengths[rows].max()), "cpu")
        losses.append(train_step(reference, optimiser, codes, lengths, labels, training.clip_norm))
    return Trained(reference.arrays(), np.array(losses))


def fused_training(
    network: SparseNetwork, readout: str, training: Training, dtype: str
) -> tuple[Trained, CpuPopulation]:
    """The same in two calls, between which the optimiser's state must last."""
    made = sparse_layout(network.layout, network.masks)
    networks = CpuPopulation([made], [network.weights], readout, training, dtype=dtype)
    losses, order = [], order_of(training)
    cut = 13 * training.batch_size
    for part in (order[:cut], order[cut:]):
        (epoch,) = networks.train(STRINGS, [part])
        assert isinstance(epoch, Epoch)
        losses.append(epoch.losses)
    return Trained(networks.weights(0, network.weights), np.concatenate(losses)), networks


def assert_same(measured: Trained, expected: Trained, tolerance: float) -> None:
    assert len(expected.losses) == STEPS
    np.testing.assert_allclose(measured.losses, expected.losses, rtol=0, atol=tolerance)
    assert measured.weights.keys() == expected.weights.keys()
    for name, array in measured.weights.items():
        np.testing.assert_allclose(array, expected.weights[name], 0, tolerance, err_msg=name)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four strings in a tile, so that small batches have several."""
    monkeypatch.setattr(population, "lanes_for", lambda strings: 4)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("build", [stacked, wired])
@pytest.mark.parametrize("variant", VARIANTS)
def test_parameters_and_losses_stay_the_references(variant, build, readout) -> None:
    network = build(variant)
    measured, _ = fused_training(network, readout, PROTOCOL, "float64")
    expected = reference_training(network, readout, PROTOCOL, torch.float64)
    assert_same(measured, expected, 1e-9)
    for name, mask in network.masks.items():
        assert np.array_equal(measured.weights[name][~mask], network.weights[name][~mask])
    moved = [
        float(np.abs(array - network.weights[name]).max())
        for name, array in measured.weights.items()
    ]
    assert max(moved) > 10 * PROTOCOL.learning_rate


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("variant", VARIANTS)
def test_clipping_is_the_references(variant: str) -> None:
    """A readout far off: the gradient's norm is far above 5 at first, and changes quickly."""
    network = stacked(variant)
    network.weights["readout.weight"][:] *= 300
    training = replace(PROTOCOL, learning_rate=0.05)
    measured, _ = fused_training(network, "padded", training, "float64")
    expected = reference_training(network, "padded", training, torch.float64)
    assert_same(measured, expected, 1e-9)
    unclipped = reference_training(
        network, "padded", replace(training, clip_norm=1e9), torch.float64
    )
    assert not np.allclose(unclipped.losses, expected.losses, rtol=1e-3)


@pytest.mark.parametrize("variant", VARIANTS)
def test_logits_of_float32_agree_after_training(variant: str) -> None:
    network = wired(variant)
    training = replace(PROTOCOL, batch_size=40)
    measured, networks = fused_training(network, "padded", training, "float32")
    expected = reference_training(network, "padded", training, torch.float32)
    np.testing.assert_allclose(measured.losses, expected.losses, rtol=0, atol=1e-3)
    trained = ReferenceNetwork(network.layout, expected.weights, network.masks, "padded")
    codes, lengths, _ = batch(STRINGS, slice(None), int(STRINGS.lengths.max()), "cpu")
    np.testing.assert_allclose(
        networks.logits(STRINGS, len(STRINGS))[0],
        trained.logits(codes, lengths).detach().numpy(),
        rtol=0,
        atol=1e-3,
    )
    for name, mask in network.masks.items():
        assert np.array_equal(measured.weights[name][~mask], network.weights[name][~mask])
