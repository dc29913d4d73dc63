"""Populations refuse what compiled loops would not check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.protocol import Architecture
from tests.engines.fused.networks import ORDERS, SMALL, STRINGS, TRAINING, plans_of, weights_of


def test_mixed_variants_are_refused_with_their_names() -> None:
    plans = [sparse_layout(Architecture(variant, 1, 2).layout) for variant in ("lstm", "gru")]
    with pytest.raises(
        ValueError, match=r"^2 plans of variants and classes .*gru.*lstm.* and 2 sets of weights"
    ):
        CpuPopulation(plans, weights_of(plans), "padded", TRAINING)


def test_networks_with_other_numbers_of_classes_are_refused() -> None:
    plans = [sparse_layout(Architecture("gru", 1, 2, classes=classes).layout) for classes in (2, 5)]
    with pytest.raises(ValueError, match="one variant and number of classes"):
        CpuPopulation(plans, weights_of(plans), "padded", TRAINING)


@pytest.mark.parametrize(
    "strings",
    [
        Examples(STRINGS.inputs[:-1], STRINGS.lengths, STRINGS.answers),
        Examples(STRINGS.inputs, STRINGS.lengths[:-1], STRINGS.answers),
        Examples(STRINGS.inputs.astype(np.int64), STRINGS.lengths, STRINGS.answers),
        Examples(STRINGS.inputs, STRINGS.lengths.astype(float), STRINGS.answers),
        Examples(STRINGS.inputs[:, 0], STRINGS.lengths, STRINGS.answers),
    ],
)
def test_arrays_that_are_no_examples_are_refused(small: CpuPopulation, strings: Examples) -> None:
    with pytest.raises(ValueError, match=r"give uint8 letters \(N, T\)"):
        small.train(strings, ORDERS[:2])


@pytest.mark.parametrize("order", [np.zeros((2, 2), int), np.array([0.5]), np.array([True])])
def test_an_order_is_a_row_of_whole_numbers(small: CpuPopulation, order: np.ndarray) -> None:
    with pytest.raises(ValueError, match="give the numbers of the examples"):
        small.train(STRINGS, [order, order])


def test_as_many_sets_of_weights_as_plans_are_needed() -> None:
    plans = plans_of("gru")
    with pytest.raises(
        ValueError, match=r"^4 plans of variants and classes .*gru.* and 3 sets of weights"
    ):
        CpuPopulation(plans, weights_of(plans)[:3], "padded", TRAINING)
    with pytest.raises(
        ValueError, match=r"^0 plans of variants and classes \[\] and 0 sets of weights"
    ):
        CpuPopulation([], [], "padded", TRAINING)


def test_weights_of_another_network_are_refused() -> None:
    plans = plans_of("gru")
    with pytest.raises(ValueError, match="not the weights of a 1 x 9 gru network"):
        CpuPopulation(plans[1:2], weights_of(plans)[3:], "padded", TRAINING)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"readout": "mean"}, ValueError, "^unknown semantics switch readout 'mean'"),
        ({"threads": 0}, ValueError, "^threads is 0"),
        ({"dtype": "int32"}, ValueError, "^unknown dtype 'int32'"),
    ],
)
def test_options_out_of_range_are_refused(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    plans = [sparse_layout(SMALL.layout)]
    options = {"readout": "padded", "training": TRAINING} | options
    with pytest.raises(kind, match=message):
        CpuPopulation(plans, weights_of(plans), **options)


@pytest.fixture
def small() -> CpuPopulation:
    plans = [sparse_layout(SMALL.layout)] * 2
    return CpuPopulation(plans, weights_of(plans), "padded", TRAINING)


def test_every_network_needs_an_order(small: CpuPopulation) -> None:
    for orders in ([], ORDERS[:1], ORDERS[:3]):
        with pytest.raises(ValueError, match=f"^{len(orders)} orders for 2 networks"):
            small.train(STRINGS, orders)


@pytest.mark.parametrize("wrong", [-1, 120, 2**40])
def test_an_order_names_examples_that_are_there(small: CpuPopulation, wrong: int) -> None:
    with pytest.raises(ValueError, match=f"^an order names example {wrong} of 120$"):
        small.train(STRINGS, [ORDERS[0], np.array([0, wrong, 5])])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("inputs", 128, "letter code is 0 or 128: .* 0 to 127$"),
        ("inputs", 255, "letter code is 0 or 255: .* 0 to 127$"),
        ("answers", 2, "class is 0 or 2: .* 0 to 1$"),
        ("answers", -1, "class is -1 or 1: .* 0 to 1$"),
        ("lengths", 0, "length is 0 or "),
        ("lengths", -1, "length is -1 or "),
        ("lengths", STRINGS.inputs.shape[1] + 1, f"allow 1 to {STRINGS.inputs.shape[1]}$"),
    ],
)
def test_strings_that_the_networks_do_not_know_are_refused(
    small: CpuPopulation, name: str, value: int, message: str
) -> None:
    array = getattr(STRINGS, name).copy()
    array[-1:] = value
    strings = replace(STRINGS, **{name: array})
    for refused in (
        lambda: small.train(strings, ORDERS[:2]),
        lambda: small.logits(strings, 32),
        lambda: small.evaluate(strings, 32),
    ):
        with pytest.raises(ValueError, match=message):
            refused()


def test_the_network_that_knows_least_decides() -> None:
    plans = [
        sparse_layout(Architecture("rnn_relu", 1, 2, symbols=128, classes=2).layout),
        sparse_layout(Architecture("rnn_relu", 1, 2, symbols=80, classes=2).layout),
    ]
    networks = CpuPopulation(plans, weights_of(plans), "padded", TRAINING)
    with pytest.raises(ValueError, match=r"letter code is .* 0 to 79$"):
        networks.train(STRINGS, ORDERS[:2])


def test_no_examples_are_refused(small: CpuPopulation) -> None:
    nothing = STRINGS.part(0, 0)
    with pytest.raises(ValueError, match=r"^no examples"):
        small.train(nothing, [[], []])
    with pytest.raises(ValueError, match=r"^no examples"):
        small.evaluate(nothing, 32)


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_below_one_is_refused(small: CpuPopulation, batch_size: int) -> None:
    with pytest.raises(ValueError, match=f"^batch_size is {batch_size}"):
        small.logits(STRINGS, batch_size)
