from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.pruning import (
    CRITERIA,
    keep_by_percentile,
    keep_by_rank,
    prune,
    prune_below,
)
from sparsebench.values.checks import NotReproducible
from sparsebench.values.masks import Masks, Weights, masked
from sparsebench.values.seeding import stream
from sparsebench.values.semantics import CORRECTED, PUBLISHED, Semantics
from tests import strategies
from tests.strategies import Prunable

EXAMPLE = np.array(
    [[-0.685, 0.530, -0.464], [-0.534, 0.828, 0.045], [-0.123, 0.629, -0.014]], dtype=np.float32
)
"""The worked example of the thesis, section 5.2."""

PERCENTILE_PER_LAYER = replace(PUBLISHED, threshold_scope="layer")
RANK_PER_MODEL = replace(CORRECTED, threshold_scope="model")


def threshold_by_hand(magnitudes: Sequence[float], percent: int) -> float:
    """The percentile with linear interpolation, in Python's own floats."""
    ordered = sorted(magnitudes)
    place = (len(ordered) - 1) * (percent / 100)
    below = math.floor(place)
    fraction = place - below
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    if fraction < 0.5:
        return low + (high - low) * fraction
    return high - (high - low) * (1 - fraction)


def published_by_hand(
    weights: Weights, names: Sequence[str], percent: int
) -> dict[str, list[bool]]:
    pooled = [abs(float(weight)) for name in names for weight in weights[name].flat]
    threshold = threshold_by_hand(pooled, percent)
    return {
        name: [not abs(float(weight)) < threshold for weight in weights[name].flat]
        for name in names
    }


def flat(masks: Masks) -> dict[str, list[bool]]:
    return {name: mask.ravel().tolist() for name, mask in masks.items()}


def pooled(arrays: Masks | Weights, names: Sequence[str]) -> np.ndarray:
    return np.concatenate([arrays[name].ravel() for name in names])


@given(network=strategies.prunables, percent=strategies.percents, semantics=strategies.semantics)
def test_masks_are_boolean_and_cover_exactly_the_named_arrays(
    network: Prunable, percent: int, semantics: Semantics
) -> None:
    weights, layers = network
    masks = prune(weights, layers, percent, semantics)
    assert set(masks) == {name for layer in layers for name in layer}
    for name, mask in masks.items():
        assert (mask.dtype, mask.shape) == (np.bool_, weights[name].shape)


@given(network=strategies.prunables, percent=strategies.percents, semantics=strategies.semantics)
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


@given(network=strategies.prunables, percent=strategies.percents)
def test_the_corrected_rule_drops_the_exact_number_in_every_layer(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    masks = prune(weights, layers, percent, CORRECTED)
    for names in layers:
        size = sum(weights[name].size for name in names)
        dropped = sum(int((~masks[name]).sum()) for name in names)
        assert dropped == round(percent * size / 100)


@given(network=strategies.prunables, percent=strategies.percents)
def test_ranking_all_layers_together_drops_the_exact_number_of_the_model(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    masks = prune(weights, layers, percent, RANK_PER_MODEL)
    size = sum(mask.size for mask in masks.values())
    assert sum(int((~mask).sum()) for mask in masks.values()) == round(percent * size / 100)


@given(network=strategies.prunables, percent=strategies.percents)
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


@given(network=strategies.prunables, percent=strategies.percents)
def test_the_published_rule_is_one_percentile_over_all_layers_bit_for_bit(
    network: Prunable, percent: int
) -> None:
    weights, layers = network
    names = [name for layer in layers for name in layer]
    expected = published_by_hand(weights, names, percent)
    assert flat(prune(weights, layers, percent, PUBLISHED)) == expected


@given(network=strategies.prunables, percent=strategies.percents)
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


@given(network=strategies.prunables)
def test_at_100_percent_the_published_rule_keeps_all_that_tie_with_the_largest(
    network: Prunable,
) -> None:
    weights, layers = network
    names = [name for layer in layers for name in layer]
    magnitudes = np.abs(pooled(weights, names))
    kept = pooled(prune(weights, layers, 100, PUBLISHED), names)
    assert kept.tolist() == (magnitudes == magnitudes.max()).tolist()


@given(network=strategies.prunables)
def test_at_100_percent_the_corrected_rule_leaves_nothing(network: Prunable) -> None:
    masks = prune(*network, 100, CORRECTED)
    assert not any(mask.any() for mask in masks.values())


@given(network=strategies.prunables, semantics=strategies.semantics)
def test_at_0_percent_everything_stays(network: Prunable, semantics: Semantics) -> None:
    assert all(mask.all() for mask in prune(*network, 0, semantics).values())


@given(
    network=strategies.prunables,
    both=st.tuples(strategies.percents, strategies.percents),
    semantics=strategies.semantics,
)
def test_what_a_smaller_percentage_drops_a_larger_one_drops_too(
    network: Prunable, both: tuple[int, int], semantics: Semantics
) -> None:
    less, more = (prune(*network, percent, semantics) for percent in sorted(both))
    for name in less:
        assert not (more[name] & ~less[name]).any()


@given(network=strategies.prunables, percent=strategies.percents, data=st.data())
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


@given(network=strategies.prunables, percent=strategies.percents, semantics=strategies.semantics)
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


def test_an_unknown_criterion_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown criterion 'size': choose one of magnitude$"):
        prune({"w": EXAMPLE}, [["w"]], 10, PUBLISHED, "size")


def test_a_criterion_of_ones_own_scores_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CRITERIA, "signed", lambda weights, name: weights[name])
    masks = prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "signed")
    assert np.argwhere(~masks["w"]).tolist() == [[0, 0]]


