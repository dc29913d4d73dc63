"""Changes of masks during training: each network by its own method, whatever trains beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from sparsebench.engines.fused.changing import ChangingPopulation
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.mask_changes import Masking
from sparsebench.engines.population_training import Course, Start, train_population
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import Criterion, GradientSize, Scores
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.schedules import (
    AfterTraining,
    Dynamic,
    Gradual,
    Iterative,
)
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.checks import NotReproducible
from sparsebench.values.kinds import kind
from sparsebench.values.masks import masked
from sparsebench.values.protocol import VARIANTS, Architecture, Training
from sparsebench.values.seeding import stream
from tests.engines.test_population_training import DATASET, overflowing
from tests.parts.methods.contexts import context_of

pytestmark = pytest.mark.usefixtures("one_width")

TRAINING = Training(epochs=3, batch_size=20, learning_rate=0.01)
"""Twelve steps: four in an epoch."""

NAMES = ("layers.0.i2h", "layers.0.h2h", "layers.1.i2h", "layers.1.h2h")


def quick(name: str) -> Method:
    """A named method that changes masks often, and looks at few examples."""
    method = METHODS[name]
    schedule, criterion = method.schedule, method.criterion
    if hasattr(schedule, "every"):
        schedule = replace(schedule, every=2)  # type: ignore[type-var]
    if hasattr(criterion, "examples"):
        criterion = replace(criterion, examples=40)  # type: ignore[type-var]
    return replace(method, criterion=criterion, schedule=schedule)


def start(seed: int, variant: str = "gru", units: int = 5) -> Start:
    """A dense network, whose masks stay."""
    layout = Architecture(variant, layers=2, hidden_size=units).layout
    return Start(sparse_layout(layout), initial_weights(layout, seed), seed)


def sparsified(
    one: Start, method: Method, density: float = 0.3, target: str = "both", seed: int = 5
) -> Start:
    return replace(one, masking=Masking(method, density, target, seed))


def trained(*starts: Start, training: Training = TRAINING) -> list[Course]:
    return train_population(starts, DATASET, training, "padded", "cpu")


def bits(course: Course) -> tuple[Any, ...]:
    """All of a training's result but the masks, of which no weight is left out."""
    arrays = {name: array.tobytes() for name, array in course.weights.items()}
    return arrays, course.before, course.after, course.history, course.stopped


def mask_bits(course: Course) -> dict[str, bytes]:
    return {name: mask.tobytes() for name, mask in course.masks.items()}


# Nothing changes


REWOUND = ("lottery", "lottery_new")
"""Methods that restart the optimiser and go back to earlier weights, at any density."""


@pytest.mark.parametrize("name", sorted(set(METHODS) - set(REWOUND) - {"two_of_four"}))
def test_a_density_of_one_changes_no_bit(name: str) -> None:
    """Training in parts, from one change to the next, is the training in one part."""
    one = start(1, "gru" if METHODS[name].fits("gru") else "lstm")
    dense, kept = trained(one), trained(sparsified(one, quick(name), 1.0))
    assert bits(kept[0]) == bits(dense[0])
    assert all(mask.all() for mask in kept[0].masks.values())


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_density_of_one_changes_no_bit_of_any_variant(variant: str) -> None:
    one = start(1, variant)
    assert bits(trained(sparsified(one, quick("rigl"), 1.0))[0]) == bits(trained(one)[0])


@pytest.mark.parametrize("name", REWOUND)
def test_a_lottery_at_a_density_of_one_still_goes_back(name: str) -> None:
    assert bits(trained(sparsified(start(1), quick(name), 1.0))[0]) != bits(trained(start(1))[0])


@pytest.mark.parametrize(
    "method",
    [
        quick("random_erk"),
        quick("snip"),
        quick("grasp"),
        quick("synflow"),
        replace(quick("rigl"), schedule=replace(quick("rigl").schedule, moved=0.0)),  # type: ignore[type-var]
    ],
    ids=lambda method: type(method.criterion).__name__,
)
def test_masks_that_stay_from_the_start_are_trained_like_any_masks_bit_for_bit(
    method: Method,
) -> None:
    (course,) = trained(sparsified(start(1), method))
    plan = sparse_layout(start(1).plan.layout, course.masks)
    assert 0 < plan.kept < start(1).plan.kept
    (fixed,) = trained(Start(plan, masked(start(1).weights, course.masks), 1))
    assert bits(course) == bits(fixed)


# What is asked of criteria

ASKED: list[int] = []
"""The step of each time that the criterion below was asked."""


@kind("TestedAsked")
@dataclass(frozen=True)
class Asked(Criterion):
    """Remembers when it was asked, and from some time on scores by chance."""

    steady: int = 99

    def scores(self, context: Context) -> Scores:
        ASKED.append(context.step)
        chance = len(ASKED) > self.steady
        return {
            name: np.abs(array) + (len(ASKED) if chance else 0) * (array != 0)
            for name, array in context.weights.items()
        }


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    ASKED.clear()


