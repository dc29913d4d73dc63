"""By how much figures moved, in which seeds, and how sure that is."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import WiredPruningItem
from sparsebench.judging.accuracy_change import ACCURACY
from sparsebench.judging.loss_change import LOSSES
from sparsebench.judging.movement import Movement, in_unit, movement, seed_names
from tests.judging.records import networks, records
from tests.judging.test_loss_change import records as task_records

ITEM = PruningItem("gru", "both", 80)


def moved(before, after, first=0):
    return movement(records(ITEM, before), records(ITEM, after, first=first), ACCURACY)


def test_seeds_come_worst_first_with_what_they_were():
    found = moved([0.99, 0.90, 0.95], [0.94, 0.99, 0.95])
    assert [(each.seed, each.before, each.after) for each in found.seeds] == [
        ("seed 0", 0.99, 0.94),
        ("seed 2", 0.95, 0.95),
        ("seed 1", 0.90, 0.99),
    ]
    assert found.unit == "points"
    assert found.mean == pytest.approx(100 * 0.04 / 3)
    assert found.worse == pytest.approx(0.05)
    assert found.interval[0] < 0 < found.interval[1]


def test_one_seed_has_no_interval():
    found = moved([0.9], [0.8])
    assert (found.interval, found.sure) == (None, "one seed, so no interval")


def test_other_seeds_are_compared_as_groups():
    found = moved([0.9, 0.91, 0.92], [0.8, 0.81, 0.82], first=100)
    assert (found.paired, found.seeds) == (False, ())
    assert found.mean == pytest.approx(-10)
    assert "other seeds than before" in found.sure


def test_what_one_side_lacks_has_no_movement():
    assert movement([], records(ITEM, [0.9]), ACCURACY) == Movement()


def test_losses_move_in_percent_and_grow_for_the_worse():
    old = task_records()
    new = [
        msgspec.structs.replace(each, metrics={**each.metrics, "loss": each.metrics["loss"] * 1.5})
        for each in old
    ]
    found = movement(old, new, LOSSES)
    assert (found.unit, found.mean) == ("percent", pytest.approx(50))
    assert found.worse == pytest.approx(0.5)
    assert movement(new, old, LOSSES).worse < 0


def test_bits_are_told_where_one_arithmetic_promises_them():
    old, new = (records(ITEM, [0.9, 0.9]) for _ in range(2))
    for each in (*old, *new):
        each.numerics = "1"
    assert [each.same_bits for each in movement(old, new, ACCURACY).seeds] == [True, True]
    new[1].metrics["accuracy"] = 0.91
    found = {each.seed: each.same_bits for each in movement(old, new, ACCURACY).seeds}
    assert found == {"seed 0": True, "seed 1": False}


def test_networks_are_told_by_the_seeds_that_vary():
    found = networks(WiredPruningItem("gru", "both", 50, 2, 10), [0.9] * 4)[:2]
    assert seed_names(found) == ["seed 0", "seed 1"]
    assert seed_names(records(ITEM, [0.9, 0.8])) == ["seed 0", "seed 1"]
    assert seed_names(records(ITEM, [0.9], first=7)) == ["seed 7"]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5))
def test_the_mean_is_that_of_the_seeds_and_lies_in_its_interval(pairs):
    found = moved(*map(list, zip(*pairs, strict=True)))
    assert found.mean == pytest.approx(math.fsum(each.moved for each in found.seeds) / len(pairs))
    if found.interval:
        assert found.interval[0] <= found.mean + 1e-9
        assert found.mean <= found.interval[1] + 1e-9
    assert found.worse >= max(-each.moved / 100 for each in found.seeds) - 1e-12


def test_movements_have_signs_and_units():
    assert in_unit(-5.2, "points") == "-5.20 points"
    assert in_unit(30, "percent") == "+30.0 %"
    assert in_unit(0.25, "") == "+0.2500"
