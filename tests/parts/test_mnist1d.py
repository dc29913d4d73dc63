"""MNIST-1D, against a derivation of its own: one signal at a time, by numpy's and scipy's functions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from sklearn.linear_model import LogisticRegression

from sparsebench.parts import mnist1d as module
from sparsebench.parts.draws import normal, uniform
from sparsebench.parts.mnist1d import mnist1d, templates
from sparsebench.values.seeding import stream
from sparsebench.values.sequence_tasks import Mnist1D


def derived(task: Mnist1D) -> tuple[np.ndarray, np.ndarray]:
    """All signals and labels, signal by signal, from the same random numbers."""
    count = task.train + task.test
    random = {
        name: stream("mnist1d", task.seed, name)
        for name in ("order", "padding", "scale", "move", "smooth", "white", "shear")
    }
    labels = np.array([number % 10 for number in random["order"].permutation(count)])
    padding = random["padding"].randint(36, 61, count)
    factors = uniform(random["scale"], 0.8, 1.2, count)
    moves = random["move"].randint(0, 48, count)
    smooth = 0.25 * normal(random["smooth"], (count, 72))
    white = 0.02 * normal(random["white"], (count, 72))
    slopes = uniform(random["shear"], -0.375, 0.375, count)
    shapes = np.array(module.SHAPES)
    shapes = (shapes - shapes.mean(1, keepdims=True)) / shapes.std(1, keepdims=True)
    shapes = (shapes - shapes[:, :1]) / 6
    signals = []
    for number, label in enumerate(labels):
        signal = np.concatenate([shapes[label], np.zeros(padding[number])])
        there = np.concatenate([np.ones(12), np.zeros(padding[number])])
        old, new = np.linspace(0, 1, len(signal)), np.linspace(0, 1, 72)
        signal = np.roll(np.interp(new, old, signal) * factors[number], moves[number])
        # between the last point of a shape and the first zero, a shape is still there
        there = np.roll(np.interp(new, old, there) > 1e-9, moves[number])
        signal = np.where(there, signal, gaussian_filter1d(smooth[number], 2)) + white[number]
        signal = signal - slopes[number] * np.linspace(-0.5, 0.5, 72)
        signals.append(np.interp(np.linspace(0, 1, 40), new, signal))
    whole = np.array(signals)
    return (whole - whole.mean()) / whole.std(), labels


@pytest.mark.parametrize("seed", [0, 3])
def test_signals_are_those_of_another_derivation(seed: int) -> None:
    task = Mnist1D(130, 70, seed)
    made, (signals, labels) = mnist1d(task), derived(task)
    inputs = np.concatenate([made.train.inputs, made.test.inputs])[:, :, 0]
    assert np.concatenate([made.train.answers, made.test.answers]).tolist() == labels.tolist()
    assert inputs == pytest.approx(signals, abs=1e-5)


def test_all_signals_together_have_mean_zero_and_variance_one() -> None:
    made = mnist1d(Mnist1D())
    whole = np.concatenate([made.train.inputs, made.test.inputs]).astype(float)
    assert whole.mean() == pytest.approx(0, abs=1e-6)
    assert whole.std() == pytest.approx(1, abs=1e-6)
    labels = np.concatenate([made.train.answers, made.test.answers])
    assert np.bincount(labels).tolist() == [500] * 10


def test_templates_begin_and_end_at_zero_and_vary_alike() -> None:
    found = templates()
    assert found[:, 0].tolist() == [0] * 10
    assert found[:, -1].tolist() == [0] * 10
    assert found.std(1) == pytest.approx(np.full(10, 1 / 6))


def test_smooth_noise_is_as_smooth_as_a_gaussian_makes_it() -> None:
    noise = np.random.RandomState(0).normal(size=(5, 72))
    assert module._smoothed(noise) == pytest.approx(gaussian_filter1d(noise, 2), abs=1e-12)


def test_a_linear_model_is_as_good_as_the_authors() -> None:
    """Logistic regression is right for 32 % there."""
    made = mnist1d(Mnist1D())
    model = LogisticRegression(max_iter=1000, tol=0.01).fit(
        made.train.inputs[:, :, 0], made.train.answers
    )
    right = model.score(made.test.inputs[:, :, 0], made.test.answers)
    assert right == pytest.approx(0.32, abs=0.04)
