"""Forward passes must not become slower, relative to the dense network on torch's layers."""

import pytest

from sparsebench import speed_items


@pytest.mark.sparsebench(speed_items())
def test_speed(item, sparsebench, time_together):
    measured = sparsebench.measure(item)
    time_together(measured)
    sparsebench.judge(measured)
