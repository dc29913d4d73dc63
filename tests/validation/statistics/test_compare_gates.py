"""What the published GRU and MGU have in common with those in PyTorch's form, and what not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.parts.pruning import prune
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import PUBLISHED
from validation.statistics.compare_gates import exchanged, outputs, tensors

ARCHITECTURE = Architecture("gru", layers=2, hidden_size=6)
WEIGHTS = initial_weights(ARCHITECTURE.layout, 3)
CODES = torch.from_numpy(np.random.RandomState(0).randint(65, 90, (12, 5)))


def logits(weights, reset="after", keeps="z"):
    return outputs(tensors(weights, torch.float64), CODES, reset, keeps)


def test_reset_after_the_product_is_torch_s():
    network = StackedNetwork(ARCHITECTURE, WEIGHTS, "padded").double()
    theirs = network(CODES, torch.full((5,), 12))
    assert torch.allclose(logits(WEIGHTS), theirs, atol=1e-12)


def test_an_mgu_that_resets_after_the_product_is_the_reference_s():
    layout = Architecture("mgu", layers=2, hidden_size=6).layout
    weights = initial_weights(layout, 3)
    network = ReferenceNetwork(layout, weights, {}, "padded", torch.float64)
    ours = network.logits(CODES, torch.full((5,), 12))
    used = tensors(weights, torch.float64)
    assert torch.allclose(outputs(used, CODES, variant="mgu"), ours, atol=1e-12)
    before = outputs(used, CODES, "before", variant="mgu")
    assert not torch.allclose(before, ours, atol=1e-3)


def test_the_exchange_of_z_is_another_name_for_the_same_network():
    """sigmoid(-a) is 1 - sigmoid(a): with the update gate's weights negated nothing else changes."""
    assert torch.allclose(logits(WEIGHTS), logits(exchanged(WEIGHTS), keeps="1 - z"), atol=1e-12)
    assert not torch.allclose(logits(WEIGHTS), logits(WEIGHTS, keeps="1 - z"), atol=1e-3)


def test_the_exchanged_network_learns_and_is_pruned_alike():
    """Gradients are those of the other with the update gate's negated, and magnitudes are equal."""
    one, other = tensors(WEIGHTS, torch.float64), tensors(exchanged(WEIGHTS), torch.float64)
    labels = torch.tensor([0, 1, 0, 1, 1])
    for used, keeps in ((one, "z"), (other, "1 - z")):
        torch.nn.functional.cross_entropy(outputs(used, CODES, keeps=keeps), labels).backward()
    mirrored = exchanged({name: item.grad.numpy() for name, item in one.items()})
    for name, item in other.items():
        assert np.allclose(item.grad.numpy(), mirrored[name], atol=1e-14)
    names = prunable(ARCHITECTURE.layout, "both")
    masks, same = (prune(each, names, 70, PUBLISHED) for each in (WEIGHTS, exchanged(WEIGHTS)))
    assert all(np.array_equal(masks[name], same[name]) for name in masks)


def of_candidate(change):
    """The weights with the candidate's hidden matrix and its hidden bias changed in each layer."""
    found = {name: array.copy() for name, array in WEIGHTS.items()}
    for layer in range(2):
        for kind in ("h2h", "h2h_bias"):
            part = found[f"layers.{layer}.{kind}"][12:]
            part[...] = change(kind, part)
    return found


@pytest.mark.parametrize(
    ("name", "change", "equal"),
    [
        ("as they are", lambda kind, part: part, False),
        ("no hidden bias", lambda kind, part: 0 if kind == "h2h_bias" else part, False),
        (
            "no hidden bias, a diagonal matrix",
            lambda kind, part: 0 if kind == "h2h_bias" else np.diag(np.diag(part)),
            True,
        ),
        (
            "a diagonal matrix",
            lambda kind, part: np.diag(np.diag(part)) if kind == "h2h" else part,
            False,
        ),
    ],
)
def test_reset_before_the_product_is_another_network_unless_units_do_not_mix(name, change, equal):
    """The gate of a unit weights its own state before the matrix, and other units' states after it."""
    weights = of_candidate(change)
    apart = (logits(weights) - logits(weights, "before")).abs().max()
    assert (apart < 1e-12) == equal
