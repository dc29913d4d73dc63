"""Rates: a training's learning rate goes from its first to its final one by equal factors."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.values.identity import canonical, restore
from sparsebench.values.protocol import OPTIMISERS, Training
from tests import strategies

usual_rates = st.floats(1e-9, 1e3)
falling = st.builds(
    lambda epochs, first, final: Training(epochs, learning_rate=first, final_rate=final),
    st.integers(2, 60),
    usual_rates,
    usual_rates,
)


@given(training=falling)
def test_the_first_and_the_last_epoch_have_the_rates_that_are_named(training: Training) -> None:
    assert training.rate(0) == training.learning_rate
    assert training.rate(training.epochs - 1) == pytest.approx(training.final_rate)


@given(training=falling)
def test_from_epoch_to_epoch_the_rate_changes_by_the_same_factor(training: Training) -> None:
    rates = [training.rate(epoch) for epoch in range(training.epochs)]
    factor = (training.final_rate / training.learning_rate) ** (1 / (training.epochs - 1))
    for before, after in pairwise(rates):
        assert after / before == pytest.approx(factor)


@given(training=strategies.trainings, epoch=st.integers(0, 99))
def test_without_a_final_rate_the_rate_stays(training: Training, epoch: int) -> None:
    assert training.rate(epoch) == training.learning_rate


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_training_of_one_epoch_never_comes_to_its_final_rate(epochs: int) -> None:
    assert Training(epochs, learning_rate=0.5, final_rate=0.1).rate(0) == 0.5


@given(training=strategies.task_trainings)
def test_a_training_comes_back_from_its_canonical_form(training: Training) -> None:
    assert restore(canonical(training)) == training


def test_what_was_left_open_is_left_out_of_the_canonical_form() -> None:
    assert not {"final_rate", "optimiser"} & set(canonical(Training()))
    named = canonical(Training(final_rate=0.0001, optimiser="nesterov"))
    assert (named["final_rate"], named["optimiser"]) == (0.0001, "nesterov")


def test_a_final_rate_written_as_a_whole_number_is_the_same_training() -> None:
    whole = Training(final_rate=1)
    assert whole == Training(final_rate=1.0)
    assert isinstance(whole.final_rate, float)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_every_optimiser_is_known_by_its_name(optimiser: str) -> None:
    assert Training(optimiser=optimiser).optimiser == optimiser


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Training(final_rate=0.0), r"^final_rate is 0\.0: .* above 0$"),
        (lambda: Training(final_rate=-0.1), r"^final_rate is -0\.1: .* above 0$"),
        (lambda: Training(final_rate=float("nan")), "^final_rate is nan: .* above 0$"),
        (
            lambda: Training(optimiser="sgd"),
            "^unknown optimiser 'sgd': .* adam, nesterov, adagrad, rmsprop$",
        ),
    ],
)
def test_a_wrong_rate_or_optimiser_is_told_what_is_allowed(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make()
