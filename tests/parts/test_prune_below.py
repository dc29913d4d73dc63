"""Pruning by a threshold (slides, section 5.1): what is below it goes, however much that is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.pruning import CRITERIA, prune_below
from sparsebench.values.masks import Masks
from tests import network_strategies
from tests.network_strategies import Prunable

THRESHOLDS = st.sampled_from([0.25, 1.0]) | st.floats(0, 2000, exclude_min=True, width=32)
"""Numbers that float32 has, so that a comparison means the same in Python's own floats."""


def flat(masks: Masks) -> dict[str, list[bool]]:
    return {name: mask.ravel().tolist() for name, mask in masks.items()}


def arrays_of(network: Prunable) -> list[str]:
    return [name for layer in network.layers for name in layer]


@given(network=network_strategies.prunables, threshold=THRESHOLDS)
def test_exactly_the_weights_at_or_above_the_threshold_stay(
    network: Prunable, threshold: float
) -> None:
    weights, layers = network
    masks = prune_below(weights, layers, threshold)
    assert flat(masks) == {
        name: [abs(float(weight)) >= threshold for weight in weights[name].flat]
        for name in arrays_of(network)
    }
    for name, mask in masks.items():
        assert (mask.dtype, mask.shape) == (np.bool_, weights[name].shape)


@given(network=network_strategies.prunables, threshold=THRESHOLDS, data=st.data())
def test_nothing_absent_is_kept_and_what_is_present_fares_as_it_would_without_it(
    network: Prunable, threshold: float, data: st.DataObject
) -> None:
    present = data.draw(network_strategies.present_in(network))
    for mask in present.values():
        mask.setflags(write=False)
    whole = prune_below(*network, threshold)
    masks = prune_below(*network, threshold, present=present)
    assert masks.keys() == whole.keys()
    for name, mask in masks.items():
        there = present.get(name, np.ones_like(mask))
        assert np.array_equal(mask, whole[name] & there)
        assert mask.flags.writeable


@given(network=network_strategies.prunables, both=st.tuples(THRESHOLDS, THRESHOLDS))
def test_what_a_lower_threshold_drops_a_higher_one_drops_too(
    network: Prunable, both: tuple[float, float]
) -> None:
    low, high = (prune_below(*network, threshold) for threshold in sorted(both))
    for name in low:
        assert not (high[name] & ~low[name]).any()


@given(network=network_strategies.prunables, threshold=THRESHOLDS)
def test_layers_do_not_matter_and_nothing_is_written_to(
    network: Prunable, threshold: float
) -> None:
    weights, layers = network
    before = {name: array.tobytes() for name, array in weights.items()}
    together = prune_below(weights, [arrays_of(network)], threshold)
    assert flat(together) == flat(prune_below(weights, layers, threshold))
    assert {name: array.tobytes() for name, array in weights.items()} == before


def test_a_weight_that_equals_the_threshold_stays() -> None:
    weights = {"w": np.array([0.01, -0.01, 0.0099999, -0.0100001, 0.0], np.float32)}
    assert flat(prune_below(weights, [["w"]], 0.01)) == {"w": [True, True, False, True, False]}


@pytest.mark.parametrize(("threshold", "left"), [(1e-3, True), (3.0, False)])
def test_all_or_none_may_go(threshold: float, left: bool) -> None:
    """Unlike a percentage, a threshold needs no weight to be smaller than another."""
    weights = {"w": np.full((2, 3), -0.5, np.float32), "none": np.empty((0, 3), np.float32)}
    masks = prune_below(weights, [["w", "none"]], threshold)
    assert flat(masks) == {"w": [left] * 6, "none": []}
    assert prune_below(weights, [], threshold) == {}


def test_a_criterion_of_ones_own_is_held_to_the_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CRITERIA, "signed", lambda weights, name: weights[name])
    weights = {"w": np.array([-3.0, 0.5, 1.0], np.float32)}
    assert flat(prune_below(weights, [["w"]], 0.75, "signed")) == {"w": [False, False, True]}


def test_an_unknown_criterion_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown criterion 'size': choose one of magnitude$"):
        prune_below({"w": np.ones(2, np.float32)}, [["w"]], 0.5, "size")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_only_present_weights_must_be_finite(bad: float) -> None:
    weights = {"fine": np.array([1.0, 2.0]), "w": np.array([bad, 1.0, 0.25])}
    present = {"w": np.array([False, True, True])}
    masks = prune_below(weights, [["fine", "w"]], 0.5, present=present)
    assert flat(masks) == {"fine": [True, True], "w": [False, True, False]}
    with pytest.raises(ValueError, match="1 of 3 scores of w are NaN or infinite"):
        prune_below(weights, [["fine", "w"]], 0.5)


def test_a_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^mask of 'w' is .*: give a boolean array"):
        prune_below({"w": np.ones(3)}, [["w"]], 0.5, present={"w": np.ones(2, np.bool_)})