def test_a_criterion_that_scores_another_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CRITERIA, "rows", lambda weights, name: weights[name].sum(axis=1))
    message = re.escape("criterion 'rows' scored w with shape (3,): give one score per weight")
    with pytest.raises(ValueError, match=message):
        prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "rows")


# Weights that a network does not have


def only_present(network: Prunable, present: Masks) -> Prunable:
    """The same network, its arrays flat and without what is absent."""
    weights = {
        name: array[present[name]] if name in present else array.ravel()
        for name, array in network.weights.items()
    }
    return Prunable(weights, network.layers)


@given(
    network=strategies.prunables,
    percent=strategies.percents,
    semantics=strategies.semantics,
    data=st.data(),
)
def test_absent_weights_are_not_kept_and_the_others_fare_as_if_they_were_all(
    network: Prunable, percent: int, semantics: Semantics, data: st.DataObject
) -> None:
    present = data.draw(strategies.present_in(network))
    masks = prune(*network, percent, semantics, present=present)
    expected = prune(*only_present(network, present), percent, semantics)
    assert masks.keys() == expected.keys()
    for name, mask in masks.items():
        there = present.get(name, np.ones_like(mask))
        assert not (mask & ~there).any()
        assert mask[there].tolist() == expected[name].tolist()


@given(network=strategies.prunables, percent=strategies.percents, data=st.data())
def test_the_rank_drops_its_share_of_the_present_weights_of_each_scope(
    network: Prunable, percent: int, data: st.DataObject
) -> None:
    present = data.draw(strategies.present_in(network))
    sizes = {
        name: int(present[name].sum()) if name in present else network.weights[name].size
        for names in network.layers
        for name in names
    }
    for semantics, scopes in (
        (CORRECTED, network.layers),
        (RANK_PER_MODEL, [list(sizes)]),
    ):
        masks = prune(*network, percent, semantics, present=present)
        for names in scopes:
            had = sum(sizes[name] for name in names)
            kept = sum(int(masks[name].sum()) for name in names)
            assert kept == had - round(percent * had / 100)


@given(network=strategies.prunables, percent=strategies.percents, data=st.data())
def test_the_percentile_is_that_of_the_present_weights_alone(
    network: Prunable, percent: int, data: st.DataObject
) -> None:
    weights, layers = network
    present = data.draw(strategies.present_in(network))
    names = [name for layer in layers for name in layer]
    there = {name: present.get(name, np.ones(weights[name].shape, np.bool_)) for name in names}
    magnitudes = [
        abs(float(weight)) for name in names for weight in weights[name][there[name]].flat
    ]
    threshold = threshold_by_hand(magnitudes, percent)
    masks = prune(weights, layers, percent, PUBLISHED, present=present)
    assert flat(masks) == {
        name: [
            bool(has) and not abs(float(weight)) < threshold
            for weight, has in zip(weights[name].flat, there[name].flat, strict=True)
        ]
        for name in names
    }


