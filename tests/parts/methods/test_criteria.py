"""Criteria: each score is that of its paper's formula, by torch's autograd where it has derivatives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from sparsebench.engines.derivatives import DenseNetwork, NetworkDerivatives
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import (
    Criterion,
    GradientSize,
    Grasp,
    Magnitude,
    MovementScores,
    RandomScores,
    Scores,
    Snip,
    SynFlow,
    Taylor,
)
from sparsebench.values.layout import GATES, Layout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import VARIANTS, Architecture
from tests.engines.derivatives_by_torch import gradient_by_torch, product_by_torch
from tests.engines.fused.passes import nearest_kink
from tests.engines.test_derivatives import FEW, sequences, sparse
from tests.network_strategies import SparseNetwork
from tests.parts.methods.contexts import Given, context_of, contexts

pytestmark = pytest.mark.usefixtures("one_width")

GRU = Architecture("gru", layers=2, hidden_size=4).layout


def assert_same_scores(measured: Scores, expected: Scores, tolerance: float = 1e-5) -> None:
    """Near, relative to the largest score."""
    assert list(measured) == list(expected)
    largest = max(float(np.abs(scores).max()) for scores in expected.values())
    assert largest > 0
    for name, scores in expected.items():
        assert np.abs(measured[name] - scores).max() <= tolerance * largest, name


def test_magnitude_is_the_absolute_value() -> None:
    context = context_of(GRU)
    for name, scores in Magnitude().scores(context).items():
        assert np.array_equal(
            scores, np.where(context.weights[name] < 0, -1, 1) * context.weights[name]
        )


def test_random_scores_are_drawn_for_each_change_and_need_no_weights() -> None:
    context = context_of(GRU)
    scores = RandomScores().scores(context)
    others = replace(context, weights={name: -array for name, array in context.weights.items()})
    assert all(
        np.array_equal(each, scores[name]) for name, each in RandomScores().scores(others).items()
    )
    later = RandomScores().scores(replace(context, step=1))
    assert not any(np.array_equal(each, scores[name]) for name, each in later.items())
    drawn = np.concatenate([each.ravel() for each in scores.values()])
    assert len(np.unique(drawn)) == context.total
    assert 0 <= drawn.min() < 0.1 < 0.9 < drawn.max() < 1


# Derivatives of the loss


class OnEngine:
    """A sparse network of the engine, what its criteria see, and what torch makes of it."""

    def __init__(self, variant: str, letters: bool, readout: str) -> None:
        self.layout, masks, self.weights = sparse(variant, letters)
        self.readout, self.examples = readout, sequences(self.layout)
        self.order = np.random.RandomState(6).permutation(len(self.examples))
        derivatives = NetworkDerivatives(
            DenseNetwork(self.layout, readout, FEW),
            self.weights,
            self.examples,
            lambda: np.random.RandomState(6),
        )
        self.context = context_of(
            self.layout, weights=self.weights, masks=masks, derivatives=derivatives
        )

    def gradient(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return gradient_by_torch(self.layout, self.weights, self.readout, self.examples, rows)

    def product(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        return product_by_torch(self.layout, self.weights, self.readout, self.examples, rows)

    def scores(self, formula: Any) -> Scores:
        return {
            name: formula(name, self.weights[name].astype(float)) for name in self.context.names
        }


on_engine = pytest.mark.parametrize(
    ("variant", "letters", "readout"),
    [
        *((variant, True, "padded") for variant in VARIANTS),
        ("gru", False, "last_step"),
        ("lstm", False, "last_step"),
    ],
)


@on_engine
def test_snip_is_the_size_of_gradient_times_weight(
    variant: str, letters: bool, readout: str
) -> None:
    network = OnEngine(variant, letters, readout)
    gradient = network.gradient(network.order[:7])
    expected = network.scores(lambda name, weight: np.abs(gradient[name] * weight))
    assert_same_scores(Snip(7).scores(network.context), expected)


@on_engine
def test_the_size_of_the_gradient_counts_absent_weights_too(
    variant: str, letters: bool, readout: str
) -> None:
    network = OnEngine(variant, letters, readout)
    gradient = network.gradient(network.order[:7])
    expected = network.scores(lambda name, weight: np.abs(gradient[name]))
    measured = GradientSize(7).scores(network.context)
    assert_same_scores(measured, expected)
    assert any(scores[~network.context.masks[name]].any() for name, scores in measured.items())


@on_engine
def test_taylor_is_the_sum_over_batches_of_the_squared_change(
    variant: str, letters: bool, readout: str
) -> None:
    network = OnEngine(variant, letters, readout)
    batches = [network.gradient(network.order[rows]) for rows in np.split(np.arange(8), [3, 6])]
    expected = network.scores(
        lambda name, weight: sum((each[name] * weight) ** 2 for each in batches)
    )
    measured = Taylor(8, 3).scores(network.context)
    assert_same_scores(measured, expected)
    assert all(scores.dtype == np.float64 for scores in measured.values())


@on_engine
def test_grasp_is_the_weight_times_the_hessian_times_the_gradient(
    variant: str, letters: bool, readout: str
) -> None:
    network = OnEngine(variant, letters, readout)
    if variant == "rnn_relu":
        whole = SparseNetwork(network.layout, {}, dict(network.weights))
        assert nearest_kink(whole, readout, network.examples, network.order) > 1e-4
    product = network.product(network.order)
    expected = network.scores(lambda name, weight: weight * product[name])
    assert_same_scores(Grasp().scores(network.context), expected)


def test_removing_what_grasp_scores_lowest_keeps_the_gradient_largest() -> None:
    """The sign: a lower score says that the gradient's norm grows without the weight."""
    network = OnEngine("gru", True, "padded")
    scores = Grasp().scores(network.context)["layers.0.h2h"]

    def norm_without(place: tuple[int, ...]) -> float:
        """By a small part of the weight, as the score says it to first order."""
        weights = {name: array.astype(float) for name, array in network.weights.items()}
        weights["layers.0.h2h"][place] *= 1 - 1e-4
        gradient = gradient_by_torch(
            network.layout, weights, "padded", network.examples, network.order
        )
        return sum(float((array**2).sum()) for array in gradient.values())

    lowest, highest = (
        np.unravel_index(place, scores.shape) for place in (scores.argmin(), scores.argmax())
    )
    assert scores[lowest] < 0 < scores[highest]
    unchanged = sum(float((array**2).sum()) for array in network.gradient(network.order).values())
    assert norm_without(highest) < unchanged < norm_without(lowest)


