"""What a method sees when its masks change, and what it may not give."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from sparsebench.engines.fused.changing import ChangingPopulation
from sparsebench.engines.mask_changes import ASKED_TWICE
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import Criterion, Magnitude, Scores
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.schedules import AtStart, Change, Gradual, Schedule
from sparsebench.values.kinds import kind
from sparsebench.values.seeding import stream
from tests.engines.test_mask_changes import TRAINING, sparsified, start, trained
from tests.engines.test_population_training import DATASET, rows_of


@kind("TestedSpy")
@dataclass(frozen=True)
class Spy(Criterion):
    """Notes what it sees."""

    def scores(self, context: Context) -> Scores:
        SEEN.append(context)
        return Magnitude().scores(context)


SEEN: list[Context] = []


def seen(schedule: Schedule, **others: Any) -> list[Context]:
    """The contexts of one training; the criterion is called twice in each of the first changes."""
    SEEN.clear()
    trained(sparsified(start(1), Method(Spy(), schedule=schedule), **others))
    twice = SEEN[: 2 * ASKED_TWICE]
    assert all(one.step == other.step for one, other in zip(twice[::2], twice[1::2], strict=True))
    return [*twice[::2], *SEEN[2 * ASKED_TWICE :]]


def test_a_context_says_where_the_training_is() -> None:
    contexts = seen(Gradual(0.0, 0.5, 2), density=0.3, target="h2h", seed=8)
    assert [each.step for each in contexts] == [2, 4, 6]
    assert [each.density for each in contexts] == pytest.approx(
        [0.3 + 0.7 * 8 / 27, 0.3 + 0.7 / 27, 0.3]
    )
    for each in contexts:
        assert (each.steps, each.seed, each.names) == (12, 8, ("layers.0.h2h", "layers.1.h2h"))
        assert each.weights.keys() == each.layout.shapes().keys()
    kept = [sum(int(mask.sum()) for mask in each.masks.values()) for each in contexts]
    assert kept == [150, round(contexts[0].density * 150), round(contexts[1].density * 150)]


def test_what_a_method_sees_cannot_be_changed_by_it() -> None:
    _, context = seen(AtStart(rounds=2))
    for arrays in (context.weights, context.masks):
        with pytest.raises(ValueError, match="read-only"):
            arrays["layers.0.h2h"][:] = 0


def test_examples_are_drawn_anew_for_each_change_by_the_networks_seed() -> None:
    contexts = seen(Gradual(0.0, 0.5, 3), seed=8)
    dense = ChangingPopulation([start(1).plan], [start(1).weights], "padded", TRAINING)
    for context in contexts:
        rows = stream("derivatives", 8, context.step).permutation(63)[:30]
        dense.restructure(0, start(1).plan, context.weights)
        expected = dense.gradient(0, DATASET.train, rows)
        found = context.derivatives.gradient(30)
        assert all(np.array_equal(array, expected[name]) for name, array in found.items())


def test_changes_are_counted_over_all_pieces_of_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps in the first piece, two in the second; the examples are those of the piece."""
    pieces = [replace(DATASET.train, **rows_of(slice(0, 33))), DATASET.test]
    monkeypatch.setattr(type(DATASET), "pieces", lambda dataset, epoch: iter(pieces))
    contexts = seen(Gradual(0.0, 1.0, 3), seed=8)
    assert {each.steps for each in contexts} == {3 * (2 + 2)}
    assert [each.step for each in contexts] == [3, 6, 9, 12]
    lengths = [_examples(each) for each in contexts]
    assert lengths == [21, 33, 33, 21]


def _examples(context: Context) -> int:
    """How many examples there are: more are not taken, so more change nothing."""
    size = 0
    last: dict[str, bytes] | None = None
    for size in range(15, 40):
        now = {name: each.tobytes() for name, each in context.derivatives.gradient(size).items()}
        if now == last:
            return size - 1
        last = now
    return size


# Refusals


@kind("TestedSchedule")
@dataclass(frozen=True)
class Wrong(Schedule):
    """A schedule of a project, which is wrong in some way."""

    when: tuple[tuple[int, float], ...] = ((0, 0.3),)
    gives: str = ""

    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        return list(self.when)

    def change(self, method: Method, context: Context) -> Change:
        masks: dict[str, Any] = dict(method.masks(context))
        if self.gives == "missing":
            del masks["layers.1.h2h"]
        elif self.gives == "numbers":
            masks["layers.1.h2h"] = masks["layers.1.h2h"].astype(np.float32)
        elif self.gives == "more":
            masks["layers.1.h2h"] = np.ones_like(masks["layers.1.h2h"])
        elif self.gives == "weights":
            return Change(masks, {name: np.zeros(1) for name in context.weights})
        return Change(masks)


@pytest.mark.parametrize(
    "when",
    [
        (),
        ((0, 0.5),),
        ((-1, 0.3),),
        ((13, 0.3),),
        ((6, 0.5), (3, 0.3)),
        ((3, 0.3), (6, 0.5)),
        ((3, 0.2), (6, 0.3)),
    ],
)
def test_changes_out_of_order_or_bounds_are_refused(when: tuple[tuple[int, float], ...]) -> None:
    schedule = Wrong(when)
    message = (
        f"schedule {schedule} changes masks at {list(when)}: give pairs of a step from 0 to 12 and a "
        "density, steps in order, densities that do not rise, and 0.3 at the end"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        trained(sparsified(start(1), Method(schedule=schedule)))


@pytest.mark.parametrize(("gives", "what"), [("missing", "None"), ("numbers", "float32 (15, 5)")])
def test_masks_that_do_not_fit_are_refused(gives: str, what: str) -> None:
    schedule = Wrong(gives=gives)
    message = f"schedule {schedule} gave {what} for layers.1.h2h: give a boolean array (15, 5)"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        trained(sparsified(start(1), Method(schedule=schedule)))


def test_masks_that_miss_the_density_at_the_end_are_refused() -> None:
    method = Method(schedule=Wrong(gives="more"))
    with pytest.raises(
        ValueError, match=r"keeps \d+ of 300 weights: a density of 0\.3 asks for 90$"
    ):
        trained(sparsified(start(1), method))


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^the given weights: not the weights of a 2 x 5 gru network"
    ):
        trained(sparsified(start(1), Method(schedule=Wrong(gives="weights"))))
