from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.values.checks import (
    MOST_GRAPHS,
    NotReproducible,
    graphs_in_reason,
    is_refusal,
    one_of,
    positive,
    refusal,
    reproducible,
    whole_number,
)


def test_an_allowed_name_passes() -> None:
    one_of("target", "h2h", ("i2h", "h2h"))


def test_an_unknown_name_lists_the_allowed_ones_in_order() -> None:
    with pytest.raises(ValueError, match=r"^unknown target 'h3h': choose one of i2h, h2h, both$"):
        one_of("target", "h3h", iter(("i2h", "h2h", "both")))


@given(low=st.integers(), size=st.integers(0, 100), data=st.data())
def test_whole_numbers_within_inclusive_bounds_pass(
    low: int, size: int, data: st.DataObject
) -> None:
    number = data.draw(st.integers(low, low + size))
    whole_number("seed", number, low, low + size)
    whole_number("seed", number, low)


@pytest.mark.parametrize("number", [-1, 101])
def test_a_whole_number_out_of_bounds_is_told_the_bounds(number: int) -> None:
    with pytest.raises(ValueError, match=f"^percent is {number}: .* from 0 to 100$"):
        whole_number("percent", number, 0, 100)


@given(number=st.integers(1, MOST_GRAPHS))
def test_as_many_graphs_as_a_run_can_collect_pass(number: int) -> None:
    graphs_in_reason(number)


@pytest.mark.parametrize("number", [MOST_GRAPHS + 1, 10**30])
def test_more_than_a_run_can_collect_are_refused(number: int) -> None:
    with pytest.raises(
        ValueError, match=f"^graphs is {number}: give 10000 at most, for with more a run"
    ):
        graphs_in_reason(number)


def test_without_an_upper_bound_only_the_lower_one_is_told() -> None:
    with pytest.raises(ValueError, match=r"^epochs is -1: give a whole number of at least 0$"):
        whole_number("epochs", -1, 0)


@pytest.mark.parametrize("received", [True, False, 1.0, "1", None, np.int64(1)])
def test_what_is_no_int_is_refused_even_if_it_equals_one(received: object) -> None:
    with pytest.raises(TypeError, match=r"^seed is .*give a whole number, an int$"):
        whole_number("seed", received, 0)


@given(number=st.floats(0, exclude_min=True, allow_infinity=False))
def test_finite_numbers_above_zero_pass(number: float) -> None:
    positive("learning_rate", number)


@pytest.mark.parametrize("number", [0, 0.0, -0.0, -1e-9, float("inf"), float("-inf"), float("nan")])
def test_numbers_that_are_not_finite_and_above_zero_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match=r"^learning_rate is .*: give a finite number above 0$"):
        positive("learning_rate", number)


@given(made=st.lists(st.integers()))
def test_what_is_made_twice_and_comes_out_the_same_is_given_back(made: list[int]) -> None:
    assert reproducible("unused", lambda: list(made), tuple) == made


def test_what_comes_out_otherwise_the_second_time_is_refused_with_the_remedy() -> None:
    numbers = iter(range(2))
    with pytest.raises(
        NotReproducible, match=r"^rule 'x' drew two: let it draw from the generator"
    ):
        reproducible("rule 'x' drew two", lambda: next(numbers), int)


def test_a_refusal_is_known_as_one_in_another_process_too() -> None:
    found = pickle.loads(pickle.dumps(refusal(TypeError("criterion 'x' returned a list"))))
    assert is_refusal(found)
    assert not is_refusal(TypeError("criterion 'x' returned a list"))


def test_a_result_that_is_written_over_by_the_next_call_is_no_excuse() -> None:
    """A function may fill one array again and again."""
    one = np.zeros(3)

    def fill() -> np.ndarray:
        one[:] = one + 1
        return one

    with pytest.raises(NotReproducible):
        reproducible("it drew two", fill, np.ndarray.tobytes)
