"""Ranks of methods over cell types and tasks, against a table by hand, scipy and Demsar's table 5."""

import math
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import friedmanchisquare, rankdata

from sparsebench.experiments.methods.ranks import rankings
from sparsebench.experiments.methods.table import settings_of
from sparsebench.values.protocol import Training
from tests.experiments.methods import tiny
from tests.experiments.methods.records import of_item

METHODS = ("snip", "gradual", "rigl", "set", "random")
PUBLISHED = {3: 2.343, 4: 2.569, 5: 2.728, 6: 2.850, 7: 2.949, 8: 3.031, 9: 3.102, 10: 3.164}
"""Demsar (2006), table 5 (a): critical values at 5 % by the number of methods, for Nemenyi's test."""


def settings_with(scores, figure="accuracy", density=0.1, controls=()):
    """Settings, each with the figures of some methods; the epochs tell settings apart."""
    records = []
    for place, row in enumerate(scores):
        training = Training(place + 1, 16, 0.01)
        for name, values in row.items():
            item = tiny.item(name, density, variant="gru", training=training, controls=controls)
            records += of_item(item, {"": values}, figure)
    return settings_of(records)


BY_HAND = [
    {"snip": [0.8], "gradual": [0.9], "rigl": [0.7]},
    {"snip": [0.6], "gradual": [0.5], "rigl": [0.4]},
    {"snip": [0.7], "gradual": [0.9], "rigl": [0.7]},
]
"""Ranks: 2 1 3; 1 2 3; 2.5 1 2.5."""


def test_ranks_are_those_by_hand():
    (found,) = rankings(settings_with(BY_HAND))
    assert dict(found.ranks) == pytest.approx({"gradual": 4 / 3, "snip": 5.5 / 3, "rigl": 8.5 / 3})
    assert list(found.ranks) == ["gradual", "snip", "rigl"]
    assert (found.density, found.settings) == (0.1, 3)
    assert found.difference == pytest.approx(2.343 * math.sqrt(3 * 4 / (6 * 3)), abs=1e-3)
    assert found.best == ["gradual", "snip", "rigl"]


def test_the_lowest_loss_is_the_best():
    (found,) = rankings(settings_with(BY_HAND, "other"))  # judged by the loss, which is the same
    assert set(found.ranks.values()) == {2.0}
    low = [{"snip": [3.0], "gradual": [1.0], "rigl": [2.0]}] * 3
    records = settings_with(low, "loss")
    assert list(rankings(records)[0].ranks) == ["gradual", "rigl", "snip"]


@pytest.mark.parametrize("count", PUBLISHED)
def test_the_critical_difference_is_that_of_the_published_table(count):
    names = list(tiny.METHODS)[:count]
    scores = [{name: [0.1 * place] for place, name in enumerate(names)} for _ in range(6)]
    (found,) = rankings(settings_with(scores))
    assert len(found.ranks) == count
    expected = PUBLISHED[count] * math.sqrt(count * (count + 1) / (6 * 6))
    assert found.difference == pytest.approx(expected, rel=5e-4)


def test_methods_that_differ_from_the_best_are_told_apart():
    scores = [{name: [-place] for place, name in enumerate(METHODS)} for _ in range(20)]
    (found,) = rankings(settings_with(scores))
    assert list(found.ranks) == list(METHODS)
    assert found.difference < 2
    assert found.best == ["snip", "gradual"]
    assert found.probability < 1e-10


_levels = st.integers(0, 4).map(lambda each: each / 10)
_tables = st.lists(
    st.lists(st.lists(_levels, min_size=2, max_size=2), min_size=4, max_size=4),
    min_size=3,
    max_size=5,
)


@given(_tables)
def test_ranks_and_probability_are_those_of_scipy(table):
    scores = [dict(zip(METHODS, row, strict=False)) for row in table]
    (found,) = rankings(settings_with(scores))
    means = [[fmean(values) for values in row] for row in table]
    ranks = [rankdata([-each for each in row]) for row in means]
    for place, name in enumerate(METHODS[:4]):
        assert found.ranks[name] == pytest.approx(fmean(row[place] for row in ranks))
    assert fmean(found.ranks.values()) == pytest.approx(2.5)
    if all(len(set(row)) == 1 for row in means):
        assert found.probability == 1
    else:
        expected = friedmanchisquare(*zip(*means, strict=True)).pvalue
        assert found.probability == pytest.approx(expected)


def test_methods_that_were_not_measured_everywhere_are_left_out():
    scores = [{**row, "set": [0.95]} for row in BY_HAND[:2]] + BY_HAND[2:]
    (found,) = rankings(settings_with(scores))
    assert set(found.ranks) == {"snip", "gradual", "rigl"}


@pytest.mark.parametrize("few", [BY_HAND[:2], [{"snip": [1.0], "rigl": [0.5]}] * 3, []])
def test_of_few_settings_or_methods_there_are_no_ranks(few):
    assert rankings(settings_with(few)) == []


def test_each_density_has_its_ranks_the_highest_first():
    both = [*settings_with(BY_HAND, density=0.1), *settings_with(BY_HAND, density=0.5)]
    assert [each.density for each in rankings(both)] == [0.5, 0.1]
