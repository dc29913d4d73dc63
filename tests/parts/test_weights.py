from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import (
    check_shapes,
    initial_weights,
    parameters,
    prunable,
    recurrent_weights,
)
from sparsebench.values.layout import GATES
from sparsebench.values.masks import masked
from sparsebench.values.protocol import TARGETS, VARIANTS, Architecture
from tests import network_strategies, strategies
from tests.network_strategies import SparseNetwork

SMALL = Architecture("gru", layers=2, hidden_size=3, symbols=5)


def test_the_arrays_of_the_thesis_lstm() -> None:
    expected = {"embedding": (128, 50)}
    for layer in range(3):
        expected |= {
            f"layers.{layer}.i2h": (200, 50),
            f"layers.{layer}.h2h": (200, 50),
            f"layers.{layer}.i2h_bias": (200,),
            f"layers.{layer}.h2h_bias": (200,),
        }
    expected |= {"readout.weight": (2, 50), "readout.bias": (2,)}
    assert Architecture("lstm").layout.shapes() == expected


def test_every_variant_has_its_gates() -> None:
    assert GATES == {"rnn_tanh": 1, "rnn_relu": 1, "gru": 3, "lstm": 4, "mgu": 2}


@given(architecture=strategies.architectures, seed=strategies.seeds)
def test_initial_weights_are_float32_of_the_architectures_shapes(
    architecture: Architecture, seed: int
) -> None:
    weights = initial_weights(architecture.layout, seed)
    assert {name: array.shape for name, array in weights.items()} == architecture.layout.shapes()
    assert {array.dtype for array in weights.values()} == {np.dtype("float32")}
    check_shapes(weights, architecture.layout, "here")


@pytest.mark.parametrize("variant", VARIANTS)
def test_initial_weights_are_distributed_as_pytorch_does_it(variant: str) -> None:
    """All but the embedding are uniform in +-1/sqrt(50), the embedding standard normal."""
    weights = initial_weights(Architecture(variant).layout, 3)
    bound = 50**-0.5
    embedding = weights.pop("embedding")
    assert abs(float(embedding.mean())) < 0.05
    assert float(embedding.std()) == pytest.approx(1, abs=0.05)
    for array in weights.values():
        assert float(np.abs(array).max()) <= np.float32(bound)
    drawn = np.concatenate([array.ravel() for array in weights.values()])
    assert float(np.abs(drawn).max()) > 0.99 * bound
    assert float(drawn.std()) == pytest.approx(bound / 3**0.5, rel=0.03)


@given(architecture=strategies.architectures, seed=strategies.seeds)
def test_the_same_seed_gives_the_same_weights_and_another_others(
    architecture: Architecture, seed: int
) -> None:
    one, again, other = (
        initial_weights(architecture.layout, each) for each in (seed, seed, seed + 1)
    )
    assert checksum(one) == checksum(again)
    assert all(not np.array_equal(one[name], other[name]) for name in one)


def test_no_two_arrays_of_a_network_start_equal() -> None:
    weights = initial_weights(Architecture("rnn_tanh").layout, 0)
    contents = [array.tobytes() for array in weights.values()]
    assert len(set(contents)) == len(contents)


def test_an_array_does_not_depend_on_how_many_layers_follow() -> None:
    shallow = initial_weights(Architecture("lstm", layers=1).layout, 0)
    deep = initial_weights(Architecture("lstm", layers=3).layout, 0)
    assert all(np.array_equal(array, deep[name]) for name, array in shallow.items())


def test_initial_weights_stay_what_the_stored_baselines_started_from() -> None:
    weights = initial_weights(Architecture("gru").layout, 0)
    assert checksum(weights) == "56c5273b2bb9401cc44f7b1b9dc369e2"


@given(architecture=strategies.architectures, target=strategies.targets)
def test_a_target_names_weights_layer_by_layer_and_never_a_bias(
    architecture: Architecture, target: str
) -> None:
    layers = prunable(architecture.layout, target)
    assert len(layers) == architecture.layers
    for layer, names in enumerate(layers):
        kinds = ["i2h", "h2h"] if target == "both" else [target]
        assert names == [f"layers.{layer}.{kind}" for kind in kinds]
        assert set(names) <= set(architecture.layout.shapes())


