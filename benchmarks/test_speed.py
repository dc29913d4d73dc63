"""Forward passes must not become slower, relative to the dense network on torch's layers."""

import pytest

from sparsebench import VARIANTS, speed_items


def chosen(settings):
    variants = VARIANTS if settings.judge_speed else settings.work.speed_variants
    return settings.planned(speed_items(variants))


@pytest.mark.sparsebench(items=chosen, otherwise="the smoke profile times no untrained networks")
def test_speed(item, sparsebench, time_together):
    measured = sparsebench.measure(item)
    time_together(measured)
    sparsebench.judge(measured)
