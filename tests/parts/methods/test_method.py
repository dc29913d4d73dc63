"""A method checks its parts when it is made, and what they give when it is used."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.methods.allocations import Allocation, Erk, Global, Region, Uniform
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import (
    Criterion,
    Magnitude,
    MovementScores,
    RandomScores,
    Scores,
    SynFlow,
)
from sparsebench.parts.methods.method import Method, check_density
from sparsebench.parts.methods.patterns import Blocks, Pattern, Unstructured, WholeUnits
from sparsebench.parts.methods.schedules import AtStart, Dynamic, RampedThreshold, Schedule
from sparsebench.values.checks import NotReproducible, is_refusal
from sparsebench.values.identity import digest
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import Architecture
from tests.parts.methods.contexts import context_of, contexts, count

LAYOUT = Architecture("gru", layers=1, hidden_size=4).layout
SHAPE = (12, 4)


@kind("TestedScores")
@dataclass(frozen=True)
class Scored(Criterion):
    """A criterion of a project, whose scores of one array are wrong in some way."""

    wrong: str = ""

    def scores(self, context: Context) -> Scores:
        scores: dict[str, Any] = {name: np.abs(context.weights[name]) for name in context.names}
        scores["layers.0.h2h"] = WRONG[self.wrong](scores["layers.0.h2h"])
        return scores


def _with(value: float) -> Callable[[np.ndarray], np.ndarray]:
    def put(scores: np.ndarray) -> np.ndarray:
        scores[3, 1:] = value
        return scores

    return put


WRONG: dict[str, Callable[[np.ndarray], Any]] = {
    "": lambda scores: scores,
    "another shape": lambda scores: scores[:, :3],
    "a list": lambda scores: scores[:1, :1].tolist(),
    "nothing": lambda scores: None,
    "complex": lambda scores: scores.astype(complex),
    "nan": _with(np.nan),
    "infinite": _with(-np.inf),
}

SAYS = {
    "another shape": "gave float32 (12, 3) for layers.0.h2h: give real numbers in an array (12, 4)",
    "a list": "gave [[0.",
    "nothing": "gave None for layers.0.h2h: give real numbers in an array (12, 4)",
    "complex": "gave complex128 (12, 4) for layers.0.h2h: give real numbers in an array (12, 4)",
    "nan": ": 3 scores of layers.0.h2h are NaN or infinite",
    "infinite": ": 3 scores of layers.0.h2h are NaN or infinite",
}


@pytest.mark.parametrize("wrong", SAYS)
def test_scores_that_are_not_real_numbers_of_every_weight_are_refused(wrong: str) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^criterion Scored\(wrong=") as raised:
        Method(Scored(wrong)).masks(context_of(LAYOUT))
    assert SAYS[wrong] in str(raised.value)
    assert is_refusal(raised.value)


def test_scores_of_absent_weights_may_be_anything() -> None:
    masks = {name: np.ones(SHAPE, np.bool_) for name in context_of(LAYOUT).names}
    masks["layers.0.h2h"][3, 1:] = False
    found = Method(Scored("nan")).masks(context_of(LAYOUT, masks=masks))
    assert count(found) == 48


def test_a_missing_array_of_scores_is_refused() -> None:
    @kind("TestedMissing")
    @dataclass(frozen=True)
    class Missing(Criterion):
        def scores(self, context: Context) -> Scores:
            return {"layers.0.h2h": np.zeros(SHAPE)}

    with pytest.raises(TypeError, match=r"gave None for layers\.0\.i2h: give real numbers"):
        Method(Missing()).masks(context_of(LAYOUT))


def test_scores_that_differ_from_call_to_call_are_refused() -> None:
    random = np.random.RandomState(0)

    @kind("TestedByChance")
    @dataclass(frozen=True)
    class ByChance(Criterion):
        def scores(self, context: Context) -> Scores:
            return {name: random.random_sample(SHAPE) for name in context.names}

    with pytest.raises(NotReproducible, match=r"ByChance\(\) gave two different scores"):
        Method(ByChance()).masks(context_of(LAYOUT))


# Patterns and allocations


@kind("TestedPattern")
@dataclass(frozen=True)
class Given(Pattern):
    """A pattern of a project, whose mask of one array is wrong in some way."""

    wrong: str

    def choose(self, scores: Scores, region: Region, context: Context) -> dict[str, np.ndarray]:
        masks: dict[str, Any] = Unstructured().choose(scores, region, context)
        name = "layers.0.h2h"
        if self.wrong == "missing":
            del masks[name]
        elif self.wrong == "numbers":
            masks[name] = masks[name].astype(int)
        elif self.wrong == "shape":
            masks[name] = masks[name][:, :1]
        elif self.wrong == "absent":
            masks[name][0] = True
        elif self.wrong == "more":
            masks[name][:] = True
        return masks


@pytest.mark.parametrize(
    ("wrong", "gave"),
    [("missing", "None"), ("numbers", "int64 (12, 4)"), ("shape", "bool (12, 1)")],
)
def test_masks_that_are_not_boolean_arrays_of_the_shape_are_refused(wrong: str, gave: str) -> None:
    message = (
        f"pattern Given(wrong='{wrong}') gave {gave} for layers.0.h2h: give a boolean array (12, 4)"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$") as raised:
        Method(pattern=Given(wrong)).masks(context_of(LAYOUT))
    assert is_refusal(raised.value)


def test_a_pattern_that_keeps_absent_weights_is_refused() -> None:
    masks = {name: np.ones(SHAPE, np.bool_) for name in context_of(LAYOUT).names}
    masks["layers.0.h2h"][0] = False
    message = (
        "pattern Given(wrong='absent') keeps weights of layers.0.h2h that the network does not have: "
        "choose among context.masks"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$") as raised:
        Method(pattern=Given("absent")).masks(context_of(LAYOUT, masks=masks))
    assert is_refusal(raised.value)


def test_a_pattern_that_misses_its_density_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"of 96 weights: a density of 0\.1 asks for 10$"
    ) as raised:
        Method(pattern=Given("more")).masks(context_of(LAYOUT, 0.1))
    assert is_refusal(raised.value)


def test_an_allocation_that_forgets_an_array_is_refused() -> None:
    @kind("TestedAllocation")
    @dataclass(frozen=True)
    class Forgets(Allocation):
        def regions(self, context: Context) -> list[Region]:
            return [Region({"layers.0.h2h": np.ones(SHAPE, np.bool_)}, 48)]

    with pytest.raises(ValueError, match=r"keeps 48 of 96 weights: a density of 0\.7 asks for 67$"):
        Method(allocation=Forgets()).masks(context_of(LAYOUT, 0.7))


def test_a_network_that_lacks_more_than_the_density_allows_is_refused() -> None:
    masks = {name: np.zeros(SHAPE, np.bool_) for name in context_of(LAYOUT).names}
    with pytest.raises(ValueError, match=r"keeps 0 of 96 weights: a density of 0\.5 asks for 48$"):
        Method().masks(context_of(LAYOUT, masks=masks))


# Laws of all


allocations = st.sampled_from([Global(), Uniform(), Erk()])
criteria = st.sampled_from([Magnitude(), RandomScores(), SynFlow()])


@given(contexts(), criteria, allocations)
def test_a_method_keeps_as_many_weights_as_its_density_says(
    context: Context, criterion: Criterion, allocation: Allocation
) -> None:
    masks = Method(criterion, allocation).masks(context)
    assert list(masks) == list(context.names)
    assert count(masks) == round(context.density * context.total)


@pytest.mark.parametrize("pattern", [Unstructured(), Blocks(3, 2), WholeUnits()])
@pytest.mark.parametrize("criterion", [Magnitude(), RandomScores(), SynFlow()])
def test_a_density_of_one_keeps_every_weight(criterion: Criterion, pattern: Pattern) -> None:
    masks = Method(criterion, pattern=pattern).masks(context_of(LAYOUT, 1.0))
    assert all(mask.all() for mask in masks.values())


# What a method is made of


def test_equal_methods_have_one_digest_and_others_another() -> None:
    assert digest(Method()) == digest(Method(Magnitude(), Global()))
    others = [
        Method(),
        Method(RandomScores()),
        Method(allocation=Erk()),
        Method(schedule=Dynamic()),
    ]
    others.append(Method(schedule=Dynamic(every=101)))
    assert len({digest(each) for each in others}) == len(others)


@pytest.mark.parametrize(
    ("field", "base"),
    [
        ("criterion", "Criterion"),
        ("allocation", "Allocation"),
        ("pattern", "Pattern"),
        ("schedule", "Schedule"),
    ],
)
def test_what_is_no_part_is_refused(field: str, base: str) -> None:
    with pytest.raises(TypeError, match=f"^{field} is a str: give an? {base}$"):
        Method(**{field: "magnitude"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "base"),
    [
        ("criterion", Magnitude),
        ("allocation", Global),
        ("pattern", Unstructured),
        ("schedule", AtStart),
    ],
)
def test_a_part_without_a_kind_is_refused(field: str, base: type) -> None:
    nameless = type("Nameless", (base,), {})
    with pytest.raises(TypeError, match=r"Nameless has no name to be written under: decorate it"):
        Method(**{field: nameless()})


@pytest.mark.parametrize("schedule", [Dynamic(), RampedThreshold()])
@pytest.mark.parametrize("pattern", [Blocks(4, 1), WholeUnits()])
def test_a_pattern_that_the_schedule_would_break_is_refused(
    schedule: Schedule, pattern: Pattern
) -> None:
    with pytest.raises(
        ValueError,
        match=r"moves single weights, whatever pattern .* asks for: choose "
        r"the pattern Unstructured\(\)$",
    ):
        Method(pattern=pattern, schedule=schedule)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (
            {"criterion": MovementScores(), "schedule": RampedThreshold()},
            r"compares scores of two steps, .*choose the criterion Magnitude\(\)$",
        ),
        (
            {"criterion": MovementScores(), "schedule": AtStart()},
            r"before training has moved any, .*such as AfterTraining\(\)$",
        ),
    ],
)
def test_parts_that_do_not_go_together_are_refused(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Method(**parts)


def test_weights_to_begin_with_cannot_follow_movements() -> None:
    with pytest.raises(ValueError, match=r"^start is MovementScores"):
        Dynamic(start=MovementScores())


def test_movements_are_followed_for_any_part() -> None:
    assert Method(MovementScores()).follows_movement
    assert Method(schedule=Dynamic(growth=MovementScores())).follows_movement
    assert not Method(schedule=Dynamic()).follows_movement


def test_as_many_weights_may_be_missing_as_a_pattern_rounds_in_each_region() -> None:
    context = context_of(LAYOUT, 0.5)

    def kept(weights: int) -> dict[str, np.ndarray]:
        flat = np.arange(2 * 48) < weights
        return {
            name: part.reshape(SHAPE)
            for name, part in zip(context.names, np.split(flat, 2), strict=True)
        }

    blocks = Method(pattern=Blocks(4, 1))
    check_density(blocks, kept(48 + 2), context)
    with pytest.raises(ValueError, match=r"keeps 51 of 96 weights: a density of 0.5 asks for 48"):
        check_density(blocks, kept(48 + 3), context)
    check_density(replace(blocks, allocation=Uniform()), kept(48 + 4), context)
    with pytest.raises(ValueError, match="keeps 53 of 96"):
        check_density(replace(blocks, allocation=Uniform()), kept(48 + 5), context)
