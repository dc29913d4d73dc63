from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sparsebench.values.masks import marked, marks, masked
from tests import network_strategies


@given(network=network_strategies.prunables, data=st.data())
def test_a_masked_weight_is_zero_and_every_other_keeps_its_bits(
    network: network_strategies.Prunable, data: st.DataObject
) -> None:
    weights = network.weights
    names = data.draw(st.sets(st.sampled_from(list(weights))))
    masks = {name: data.draw(arrays(np.bool_, weights[name].shape)) for name in sorted(names)}
    result = masked(weights, masks)
    assert list(result) == list(weights)
    for name, array in result.items():
        keep = masks.get(name, np.ones(weights[name].shape, dtype=np.bool_))
        assert array.dtype == weights[name].dtype
        assert array[keep].tobytes() == weights[name][keep].tobytes()
        assert not array[~keep].any()


@given(network=network_strategies.prunables)
def test_masking_writes_to_nothing_it_was_given(network: network_strategies.Prunable) -> None:
    weights = network.weights
    before = {name: array.tobytes() for name, array in weights.items()}
    masks = {name: np.zeros(array.shape, dtype=np.bool_) for name, array in weights.items()}
    masked(weights, masks)
    assert {name: array.tobytes() for name, array in weights.items()} == before
    assert not any(mask.any() for mask in masks.values())


@given(network=network_strategies.prunables, data=st.data())
def test_marked_weights_tell_their_masks_and_are_equal_to_masked_ones(
    network: network_strategies.Prunable, data: st.DataObject
) -> None:
    masks = data.draw(network_strategies.present_in(network))
    positive = {name: array + np.float32(0) for name, array in network.weights.items()}  # no -0
    found = marked(positive, masks)
    for name, array in masked(positive, masks).items():
        assert np.array_equal(found[name], array)
        if name in masks:
            assert np.array_equal(marks(found[name]), masks[name])


def test_a_mask_of_no_weight_is_refused_with_the_weights_listed() -> None:
    with pytest.raises(ValueError, match=r"^mask for 'c', but the weights are a, b$"):
        masked({"a": np.ones(2), "b": np.ones(2)}, {"c": np.ones(2, dtype=np.bool_)})


@pytest.mark.parametrize(
    "mask", [np.ones(3, dtype=np.bool_), np.ones((1, 2), dtype=np.bool_), np.ones(2)]
)
def test_a_mask_of_another_shape_or_type_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"^mask of 'a' is .*shape \(2,\)$"):
        masked({"a": np.ones(2)}, {"a": mask})
