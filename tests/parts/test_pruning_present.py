"""Pruning networks that lack some weights: these neither count nor come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.pruning import prune
from sparsebench.values.masks import Masks
from sparsebench.values.semantics import CORRECTED, PUBLISHED, Semantics
from tests import network_strategies, strategies
from tests.network_strategies import Prunable
from tests.parts.pruning_by_hand import EXAMPLE, RANK_PER_MODEL, flat, threshold_by_hand


def only_present(network: Prunable, present: Masks) -> Prunable:
    """The same network, its arrays flat and without what is absent."""
    weights = {
        name: array[present[name]] if name in present else array.ravel()
        for name, array in network.weights.items()
    }
    return Prunable(weights, network.layers)


@given(
    network=network_strategies.prunables,
    percent=strategies.percents,
    semantics=strategies.semantics,
    data=st.data(),
)
def test_absent_weights_are_not_kept_and_the_others_fare_as_if_they_were_all(
    network: Prunable, percent: int, semantics: Semantics, data: st.DataObject
) -> None:
    present = data.draw(network_strategies.present_in(network))
    masks = prune(*network, percent, semantics, present=present)
    expected = prune(*only_present(network, present), percent, semantics)
    assert masks.keys() == expected.keys()
    for name, mask in masks.items():
        there = present.get(name, np.ones_like(mask))
        assert not (mask & ~there).any()
        assert mask[there].tolist() == expected[name].tolist()


@given(network=network_strategies.prunables, percent=strategies.percents, data=st.data())
def test_the_rank_drops_its_share_of_the_present_weights_of_each_scope(
    network: Prunable, percent: int, data: st.DataObject
) -> None:
    present = data.draw(network_strategies.present_in(network))
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


@given(network=network_strategies.prunables, percent=strategies.percents, data=st.data())
def test_the_percentile_is_that_of_the_present_weights_alone(
    network: Prunable, percent: int, data: st.DataObject
) -> None:
    weights, layers = network
    present = data.draw(network_strategies.present_in(network))
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


@given(network=network_strategies.prunables, semantics=strategies.semantics, data=st.data())
def test_at_0_percent_what_is_present_stays_and_nothing_comes_back(
    network: Prunable, semantics: Semantics, data: st.DataObject
) -> None:
    present = data.draw(network_strategies.present_in(network))
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


@given(network=network_strategies.prunables, percent=strategies.percents, data=st.data())
def test_the_masks_of_the_present_weights_are_not_written_to(
    network: Prunable, percent: int, data: st.DataObject
) -> None:
    present = data.draw(network_strategies.present_in(network))
    for mask in present.values():
        mask.setflags(write=False)
    for semantics in (PUBLISHED, CORRECTED):
        masks = prune(*network, percent, semantics, present=present)
        assert all(mask.flags.writeable for mask in masks.values())
