"""Networks on tasks are gated by bits, weights kept, first losses, and then by losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.harness.comparing import change
from sparsebench.judging.loss_change import Losses
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest
from sparsebench.values.tasks import NextLetters, Recall

LOSSES = (0.30, 0.31, 0.29, 0.30)


def records(losses: Sequence[float] = LOSSES, first: int = 0, **others: Any) -> list[Record]:
    found = []
    for number, loss in enumerate(losses):
        case = TaskCase("gru", Recall(), first + number, 4)
        fields = {
            "history": {"onset_loss": [0.5]},
            "weights": f"{number}-{loss}",
            "numerics": "",
            **others,
        }
        metrics = {"loss": loss, "loss_before": 1.0, "parameters": 9, "kept": 7}
        found.append(
            Record(
                digest=digest(case),
                experiment="task",
                case=canonical(case),
                metrics=metrics,
                **fields,
            )
        )
    return found


def test_the_same_weights_with_the_same_losses_are_unchanged() -> None:
    found = change(records(), records())
    assert (found.kind, found.same_weights) == ("unchanged", True)


@pytest.mark.parametrize(("factor", "kind"), [(2.0, "regressed"), (0.5, "changed")])
def test_the_same_weights_with_another_loss_are_judged_otherwise_than_before(
    factor: float, kind: str
) -> None:
    other = records(weights="same")
    for record in other:
        record.metrics["loss"] *= factor
    found = change(records(weights="same"), other)
    assert (found.kind, found.same_weights) == (kind, True)
    assert found.reason.startswith(f"loss is {0.3 * factor:g}, expected 0.3")


def test_one_network_of_the_same_weights_among_others_is_held_to_its_own_loss() -> None:
    new = records([0.3, 0.31, 0.29, 0.6], weights="new")
    new[3].weights = "old"
    found = change(records(weights="old"), new)
    assert (found.kind, "loss is 0.6, expected 0.3" in found.reason) == ("regressed", True)


@pytest.mark.parametrize(
    ("losses", "kind"),
    [
        ([3 * loss for loss in LOSSES], "regressed"),
        ([1.01 * loss for loss in LOSSES], "changed"),
        ([0.1 * loss for loss in LOSSES], "changed"),
        ([0.9], "regressed"),
        ([0.5], "changed"),
    ],
)
@pytest.mark.parametrize("also", [{"numerics": "zen"}, {"history": {"onset_loss": [0.4]}}])
def test_losses_that_grew_are_worse_whatever_else_changed(
    losses: list[float], kind: str, also: dict[str, Any]
) -> None:
    old = records(LOSSES[: len(losses)], numerics="zen")
    found = change(old, records(losses, **also))
    assert found.kind == kind
    other = "expected 0-0.3" if "history" not in also else "mean loss up to step 10"
    assert other in found.reason


@pytest.mark.parametrize("change_of", [{"bits": 2.0}, {"loss_before": 2.0}])
def test_every_figure_of_the_same_weights_is_held_to_what_it_was(
    change_of: dict[str, float],
) -> None:
    other = records(weights="same")
    for record in other:
        record.metrics.update(change_of)
    assert change(records(weights="same"), other).kind == "changed"
    assert change(other, records(weights="same")).kind == "changed"


def test_other_bits_from_the_same_arithmetic_are_a_change() -> None:
    other = records([loss * 1.001 for loss in LOSSES], numerics="zen")
    found = change(records(numerics="zen"), other)
    assert found.kind == "changed"
    assert "not the same bit for bit" in found.reason
    assert "as good or better: loss x 1.001 (4 networks on average" in found.reason


def test_other_weights_kept_and_other_first_losses_are_a_change() -> None:
    fewer = records([loss * 1.001 for loss in LOSSES])
    fewer[0].metrics["kept"] = 6
    assert "weights kept 6, expected 7" in change(records(), fewer).reason
    faster = records([loss * 1.001 for loss in LOSSES], history={"onset_loss": [0.4]})
    assert "mean loss up to step 10" in change(records(), faster).reason


@pytest.mark.parametrize(
    ("factor", "kind"), [(1.02, "unchanged"), (1.5, "regressed"), (0.5, "improved")]
)
def test_where_rounding_differs_losses_may_grow_by_a_tenth_on_average(
    factor: float, kind: str
) -> None:
    assert change(records(), records([loss * factor for loss in LOSSES])).kind == kind


@pytest.mark.parametrize(("factor", "kind"), [(1.02, "unchanged"), (3.0, "regressed")])
def test_other_seeds_are_another_population(factor: float, kind: str) -> None:
    others = records([loss * factor for loss in LOSSES], first=100)
    assert change(records(), others).kind == kind


def test_what_was_pruned_from_other_weights_begins_elsewhere_and_is_judged_by_its_losses() -> None:
    began = {"history": {"onset_loss": [0.1]}, "pruned_from": "trained elsewhere"}
    alike = records([loss * 1.001 for loss in LOSSES], **began)
    assert change(records(), alike).kind == "unchanged"
    worse = records([loss * 2 for loss in LOSSES], **began)
    assert change(records(), worse).kind == "regressed"


def test_what_is_learned_by_heart_is_as_good_as_a_ten_thousandth() -> None:
    before, after = records([1e-9] * 4), records([1e-9, 5e-5, 1e-4, 2e-6], weights="other")
    assert change(before, after).kind == "unchanged"
    assert change(before, records([1e-3, 1.1e-3, 1e-3, 1.1e-3])).kind == "regressed"


def test_one_network_beside_itself_says_nothing_of_the_spread() -> None:
    found = change(records([0.3]), records([0.9]))
    assert found.kind == "undecided"
    assert found.reason.startswith("losses 3.000 times as large on average, 1 networks")


@given(st.lists(st.floats(1e-6, 1e3), min_size=2, max_size=6), st.booleans())
def test_losses_that_stay_are_unchanged_and_swapped_sides_swap_the_word(
    losses: list[float], paired: bool
) -> None:
    old = records(losses)
    assert Losses().compared(old, old, paired, 0.95)[0] == "unchanged"
    new = records([4 * loss + 1e-3 for loss in losses])
    words = {"regressed": "improved", "improved": "regressed", "unchanged": "unchanged"}
    forwards, back = (
        Losses().compared(old, new, paired, 0.95),
        Losses().compared(new, old, paired, 0.95),
    )
    assert back[0] == words[forwards[0]]


def test_one_network_says_nothing() -> None:
    found = change(records(LOSSES[:1]), records([9.0], first=100))
    assert found.kind == "undecided"


def test_what_is_written_is_judged_by_what_is_not_grammatical() -> None:
    def written(grammatical: float, weights: str) -> list[Record]:
        cases = [
            GenerationCase(TaskCase("gru", NextLetters(), seed, 4), strings=100)
            for seed in range(4)
        ]
        return [
            Record(
                digest=digest(case),
                experiment="generation",
                case=canonical(case),
                metrics={"grammatical": grammatical - 0.01 * seed, "legal_next": 1, "strings": 100},
                weights=weights,
            )
            for seed, case in enumerate(cases)
        ]

    assert change(written(0.9, "a"), written(0.9, "b")).kind == "unchanged"
    assert change(written(0.9, "a"), written(0.4, "b")).kind == "regressed"
    assert change(written(0.9, "a"), written(0.9, "a")).same_weights
    found = change(written(0.9, "a"), written(0.4, "a"))
    assert found.kind == "regressed"
    assert found.reason.startswith("grammatical is 0.4, expected 0.9")
    old, new = written(0.9, "a"), written(0.9, "b")
    for record in (*old, *new):
        record.numerics = "zen"
    found = change(old, new)
    assert (found.kind, "as good or better: exactly as before" in found.reason) == ("changed", True)
