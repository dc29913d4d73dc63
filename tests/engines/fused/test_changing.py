"""Populations whose masks change: what stays, what begins anew, and derivatives on demand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sparsebench.engines.batches import batch
from sparsebench.engines.fused import population
from sparsebench.engines.fused.changing import ChangingPopulation
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, masked
from sparsebench.values.protocol import OPTIMISERS, VARIANTS, Architecture, Training
from tests import network_strategies
from tests.engines.fused.networks import ORDERS, SMALL, STRINGS, TRAINING, plans_of, weights_of
from tests.engines.fused.passes import LEAST, nearest_kink, reference_pass
from tests.engines.fused.test_training import STRINGS as FEW_STRINGS
from tests.engines.fused.test_training import stacked

Bits = dict[str, bytes]


def bits(arrays: Masks | dict[str, np.ndarray]) -> Bits:
    return {name: array.tobytes() for name, array in arrays.items()}


def state_of(networks: CpuPopulation, number: int) -> list[Bits]:
    """Parameters, moments and movements of a network, by name."""
    plan, state = networks.plans[number], networks._states[number]
    return [bits(plan.unpack(flat[: plan.size])) for flat in state if flat.size]


def trained(networks: CpuPopulation, turn: int = 0) -> list[Any]:
    """An epoch, and all that it changed."""
    orders = [np.roll(ORDERS[number], turn) for number in range(len(networks.plans))]
    epochs = networks.train(STRINGS, orders)
    figures = [epoch and (epoch.losses.tobytes(), epoch.accuracy) for epoch in epochs]
    states = [state_of(networks, number)[:3] for number in range(len(networks.plans))]
    return [figures, states, networks.evaluate(STRINGS, TRAINING.batch_size)]


def half(layout: Layout, seed: int, share: float = 0.4) -> SparseLayout:
    random = np.random.RandomState(seed)
    masks = {
        name: random.random_sample(shape) < share
        for name, shape in layout.shapes().items()
        if name.endswith((".i2h", ".h2h"))
    }
    return sparse_layout(layout, masks)


# Between changes


@pytest.mark.parametrize("follows", [False, True])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_without_changes_it_trains_as_other_populations_bit_for_bit(
    variant: str, optimiser: str, follows: bool
) -> None:
    plans, training = plans_of(variant), replace(TRAINING, optimiser=optimiser)
    weights = weights_of(plans)
    fixed = CpuPopulation(plans, weights, "padded", training)
    changing = ChangingPopulation(plans, weights, "padded", training, follows_movement=follows)
    for turn in (0, 1):
        assert trained(changing, turn) == trained(fixed, turn)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("variant", VARIANTS)
def test_after_a_change_it_trains_as_a_population_of_that_state_bit_for_bit(
    variant: str, threads: int
) -> None:
    """Threads share networks, or the blocks of one network's batches."""
    plans = plans_of(variant)[:1] if threads > 1 else plans_of(variant)
    changing = ChangingPopulation(plans, weights_of(plans), "padded", TRAINING, threads)
    trained(changing)
    for number, plan in enumerate(plans):
        changing.restructure(number, half(plan.layout, number))
    now = [changing.weights(number) for number in range(len(plans))]
    fixed = CpuPopulation(changing.plans, now, "padded", TRAINING, threads)
    fixed._steps = list(changing._steps)
    for number, plan in enumerate(changing.plans):
        for old, new in zip(changing._states[number], fixed._states[number], strict=True):
            new[: plan.size] = old[: plan.size]
    assert trained(changing, 1) == trained(fixed, 1)


def test_a_change_of_one_network_changes_no_other() -> None:
    plans = plans_of("gru")
    alone, beside = (
        ChangingPopulation(plans, weights_of(plans), "padded", TRAINING, follows_movement=follows)
        for follows in (False, True)
    )
    for networks in (alone, beside):
        trained(networks)
    beside.restructure(1, half(plans[1].layout, 0), restart=True)
    beside.restructure(2, half(plans[2].layout, 0, 0.9))
    expected, found = trained(alone, 1), trained(beside, 1)
    for each, other in zip(expected, found, strict=True):
        assert (each[0], each[3]) == (other[0], other[3])
        assert each[1] != other[1]


def test_a_smaller_network_after_a_change_finds_no_leftovers_in_scratch() -> None:
    plan = sparse_layout(Architecture("lstm", layers=2, hidden_size=9).layout)
    weights = initial_weights(plan.layout, 0)
    changing = ChangingPopulation([plan], [weights], "padded", TRAINING)
    trained(changing)
    few = half(plan.layout, 0, 0.1)
    changing.restructure(0, few, weights, restart=True)
    fixed = CpuPopulation([few], [weights], "padded", TRAINING)
    assert trained(changing, 1) == trained(fixed, 1)