@given(network=strategies.prunables, semantics=strategies.semantics, data=st.data())
def test_at_0_percent_what_is_present_stays_and_nothing_comes_back(
    network: Prunable, semantics: Semantics, data: st.DataObject
) -> None:
    present = data.draw(strategies.present_in(network))
    for name, mask in prune(*network, 0, semantics, present=present).items():
        assert np.array_equal(mask, present.get(name, np.ones_like(mask)))


@pytest.mark.parametrize(
    ("semantics", "left"), [(PUBLISHED, [1, 1, 1]), (CORRECTED, [1, 1, 0])], ids=["pct", "rank"]
)
def test_a_single_present_weight_is_a_network_of_one(semantics: Semantics, left: list[int]) -> None:
    present = {"w": np.zeros((3, 3), np.bool_)}
    present["w"][1, 2] = True
    for percent, kept in zip((0, 50, 100), left, strict=True):
        mask = prune({"w": EXAMPLE}, [["w"]], percent, semantics, present=present)["w"]
        assert np.argwhere(mask).tolist() == [[1, 2]] * kept


def test_a_scope_without_present_weights_is_refused() -> None:
    weights = {"some": np.array([1.0, 2.0]), "none": np.array([3.0, 4.0])}
    present = {"none": np.zeros(2, np.bool_)}
    masks = prune(weights, [["some"], ["none"]], 50, PUBLISHED, present=present)
    assert flat(masks) == {"some": [False, True], "none": [False, False]}
    with pytest.raises(ValueError, match=r"no weights to prune in \['none'\]"):
        prune(weights, [["some"], ["none"]], 50, CORRECTED, present=present)


def test_only_present_weights_must_be_finite_and_differ() -> None:
    weights = {"w": np.array([np.nan, 1.0, 2.0, 2.0])}
    present = {"w": np.array([False, True, True, False])}
    assert flat(prune(weights, [["w"]], 50, CORRECTED, present=present)) == {
        "w": [False, False, True, False]
    }
    present["w"][:] = [False, False, True, True]
    with pytest.raises(ValueError, match=r"all 2 scores of w are 2\.0"):
        prune(weights, [["w"]], 50, CORRECTED, present=present)


@pytest.mark.parametrize(
    "mask",
    [np.ones((2, 3), np.bool_), np.ones(9, np.bool_), np.ones((3, 3)), np.ones((3, 3), np.int64)],
    ids=["rows", "flat", "float", "int"],
)
def test_a_mask_of_another_shape_or_type_is_refused(mask: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"^mask of 'w' is .*: give a boolean array .*\(3, 3\)$"):
        prune({"w": EXAMPLE}, [["w"]], 50, PUBLISHED, present={"w": mask})


def test_masks_of_what_is_not_pruned_do_not_matter() -> None:
    expected = prune({"w": EXAMPLE}, [["w"]], 50, PUBLISHED)
    measured = prune(
        {"w": EXAMPLE, "other": EXAMPLE},
        [["w"]],
        50,
        PUBLISHED,
        present={"other": np.zeros((3, 3), np.bool_)},
    )
    assert flat(measured) == flat(expected)


@given(network=strategies.prunables, percent=strategies.percents, data=st.data())
def test_the_masks_of_the_present_weights_are_not_written_to(
    network: Prunable, percent: int, data: st.DataObject
) -> None:
    present = data.draw(strategies.present_in(network))
    for mask in present.values():
        mask.setflags(write=False)
    for semantics in (PUBLISHED, CORRECTED):
        masks = prune(*network, percent, semantics, present=present)
        assert all(mask.flags.writeable for mask in masks.values())


