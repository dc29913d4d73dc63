"""The pass that is timed is the pass that is evaluated."""

import numpy as np
import pytest

from sparsebench.engines import timing
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings

STRINGS = generate(ReberStrings(1, 1, 30, 30)).test


def passes(monkeypatch, device):
    architecture = Architecture("gru", hidden_size=4)
    calls = []
    monkeypatch.setattr(timing.StackedNetwork, "to", lambda self, device: self)
    monkeypatch.setattr(timing.torch.Tensor, "to", lambda self, device: self)

    def forward(self, codes, lengths):
        calls.append(codes.shape)
        return timing.torch.zeros(codes.shape[1], 2)

    monkeypatch.setattr(timing.StackedNetwork, "forward", forward)
    monkeypatch.setattr(timing.torch.cuda, "synchronize", lambda: calls.append("synchronised"))
    weights = initial_weights(architecture.layout, 0)
    run, steps = timing.forward_pass(architecture, weights, "padded", STRINGS, 16, device)
    assert run().shape == (16, 2)
    return calls, steps


def test_a_pass_is_one_batch_of_as_many_steps_as_its_longest_string(monkeypatch):
    calls, steps = passes(monkeypatch, "cpu")
    assert steps == STRINGS.lengths[:16].max()
    assert calls == [(steps, 16)]


def test_a_pass_on_a_gpu_waits_for_it(monkeypatch):
    calls, _ = passes(monkeypatch, "cuda")
    assert calls[-1] == "synchronised"


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_string_and_a_batch_give_the_same_logits(variant):
    layout = Architecture(variant, hidden_size=6).layout
    weights = initial_weights(layout, 0)
    masks = {"layers.1.h2h": np.arange(weights["layers.1.h2h"].size) % 3 == 0}
    masks = {name: mask.reshape(weights[name].shape) for name, mask in masks.items()}
    plan = sparse_layout(layout, masks)
    (alone,) = timing.sparse_forward_pass(plan, weights, "last_step", STRINGS, 1, "cpu")()
    together = timing.sparse_forward_pass(plan, weights, "last_step", STRINGS, 9, "cpu")()
    np.testing.assert_allclose(alone, together[0], atol=1e-6)