# What a change does


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_same_masks_again_change_nothing(variant: str) -> None:
    plans = plans_of(variant)
    twice = [
        ChangingPopulation(plans, weights_of(plans), "padded", TRAINING, follows_movement=True)
        for _ in range(2)
    ]
    for networks in twice:
        trained(networks)
    for number, plan in enumerate(plans):
        before = state_of(twice[0], number)
        twice[0].restructure(number, sparse_layout(plan.layout, plan.masks))
        assert state_of(twice[0], number) == before
    assert trained(twice[0], 1) == trained(twice[1], 1)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Layout, Masks, Masks]:
    """Masks before and after, of any density each."""
    layout = draw(network_strategies.layouts_of("rnn_tanh"))
    return layout, *(draw(network_strategies.masks_of(layout)) for _ in range(2))


@given(changes(), st.integers(0, 2**32 - 1))
def test_what_stays_keeps_value_and_state_and_what_is_new_begins_at_zero(
    change: tuple[Layout, Masks, Masks], seed: int
) -> None:
    layout, before, after = change
    random = np.random.RandomState(seed)
    whole = {name: np.ones(shape, np.bool_) for name, shape in layout.shapes().items()}
    plan = sparse_layout(layout, before)
    networks = ChangingPopulation(
        [plan], [initial_weights(layout, 0)], "padded", TRAINING, follows_movement=True
    )
    drawn = [
        {name: random.normal(size=mask.shape).astype(np.float32) for name, mask in whole.items()}
        for _ in networks._states[0]
    ]
    for flat, arrays in zip(networks._states[0], drawn, strict=True):
        flat[: plan.size] = plan.pack(arrays)
    networks._steps = [7]
    networks.restructure(0, sparse_layout(layout, after))
    assert networks._steps == [7]
    masks = [{**whole, **each} for each in (before, after)]
    for flat, arrays in zip(networks._states[0], drawn, strict=True):
        now = networks.plans[0].unpack(flat[: networks.plans[0].size])
        assert not flat[networks.plans[0].size :].any()
        for name, array in arrays.items():
            stays = masks[0][name] & masks[1][name]
            assert now[name][stays].tobytes() == array[stays].tobytes()
            assert not now[name][~stays].any()


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_restart_with_weights_is_a_training_from_the_beginning(variant: str) -> None:
    plans = plans_of(variant)
    changing = ChangingPopulation(plans, weights_of(plans), "padded", TRAINING)
    trained(changing)
    others = [half(plan.layout, number) for number, plan in enumerate(plans)]
    weights = [initial_weights(plan.layout, 40 + number) for number, plan in enumerate(plans)]
    for number, plan in enumerate(others):
        changing.restructure(number, plan, weights[number], restart=True)
    assert trained(changing) == trained(CpuPopulation(others, weights, "padded", TRAINING))


def test_weights_alone_keep_the_optimisers_state() -> None:
    plan = sparse_layout(SMALL.layout)
    networks = ChangingPopulation([plan], weights_of([plan]), "padded", TRAINING)
    trained(networks)
    before, weights = state_of(networks, 0), initial_weights(SMALL.layout, 9)
    networks.restructure(0, plan, weights)
    assert state_of(networks, 0) == [bits(weights), *before[1:]]
    assert networks._steps == [2]


# Gradients


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=15)
@given(data=st.data(), readout=st.sampled_from(["padded", "last_step"]))
def test_the_gradient_on_demand_is_the_references(
    variant: str, data: st.DataObject, readout: str
) -> None:
    network = data.draw(network_strategies.sparse_networks_of(variant))
    examples = data.draw(network_strategies.sequences_for(network.layout))
    rows = data.draw(network_strategies.batches(len(examples), 4))
    if variant == "rnn_relu":
        assume(nearest_kink(network, readout, examples, rows) > 1e-5)
    expected = reference_pass(network, readout, examples, rows)
    plan = sparse_layout(network.layout, network.masks)
    networks = ChangingPopulation(
        [plan], [network.weights], readout, Training(batch_size=4), dtype="float64"
    )
    measured = networks.gradient(0, examples, rows)
    difference = np.abs(plan.pack(measured, np.float64) - expected.gradient).max()
    assert difference <= 1e-10 * max(np.abs(expected.gradient).max(), LEAST)
    for name, mask in network.masks.items():
        assert not measured[name][~mask].any()


def test_a_gradient_is_that_of_a_training_step_bit_for_bit() -> None:
    """Adam's first moment after one step is a tenth of it."""
    plan = half(Architecture("gru", layers=2, hidden_size=7).layout, 0)
    training = replace(TRAINING, clip_norm=1e9)
    rows = ORDERS[0][: training.batch_size]
    networks = ChangingPopulation([plan], weights_of([plan]), "padded", training)
    gradient = networks.gradient(0, STRINGS, rows)
    assert trained_state(networks) == trained_state(networks)
    networks.train(STRINGS, [rows])
    mean = networks._named(0, networks._states[0].means)
    for name, array in gradient.items():
        tenth = array * np.float32(1.0 - 0.9)
        np.testing.assert_allclose(mean[name], tenth, rtol=3e-7, atol=1e-12, err_msg=name)


def trained_state(networks: ChangingPopulation) -> list[Bits]:
    """The state after asking for a gradient, which changes nothing."""
    networks.gradient(0, STRINGS, ORDERS[1])
    return state_of(networks, 0)


