"""A network is evaluated by the engine as torch's layers would, whatever threads there are."""

import numpy as np
import pytest

from sparsebench.harness.evaluating import evaluated
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.values.masks import masked
from sparsebench.values.protocol import VARIANTS, Architecture
from tests.engines.torch_evaluation import evaluate_weights
from tests.harness import small

STRINGS = generate(small.DATA).test


@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_evaluation_agrees_with_torchs_layers(tmp_path, variant, readout):
    """On batches whose last one is short, with weights pruned away and not."""
    architecture = Architecture(variant, layers=2, hidden_size=6)
    layout = architecture.layout
    weights = initial_weights(layout, 3)
    weights["readout.bias"][:] = [0.1, -0.1]
    masks = {"layers.1.h2h": np.abs(weights["layers.1.h2h"]) > 0.2}
    for kept in ({}, masks):
        plan, held = sparse_layout(layout, kept), masked(weights, kept)
        found = [
            evaluated(plan, held, readout, STRINGS, 32, small.bench(tmp_path, threads=threads))
            for threads in (1, 2)
        ]
        expected = evaluate_weights(architecture, held, readout, STRINGS, 32, "cpu")
        assert found[0] == found[1]
        assert (found[0].correct, found[0].total) == (expected.correct, expected.total)
        assert found[0].loss == pytest.approx(expected.loss, abs=1e-5)
