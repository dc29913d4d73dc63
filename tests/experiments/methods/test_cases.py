"""A case is a network, a method and a density; its digest covers all of them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.methods.cases import (
    CONTROLS,
    MaskControlCase,
    MethodCase,
    units_of_small,
)
from sparsebench.judging.names import name_of
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.records import Record, check_depth
from sparsebench.parts.weights import recurrent_weights
from sparsebench.values.case import BaseCase, origin_of
from sparsebench.values.checks import LEAST_DENSITY
from sparsebench.values.identity import canonical, digest, restore, seedless
from sparsebench.values.protocol import TARGETS, VARIANTS, Architecture
from tests.experiments.methods import tiny
from tests.method_strategies import cases_of_methods, methods

DIGESTS = {
    "random": "e704c672cd20cc4c77d3e7634bd74870",
    "random_erk": "3012661b7c09c31b01629f528e7d1aba",
    "snip": "5a0488fa0c88fb96869a7b882bb146d7",
    "grasp": "cb89185dfdd31342219273d55dc325e9",
    "synflow": "f2de04e275fdf1d0e3b341e392904ced",
    "jacobian": "76d54f267e806e1706d4f0e282a19f99",
    "magnitude": "fdfbd574f7245cb3070955993f1757f9",
    "magnitude_uniform": "5bee0f707ff9580155bd1fb0df2f4206",
    "taylor": "af4400aa7a7ad52ab3f02c26ee5a4b04",
    "movement": "763ac98332770e1565b98f25b730eea0",
    "gradual": "e44864f4d6b968567a45f041913b5461",
    "ramped": "e2ba8b3fa744e6bddcb153d7713ef8dd",
    "lottery": "94e98611216a768f6f6d675af4ead702",
    "lottery_new": "04b69794a57f3455cd6ab0412a9564a9",
    "set": "81d8da0e01d5e7a6f25ce2a171ddc38d",
    "rigl": "c721a9dd67341972553f10331a471f01",
    "selfish": "ff7cdb2119c3b05197cb51edbc2bb60d",
    "blocks": "d22e20abc4c5dba93ce4ea53e4914e12",
    "units": "15b79c8fe64feb7061779cd01053fe87",
    "gates_gru": "54c90262456780b8b8fb77ec6cd03189",
    "gates_lstm": "d057a8ce3a565defc299b6230658306b",
    "two_of_four": "b566c4d75bdc913c2b55acfcc9558978",
}


def record(case):
    return Record(digest=digest(case), experiment="method", case=canonical(case), metrics={})


def test_digests_are_what_they_were():
    assert {name: digest(tiny.case(method)) for name, method in METHODS.items()} == DIGESTS
    case = tiny.case()
    assert digest(replace(case, density=0.001, target="h2h")) == "ba4d20c28e0adcb588a358c2b0b8acd2"
    assert digest(MaskControlCase(case, "shuffled")) == "bea919e0e43a9ac0da175d39bb9d3077"


@given(cases_of_methods)
def test_a_case_with_any_method_is_written_and_read(case):
    assert restore(canonical(case)) == case
    check_depth(record(case))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("magnitude", "rate 0.01 density 0.25"),
        ("snip", "rate 0.01 by Snip schedule AtStart density 0.25"),
        ("rigl", "allocation ErkAllocation schedule Dynamic growth GradientSize density 0.25"),
    ],
)
def test_a_method_and_its_density_are_told_in_words(name, words):
    control = MaskControlCase(tiny.case(METHODS[name]), "shuffled")
    assert f"{words} control shuffled corrected" in name_of(record(control))


def test_no_two_of_our_methods_have_one_name():
    names = {name_of(record(tiny.case(method))) for method in METHODS.values()}
    assert len(names) == len(METHODS)


@given(methods, methods)
def test_names_differ_where_methods_do(one, other):
    names = {name_of(record(tiny.case(method))) for method in (one, other)}
    assert len(names) == len({digest(one), digest(other)})


def test_replicates_differ_in_the_seed_of_the_network():
    one, other = (MaskControlCase(tiny.case(seed=seed), "same") for seed in (1, 2))
    assert seedless(one) == seedless(other)
    assert (one.seed, other.seed) == (1, 2)


def test_what_it_is_made_of_is_that_of_the_dense_network():
    case = tiny.case()
    control = MaskControlCase(case, "shuffled")
    base = tiny.base()
    assert origin_of(control) == case
    for each in (case, control):
        assert (each.variant, each.seed, each.semantics, each.data, each.training) == (
            base.variant,
            base.seed,
            base.semantics,
            base.data,
            base.training,
        )


def test_a_whole_number_is_a_density_too():
    assert digest(tiny.case(density=1)) == digest(tiny.case(density=1.0))


BASE = BaseCase(Architecture("gru"), 7)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tiny.case(density=0.0), ValueError, "density is 0.0: .* 0.001 to 1"),
        (lambda: tiny.case(density=LEAST_DENSITY / 2), ValueError, "density is 0.0005: .* 0.001"),
        (lambda: tiny.case(density=1.5), ValueError, "density is 1.5: .* 0.001 to 1"),
        (lambda: tiny.case(density=float("nan")), ValueError, "density is nan"),
        (lambda: tiny.case(density=True), TypeError, r"density is True \(bool\): give a number"),
        (lambda: tiny.case(density="0.1"), TypeError, r"density is '0.1' \(str\): give a number"),
        (lambda: tiny.case(target="h3h"), ValueError, "unknown target 'h3h'"),
        (lambda: tiny.case(method="magnitude"), TypeError, "method is a str: give a Method"),
        (lambda: MethodCase("gru", Method(), 0.1), TypeError, "base is a str: give a TrainedCase"),
        (
            lambda: MethodCase(FinetuningCase(BASE, "both", 50), Method(), 0.1),
            TypeError,
            "base is a FinetuningCase: give the case of a network that is trained from scratch",
        ),
        (lambda: MethodCase(tiny.case(), Method(), 0.1), TypeError, "base is a MethodCase: give"),
        (
            lambda: MaskControlCase(tiny.base(), "same"),
            TypeError,
            "network is a TaskCase: give a MethodCase",
        ),
        (
            lambda: MaskControlCase(tiny.case(), "dense"),
            ValueError,
            f"unknown control 'dense': choose one of {', '.join(CONTROLS)}",
        ),
        (
            lambda: units_of_small(MethodCase(BASE, Method(), 0.1)),
            TypeError,
            "the size of a BaseCase cannot be chosen: give a TaskCase with hidden_size",
        ),
    ],
)
def test_what_is_no_method_on_a_network_is_refused(make, error, message):
    with pytest.raises(error, match=f"^{message}"):
        make()


def weights(base):
    return recurrent_weights(base.layout, {})[1]


@given(
    st.sampled_from(VARIANTS),
    st.integers(1, 40),
    st.integers(1, 3),
    st.floats(LEAST_DENSITY, 1),
    st.sampled_from(TARGETS),
)
def test_no_other_size_of_a_dense_network_comes_nearer(variant, units, layers, density, target):
    base = tiny.base(variant=variant, hidden_size=units, layers=layers)
    small = units_of_small(MethodCase(base, Method(), density, target))
    h2h = (
        sum(size * size for size in base.layout.sizes)
        * weights(base)
        // sum(
            base.layout.inputs(block) * base.layout.sizes[block.target]
            + base.layout.sizes[block.target] ** 2
            for block in base.layout.blocks
        )
    )
    of_target = {"both": weights(base), "h2h": h2h, "i2h": weights(base) - h2h}[target]
    left = weights(base) - (1 - density) * of_target
    missed = {
        size: abs(weights(replace(base, hidden_size=size)) - left) for size in range(1, units + 1)
    }
    assert missed[small] <= min(missed.values()) + 1
