"""A change is seen when it is there, and not when it is not."""

import pytest

from sparsebench.experiments.cells import PruningCell
from sparsebench.experiments.change import ONSET_LOSS, ONSET_STEPS, SAME_WEIGHTS, change
from tests.experiments.records import onset, records

CELL = PruningCell("lstm", "both", 70)
OLD = records(CELL, [0.9, 0.8, 0.95])


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ([0.9, 0.8, 0.95], "unchanged"),
        ([0.9 - 0.9 * SAME_WEIGHTS, 0.8 + 0.9 * SAME_WEIGHTS, 0.95], "unchanged"),
        ([0.9, 0.8 - 1.1 * SAME_WEIGHTS, 0.95], "regressed"),
        ([0.9, 0.8, 0.95 + 1.1 * SAME_WEIGHTS], "improved"),
        ([0.9, 0.8 - 1.1 * SAME_WEIGHTS, 0.95 + 1.1 * SAME_WEIGHTS], "regressed"),
    ],
)
def test_the_same_weights_are_held_to_the_rounding_seed_by_seed(new, kind):
    found = change(OLD, records(CELL, new))
    assert (found.kind, found.same_weights) == (kind, True)


def test_other_masks_are_a_change_even_at_the_same_accuracy():
    found = change(OLD, records(CELL, [0.9, 0.8, 0.95], kept=9))
    assert found.kind == "changed"
    assert "weights kept 9, 9, 9, expected 10, 10, 10" in found.reason


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ([0.93, 0.78, 0.9], "unchanged"),
        ([0.5, 0.51, 0.5], "regressed"),
        ([0.7, 0.3, 0.9], "unchanged"),
    ],
)
def test_retrained_models_are_held_to_the_interval_of_the_difference(new, kind):
    found = change(OLD, records(CELL, new, weights="new"))
    assert (found.kind, found.same_weights) == (kind, False)


def test_retrained_models_can_improve():
    old = records(CELL, [0.5, 0.51, 0.5])
    assert change(old, records(CELL, [0.9, 0.91, 0.9], weights="new")).kind == "improved"


def test_records_without_a_checksum_are_not_taken_for_the_same_weights():
    old, new = (
        records(CELL, [0.9, 0.9, 0.9], weights=""),
        records(CELL, [0.9, 0.9, 0.89], weights=""),
    )
    assert not change(old, new).same_weights


def test_one_retrained_seed_is_undecided():
    assert change(OLD[:1], records(CELL, [0.2], weights="new")).kind == "undecided"


@pytest.mark.parametrize(
    ("step", "moved", "kind"),
    [
        (0, 0.9 * ONSET_LOSS, "unchanged"),
        (0, 1.1 * ONSET_LOSS, "changed"),
        (ONSET_STEPS - 1, -1.1 * ONSET_LOSS, "changed"),
        (ONSET_STEPS, 10 * ONSET_LOSS, "unchanged"),
    ],
)
def test_the_onset_is_judged_step_by_step_until_rounding_has_grown(step, moved, kind):
    losses = [0.7] * 100
    other = list(losses)
    other[step] += moved
    assert change([onset(losses)], [onset(other)]).kind == kind


def test_an_onset_of_another_length_has_changed():
    assert change([onset([0.7] * 100)], [onset([0.7] * 99)]).kind == "changed"
