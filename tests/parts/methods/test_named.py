"""The methods of tables and item ids: different ones, at the density that they are asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.parts.methods.allocations import Erk
from sparsebench.parts.methods.criteria import Snip
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS, title_of
from sparsebench.parts.methods.patterns import NOfM
from sparsebench.parts.methods.schedules import AtStart, Dynamic
from sparsebench.values.identity import digest
from sparsebench.values.protocol import VARIANTS, Architecture
from tests.engines.test_derivatives import sequences
from tests.parts.methods.contexts import Given, context_of, count


def test_no_two_names_are_one_method() -> None:
    assert len({digest(method) for method in METHODS.values()}) == len(METHODS) >= 12


def test_names_fit_into_item_ids() -> None:
    assert all(name.replace("_", "").isalnum() and name == name.lower() for name in METHODS)


@pytest.mark.parametrize(
    ("name", "variant"),
    [
        (name, variant)
        for name, method in METHODS.items()
        for variant in VARIANTS
        if method.fits(variant)
    ],
)
def test_first_masks_have_the_density_but_for_what_the_pattern_rounds(
    name: str, variant: str
) -> None:
    method = METHODS[name]
    density = 0.5 if isinstance(method.pattern, NOfM) else 0.1
    layout = Architecture(variant, layers=2, hidden_size=16).layout
    random = np.random.RandomState(0)
    drawn = {
        each: random.normal(size=shape).astype(np.float32)
        for each, shape in layout.shapes().items()
    }
    given = Given([drawn], drawn, examples=sequences(layout))
    context = context_of(layout, density, derivatives=given, moved=drawn)
    masks = method.masks(context)
    assert abs(count(masks) - round(density * context.total)) <= method.pattern.rounding(context)


def test_methods_of_gates_fit_the_cells_that_have_as_many() -> None:
    fitting = {name: [each for each in VARIANTS if METHODS[name].fits(each)] for name in METHODS}
    assert fitting.pop("gates_gru") == ["gru"]
    assert fitting.pop("gates_lstm") == ["lstm"]
    assert all(variants == list(VARIANTS) for variants in fitting.values())


def test_a_title_is_our_name_or_names_the_parts_that_are_not_the_defaults() -> None:
    assert all(title_of(method) == name for name, method in METHODS.items())
    assert title_of(Method(Snip(9), Erk())) == "Snip(examples=9) Erk"
    assert title_of(replace(METHODS["random"], pattern=NOfM(1, 4))) == "random NOfM(n=1)"
    titles = {title_of(Method(Snip(9))), title_of(Method(Snip(9), schedule=AtStart()))}
    assert titles == {"Snip(examples=9)", "Snip(examples=9) AtStart"}


def test_what_the_names_say() -> None:
    assert METHODS["magnitude"] == Method()
    assert METHODS["rigl"].schedule != METHODS["set"].schedule
    dynamic = {name for name, method in METHODS.items() if isinstance(method.schedule, Dynamic)}
    assert dynamic == {"set", "rigl", "selfish"}
    at_start = {name for name, method in METHODS.items() if isinstance(method.schedule, AtStart)}
    assert at_start >= {"random", "random_erk", "snip", "grasp", "synflow", "jacobian"}
