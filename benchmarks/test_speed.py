"""Forward passes that may not get slower, in units of the dense network's on torch's layers."""

import pytest

from sparsebench import speed_cells

ROUNDS = 90


@pytest.mark.sparsebench(speed_cells())
def test_speed(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured, ROUNDS)
    sparsebench.judge(measured)
