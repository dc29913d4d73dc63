"""Passes by blocks of rows: the logits of the CPU's engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.engines import timing
from sparsebench.engines.gpu.row_blocks import BLOCK_ROWS, LANES, pass_by_blocks
from sparsebench.parts.strings import generate
from sparsebench.values.protocol import CELL_TYPES, ReberStrings
from tests.engines.gpu.test_row_blocks import pruned

STRINGS = generate(ReberStrings(1, 1, 12, 12)).test


@pytest.mark.parametrize(
    ("variant", "rows", "readout"),
    [
        ("gru", 8, "last_step"),
        ("lstm", 16, "padded"),
        *(
            pytest.param(variant, rows, readout, marks=pytest.mark.long)
            for variant in CELL_TYPES
            for rows in BLOCK_ROWS
            for readout in ("padded", "last_step")
        ),
    ],
)
def test_logits_are_those_of_the_cpu(variant: str, rows: int, readout: str) -> None:
    """Two programs, the second one not full; more units than a group has; part of a block is empty."""
    plan, weights = pruned(variant, 70, 3, 0.1, 0)
    count = LANES + 3
    strings = STRINGS.part(0, count)
    strings = replace(
        strings,
        inputs=strings.inputs[:, :4] % plan.layout.symbols,
        lengths=1 + np.arange(count) % 4,
    )
    run = pass_by_blocks(plan, weights, readout, strings, "cpu", rows)
    expected = timing.sparse_forward_pass(plan, weights, readout, strings, count, "cpu")()
    for _ in range(2):  # nothing is left of the pass before
        np.testing.assert_allclose(run().numpy(), expected, rtol=0, atol=1e-5)
    assert np.ptp(expected) > 0.01