# What training did


def test_movement_is_what_training_says() -> None:
    moved = {
        name: np.arange(int(np.prod(shape))).reshape(shape) for name, shape in GRU.shapes().items()
    }
    context = context_of(GRU, target="h2h", moved=moved)
    scores = MovementScores().scores(context)
    assert list(scores) == ["layers.0.h2h", "layers.1.h2h"]
    assert all(np.array_equal(each, moved[name]) for name, each in scores.items())
    followers = [Magnitude(), RandomScores(), Snip(), Taylor(), Grasp(), SynFlow(), GradientSize()]
    assert MovementScores().follows_movement
    assert not any(each.follows_movement for each in followers)


# SynFlow


def flow_by_torch(layout: Layout, weights: Weights) -> Scores:
    """The linear network written out: one step of |w| from ones, the sums of gates added up."""
    size = {
        name: torch.from_numpy(np.array(array)).double().abs().requires_grad_()
        for name, array in weights.items()
    }
    said: dict[int, torch.Tensor] = {-1: torch.ones(layout.width, dtype=torch.float64)}
    for layer, units in enumerate(layout.sizes):
        said[layer] = torch.zeros(units, dtype=torch.float64)
        for block in layout.blocks:
            if block.target == layer:
                i2h, h2h = (size[f"{block.name}.{kind}"] for kind in ("i2h", "h2h"))
                both = torch.cat([i2h, h2h], 1) @ torch.cat(
                    [said[block.source], torch.ones(units, dtype=torch.float64)]
                )
                said[layer] = said[layer] + both.reshape(GATES[layout.variant], units).sum(0)
    flow = (size["readout.weight"] @ said[len(layout.sizes) - 1]).sum()
    flow.backward()
    return {
        name: (leaf * leaf.grad).detach().numpy() if leaf.grad is not None else np.zeros(leaf.shape)
        for name, leaf in size.items()
    }


@settings(max_examples=25)
@given(contexts())
def test_synflow_is_that_of_the_linear_network_by_torch(context: Context) -> None:
    expected = flow_by_torch(context.layout, context.weights)
    for name, scores in SynFlow().scores(context).items():
        np.testing.assert_allclose(scores, expected[name], rtol=1e-12, atol=0)


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_flows_into_a_layer_flows_out_of_it(variant: str) -> None:
    """SynFlow's law of conservation: no layer can hold all high scores, or none."""
    context = context_of(Architecture(variant, layers=3, hidden_size=4).layout)
    scores = {name: float(each.sum()) for name, each in SynFlow().scores(context).items()}
    for layer in (0, 1):
        into = scores[f"layers.{layer}.i2h"] + scores[f"layers.{layer}.h2h"]
        assert into == pytest.approx(scores[f"layers.{layer + 1}.i2h"], rel=1e-12)


# Arguments


def test_criteria_ask_for_as_many_examples_as_they_say() -> None:
    zeros = {name: np.zeros(shape, np.float32) for name, shape in GRU.shapes().items()}
    given_ = Given([zeros, zeros], zeros)
    context = context_of(GRU, derivatives=given_)
    for criterion in (Snip(), GradientSize(), Taylor(70, 9), Grasp(11)):
        criterion.scores(context)
    assert given_.asked[:4] == [512, 32, (70, 9), 11]
    assert given_.asked[4][0] == 11


@pytest.mark.parametrize("criterion", [Snip, GradientSize, Taylor, Grasp])
def test_numbers_of_examples_that_are_not_whole_or_positive_are_refused(
    criterion: type[Criterion],
) -> None:
    with pytest.raises(ValueError, match=r"^examples is 0: give a whole number of at least 1$"):
        criterion(examples=0)  # type: ignore[call-arg]
    with pytest.raises(
        TypeError, match=r"^examples is 1\.5 \(float\): give a whole number, an int$"
    ):
        criterion(examples=1.5)  # type: ignore[call-arg]


def test_a_batch_without_examples_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^batch is 0: give a whole number of at least 1$"):
        Taylor(batch=0)
