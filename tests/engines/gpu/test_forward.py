"""Every way to run a forward pass on a GPU gives the same logits; on a CPU, nothing is captured."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.engines import timing
from sparsebench.engines.gpu import forward
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Architecture, ReberStrings

pytestmark = pytest.mark.usefixtures("one_width")

STRINGS = generate(ReberStrings(1, 1, 30, 30)).test


def network(variant: str) -> tuple[Architecture, dict[str, np.ndarray], dict[str, np.ndarray]]:
    architecture = Architecture(variant, hidden_size=6)
    weights = initial_weights(architecture.layout, 0)
    random = np.random.RandomState(0)
    names = [name for name in weights if name.endswith(("i2h", "h2h"))]
    masks = {name: random.random_sample(weights[name].shape) < 0.3 for name in names}
    zeros = {name: array * masks.get(name, 1) for name, array in weights.items()}
    return architecture, zeros, masks


@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("variant", CELL_TYPES)
def test_all_passes_give_the_logits_of_a_cpu(variant: str, readout: str) -> None:
    architecture, weights, masks = network(variant)
    plan = sparse_layout(architecture.layout, masks)
    expected = timing.sparse_forward_pass(plan, weights, readout, STRINGS, 9, "cpu")()
    given = readout, STRINGS.part(0, 9), "cpu"
    (products,) = forward.passes(plan, weights, *given)
    assert products.engine == "batched products, captured"
    np.testing.assert_allclose(products(), expected, atol=1e-6)
    if variant in VARIANTS:
        layers = timing.captured_forward_pass(architecture, weights, readout, STRINGS, 9, "cpu")
        np.testing.assert_allclose(layers(), expected, atol=1e-6)


def test_a_wired_network_is_no_batched_product() -> None:
    blocks = (Block(-1, 0), Block(0, 1))
    layout = Layout("gru", (3, 4), blocks, 5, 128, 2)
    plan = sparse_layout(layout)
    assert forward.passes(plan, initial_weights(layout, 0), "padded", STRINGS, "cpu") == []


def test_the_fastest_is_found_among_ours_and_others(monkeypatch: pytest.MonkeyPatch) -> None:
    architecture, weights, masks = network("gru")
    plan = sparse_layout(architecture.layout, masks)
    monkeypatch.setattr(forward, "passes", _with_device_cpu(forward.passes))
    (own,) = forward.passes(plan, weights, "padded", STRINGS.part(0, 9), "cuda")
    answers = own()
    quick = timing.ForwardPass("quick", lambda: answers)
    found = timing.sparse_forward_pass(plan, weights, "padded", STRINGS, 9, "cuda", [quick])
    assert found is quick


def _with_device_cpu(made):
    return lambda plan, weights, readout, examples, device: made(
        plan, weights, readout, examples, "cpu"
    )
