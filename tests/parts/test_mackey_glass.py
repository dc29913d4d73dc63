"""The Mackey-Glass series against other solvers, its windows, and the error of a forecast."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from sparsebench.parts.examples import Examples
from sparsebench.parts.mackey_glass import forecast_errors, mackey_glass, series, smape
from sparsebench.parts.tasks import dataset
from sparsebench.values.sequence_tasks import SERIES, MackeyGlass
from sparsebench.values.tasks import Validation


def by_heun(tau: int, until: float, steps: int) -> Callable[[float], float]:
    """Heun's method with so many steps in a unit of time, in plain Python: the value at a time."""
    past = SERIES[tau][1]
    step, delay = 1 / steps, tau * steps
    values = [past]

    def slope(x: float, number: int) -> float:
        delayed = values[number - delay] if number >= delay else past
        return 0.2 * delayed / (1 + delayed**10) - 0.1 * x

    for number in range(math.ceil(until * steps) + 1):
        first = slope(values[-1], number)
        second = slope(values[-1] + step * first, number + 1)
        values.append(values[-1] + step / 2 * (first + second))

    def value(time: float) -> float:
        left = int(time * steps)
        share = time * steps - left
        return values[left] * (1 - share) + values[left + 1] * share

    return value


@pytest.mark.parametrize("tau", [17, 22, 30])
def test_the_series_is_that_of_another_solver(tau: int) -> None:
    """For two Lyapunov times, in which errors grow by e^2; Heun's are extrapolated to no step."""
    points, apart = 150, SERIES[tau][0] / 75
    coarse, fine = (by_heun(tau, points * apart, steps) for steps in (75, 150))
    times = [number * apart for number in range(points)]
    other = [(4 * fine(time) - coarse(time)) / 3 for time in times]
    found = series(tau, points)
    assert found[0] == SERIES[tau][1]
    assert found == pytest.approx(np.array(other), abs=2e-5)


def test_before_one_delay_the_equation_is_solved_by_an_exponential() -> None:
    """The drive is constant there: x tends to drive / 0.1."""
    past, apart = SERIES[17][1], 197 / 75
    limit = 0.2 * past / (1 + past**10) / 0.1
    exact = [limit + (past - limit) * math.exp(-0.1 * apart * number) for number in range(7)]
    assert series(17, 7) == pytest.approx(np.array(exact), abs=1e-12)


def test_more_points_continue_fewer() -> None:
    assert series(17, 400)[:90].tolist() == series(17, 90).tolist()
    assert series(17, 1).tolist() == [SERIES[17][1]]


def test_the_series_stays_where_the_system_is() -> None:
    whole = series(17, 1501)
    assert 0.2 < whole.min() < 0.5 < 1.2 < whole.max() < 1.4
    assert whole[75:].std() == pytest.approx(0.23, abs=0.02)


def test_windows_and_answers_follow_one_another_without_a_gap() -> None:
    task = MackeyGlass(window=6, train=20, test=9, shift=4)
    made, points = mackey_glass(task), series(17, 33)[4:].astype(np.float32)
    assert (len(made.train), len(made.test)) == (14, 9)
    for number in range(14):
        assert made.train.inputs[number, :, 0].tolist() == points[number : number + 6].tolist()
        assert made.train.answers[number, 0] == points[number + 6]
    assert made.test.inputs[0, :, 0].tolist() == points[14:20].tolist()
    assert made.test.answers[:, 0].tolist() == points[20:29].tolist()
    assert np.array_equal(made.test.inputs[3, 1:, 0], made.test.inputs[4, :-1, 0])


def test_ten_lyapunov_times_are_trained_on_and_ten_tested() -> None:
    made = mackey_glass(MackeyGlass())
    assert (len(made.train), len(made.test)) == (700, 750)


@pytest.mark.parametrize(
    ("said", "right", "error"),
    [
        ([1.0], [1.0], 0),
        ([3.0, 1.0], [1.0, 1.0], 50),
        ([-1.0], [1.0], 200),
        ([0.0], [0.0], 200),
        ([float("nan")], [1.0], 200),
        ([float("inf")], [1.0], 200),
    ],
)
def test_the_symmetric_error_is_neurobenchs(
    said: list[float], right: list[float], error: float
) -> None:
    assert smape(np.array(said), np.array(right)) == pytest.approx(error)


@dataclass
class Rule:
    """Answers to windows by a rule, and notes how many it was asked."""

    test: Examples
    rule: Callable[[np.ndarray], np.ndarray]
    metrics: dict[str, float] = field(default_factory=dict)
    asked: int = 0

    def answer(self, examples: Examples) -> np.ndarray:
        self.asked += len(examples)
        return self.rule(examples.inputs[:, :, 0])[:, None].astype(np.float32)

    @property
    def said(self) -> np.ndarray:
        return self.answer(self.test)


def test_a_forecast_reads_its_own_answers() -> None:
    """Whoever repeats the last point forecasts a constant, and is one step late on true points."""
    task = MackeyGlass(window=5, train=30, test=12)
    test, points = mackey_glass(task).test, series(17, 42)
    found = forecast_errors(task, Rule(test, lambda windows: windows[:, -1]))
    right = points[30:]
    assert found["smape"] == pytest.approx(smape(np.full(12, points[29]), right), rel=1e-5)
    assert found["smape_next"] == pytest.approx(smape(points[29:-1], right), rel=1e-5)


def test_a_validation_part_is_the_last_of_the_training_points() -> None:
    task = MackeyGlass(window=5, train=60, test=12, shift=3)
    made, points = dataset(Validation(task, share=0.2, seed=4)), series(17, 63).astype(np.float32)
    assert made.test.answers[:, 0].tolist() == points[51:].tolist()
    assert made.test.inputs[0, :, 0].tolist() == points[46:51].tolist()
    assert made.train.answers[:, 0].tolist() == points[8:51].tolist()
    found = forecast_errors(task, Rule(made.test, lambda windows: windows[:, -1]))
    assert found["smape"] == pytest.approx(smape(np.full(12, points[50]), points[51:]), rel=1e-5)
    for share in (0.001, 0.95):
        with pytest.raises(ValueError, match="of 60 training points, and windows have 5: give"):
            dataset(Validation(task, share=share))


def test_windows_from_anywhere_begin_no_forecast() -> None:
    whole = mackey_glass(MackeyGlass(window=5, train=60, test=12)).train
    test = whole.chosen(np.array([7, 2, 30, 4]))
    found = forecast_errors(MackeyGlass(window=5), Rule(test, lambda windows: windows[:, -1]))
    assert found.keys() == {"smape_next"}


def test_a_forecast_that_leaves_all_bounds_is_stopped_and_counts_as_wrong() -> None:
    task = MackeyGlass(window=5, train=30, test=12)

    def explode(windows: np.ndarray) -> np.ndarray:
        return np.where(windows[:, -1] > 9, np.inf, 10 * windows[:, -1])

    answered = Rule(mackey_glass(task).test, explode)
    assert forecast_errors(task, answered)["smape"] == 200
    assert answered.asked < 12 + 12
