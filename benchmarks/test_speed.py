"""Forward passes must not become slower, relative to the dense network on torch's layers."""

import pytest

from sparsebench import speed_items


def chosen(settings):
    return settings.planned(speed_items(settings.work.speed_variants))


@pytest.mark.sparsebench(items=chosen)
def test_speed(item, sparsebench, time_together):
    measured = sparsebench.measure(item)
    time_together(measured)
    sparsebench.judge(measured)