def test_a_criterion_cannot_write_into_the_weights(monkeypatch):
    def careless(weights, name):
        return np.abs(weights[name], out=weights[name])

    monkeypatch.setitem(CRITERIA, "careless", careless)
    weights = {"layers.0.i2h": np.linspace(-1, 1, 6, dtype=np.float32)}
    with pytest.raises(ValueError, match="read-only"):
        prune(weights, [["layers.0.i2h"]], 50, PUBLISHED, "careless")
    assert weights["layers.0.i2h"].min() == -1


# Criteria of a project's own that are none


@pytest.mark.parametrize("percent", [0, 50, 100])
def test_a_criterion_that_draws_without_a_seed_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, percent: int
) -> None:
    monkeypatch.setitem(CRITERIA, "dice", lambda weights, name: np.random.rand(3, 3))
    message = (
        "^criterion 'dice' gave two different scores of w for the same weights: let it draw from"
    )
    with pytest.raises(NotReproducible, match=message):
        prune({"w": EXAMPLE}, [["w"]], percent, PUBLISHED, "dice")
    with pytest.raises(NotReproducible, match=message):
        prune_below({"w": EXAMPLE}, [["w"]], 0.5, "dice")


def test_a_criterion_that_draws_by_a_seed_of_its_own_is_as_good_as_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def seeded(weights: Masks, name: str) -> np.ndarray:
        return stream("mine", name).random_sample(weights[name].shape)

    monkeypatch.setitem(CRITERIA, "seeded", seeded)
    one, other = (prune({"w": EXAMPLE}, [["w"]], 50, CORRECTED, "seeded") for _ in range(2))
    assert flat(one) == flat(other)


@pytest.mark.parametrize(
    ("scores", "given"),
    [
        (None, "None"),
        (0.5, "float"),
        (np.float64(0.5), "float64"),
        ([[1.0] * 3] * 3, "list"),
        (np.ones((3, 3), complex), "an array of complex128"),
        (np.full((3, 3), "a"), "an array of <U1"),
        (np.full((3, 3), None), "an array of object"),
    ],
    ids=["none", "number", "scalar", "list", "complex", "texts", "objects"],
)
def test_a_criterion_that_returns_no_array_of_real_numbers_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, scores: object, given: str
) -> None:
    monkeypatch.setitem(CRITERIA, "odd", lambda weights, name: scores)
    message = re.escape(
        f"criterion 'odd' returned {given} for w: return one score per weight, a numpy array of real "
        "numbers of shape (3, 3)"
    )
    with pytest.raises(TypeError, match=f"^{message}$"):
        prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "odd")
    with pytest.raises(TypeError, match=f"^{message}$"):
        prune_below({"w": EXAMPLE}, [["w"]], 0.5, "odd")


@pytest.mark.parametrize(
    ("weight", "remedy"),
    [
        (1.0, "the weights are finite, so its scores must be"),
        (np.inf, "prune weights that training"),
    ],
)
def test_scores_that_are_not_finite_are_told_with_the_criterion_and_whose_fault_they_are(
    monkeypatch: pytest.MonkeyPatch, weight: float, remedy: str
) -> None:
    scores = np.array([np.nan, 1.0, 2.0])
    monkeypatch.setitem(CRITERIA, "odd", lambda weights, name: scores)
    weights = {"w": np.array([weight, 2.0, 3.0])}
    message = f"^criterion 'odd': 1 of 3 scores of w are NaN or infinite: {remedy}"
    with pytest.raises(ValueError, match=message):
        prune(weights, [["w"]], 10, CORRECTED, "odd")
    with pytest.raises(ValueError, match=message):
        prune_below(weights, [["w"]], 0.5, "odd")


def test_scores_that_are_all_the_same_are_told_with_the_criterion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CRITERIA, "flat", lambda weights, name: np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"^all 9 scores of w are 0\.0: .* by criterion 'flat'"):
        prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "flat")


@pytest.mark.parametrize("kind", [np.bool_, np.int8, np.uint64, np.float16, np.float64])
def test_a_criterion_may_count_or_say_yes_and_no(
    monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    monkeypatch.setitem(CRITERIA, "counted", lambda weights, name: (weights[name] > 0).astype(kind))
    masks = prune({"w": EXAMPLE}, [["w"]], 10, PUBLISHED, "counted")
    assert masks["w"].shape == EXAMPLE.shape
