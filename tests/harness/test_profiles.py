"""What a run's settings make of the numbers that were asked for."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.capacity.task_items import TaskItem
from sparsebench.harness.profiles import PROFILES
from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.tasks import NextLetters
from tests.harness.settings import settings


@pytest.mark.parametrize(
    ("seeds", "most", "looks"),
    [
        (3, 3, [3]),
        (3, 6, [3, 6]),
        (3, 20, [3, 6, 12, 20]),
        (1, 8, [1, 2, 4, 8]),
        (5, 3, [5]),
        (3, 4, [3, 4]),
    ],
)
def test_it_is_looked_after_twice_as_many_seeds_each_time(tmp_path, seeds, most, looks):
    assert settings(tmp_path, seeds=seeds, max_seeds=most).looks == looks


@given(seeds=st.integers(1, 50), more=st.integers(0, 500))
def test_looks_begin_with_the_seeds_and_end_with_the_most(scratch, seeds, more):
    looks = settings(scratch, seeds=seeds, max_seeds=seeds + more).looks
    assert (looks[0], looks[-1]) == (seeds, seeds + more)
    assert looks == sorted(set(looks))
    assert all(later <= 2 * earlier for earlier, later in pairwise(looks))


@pytest.mark.parametrize(
    ("profile", "first", "base_seeds", "order"),
    [
        ("quick", 0, range(3), None),
        ("quick", 100, range(3), 100),  # the stored models, trained again in another order
        ("smoke", 100, range(3), 100),
        ("thesis", 0, range(3), None),
        ("thesis", 100, range(100, 103), None),  # models of other seeds, in an order of their own
    ],
)
def test_stored_models_keep_their_seeds_whatever_the_first_one_is(
    tmp_path, profile, first, base_seeds, order
):
    chosen = settings(tmp_path, profile=profile, first_seed=first)
    assert chosen.base_seeds(3) == base_seeds
    assert chosen.first_base_seed == base_seeds[0]
    assert chosen.retraining_order == order


def test_two_items_of_one_id_are_refused(tmp_path):
    chosen = settings(tmp_path)
    item = BaseItem("gru")
    assert chosen.asked_for([item, BaseItem("gru")]) == [item]
    assert chosen.asked_for(lambda settings: [item, item]) == [item, item]
    other = TaskItem("gru", NextLetters(train=9), (4,), Training(1, 32))
    longer = replace(other, training=Training(2, 32))
    for items in ([other, longer], lambda settings: [other, longer]):
        with pytest.raises(ValueError, match="two different items are called 'reber-gru-p0': give"):
            chosen.asked_for(items)


def test_baselines_of_times_lie_beside_the_others(tmp_path):
    chosen = settings(tmp_path)
    assert chosen.times == tmp_path / "times"
    assert chosen.baseline_path == tmp_path / "thesis"


@pytest.mark.parametrize(("profile", "epochs"), [("smoke", 0), ("quick", 1), ("thesis", 12)])
def test_models_without_their_smallest_weights_are_trained_again_as_long_as_the_slides_say(
    tmp_path, profile, epochs
):
    """Twelve epochs; one where time is short, and none where it is shortest."""
    assert settings(tmp_path, profile=profile).work.threshold_epochs == epochs


def test_no_larger_profile_does_less():
    smoke, quick, thesis = (PROFILES[name] for name in ("smoke", "quick", "thesis"))
    for less, more in ((smoke, quick), (quick, thesis)):
        for name in ("seeds", "timing_rounds", "graphs", "other_graphs", "pruned_graphs"):
            assert getattr(less, name) <= getattr(more, name)
        for name in (
            "retraining_epochs",
            "finetuning_epochs",
            "threshold_epochs",
            "compared_graphs",
        ):
            assert getattr(less, name) <= getattr(more, name)
        percents = ("percents", "retraining_percents", "compared_percents", "finetuning_percents")
        kinds = (
            *("wired_variants", "other_variants", "compared_variants", "predicted_variants"),
            "speed_variants",
            *("other_cells", "other_cells_targets", "other_cells_percents"),
        )
        for name in (*percents, *kinds):
            assert set(getattr(less, name)) <= set(getattr(more, name))


def test_the_quick_profile_wires_every_cell_type():
    """Its exact comparison is what a fault in one cell's loops is found by."""
    assert set(PROFILES["quick"].wired_variants) == set(VARIANTS)
