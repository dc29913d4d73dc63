"""The pass that is timed is the pass that is evaluated."""

import time

import numpy as np
import pytest

from sparsebench.engines import timing
from sparsebench.engines.fused.forward import sparse_forward_pass
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout
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


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("readout", ["padded", "last_step"])
def test_both_engines_give_the_same_logits_for_a_few_strings(variant, readout):
    layout = Architecture(variant, hidden_size=6).layout
    weights, plan = initial_weights(layout, 0), sparse_layout(layout)
    streamed = timing._streamed_pass(plan, weights, readout, STRINGS.part(0, 9))
    fused = sparse_forward_pass(plan, weights, readout, STRINGS, 9)
    np.testing.assert_allclose(streamed(), fused(), atol=1e-6)


def test_the_fastest_pass_is_taken():
    def wait():
        time.sleep(0.002)
        return np.zeros(0)

    slow = timing.ForwardPass("slow", wait)
    fast = timing.ForwardPass("fast", lambda: np.zeros(0))
    assert timing._fastest([slow, fast]) is fast
    assert timing._fastest([fast, slow, slow]) is fast
    assert timing._fastest([slow]) is slow


def test_many_strings_are_run_by_the_fused_engine(monkeypatch):
    monkeypatch.setattr(timing, "_streamed_pass", None)
    layout = Architecture("gru", hidden_size=4).layout
    plan, weights = sparse_layout(layout), initial_weights(layout, 0)
    run = timing.sparse_forward_pass(plan, weights, "padded", STRINGS, timing.STREAMED + 1, "cpu")
    assert len(run()) == min(timing.STREAMED + 1, len(STRINGS))


def test_of_a_few_strings_one_of_both_passes_is_chosen(monkeypatch):
    chosen = []
    monkeypatch.setattr(timing, "_fastest", lambda passes: chosen.append(passes) or passes[0])
    layout = Architecture("gru", hidden_size=4).layout
    plan, weights = sparse_layout(layout), initial_weights(layout, 0)
    run = timing.sparse_forward_pass(plan, weights, "padded", STRINGS, 2, "cpu")
    assert chosen[0][0] is run
    assert [each.engine for each in chosen[0]] == ["streaming engine", "sparse rows"]


@pytest.mark.parametrize("batch", [9, 40])
def test_matrices_of_which_half_is_left_may_be_multiplied_whole(monkeypatch, batch):
    chosen = []
    monkeypatch.setattr(timing, "_fastest", lambda passes: chosen.append(passes) or passes[0])
    layout = Architecture("gru", hidden_size=4).layout
    weights = initial_weights(layout, 0)
    for density, more in ((0.5, 1), (0.1, 0)):
        random = np.random.RandomState(0)
        masks = {
            name: random.random_sample(weights[name].shape) < density
            for name in ("layers.0.i2h", "layers.1.h2h")
        }
        plan = sparse_layout(layout, masks)
        timing.sparse_forward_pass(plan, weights, "padded", STRINGS, batch, "cpu")
        passes = chosen.pop()
        assert len(passes) == 1 + more + (batch <= timing.STREAMED)
        first, *others = [run() for run in passes]
        for other in others:
            np.testing.assert_allclose(other, first, atol=1e-6)


def test_answers_after_every_step_are_the_fused_engines():
    layout = Layout("gru", (4,), (Block(-1, 0),), 3, 0, 2)
    inputs = np.zeros((3, 5, 3), np.float32)
    examples = Examples(inputs, np.full(3, 5), np.zeros((3, 5), np.int64))
    plan, weights = sparse_layout(layout), initial_weights(layout, 0)
    for batch in (1, 3):
        run = timing.sparse_forward_pass(plan, weights, "last_step", examples, batch, "cpu")
        assert run().shape == (batch, 5 * 2)


@pytest.mark.parametrize(
    ("readout", "batch", "said"),
    [
        ("first", 1, "unknown semantics switch readout 'first'"),
        ("padded", 0, "batch_size is 0: give a whole number of at least 1"),
    ],
)
def test_what_is_not_allowed_is_refused_by_both_engines(readout, batch, said):
    layout = Architecture("gru", hidden_size=4).layout
    plan, weights = sparse_layout(layout), initial_weights(layout, 0)
    with pytest.raises(ValueError, match=said):
        timing.sparse_forward_pass(plan, weights, readout, STRINGS, batch, "cpu")
