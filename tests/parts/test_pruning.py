"""Pruning: what each rule drops, of all layers together or of each, and what cannot be ranked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.pruning import keep_by_percentile, keep_by_rank, prune
from sparsebench.values.masks import masked
from sparsebench.values.semantics import CORRECTED, PUBLISHED, Semantics
from tests import network_strategies, strategies
from tests.network_strategies import Prunable
from tests.parts.pruning_by_hand import (
    EXAMPLE,
    PERCENTILE_PER_LAYER,
    RANK_PER_MODEL,
    flat,
    pooled,
    published_by_hand,
    threshold_by_hand,
)


@given(
    network=network_strategies.prunables,
    percent=strategies.percents,
    semantics=strategies.semantics,
)
def test_masks_are_boolean_and_cover_exactly_the_named_arrays(
    network: Prunable, percent: int, semantics: Semantics
) -> None:
    weights, layers = network
    masks = prune(weights, layers, percent, semantics)
    assert set(masks) == {name for layer in layers for name in layer}
    for name, mask in masks.items():
        assert (mask.dtype, mask.shape) == (np.bool_, weights[name].shape)


@given(
    network=network_strategies.prunables,
    percent=strategies.percents,
    semantics=strategies.semantics,
)
def test_pruning_writes_to_nothing_it_was_given(
    network: Prunable, percent: int, semantics: Semantics
) -> None:
    weights, layers = network
    before = {name: array.tobytes() for name, array in weights.items()}
    named = [list(layer) for layer in layers]
    for array in weights.values():
        array.setflags(write=False)
    prune(weights, layers, percent, semantics)
    assert {name: array.tobytes() for name, array in weights.items()} == before
    assert layers == named


@given(network=network_strategies.prunables, percent=strategies.percents)
def test_the_corrected_rule_drops_the_exact_number_in_every_layer(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    masks = prune(weights, layers, percent, CORRECTED)
    for names in layers:
        size = sum(weights[name].size for name in names)
        dropped = sum(int((~masks[name]).sum()) for name in names)
        assert dropped == round(percent * size / 100)


@given(network=network_strategies.prunables, percent=strategies.percents)
def test_ranking_all_layers_together_drops_the_exact_number_of_the_model(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    masks = prune(weights, layers, percent, RANK_PER_MODEL)
    size = sum(mask.size for mask in masks.values())
    assert sum(int((~mask).sum()) for mask in masks.values()) == round(percent * size / 100)


@given(network=network_strategies.prunables, percent=strategies.percents)
def test_the_corrected_rule_keeps_no_weight_smaller_than_one_it_drops(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    masks = prune(weights, layers, percent, CORRECTED)
    for names in layers:
        magnitudes, kept = np.abs(pooled(weights, names)), pooled(masks, names)
        smallest_kept = magnitudes[kept].min(initial=np.inf)
        assert magnitudes[~kept].max(initial=0) <= smallest_kept
        ties = kept[magnitudes == smallest_kept]
        assert not (ties[:-1] & ~ties[1:]).any(), "of equal weights, the first ones go"


@given(network=network_strategies.prunables, percent=strategies.percents)
def test_the_published_rule_is_one_percentile_over_all_layers_bit_for_bit(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    names = [name for layer in layers for name in layer]
    expected = published_by_hand(weights, names, percent)
    assert flat(prune(weights, layers, percent, PUBLISHED)) == expected


@given(network=network_strategies.prunables, percent=strategies.percents)
def test_the_percentile_per_layer_is_the_published_rule_of_each_layer_alone(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    expected = {}
    for names in layers:
        expected |= published_by_hand(weights, names, percent)
    assert flat(prune(weights, layers, percent, PERCENTILE_PER_LAYER)) == expected


@pytest.mark.parametrize("percent", range(101))
def test_both_rules_on_a_layer_of_the_thesis_size(percent: int) -> None:
    """The matrix has 50 x 50 float32 weights; the percentile drops all below it, the rank n."""
    array = np.random.RandomState(0).uniform(-0.14, 0.14, (50, 50)).astype(np.float32)
    weights, layers = {"w": array}, [["w"]]
    masks = prune(weights, layers, percent, PUBLISHED)
    assert flat(masks) == published_by_hand(weights, ["w"], percent)
    kept = int(prune(weights, layers, percent, CORRECTED)["w"].sum())
    assert kept == 2500 - 25 * percent


def test_at_100_percent_the_published_rule_leaves_one_weight_of_the_whole_model() -> None:
    random = np.random.RandomState(1)
    weights = {name: random.normal(size=(4, 3)).astype(np.float32) for name in "abcdef"}
    layers = [["a", "b"], ["c", "d"], ["e", "f"]]
    weights["d"][2, 1] = -9
    masks = prune(weights, layers, 100, PUBLISHED)
    assert sum(int(mask.sum()) for mask in masks.values()) == 1
    assert masks["d"][2, 1]


@given(network=network_strategies.prunables)
def test_at_100_percent_the_published_rule_keeps_all_that_tie_with_the_largest(
    network: Prunable,
) -> None:
    weights, layers = network
    names = [name for layer in layers for name in layer]
    magnitudes = np.abs(pooled(weights, names))
    kept = pooled(prune(weights, layers, 100, PUBLISHED), names)
    assert kept.tolist() == (magnitudes == magnitudes.max()).tolist()


@given(network=network_strategies.prunables)
def test_at_100_percent_the_corrected_rule_leaves_nothing(network: Prunable) -> None:
    masks = prune(*network, 100, CORRECTED)
    assert not any(mask.any() for mask in masks.values())


@given(network=network_strategies.prunables, semantics=strategies.semantics)
def test_at_0_percent_everything_stays(network: Prunable, semantics: Semantics) -> None:
    assert all(mask.all() for mask in prune(*network, 0, semantics).values())


@given(
    network=network_strategies.prunables,
    both=st.tuples(strategies.percents, strategies.percents),
    semantics=strategies.semantics,
)
def test_what_a_smaller_percentage_drops_a_larger_one_drops_too(
    network: Prunable, both: tuple[int, int], semantics: Semantics
) -> None:
    less, more = (prune(*network, percent, semantics) for percent in sorted(both))
    for name in less:
        assert not (more[name] & ~less[name]).any()


@given(network=network_strategies.prunables, percent=strategies.percents, data=st.data())
def test_the_percentile_rule_does_not_depend_on_the_order_of_weights(
    network: Prunable, percent: int, data: st.DataObject
) -> None:
    weights, layers = network
    orders = {
        name: data.draw(st.permutations(range(weights[name].size)))
        for names in layers
        for name in names
    }
    shuffled = {name: weights[name].ravel()[order] for name, order in orders.items()}
    masks = prune(weights, layers, percent, PUBLISHED)
    expected = {name: mask.ravel()[orders[name]].tolist() for name, mask in masks.items()}
    assert flat(prune(shuffled, layers, percent, PUBLISHED)) == expected


@given(
    network=network_strategies.prunables,
    percent=strategies.percents,
    semantics=strategies.semantics,
)
def test_the_sign_of_a_weight_does_not_matter(
    network: Prunable, percent: int, semantics: Semantics
) -> None:
    weights, layers = network
    negated = {name: -array for name, array in weights.items()}
    assert flat(prune(negated, layers, percent, semantics)) == flat(
        prune(weights, layers, percent, semantics)
    )


def test_the_scope_of_the_threshold_decides_which_layer_loses_weights() -> None:
    weights = {"small": np.array([1.0, 2, 3, 4]), "large": np.array([10.0, 20, 30, 40])}
    layers = [["small"], ["large"]]
    assert flat(prune(weights, layers, 50, RANK_PER_MODEL)) == {
        "small": [False] * 4,
        "large": [True] * 4,
    }
    assert flat(prune(weights, layers, 50, CORRECTED)) == {
        "small": [False, False, True, True],
        "large": [False, False, True, True],
    }


def test_the_arrays_of_one_layer_share_its_threshold() -> None:
    weights = {"i2h": np.array([1.0, 2.0]), "h2h": np.array([3.0, 4.0])}
    assert flat(prune(weights, [["i2h", "h2h"]], 50, CORRECTED)) == {
        "i2h": [False, False],
        "h2h": [True, True],
    }


@pytest.mark.parametrize("semantics", [PUBLISHED, PERCENTILE_PER_LAYER, RANK_PER_MODEL, CORRECTED])
def test_the_worked_example_of_the_thesis_drops_its_one_smallest_weight(
    semantics: Semantics,
) -> None:
    masks = prune({"w": EXAMPLE}, [["w"]], 10, semantics)
    expected = np.ones((3, 3), dtype=np.bool_)
    expected[2, 2] = False
    assert masks["w"].tolist() == expected.tolist()
    pruned = masked({"w": EXAMPLE}, masks)["w"]
    assert pruned.tolist() == np.where(expected, EXAMPLE, 0).tolist()


def test_the_10th_percentile_of_the_worked_example() -> None:
    """The matrix as printed gives 0.2 * 0.014 + 0.8 * 0.045 = 0.0388.

    The thesis prints 0.0387, the percentile of the weights before they were rounded to three
    digits: both lie where rounding can have put them.
    """
    threshold = threshold_by_hand([abs(float(weight)) for weight in EXAMPLE.flat], 10)
    assert threshold == pytest.approx(0.0388, abs=1e-8)
    assert float(np.percentile(np.abs(EXAMPLE), 10)) == pytest.approx(0.0388, abs=1e-8)
    assert threshold == pytest.approx(0.0387, abs=0.0005)


def test_ties_with_the_percentile_stay_under_the_published_rule() -> None:
    kept = keep_by_percentile(np.array([1.0, 2.0, 2.0, 2.0, 3.0]), 50)
    assert kept.tolist() == [False, True, True, True, True]


def test_ties_are_broken_by_position_under_the_corrected_rule() -> None:
    kept = keep_by_rank(np.array([2.0, 1.0, 2.0, 2.0, 3.0]), 60)
    assert kept.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize("semantics", [PUBLISHED, CORRECTED])
@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((2, 2), -0.5), "all 4 scores of bad are 0.5: there is no smallest weight"),
        (np.array([0.5, -0.5]), "all 2 scores of bad are 0.5: there is no smallest weight"),
        (np.array([1.0, np.nan, 2.0]), "1 of 3 scores of bad are NaN or infinite"),
        (np.array([np.inf, -np.inf, 2.0]), "2 of 3 scores of bad are NaN or infinite"),
        (np.empty((0, 3)), r"no weights to prune in \['bad'\]"),
    ],
    ids=["constant", "constant-magnitude", "nan", "infinite", "empty"],
)
def test_weights_that_cannot_be_ranked_are_refused(
    semantics: Semantics, array: np.ndarray, message: str
) -> None:
    weights = {"bad": array.astype(np.float32)}
    for percent in (0, 50, 100):
        with pytest.raises(ValueError, match=message):
            prune(weights, [["bad"]], percent, semantics)


def test_one_layer_of_equal_weights_is_refused_only_where_it_has_its_own_threshold() -> None:
    weights = {"good": np.array([1.0, 2.0]), "flat": np.array([3.0, 3.0])}
    layers = [["good"], ["flat"]]
    assert flat(prune(weights, layers, 50, PUBLISHED)) == {
        "good": [False, False],
        "flat": [True, True],
    }
    with pytest.raises(ValueError, match=r"all 2 scores of flat are 3\.0"):
        prune(weights, layers, 50, CORRECTED)


@pytest.mark.parametrize("semantics", [PUBLISHED, CORRECTED])
@pytest.mark.parametrize("layers", [[], [[]]], ids=["no-layer", "layer-without-arrays"])
def test_no_arrays_to_prune_are_refused(semantics: Semantics, layers: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="no weights to prune"):
        prune({"w": EXAMPLE}, layers, 10, semantics)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_percentage_out_of_range_is_told_the_range(percent: int) -> None:
    with pytest.raises(ValueError, match=f"percent is {percent}: .* from 0 to 100"):
        prune({"w": EXAMPLE}, [["w"]], percent, PUBLISHED)


@pytest.mark.parametrize("percent", [True, False, 10.0, 0.1, "10"])
def test_a_percentage_is_a_whole_number_and_no_fraction_or_flag(percent: int) -> None:
    with pytest.raises(TypeError, match=r"percent is .*: give a whole number"):
        prune({"w": EXAMPLE}, [["w"]], percent, PUBLISHED)
