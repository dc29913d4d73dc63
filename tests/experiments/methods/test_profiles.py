"""What profiles measure: equal budgets, every part of ours, changes that happen within the budget."""

import math

import pytest

from sparsebench.experiments.methods.items import CONTROLS, of_profile
from sparsebench.experiments.methods.profiles import WORK
from sparsebench.harness.profiles import PROFILES
from sparsebench.parts.methods.method import parts_of
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.schedules import Dynamic, Gradual, RampedThreshold
from sparsebench.values.protocol import VARIANTS
from tests.harness.settings import settings


def steps(work):
    """Steps of a training."""
    return work.training.length * -(-work.task.train // work.training.batch_size)


def test_every_profile_has_its_work():
    assert WORK.keys() == PROFILES.keys()
    for work in (each for profile in WORK.values() for each in profile):
        assert {*work.methods} <= {*METHODS}
        assert {*work.variants} <= {*VARIANTS}
        assert {*work.controls} <= {*CONTROLS}
        assert list(work.densities) == sorted(work.densities, reverse=True)


def test_all_networks_of_a_task_have_one_budget():
    for profile in WORK.values():
        budgets = {(work.task, work.units): work.training for work in profile}
        assert all(budgets[work.task, work.units] == work.training for work in profile)


@pytest.mark.parametrize("profile", ["quick", "thesis"])
def test_every_part_of_a_method_of_ours_is_measured(tmp_path, profile):
    chosen = settings(tmp_path, profile=profile)
    used = {type(part) for item in of_profile(chosen) for part in parts_of(item.method)}
    ours = {type(part) for method in METHODS.values() for part in parts_of(method)}
    assert ours <= used


@pytest.mark.parametrize("profile", ["quick", "thesis"])
def test_masks_change_more_than_once_where_they_are_said_to(profile):
    several = Gradual, RampedThreshold, Dynamic
    for work in WORK[profile]:
        for name in work.methods:
            schedule = METHODS[name].schedule
            changes = schedule.changes(work.densities[0], steps(work))
            assert len(changes) >= (3 if isinstance(schedule, several) else 1), name


def test_in_a_quick_run_every_cell_type_has_a_jacobian_of_its_own():
    measured = {
        each for work in WORK["quick"] if "jacobian" in work.methods for each in work.variants
    }
    assert measured == {*VARIANTS}


def test_in_a_quick_run_flow_leads_through_two_layers():
    """In one layer, SynFlow's rounds all remove the same weights."""
    assert any(work.layers == 2 and "synflow" in work.methods for work in WORK["quick"])


def test_in_a_quick_run_blocks_do_not_divide_a_gate():
    """So that blocks over the border of two gates would be seen."""
    (work,) = (work for work in WORK["quick"] if "blocks" in work.methods)
    assert work.units % METHODS["blocks"].pattern.rows


def test_in_a_quick_run_the_threshold_rises_by_both_slopes():
    (work,) = (work for work in WORK["quick"] if "ramped" in work.methods)
    schedule = METHODS["ramped"].schedule
    ramp = schedule.ramp * steps(work)
    at = [step for step, _ in schedule.changes(0.1, steps(work))]
    assert any(step > ramp for step in at[:-1])
    assert math.ceil(schedule.begin * steps(work)) < at[0]


def test_the_published_comparisons_have_their_controls():
    for work in WORK["thesis"]:
        assert {"dense", "random"} <= {*work.controls}
        assert work.seeds >= 10