def test_a_gradient_of_many_blocks_is_the_same_whatever_the_batch_size() -> None:
    plan, rows = half(Architecture("gru", layers=2, hidden_size=7).layout, 0), ORDERS[0]
    found = [
        ChangingPopulation(
            [plan], weights_of([plan]), "padded", replace(TRAINING, batch_size=size)
        ).gradient(0, STRINGS, rows)
        for size in (67, 99)
    ]
    assert bits(found[0]) == bits(found[1])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 120], "an order names example 120 of 120"),
        ([-1], "an order names example -1 of 120"),
        ([[0]], "an order is int64 \\(1, 1\\): give the numbers of the examples"),
        ([0.5], "an order is float64 \\(1,\\): give the numbers of the examples"),
    ],
)
def test_rows_that_name_no_example_are_refused(rows: list[Any], message: str) -> None:
    plan = sparse_layout(SMALL.layout)
    networks = ChangingPopulation([plan], weights_of([plan]), "padded", TRAINING)
    with pytest.raises(ValueError, match=f"^{message}"):
        networks.gradient(0, STRINGS, np.array(rows))


# Movements


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four strings in a tile, so that small batches have several."""
    monkeypatch.setattr(population, "lanes_for", lambda strings: 4)


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("clip_norm", [5.0, 0.05])
@pytest.mark.parametrize(
    "variant",
    [*(pytest.param(each, marks=pytest.mark.long) for each in VARIANTS[:2]), *VARIANTS[2:]],
)
def test_movements_are_sums_over_steps_of_gradients_times_weights(
    variant: str, clip_norm: float
) -> None:
    """Of the reference, whose gradients are clipped as in training."""
    layout, masks, weights = stacked(variant)
    training = Training(batch_size=10, learning_rate=0.002, clip_norm=clip_norm)
    order = np.random.RandomState(5).randint(0, len(FEW_STRINGS), 93)
    reference = ReferenceNetwork(layout, weights, masks, "padded", torch.float64)
    adam = torch.optim.Adam(reference.parameters.values(), training.learning_rate)
    expected = {name: np.zeros(shape) for name, shape in layout.shapes().items()}
    for start in range(0, len(order), 10):
        rows = order[start : start + 10]
        every = batch(FEW_STRINGS, rows, int(FEW_STRINGS.lengths[rows].max()), "cpu")
        adam.zero_grad()
        reference.loss(*every).backward()
        torch.nn.utils.clip_grad_norm_(reference.parameters.values(), clip_norm)
        for name, leaf in reference.parameters.items():
            assert leaf.grad is not None
            expected[name] -= (leaf.grad * leaf).detach().numpy()
        adam.step()
    networks = ChangingPopulation(
        [sparse_layout(layout, masks)], [weights], "padded", training,
        dtype="float64", follows_movement=True,
    )  # fmt: skip
    for part in (order[:30], order[30:]):  # they go on from call to call
        networks.train(FEW_STRINGS, [part])
    found, largest = networks.movements(0), max(np.abs(each).max() for each in expected.values())
    for name, array in masked(expected, masks).items():
        assert np.abs(found[name] - array).max() <= 1e-9 * largest, name


def test_movements_go_on_after_a_change_and_begin_anew_after_a_restart() -> None:
    plan = sparse_layout(SMALL.layout)
    networks = ChangingPopulation(
        [plan], weights_of([plan]), "padded", TRAINING, follows_movement=True
    )
    trained(networks)
    before, few = networks.movements(0), half(SMALL.layout, 0)
    networks.restructure(0, few)
    assert bits(networks.movements(0)) == bits(masked(before, few.masks))
    networks.restructure(0, few, restart=True)
    assert not any(array.any() for array in networks.movements(0).values())


# Refusals


def test_movements_that_were_not_followed_are_refused() -> None:
    plan = sparse_layout(SMALL.layout)
    networks = ChangingPopulation([plan], weights_of([plan]), "padded", TRAINING)
    message = "^no movements were followed: make the population with follows_movement$"
    with pytest.raises(ValueError, match=message):
        networks.movements(0)


def test_a_plan_of_another_network_is_refused() -> None:
    plan = sparse_layout(SMALL.layout)
    networks = ChangingPopulation([plan], weights_of([plan]), "padded", TRAINING)
    other = sparse_layout(Architecture("rnn_relu", layers=1, hidden_size=4).layout)
    message = "^a sparse layout of a 1 x 4 rnn_relu network for a 1 x 3 rnn_relu network$"
    with pytest.raises(ValueError, match=message):
        networks.restructure(0, other)


def test_weights_of_another_network_are_refused() -> None:
    plan = sparse_layout(SMALL.layout)
    networks = ChangingPopulation([plan], weights_of([plan]), "padded", TRAINING)
    with pytest.raises(
        ValueError, match=r"^the given weights: not the weights of a 1 x 3 rnn_relu"
    ):
        networks.restructure(0, plan, {"readout.bias": np.zeros(2, np.float32)})
