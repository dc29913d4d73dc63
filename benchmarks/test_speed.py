"""Forward passes that may not get slower, in units of the dense network's on torch's layers."""

import pytest

from sparsebench import speed_items


@pytest.mark.sparsebench(speed_items())
def test_speed(item, sparsebench, time_together):
    measured = sparsebench.measure(item)
    time_together(measured)
    sparsebench.judge(measured)
