"""The methods of tables and item ids: different ones, at the density that they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.schedules import AtStart, Dynamic
from sparsebench.values.identity import digest
from sparsebench.values.protocol import VARIANTS, Architecture
from tests.parts.methods.contexts import Given, context_of, count


def test_no_two_names_are_one_method() -> None:
    assert len({digest(method) for method in METHODS.values()}) == len(METHODS) >= 12


def test_names_fit_into_item_ids() -> None:
    assert all(name.replace("_", "").isalnum() and name == name.lower() for name in METHODS)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", METHODS)
def test_first_masks_have_the_density_but_for_what_the_pattern_rounds(
    name: str, variant: str
) -> None:
    method = METHODS[name]
    layout = Architecture(variant, layers=2, hidden_size=16).layout
    random = np.random.RandomState(0)
    drawn = {
        each: random.normal(size=shape).astype(np.float32)
        for each, shape in layout.shapes().items()
    }
    context = context_of(layout, 0.1, derivatives=Given([drawn], drawn), moved=drawn)
    masks = method.masks(context)
    assert abs(count(masks) - round(0.1 * context.total)) <= method.pattern.rounding(context)


def test_what_the_names_say() -> None:
    assert METHODS["magnitude"] == Method()
    assert METHODS["rigl"].schedule != METHODS["set"].schedule
    dynamic = {name for name, method in METHODS.items() if isinstance(method.schedule, Dynamic)}
    assert dynamic == {"set", "rigl", "selfish"}
    at_start = {name for name, method in METHODS.items() if isinstance(method.schedule, AtStart)}
    assert at_start == {"random", "random_erk", "snip", "grasp", "synflow"}
