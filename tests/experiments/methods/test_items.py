"""Items: one method on one task at one density, with networks to compare it with."""

import re
import types
from dataclasses import replace

import pytest

from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.experiments.methods.items import (
    CONTROLS,
    EQUAL_GATES,
    MethodItem,
    method_items,
    of_profile,
)
from sparsebench.harness.profiles import PROFILES
from sparsebench.parts.methods.allocations import ByGate, Erk
from sparsebench.parts.methods.criteria import RandomScores, Snip
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.patterns import Blocks
from sparsebench.parts.methods.schedules import AtStart, Gradual
from sparsebench.parts.weights import recurrent_weights
from sparsebench.values.identity import digest
from tests.experiments.methods import tiny
from tests.harness.settings import settings


def control(item, name, seed=0):
    """The case of a control."""
    (case,) = item.groups([seed])[name]
    return case


def test_ids_can_be_chosen_with_k_and_are_unique(tmp_path):
    for profile in PROFILES:
        chosen = settings(tmp_path, profile=profile)
        ids = [item.id for item in chosen.planned(of_profile(chosen))]
        assert len(set(ids)) == len(ids) > 0
        assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", each) for each in ids)


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (tiny.item(), "gru-gradual-kept10"),
        (tiny.item(density=0.005), "gru-gradual-kept0_5"),
        (tiny.item(density=1, controls=()), "gru-gradual-kept100"),
        (tiny.item(target="h2h", variant="lstm"), "lstm-gradual-kept10-h2h"),
        (tiny.item(layers=2), "gru-gradual-kept10-layers2"),
    ],
)
def test_an_id_says_what_is_left(item, found):
    assert item.id == f"digits-rows-{found}"


def test_controls_are_trained_before_the_method_and_for_as_long():
    cases = tiny.item().cases([0, 1])
    assert [type(case) for case in cases] == [
        *[MaskControlCase] * 4,  # new weights, shuffled
        *[MethodCase] * 8,  # small, random, dense, the method
    ]
    assert [case.seed for case in cases] == [0, 1] * 6
    assert {case.training for case in cases} == {tiny.TRAINING}
    assert len({digest(case) for case in cases}) == 12


def test_each_control_is_what_it_says():
    item = tiny.item(method=Method(Snip(), Erk(), schedule=Gradual(every=7)))
    method = control(item, "")
    assert method == MethodCase(tiny.base(hidden_size=8), item.method, 0.1)
    assert control(item, "dense") == MethodCase(method.base, Method(), 1.0)
    assert control(item, "random").method == Method(RandomScores(), Erk(), schedule=AtStart())
    assert control(item, "random").density == 0.1
    for name in ("shuffled", "new_weights"):
        assert control(item, name) == MaskControlCase(method, name)
    small = control(item, "small")
    assert (small.method, small.density) == (Method(), 1.0)
    assert small == replace(method, base=tiny.base(hidden_size=small.base.hidden_size), **DENSE)


DENSE = {"method": Method(), "density": 1.0}


@pytest.mark.parametrize("target", ["i2h", "h2h", "both"])
@pytest.mark.parametrize("layers", [1, 2])
def test_no_network_of_another_size_has_a_number_of_weights_nearer_to_those_left(layers, target):
    item = tiny.item(units=20, layers=layers, target=target, density=0.1)
    shapes = control(item, "").base.layout.shapes()
    whole = dict.fromkeys(("i2h", "h2h"), 0)
    for name, shape in shapes.items():
        if (kind := name.rpartition(".")[2]) in whole:
            whole[kind] += shape[0] * shape[1]
    left = sum(size * (0.1 if target in (kind, "both") else 1) for kind, size in whole.items())
    small = control(item, "small").base

    def missed(units):
        return abs(recurrent_weights(replace(small, hidden_size=units).layout, {})[1] - left)

    best = small.hidden_size
    assert missed(best) <= min(missed(units) for units in range(1, 21))


def test_one_network_stands_for_several_controls():
    item = tiny.item("random")
    assert control(item, "random") == control(item, "")
    assert len(item.cases([0, 1])) == 10
    others = [tiny.item("snip"), tiny.item("gradual", density=0.1)]
    dense = {control(each, "dense") for each in (item, *others)}
    small = {control(each, "small") for each in (item, *others)}
    random = {control(each, "random") for each in (item, *others)}
    assert (len(dense), len(small), len(random)) == (1, 1, 1)


