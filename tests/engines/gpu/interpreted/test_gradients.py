"""Loss, logits and every gradient against the reference engine, tiles summed up."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.protocol import Training
from tests.engines.fused.passes import Pass, assert_agree, reference_pass
from tests.engines.gpu.interpreted.small import LANES, STRINGS, population, stacked, wired

UNCLIPPED = Training(batch_size=LANES + 1, learning_rate=1e-9, clip_norm=1e12)
"""Five strings: a full tile, and one with a single string."""
ORDER = np.array([4, 0, 5, 2, 3])


@pytest.mark.parametrize(
    ("variant", "readout", "dtype", "tolerance"),
    [
        ("rnn_tanh", "padded", "float64", 1e-10),
        pytest.param("rnn_relu", "last_step", "float64", 1e-10, marks=pytest.mark.long),
        pytest.param("lstm", "last_step", "float64", 1e-10, marks=pytest.mark.long),
        ("gru", "padded", "float64", 1e-10),
        pytest.param("mgu", "padded", "float64", 1e-10, marks=pytest.mark.long),
        pytest.param("rnn_tanh", "last_step", "float32", 1e-5, marks=pytest.mark.long),
    ],
)
def test_a_batch_is_the_references(
    variant: str, readout: str, dtype: str, tolerance: float
) -> None:
    networks = [wired(variant), stacked(variant)]
    made = population(networks, readout, UNCLIPPED, dtype=dtype)
    logits = made.logits(STRINGS, len(STRINGS))[:, ORDER]
    epochs = made.train(STRINGS, [ORDER, ORDER])
    means = made._state.means.numpy().astype(np.float64)  # Adam's first step: a tenth of it
    first = 0
    for network, own, epoch in zip(networks, logits, epochs, strict=True):
        expected = reference_pass(network, readout, STRINGS, ORDER)
        size = sparse_layout(network.layout, network.masks).size
        gradient = means[first : first + size] * 10
        assert epoch is not None
        measured = Pass(float(epoch.losses[0]), round(epoch.accuracy * len(ORDER)), own, gradient)
        assert_agree(measured, expected, tolerance)
        assert measured.correct == expected.correct
        first += size


@pytest.mark.parametrize(
    "variant",
    ["rnn_tanh", *(pytest.param(each, marks=pytest.mark.long) for each in ("lstm", "gru"))],
)
def test_a_program_uses_its_scratch_to_the_last_row_and_no_further(variant: str) -> None:
    made = population([stacked(variant)], "padded", UNCLIPPED)
    made.train(STRINGS, [ORDER[:1]])
    rows = made._scratch_rows(STRINGS.inputs.shape[1])
    used = np.isfinite(made.scratch.numpy().reshape(-1, LANES)).all(1)
    assert used[rows - 1]
    assert not used[rows:].any()