def test_both_targets_together_are_the_target_both() -> None:
    flat = {
        target: {name for layer in prunable(SMALL.layout, target) for name in layer}
        for target in TARGETS
    }
    assert flat["both"] == flat["i2h"] | flat["h2h"]
    assert not flat["i2h"] & flat["h2h"]


def test_readout_and_embedding_are_targets_of_one_matrix() -> None:
    layout = SMALL.layout
    assert prunable(layout, "readout") == [["readout.weight"]]
    assert prunable(layout, "embedding") == [["embedding"]]
    assert prunable(replace(layout, symbols=0), "embedding") == []


def test_a_pruned_readout_leaves_fewer_parameters_and_as_many_recurrent_weights() -> None:
    layout, mask = SMALL.layout, np.array([[True, False, False], [True, True, False]])
    masks = {"readout.weight": mask}
    assert parameters(layout, masks) == parameters(layout, {}) - 3
    assert recurrent_weights(layout, masks) == recurrent_weights(layout, {})


@given(network=network_strategies.sparse_networks)
def test_recurrent_weights_are_counted_one_by_one(network: SparseNetwork) -> None:
    layout, masks, weights = network
    kept = total = 0
    for name, array in weights.items():
        if name.endswith((".i2h", ".h2h")):
            for place in np.ndindex(array.shape):
                total += 1
                kept += name not in masks or bool(masks[name][place])
    assert recurrent_weights(layout, masks) == (kept, total)
    assert recurrent_weights(layout, {}) == (total, total)


@given(network=network_strategies.sparse_networks)
def test_parameters_are_all_numbers_but_those_that_a_mask_takes_away(
    network: SparseNetwork,
) -> None:
    layout, masks, weights = network
    ones = {name: np.ones_like(array) for name, array in weights.items()}
    left = sum(int(array.sum()) for array in masked(ones, masks).values())
    assert parameters(layout, masks) == left
    listed = sparse_layout(layout, masks)
    assert parameters(layout, masks) == listed.size - len(listed.holes)


def test_the_thesis_models_have_these_many_weights() -> None:
    """Embedding 128 x 50, per gate and layer two matrices of 50 x 50 and two biases, readout."""
    for variant, gates in GATES.items():
        layout = Architecture(variant).layout
        assert recurrent_weights(layout, {}) == (15_000 * gates, 15_000 * gates)
        assert parameters(layout, {}) == 6400 + gates * (15_000 + 300) + 102


@given(architecture=strategies.architectures, data=st.data())
def test_a_missing_array_is_named(architecture: Architecture, data: st.DataObject) -> None:
    weights = initial_weights(architecture.layout, 0)
    gone = data.draw(st.sampled_from(list(weights)))
    del weights[gone]
    with pytest.raises(ValueError, match=f"^model.x: not the weights of a .*: {gone} is missing$"):
        check_shapes(weights, architecture.layout, "model.x")


def test_every_fault_of_weights_is_told_at_once() -> None:
    weights = initial_weights(SMALL.layout, 0)
    del weights["readout.bias"]
    weights["layers.2.i2h"] = weights["layers.1.i2h"]
    weights["embedding"] = weights["embedding"].T
    weights["layers.0.h2h"][1, 1] = np.nan
    with pytest.raises(ValueError, match=r"^file: not the weights of a 2 x 3 gru network") as error:
        check_shapes(weights, SMALL.layout, "file")
    for fault in (
        "readout.bias is missing",
        "'layers.2.i2h' is not expected",
        "embedding has shape (3, 5), not (5, 3)",
        "layers.0.h2h holds NaN or infinite values",
    ):
        assert fault in str(error.value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", list(SMALL.layout.shapes()))
def test_a_weight_that_is_not_finite_is_refused(name: str, value: float) -> None:
    weights = initial_weights(SMALL.layout, 0)
    weights[name].flat[-1] = value
    with pytest.raises(ValueError, match=f"{name} holds NaN or infinite values"):
        check_shapes(weights, SMALL.layout, "file")