def test_random_masks_have_the_allocation_and_the_pattern_of_the_method():
    gates, blocks = (tiny.item(name) for name in ("gates_gru", "blocks"))
    assert gates.random.allocation == ByGate((1, 1, 4))
    assert blocks.random.pattern == Blocks(16, 1)


@pytest.mark.parametrize(("seeds", "found"), [([5], [5, 6, 7]), ([0, 1, 2, 3], [0, 1, 2, 3])])
def test_it_has_as_many_seeds_as_it_needs(seeds, found):
    cases = tiny.item(seeds=3, controls=()).cases(seeds)
    assert [case.seed for case in cases] == found


def test_without_seeds_there_is_nothing_to_measure():
    assert tiny.item().cases([]) == []


def test_there_is_an_item_for_each_variant_method_and_density():
    methods = {"mine": Method(Snip()), "rigl": METHODS["rigl"]}
    items = method_items(
        tiny.DIGITS, methods, [0.5, 0.1], ["gru", "lstm"], units=8, training=tiny.TRAINING,
        controls=["dense"], seeds=4, target="h2h",
    )  # fmt: skip
    assert [(item.variant, item.name, item.density) for item in items] == [
        (variant, name, density)
        for variant in ("gru", "lstm")
        for name in methods
        for density in (0.5, 0.1)
    ]
    assert all(item.method == methods[item.name] for item in items)
    assert {(item.units, item.seeds, item.target, item.controls) for item in items} == {
        (8, 4, "h2h", ("dense",))
    }


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"variant": "elman"}, ValueError, "unknown variant 'elman'"),
        ({"task": "digits"}, TypeError, "a str is no task"),
        ({"density": 0.0001}, ValueError, "density is 0.0001: .* 0.001 to 1"),
        ({"units": 0}, ValueError, "hidden_size is 0: .* at least 1"),
        ({"layers": 0}, ValueError, "layers is 0: .* at least 1"),
        ({"seeds": 0}, ValueError, "seeds is 0: .* at least 1"),
        ({"target": "h3h"}, ValueError, "unknown target 'h3h'"),
        ({"method": "snip"}, TypeError, "method is a str: give a Method"),
        ({"controls": "dense"}, TypeError, "controls is 'dense'"),
        (
            {"controls": ["dense", "tiny"]},
            ValueError,
            f"unknown control 'tiny': choose one of {', '.join(CONTROLS)}",
        ),
        ({"semantics": "published"}, ValueError, "unknown semantics 'published': choose one of c"),
        ({"name": "My.Method"}, ValueError, r"name is 'My.Method', which -k cannot choose: give "),
        ({"name": ""}, ValueError, "name is '', which -k cannot choose: give small letters"),
        ({"name": 3}, TypeError, "name is an int"),
    ],
)
def test_an_unknown_choice_is_refused_before_anything_is_trained(changes, error, message):
    with pytest.raises(error, match=message):
        tiny.item(**changes)


def test_methods_are_given_by_their_names():
    with pytest.raises(TypeError, match="methods is a list: give a Mapping"):
        method_items(tiny.DIGITS, [Method()], [0.1])


def test_an_allocation_by_gates_fits_cells_with_as_many():
    (found,) = (
        [name for name, method in METHODS.items() if not method.fits(variant)]
        for variant in ("gru",)
    )
    assert found == ["gates_lstm"]
    assert isinstance(tiny.item("gates_gru"), MethodItem)


def test_what_does_not_fit_is_refused_before_anything_is_trained():
    with pytest.raises(ValueError, match=r"method 'gates_gru' does not fit a lstm: leave it out"):
        tiny.item("gates_gru", variant="lstm")
    with pytest.raises(
        ValueError, match=r"density is 0.3: 2:4 keeps 0.5 of the weights, give that"
    ):
        tiny.item("two_of_four", 0.3)
    assert tiny.item("two_of_four", 0.5).density == 0.5


def test_unequal_gates_stand_beside_equal_ones():
    item = tiny.item("gates_gru")
    (equal,) = item.groups([3])[EQUAL_GATES]
    assert (equal,) == tuple(tiny.item("gradual").groups([3])[""])
    for profile, names in (("thesis", {"gates_gru", "gates_lstm"}), ("quick", {"gates_gru"})):
        items = of_profile(types.SimpleNamespace(profile=profile))
        assert {each.name for each in items if EQUAL_GATES in each.controls} == names
