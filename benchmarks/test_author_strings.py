"""The thesis's claims about base models and pruning, on its author's own strings."""

import pytest

from sparsebench.experiments.conformance.author_strings import author_strings_items

WITHOUT = (
    "needs --sparsebench-artifacts DIR, a checkout of the thesis author's repository with "
    "dataset/train_data.csv and dataset/test_data.csv, and --sparsebench-profile=thesis, because base "
    "models are trained"
)


def trained(settings):
    return settings.planned(author_strings_items(settings))


@pytest.mark.sparsebench(items=trained, otherwise=WITHOUT)
def test_author_strings(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
