"""Forward passes that may not get slower, in units of the dense network's on torch's layers."""

import pytest

from sparsebench import speed_cells


@pytest.mark.sparsebench(speed_cells())
def test_speed(cell, sparsebench, time_together):
    measured = sparsebench.measure(cell)
    time_together(measured)
    sparsebench.judge(measured)
