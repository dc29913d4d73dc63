"""Initialisations: recurrent matrices follow their rule gate by gate, and nothing else is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.initialisations import IDENTITY_INPUT, reinitialised
from sparsebench.parts.weights import check_shapes, initial_weights
from sparsebench.values.layout import GATES, INPUT, Block, Layout
from sparsebench.values.protocol import INITIALISATIONS, VARIANTS
from tests import network_strategies, strategies
from tests.generators import assert_independent

RULES = INITIALISATIONS[1:]
rules = st.sampled_from(RULES)
BLOCKS = (Block(INPUT, 0), Block(0, 1), Block(1, 2), Block(0, 2))


def wide(variant: str) -> Layout:
    """A network of matrices that are large, and of different shapes."""
    return Layout(variant, (80, 80, 50), BLOCKS, width=120, symbols=9)


def drawn(layout: Layout, rule: str | None, seed: int = 0) -> dict[str, np.ndarray]:
    return reinitialised(initial_weights(layout, seed), layout, rule, seed)


def gates(layout: Layout, weights: dict[str, np.ndarray], kind: str) -> dict[str, list[np.ndarray]]:
    """The matrices of one kind, cut into those of their gates."""
    return {
        name: np.split(array, GATES[layout.variant])
        for name, array in weights.items()
        if name.rpartition(".")[2] == kind
    }


def every_gate(layout: Layout, weights: dict[str, np.ndarray]) -> list[np.ndarray]:
    matrices = gates(layout, weights, "i2h") | gates(layout, weights, "h2h")
    return [gate for cut in matrices.values() for gate in cut]


@given(layout=network_strategies.layouts, rule=rules, seed=strategies.seeds)
def test_weights_keep_their_names_shapes_and_precision(
    layout: Layout, rule: str, seed: int
) -> None:
    weights = drawn(layout, rule, seed)
    check_shapes(weights, layout, "here")
    assert list(weights) == list(layout.shapes())
    assert {array.dtype for array in weights.values()} == {np.dtype("float32")}


@given(layout=network_strategies.layouts, rule=rules, seed=strategies.seeds)
def test_embedding_and_readout_stay_and_recurrent_biases_are_zero(
    layout: Layout, rule: str, seed: int
) -> None:
    before = initial_weights(layout, seed)
    copies = {name: array.copy() for name, array in before.items()}
    after = reinitialised(before, layout, rule, seed)
    for name, array in after.items():
        assert np.array_equal(before[name], copies[name])
        if name.startswith(("embedding", "readout")):
            assert np.array_equal(array, before[name])
        elif name.endswith("bias"):
            assert not array.any()
        else:
            assert not np.array_equal(array, before[name])


@pytest.mark.parametrize("rule", [None, "uniform"])
@given(layout=network_strategies.layouts)
def test_the_thesis_s_rule_leaves_everything_as_it_is(rule: str | None, layout: Layout) -> None:
    weights = initial_weights(layout, 0)
    assert reinitialised(weights, layout, rule, 0) is weights


@given(layout=network_strategies.layouts, seed=strategies.seeds)
def test_rows_or_columns_of_every_orthogonal_gate_are_orthonormal(
    layout: Layout, seed: int
) -> None:
    for gate in every_gate(layout, drawn(layout, "orthogonal", seed)):
        rows, columns = gate.shape
        product = gate.T @ gate if rows >= columns else gate @ gate.T
        assert np.allclose(product, np.eye(min(rows, columns)), atol=1e-5)


def test_orthogonal_matrices_turn_and_mirror_alike() -> None:
    layout = Layout("rnn_tanh", (3,), (Block(INPUT, 0),), width=3, symbols=2)
    matrices = [drawn(layout, "orthogonal", seed)["layers.0.h2h"] for seed in range(200)]
    signs = [round(float(np.linalg.det(matrix))) for matrix in matrices]
    assert set(signs) == {-1, 1}
    assert abs(sum(signs)) < 60
    assert np.abs(np.mean(matrices, axis=0)).max() < 0.2


@given(layout=network_strategies.layouts, seed=strategies.seeds)
def test_every_gate_of_an_identity_hands_on_the_state_as_it_was(layout: Layout, seed: int) -> None:
    weights = drawn(layout, "identity", seed)
    for cut in gates(layout, weights, "h2h").values():
        for gate in cut:
            assert np.array_equal(gate, np.eye(len(gate)))
    for name, cut in gates(layout, weights, "i2h").items():
        for gate in cut:
            if name != "layers.0.i2h" and gate.shape[0] == gate.shape[1]:
                assert np.array_equal(gate, np.eye(len(gate)))
            else:
                assert 0 < np.abs(gate).max() < 6 * IDENTITY_INPUT


@pytest.mark.parametrize("variant", VARIANTS)
def test_inputs_beside_an_identity_are_small_and_normal(variant: str) -> None:
    for name, cut in gates(wide(variant), drawn(wide(variant), "identity"), "i2h").items():
        if name != "layers.1.i2h":
            for gate in cut:
                assert gate.std() == pytest.approx(0.001, rel=0.05)
                assert abs(gate.mean()) < 0.0001


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_variance_of_he_is_two_over_the_inputs_of_a_gate(variant: str) -> None:
    for gate in every_gate(wide(variant), drawn(wide(variant), "he")):
        assert gate.std() == pytest.approx((2 / gate.shape[1]) ** 0.5, rel=0.06)
        assert abs(gate.mean()) < 0.01


@pytest.mark.parametrize("variant", VARIANTS)
def test_xavier_is_uniform_within_a_bound_by_inputs_and_units_of_a_gate(variant: str) -> None:
    for gate in every_gate(wide(variant), drawn(wide(variant), "xavier")):
        bound = (6 / sum(gate.shape)) ** 0.5
        assert 0.99 * bound < np.abs(gate).max() <= np.float32(bound)
        assert gate.std() == pytest.approx(bound / 3**0.5, rel=0.06)
        assert abs(gate.mean()) < 0.01


@given(layout=network_strategies.layouts, rule=rules, seed=strategies.seeds)
def test_equal_seeds_give_equal_weights(layout: Layout, rule: str, seed: int) -> None:
    one, other = drawn(layout, rule, seed), drawn(layout, rule, seed)
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("rule", RULES)
def test_no_two_gates_and_no_two_seeds_are_drawn_alike(variant: str, rule: str) -> None:
    layout = wide(variant)
    both = [every_gate(layout, drawn(layout, rule, seed)) for seed in (0, 1)]
    random = [
        gate.tobytes()
        for network in both
        for gate in network
        if rule != "identity" or not np.array_equal(gate, np.eye(*gate.shape))
    ]
    assert len(set(random)) == len(random) > 0


def test_a_network_without_an_embedding_is_drawn_too() -> None:
    layout = Layout("gru", (4,), (Block(INPUT, 0),), width=6, symbols=0)
    for rule in RULES:
        check_shapes(drawn(layout, rule), layout, rule)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_neither_reads_nor_moves_the_generators_of_the_process(rule: str) -> None:
    layout = wide("gru")
    assert_independent(
        lambda: {name: array.tobytes() for name, array in drawn(layout, rule).items()}
    )
