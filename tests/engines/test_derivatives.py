"""Derivatives by every weight are those of torch's autograd on the reference engine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sparsebench.engines.derivatives import DenseNetwork, NetworkDerivatives
from sparsebench.parts.examples import Examples
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights, masked
from sparsebench.values.protocol import VARIANTS, Architecture, Training
from tests import network_strategies
from tests.engines.derivatives_by_torch import Gradient, gradient_by_torch, product_by_torch
from tests.engines.fused.passes import LEAST, nearest_kink
from tests.network_strategies import SparseNetwork, without_letters

pytestmark = pytest.mark.usefixtures("one_width")

FEW = Training(batch_size=4)
"""Four strings in a tile: several tiles and blocks of a few examples."""

TOLERANCES = {"float64": 1e-10, "float32": 1e-5}


def assert_near(measured: Gradient, expected: Gradient, tolerance: float) -> None:
    """Every array is there, and near relative to the largest number of all."""
    assert measured.keys() == expected.keys()
    largest = max(LEAST, *(float(np.abs(array).max()) for array in expected.values()))
    for name, array in expected.items():
        assert measured[name].shape == array.shape
        assert np.abs(measured[name] - array).max() <= tolerance * largest, name


def sequences(layout: Layout, count: int = 9, longest: int = 6) -> Examples:
    """Letters or vectors of several lengths, each with one class."""
    random = np.random.RandomState(4)
    lengths = random.randint(2, longest + 1, count)
    inputs = random.randint(1, 128, (count, longest)).astype(np.uint8)
    if not layout.symbols:
        inputs = random.normal(size=(count, longest, layout.width)).astype(np.float32)
    inputs[np.arange(longest) >= lengths[:, None]] = 0
    return Examples(inputs, lengths, random.randint(0, layout.classes, count))


def sparse(variant: str, letters: bool = True) -> SparseNetwork:
    """Two layers with a third of their weights; the seed is one without a ReLU near its kink."""
    layout = Architecture(variant, layers=2, hidden_size=5, classes=3).layout
    random = np.random.RandomState(7)
    masks = {
        name: random.random_sample(shape) < 0.35
        for name, shape in layout.shapes().items()
        if name.endswith((".i2h", ".h2h"))
    }
    network = SparseNetwork(layout, masks, masked(initial_weights(layout, 2), masks))
    return network if letters else without_letters(network)


@pytest.mark.parametrize("dtype", ["float64", pytest.param("float32", marks=pytest.mark.long)])
@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=15)
@given(data=st.data(), readout=st.sampled_from(["padded", "last_step"]))
def test_the_gradient_by_every_weight_is_torchs(
    variant: str, dtype: str, data: st.DataObject, readout: str
) -> None:
    """Also by weights that the network does not have; of letters and vectors, whatever is asked."""
    network = data.draw(network_strategies.sparse_networks_of(variant))
    if data.draw(st.booleans()):
        network = without_letters(network)
    layout, weights = network.layout, masked(network.weights, network.masks)
    examples = data.draw(network_strategies.sequences_for(layout))
    rows = data.draw(network_strategies.batches(len(examples), 4))
    if variant == "rnn_relu":  # beside its kink, rounding picks the slope
        whole = SparseNetwork(layout, {}, weights)
        assume(nearest_kink(whole, readout, examples, rows) > 1e-5)
    measured = DenseNetwork(layout, readout, FEW).gradient(weights, examples, rows, dtype)
    assert measured["readout.bias"].dtype == dtype
    expected = gradient_by_torch(layout, weights, readout, examples, rows)
    assert_near(measured, expected, TOLERANCES[dtype])


def test_gradients_of_absent_weights_are_not_zero() -> None:
    layout, masks, weights = sparse("gru")
    examples = sequences(layout)
    gradient = DenseNetwork(layout, "padded", FEW).gradient(weights, examples, np.arange(9))
    assert all(gradient[name][~mask].any() for name, mask in masks.items())


@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("letters", [True, False])
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_hessian_times_a_direction_is_torchs_double_backward(
    variant: str, letters: bool, readout: str
) -> None:
    network = sparse(variant, letters)
    layout, _, weights = network
    examples = sequences(layout)
    if variant == "rnn_relu":  # a difference of gradients sees a kink that is nearer than its step
        assert (
            nearest_kink(SparseNetwork(layout, {}, weights), readout, examples, np.arange(9)) > 1e-4
        )
    direction = _direction(layout, 1.0)
    derivatives = derivatives_of(layout, weights, examples, readout)
    rows = np.random.RandomState(5).permutation(9)[:7]
    expected = product_by_torch(layout, weights, readout, examples, rows, direction)
    assert_near(derivatives.product(7, direction), expected, 1e-8)


@pytest.mark.parametrize("size", [1e-6, 1e6])
def test_a_direction_of_any_size_is_multiplied_as_well(size: float) -> None:
    layout, _, weights = sparse("gru")
    examples, direction = sequences(layout), _direction(layout, size)
    measured = derivatives_of(layout, weights, examples).product(9, direction)
    expected = product_by_torch(layout, weights, "padded", examples, np.arange(9), direction)
    assert_near(
        {name: array / size for name, array in measured.items()},
        {name: array / size for name, array in expected.items()},
        1e-8,
    )


def test_the_hessian_times_nothing_is_zero() -> None:
    layout, _, weights = sparse("gru")
    nothing = {name: np.zeros(array.shape) for name, array in weights.items()}
    product = derivatives_of(layout, weights, sequences(layout)).product(9, nothing)
    assert {name: array.shape for name, array in product.items()} == layout.shapes()
    assert not any(array.any() for array in product.values())


def test_examples_are_the_first_of_the_order_that_is_drawn() -> None:
    layout, _, weights = sparse("gru")
    examples, order = sequences(layout), np.random.RandomState(5).permutation(9)
    derivatives = derivatives_of(layout, weights, examples)
    dense = DenseNetwork(layout, "padded", FEW)

    def bits(gradient: Gradient) -> dict[str, bytes]:
        return {name: array.tobytes() for name, array in gradient.items()}

    few = bits(derivatives.gradient(4))
    assert few == bits(dense.gradient(weights, examples, order[:4]))
    assert few == bits(derivatives.gradient(4))
    assert few != bits(derivatives.gradient(5))
    assert bits(derivatives.gradient(99)) == bits(dense.gradient(weights, examples, order))
    parts = [bits(each) for each in derivatives.gradients(8, 3)]
    starts = (order[:3], order[3:6], order[6:8])
    assert parts == [bits(dense.gradient(weights, examples, rows)) for rows in starts]


def test_the_given_weights_are_not_written_to() -> None:
    layout, _, weights = sparse("gru")
    for array in weights.values():
        array.setflags(write=False)
    derivatives = derivatives_of(layout, weights, sequences(layout))
    derivatives.product(9, derivatives.gradient(9))


def derivatives_of(
    layout: Layout, weights: Weights, examples: Examples, readout: str = "padded"
) -> NetworkDerivatives:
    """Derivatives of examples in an order of their own."""
    dense = DenseNetwork(layout, readout, FEW)
    return NetworkDerivatives(dense, weights, examples, lambda: np.random.RandomState(5))


def _direction(layout: Layout, size: float) -> Gradient:
    random = np.random.RandomState(8)
    return {name: size * random.normal(size=shape) for name, shape in layout.shapes().items()}
