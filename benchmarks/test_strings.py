"""The strings that networks are trained on, beside the thesis's and its author's (figures 4.2-4.5)."""

import pytest

from sparsebench import strings_items
from sparsebench.experiments.string_statistics.author_files import (
    APART,
    author_strings,
    distances,
    measured,
    misprints,
)

WITHOUT = "needs --sparsebench-artifacts DIR, a checkout of the thesis author's repository"


@pytest.mark.sparsebench(strings_items())
def test_strings(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(author_strings, otherwise=WITHOUT)
def test_beside_the_author(item, sparsebench):
    record = measured(item, sparsebench.bench)
    sparsebench.keep(record)
    assert not misprints(record)
    far = distances(item, sparsebench.bench)
    assert far["all"] <= APART, f"{item.negatives}: lengths are {far} from the author's"
