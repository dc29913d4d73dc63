"""Iterative magnitude pruning with rewinding: do the initial weights matter, or only the masks?"""

import pytest

from sparsebench.experiments.iterative_pruning.items import of_profile


def rounds(settings):
    return settings.planned(of_profile(settings))


@pytest.mark.sparsebench(items=rounds)
def test_iterative_pruning(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