def test_scores_are_asked_for_twice_in_the_first_two_changes_and_then_once() -> None:
    method = Method(schedule=Dynamic(growth=Asked(), every=3, until=1.0))
    trained(sparsified(start(1), method))
    assert ASKED == [3, 3, 6, 9, 12]


def test_a_criterion_that_scores_by_chance_is_refused() -> None:
    method = Method(Asked(steady=3), schedule=Gradual(every=3, end=1.0))
    with pytest.raises(NotReproducible, match=r"^criterion .* gave two different scores"):
        trained(sparsified(start(1), method))
    assert ASKED == [4, 4, 7, 7]


# Company


def company(variant: str) -> list[Start]:
    """Networks of several methods, one of them without any, and of several sizes."""
    names = ("rigl", "movement", "lottery_new", "snip", "selfish", "units", "ramped")
    return [
        start(0, variant, 4),
        *(
            sparsified(start(number, variant, 3 + number % 3), quick(name), seed=number)
            for number, name in enumerate(names, 1)
        ),
    ]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_network_fares_in_company_as_it_does_alone(variant: str) -> None:
    starts = company(variant)
    together = trained(*starts)
    backwards = trained(*starts[::-1])[::-1]
    for number, one in enumerate(starts):
        (alone,) = trained(one)
        for other in (together[number], backwards[number]):
            assert bits(other) == bits(alone)
            assert mask_bits(other) == mask_bits(alone)


def test_two_networks_of_one_method_have_masks_of_their_own_seeds() -> None:
    one, other = trained(*(sparsified(start(1), quick("set"), seed=seed) for seed in (1, 2)))
    assert mask_bits(one) != mask_bits(other)


def test_a_stopped_network_is_left_alone() -> None:
    sound = sparsified(start(4, "rnn_relu"), quick("magnitude"))
    stopped, beside = trained(sparsified(overflowing(), quick("magnitude")), sound)
    assert stopped.stopped is not None
    assert bits(beside) == bits(trained(sound)[0])
    assert all(mask.all() for mask in stopped.masks.values())


# By hand


def orders(seed: int, epochs: int) -> np.ndarray:
    """Examples of all steps; 63 in an epoch, so the last step of each is short."""
    each = [stream("shuffle", seed, epoch).permutation(63) for epoch in range(epochs)]
    return np.stack([np.pad(one, (0, 17), constant_values=-1) for one in each]).reshape(-1, 20)


def steps_by_hand(networks: CpuPopulation, steps: np.ndarray) -> None:
    for step in steps:
        networks.train(DATASET.train, [step[step >= 0]])


def test_a_lottery_is_so_many_trainings_from_the_same_weights() -> None:
    """Twelve steps, three rounds: three steps each, across the ends of epochs."""
    one = start(1)
    (course,) = trained(sparsified(one, Method(schedule=Iterative(3)), 0.125))
    plan, every = one.plan, orders(1, 3)
    for part, density in enumerate((0.5, 0.25, 0.125, None)):
        networks = CpuPopulation([plan], [one.weights], "padded", TRAINING)
        steps_by_hand(networks, every[3 * part : 3 * part + 3])
        if density is not None:
            masks = by_magnitude(networks.weights(0), plan, density)
            plan = sparse_layout(plan.layout, masks)
    for name, array in networks.weights(0).items():
        assert array.tobytes() == course.weights[name].tobytes(), name


def test_a_lottery_goes_back_to_the_step_that_it_names() -> None:
    """After two of the first six steps."""
    one = start(1)
    schedule = Iterative(1, rewind=1 / 3)
    (course,) = trained(sparsified(one, Method(schedule=schedule), 0.4))
    every = orders(1, 3)
    first = CpuPopulation([one.plan], [one.weights], "padded", TRAINING)
    steps_by_hand(first, every[:2])
    early = first.weights(0)
    steps_by_hand(first, every[2:6])
    plan = sparse_layout(one.plan.layout, by_magnitude(first.weights(0), one.plan, 0.4))
    second = CpuPopulation([plan], [early], "padded", TRAINING)
    steps_by_hand(second, every[6:])
    for name, array in second.weights(0).items():
        assert array.tobytes() == course.weights[name].tobytes(), name


def test_a_control_begins_its_last_training_with_weights_that_no_seed_here_has() -> None:
    one = replace(quick("lottery_new"), schedule=Iterative(1, start="new"))
    seen: list[dict[str, np.ndarray]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChangingPopulation, "restructure", noting(seen))
        trained(sparsified(start(1), one), sparsified(start(2), one, seed=6))
    assert len(seen) == 2
    others = [start(seed).weights for seed in range(9)] + seen[1:]
    assert not any(np.array_equal(seen[0]["embedding"], each["embedding"]) for each in others)
    assert {name: array.shape for name, array in seen[0].items()} == start(1).plan.layout.shapes()


def noting(seen: list[dict[str, np.ndarray]]) -> Callable[..., None]:
    """The method of `ChangingPopulation` that takes masks, which notes the weights as well."""
    original = ChangingPopulation.restructure

    def restructure(self, number, plan, weights=None, restart=False):  # type: ignore[no-untyped-def]
        if weights is not None:
            seen.append(dict(weights))
        original(self, number, plan, weights, restart)

    return restructure


