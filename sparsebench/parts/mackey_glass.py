"""The Mackey-Glass series, windows of it, and the error of a forecast that feeds on itself.

    x'(t) = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t)

Equation, constants and sampling are NeuroBench's: 75 points in a Lyapunov time, not normalised. Its
own series comes from a solver whose result depends on the machine; ours is made by one of fixed steps,
of correctly rounded operations. As the system is chaotic, the two part after some Lyapunov times.

References
----------
Mackey, M., Glass, L. (1977). Oscillation and chaos in physiological control systems.
Yik, J. et al. (2025). The NeuroBench framework. arXiv:2304.04640.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.task_kind import Answered
from sparsebench.values.sequence_tasks import LYAPUNOV_POINTS, SERIES, MackeyGlass

BETA, GAMMA = 0.2, 0.1

STEPS = LYAPUNOV_POINTS
"""Solver's steps in a unit of time: a delay, and the time between two points, are whole steps."""

WORST = 200.0
"""The error, in %, of a forecast that is no number, as of one with the wrong sign."""


def mackey_glass(task: MackeyGlass) -> Halves:
    """Cut the series into windows, each of which is followed by its answer.

    Training windows lie in the training points with their answers; the answers of test windows are
    the test points, so that the first window is the end of the training points.
    """
    points = series(task.tau, task.shift + task.train + task.test)[task.shift :]
    points = points.astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(points[:-1], task.window)
    count = task.train - task.window

    def part(begin: int, end: int) -> Examples:
        return Examples(
            np.ascontiguousarray(windows[begin:end, :, None]),
            np.full(end - begin, task.window, np.int64),
            np.ascontiguousarray(points[task.window + begin : task.window + end, None]),
        )

    return Halves(part(0, count), part(count, count + task.test))


def held_out(task: MackeyGlass, share: float, seed: int) -> Halves:
    """Hold out the last of the training points: windows overlap, and a forecast is of later points.

    Parameters
    ----------
    task
        The series.
    share
        The share of its training points to hold out.
    seed
        Not used: nothing is drawn.

    Raises
    ------
    ValueError
        If a part would be empty.
    """
    held = round(share * task.train)
    if not 0 < held < task.train - task.window:
        raise ValueError(
            f"share is {share} of {task.train} training points, and windows have {task.window}: give a "
            "share that leaves a window and an answer before, and a point to hold out"
        )
    return mackey_glass(replace(task, train=task.train - held, test=held))


def series(tau: int, points: int) -> np.ndarray:
    """The first points of a series, from time 0: (points,) float64.

    The classical Runge-Kutta method of fourth order; between its steps, the delayed values are those
    of a cubic through values and derivatives at both ends. Within one delay the equation is linear
    with a known drive.

    Parameters
    ----------
    tau
        The delay, one of `sparsebench.values.sequence_tasks.SERIES`.
    points
        How many.
    """
    lyapunov_time, past = SERIES[tau]
    delay, apart = tau * STEPS, lyapunov_time * STEPS // LYAPUNOV_POINTS
    step = 1 / STEPS
    values, slopes = np.full(delay + 1, past), np.zeros(delay + 1)
    made = [values[:1]]
    steps = 0
    while steps < (points - 1) * apart:
        middle = (values[:-1] + values[1:]) / 2 + step / 8 * (slopes[:-1] - slopes[1:])
        drive, between = _drive(values), _drive(middle)
        values = _solved(values[-1], drive, between, step)
        slopes = drive - GAMMA * values
        made.append(values[1:])
        steps += delay
    return np.concatenate(made)[: (points - 1) * apart + 1 : apart]


def _drive(delayed: np.ndarray) -> np.ndarray:
    """What the delayed values add to the derivative."""
    second = delayed * delayed
    fourth = second * second
    drive: np.ndarray = BETA * delayed / (1 + fourth * fourth * second)
    return drive


def _solved(first: float, drive: np.ndarray, between: np.ndarray, step: float) -> np.ndarray:
    """Runge-Kutta's values of x' = drive - gamma x, at the ends of all steps.

    As the equation is linear, a step is x -> factor x + added.
    """
    z = GAMMA * step
    factor = 1 - z + z * z / 2 - z * z * z / 6 + z * z * z * z / 24
    left, right = drive[:-1], drive[1:]
    added = (
        left * (1 - z + z * z / 2 - z * z * z / 4) + between * (4 - 2 * z + z * z / 2) + right
    ) * (step / 6)
    x = float(first)
    found = [x]
    for each in added.tolist():
        x = factor * x + each
        found.append(x)
    return np.array(found)


def forecast_errors(task: MackeyGlass, answered: Answered) -> dict[str, float]:
    """Errors of the next point after true points, and of all test points from one window.

    Returns
    -------
    dict
        `smape_next` and `smape`. For the second, as NeuroBench asks for it, the forecast begins with
        the last window before the test points, and reads its own answers from there. It is left out
        if the windows do not follow one another, as in examples that somebody drew by chance.
    """
    test = answered.test
    found = {"smape_next": smape(answered.said, test.answers)}
    if np.array_equal(test.inputs[1:, :-1], test.inputs[:-1, 1:]):
        found["smape"] = smape(_on_its_own(answered), test.answers)
    return found


def _on_its_own(answered: Answered) -> np.ndarray:
    window = answered.test.inputs[:1].copy()
    lengths = answered.test.lengths[:1]
    said = np.full(answered.test.answers.shape, np.nan, np.float32)
    for number in range(len(said)):
        (said[number],) = answered.answer(Examples(window, lengths, answered.test.answers[:1]))
        if not np.isfinite(said[number]).all():
            break
        window = np.concatenate([window[:, 1:], said[number].reshape(1, 1, 1)], axis=1)
    return said


def smape(said: np.ndarray, right: np.ndarray) -> float:
    """Symmetric mean absolute percentage error as NeuroBench defines it: 0 to 200.

    200 times the mean of |said - right| / (|said| + |right|); 200 if that is not a number.
    """
    said, right = said.astype(np.float64), right.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.abs(said - right) / (np.abs(said) + np.abs(right))
    mean = math.fsum(shares.ravel().tolist()) / shares.size
    return WORST if math.isnan(mean) else WORST * mean
