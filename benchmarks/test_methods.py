"""Methods of making networks sparse: which is best at which density, for equal training?"""

import pytest

from sparsebench.experiments.methods.items import of_profile


def methods(settings):
    return settings.planned(of_profile(settings))


@pytest.mark.sparsebench(items=methods)
def test_methods(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