def by_magnitude(
    weights: dict[str, np.ndarray], plan: SparseLayout, density: float
) -> dict[str, np.ndarray]:
    context = context_of(
        plan.layout, density, weights=weights,
        masks={name: plan.masks.get(name, np.ones_like(weights[name], np.bool_)) for name in NAMES},
    )  # fmt: skip
    return Method().masks(context)


def test_pruning_after_training_keeps_the_optimisers_state_of_what_stays() -> None:
    one, every = start(1), orders(1, 3)
    (course,) = trained(sparsified(one, Method(schedule=AfterTraining(0.5))))
    networks = ChangingPopulation([one.plan], [one.weights], "padded", TRAINING)
    steps_by_hand(networks, every[:6])
    masks = by_magnitude(networks.weights(0), one.plan, 0.3)
    networks.restructure(0, sparse_layout(one.plan.layout, masks))
    steps_by_hand(networks, every[6:])
    for name, array in networks.weights(0).items():
        assert array.tobytes() == course.weights[name].tobytes(), name
    anew = CpuPopulation(networks.plans, [course.weights], "padded", TRAINING)
    assert anew.evaluate(DATASET.test, 20) == [course.after]


def test_a_change_after_the_last_step_is_made() -> None:
    (course,) = trained(sparsified(start(1), Method(schedule=AfterTraining(1.0)), 0.2))
    (dense,) = trained(start(1))
    for name in NAMES:
        mask = course.masks[name]
        assert np.array_equal(course.weights[name], np.where(mask, dense.weights[name], 0))
    assert sum(int(course.masks[name].sum()) for name in NAMES) == 60
    assert course.after != dense.after


# Dynamic masks


def changes_of(one: Start) -> tuple[list[SparseLayout], Course]:
    """The sparse layouts that a training gives its network, one after the other."""
    plans: list[SparseLayout] = []
    original = ChangingPopulation.restructure

    def restructure(self, number, plan, *others, **named):  # type: ignore[no-untyped-def]
        if plan.masks:  # not the dense network, of which gradients are taken
            plans.append(plan)
        original(self, number, plan, *others, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ChangingPopulation, "restructure", restructure)
        (course,) = trained(one)
    return plans, course


@pytest.mark.parametrize("target", ["i2h", "h2h", "both"])
@pytest.mark.parametrize("name", ["set", "rigl", "selfish"])
def test_every_matrix_keeps_its_number_of_weights_at_every_update(name: str, target: str) -> None:
    plans, course = changes_of(sparsified(start(1), quick(name), 0.4, target))
    assert len(plans) == 5  # before the first step, and after 2, 4, 6 and 8 of twelve
    names = [each for each in NAMES if target in ("both", each.rpartition(".")[2])]
    kept = [{each: int(plan.masks[each].sum()) for each in names} for plan in plans]
    assert all(each == kept[0] for each in kept)
    assert sum(kept[0].values()) == round(0.4 * sum(plans[0].masks[each].size for each in names))
    assert len({plan.masks[names[0]].tobytes() for plan in plans}) > 2
    assert all(plan.masks.keys() == set(names) for plan in plans)
    assert mask_bits(course) == {each: plans[-1].masks[each].tobytes() for each in names}


def test_new_weights_begin_at_zero_and_learn() -> None:
    """RigL's weights have the largest gradients, so none stays at zero."""
    (course,) = trained(sparsified(start(1), quick("rigl"), 0.4))
    for name, mask in course.masks.items():
        assert not course.weights[name][~mask].any()
        assert np.count_nonzero(course.weights[name][mask]) >= 0.9 * mask.sum()


def test_rigl_adds_weights_of_the_largest_gradient_by_its_own_examples() -> None:
    """The first move, spelled out: after two of the eight steps until weights stay."""
    one = start(1)
    schedule = Dynamic(growth=GradientSize(40), every=2, moved=0.3, until=2 / 3)
    plans, _ = changes_of(sparsified(one, Method(schedule=schedule), 0.4))
    networks = CpuPopulation([plans[0]], [one.weights], "padded", TRAINING)
    steps_by_hand(networks, orders(1, 3)[:2])
    weights = networks.weights(0)
    dense = ChangingPopulation([one.plan], [weights], "padded", TRAINING)
    rows = stream("derivatives", 5, 2).permutation(63)[:40]
    gradient = dense.gradient(0, DATASET.train, rows)
    for name in NAMES:
        old, new = plans[0].masks[name], plans[1].masks[name]
        moved = int(0.15 * (1 + np.cos(np.pi * 2 / 8)) * old.sum())
        assert moved > 0
        size = np.where(old, np.abs(weights[name]), np.inf).ravel()
        expected = old.ravel().copy()
        expected[np.argsort(size, kind="stable")[:moved]] = False
        growth = np.where(expected, -1.0, np.abs(gradient[name]).ravel())
        expected[np.argsort(growth, kind="stable")[growth.size - moved :]] = True
        assert np.array_equal(new, expected.reshape(old.shape))
