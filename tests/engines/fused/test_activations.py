"""Activations are accurate everywhere, and exp and log are those of `parts.elementary`, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.engines.fused.activations import exp, log, logistic, tanh
from sparsebench.engines.fused.kernels import entry
from sparsebench.engines.fused.loop_spec import LoopSpec
from sparsebench.engines.fused.simd import load, pointer, store
from sparsebench.parts import elementary

SPECIES = {"float32": LoopSpec("lstm", "float32", 16), "float64": LoopSpec("lstm", "float64", 4)}
ACCURACIES = {"float32": 3e-7, "float64": 1e-15}
EXTREMES = [0.0, -0.0, 1e-45, 1e-38, -1e-30, 1e-8, 1e4, -1e4, 1e30, -3e38, 7.9053, -7.9054]


@entry
def both(spec, rows, values, tanhs, logistics):
    """tanh and the logistic function of every row."""
    for row in range(rows):
        value = load(spec, pointer(values), row)
        store(spec, pointer(tanhs), row, tanh(value))
        store(spec, pointer(logistics), row, logistic(value))


@entry
def exp_of_each(values, out):
    """exp, one number after the other."""
    for index in range(len(values)):
        out[index] = exp(values[index])


@entry
def log_of_each(values, out):
    """log, one number after the other."""
    for index in range(len(values)):
        out[index] = log(values[index])


def measured(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    spec = SPECIES[values.dtype.name]
    rows = -(-len(values) // spec.lanes)
    padded = np.resize(values, rows * spec.lanes)
    tanhs, logistics = np.zeros_like(padded), np.zeros_like(padded)
    both(spec, rows, padded, tanhs, logistics)
    return tanhs[: len(values)], logistics[: len(values)]


def exact_logistic(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-values.astype(np.float64)))


@pytest.mark.parametrize("dtype", SPECIES)
def test_activations_are_accurate_everywhere(dtype: str) -> None:
    grid = np.concatenate([np.linspace(-20, 20, 400_001), np.linspace(-1e-3, 1e-3, 10_001)])
    values = np.concatenate([grid, EXTREMES]).astype(dtype)
    tanhs, logistics = measured(values)
    accuracy = ACCURACIES[dtype]
    assert np.abs(tanhs - np.tanh(values.astype(np.float64))).max() <= accuracy
    assert np.abs(logistics - exact_logistic(values)).max() <= accuracy


@pytest.mark.parametrize("dtype", SPECIES)
def test_small_arguments_keep_their_relative_accuracy(dtype: str) -> None:
    values = np.geomspace(1e-30, 1, 1001).astype(dtype)
    tanhs, _ = measured(np.concatenate([values, -values]))
    expected = np.tanh(np.concatenate([values, -values]).astype(np.float64))
    np.testing.assert_allclose(tanhs, expected, rtol=8 * np.finfo(dtype).eps)


def test_float64_keeps_its_relative_accuracy_everywhere() -> None:
    """To 1e-15; numpy's own tanh is near enough to tell."""
    random = np.random.RandomState(0)
    values = np.concatenate(
        [
            np.linspace(-20, 20, 100_001),
            random.uniform(-1, 1, 10_000),
            np.geomspace(1e-300, 1, 5000),
        ]
    )
    tanhs, _ = measured(values)
    np.testing.assert_allclose(tanhs, np.tanh(values), rtol=1e-15, atol=0)


@pytest.mark.parametrize("dtype", SPECIES)
def test_nan_stays_nan_and_infinities_saturate(dtype: str) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.5], dtype)
    tanhs, logistics = measured(values)
    assert np.isnan([tanhs[0], logistics[0]]).all()
    accuracy = ACCURACIES[dtype]
    assert tanhs[1:].tolist() == pytest.approx([1, -1, np.tanh(0.5)], abs=accuracy)
    assert logistics[1:].tolist() == pytest.approx([1, 0, exact_logistic(values)[3]], abs=accuracy)


@pytest.mark.parametrize("dtype", SPECIES)
def test_activations_are_odd_around_their_centres(dtype: str) -> None:
    values = np.linspace(0, 20, 4001).astype(dtype)
    up, down = measured(values), measured(-values)
    assert np.array_equal(up[0], -down[0])
    np.testing.assert_allclose(up[1] + down[1], 1, rtol=0, atol=2 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", SPECIES)
def test_no_activation_leaves_its_range(dtype: str) -> None:
    values = np.concatenate([np.linspace(-20, 20, 400_001), EXTREMES, [np.inf, -np.inf]])
    tanhs, logistics = measured(values.astype(dtype))
    assert np.abs(tanhs).max() <= 1
    assert 0 <= logistics.min() <= logistics.max() <= 1


RANDOM = np.random.RandomState(0)
ARGUMENTS = {
    "exp": [RANDOM.uniform(-720, 720, 20_000), RANDOM.uniform(-30, 0, 20_000), [0, -0.0, np.inf]],
    "log": [RANDOM.uniform(0, 300, 20_000), RANDOM.uniform(0.7, 1.5, 20_000), [1, 5e-324, 1e308]],
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_compiled_functions_of_one_number_are_numpys_bit_for_bit(name: str) -> None:
    values = np.concatenate(ARGUMENTS[name])
    out = np.zeros_like(values)
    {"exp": exp_of_each, "log": log_of_each}[name](values, out)
    assert out.tobytes() == getattr(elementary, name)(values).tobytes()


def test_compiled_functions_of_nan_are_nan() -> None:
    """A loss that is not a number has to end the training."""
    values, out = np.full(2, np.nan), np.zeros(2)
    exp_of_each(values, out)
    assert np.isnan(out).all()
    log_of_each(values, out)
    assert np.isnan(out).all()
