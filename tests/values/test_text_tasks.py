"""Tasks on the package's texts: stored under one digest, and wrong sizes are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.tasks import Task
from sparsebench.values.text_tasks import (
    ALICE,
    ALICE_LENGTH,
    HELD_OUT,
    TRAIN,
    AliceLetters,
    Passages,
)


@pytest.mark.parametrize(
    ("task", "form", "name"),
    [
        (AliceLetters(), (72, 0, 72), "b95fe16b3832963e77a45744f85bc4da"),
        (Passages(), (28, 0, 4), "922cf8f75e2ee99f9fd24e535e606a84"),
        (Passages("words"), (256, 0, 4), "52bb864f84b3c034bd8f556a3a7c9a21"),
        (Passages("vectors"), (0, 32, 4), "7666fe8d65808c1e1a61f4878331e93c"),
    ],
)
def test_a_task_keeps_its_form_and_its_digest(
    task: Task, form: tuple[int, int, int], name: str
) -> None:
    assert (task.symbols, getattr(task, "width", 0), task.classes) == form
    assert digest(task) == name  # type: ignore[arg-type]
    assert restore(canonical(task)) == task


def test_the_parts_of_alice_are_90_5_and_5_percent() -> None:
    assert TRAIN + 2 * HELD_OUT == ALICE_LENGTH
    assert round(100 * TRAIN / ALICE_LENGTH, 6) == 90
    assert [*ALICE] == sorted({*ALICE})  # each letter has one code


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AliceLetters(window=1), "window is 1: .* from 2 to 7423$"),
        (lambda: AliceLetters(window=7424), "window is 7424: .* from 2 to 7423$"),
        (lambda: AliceLetters(train=50), "train is 50: .* from 51 to 133632$"),
        (lambda: AliceLetters(train=133_633), "train is 133633: .* from 51 to 133632$"),
        (lambda: Passages("sounds"), "unknown read 'sounds': .* letters, words, vectors$"),
        (lambda: Passages(train=0), "train is 0: .* at least 1$"),
        (lambda: Passages(test=0), "test is 0: .* at least 1$"),
        (lambda: Passages(seed=-1), "seed is -1: .* at least 0$"),
        (
            lambda: Passages(train=6500, test=501),
            "train is 6500 and test is 501: there are only 7000 passages; give fewer$",
        ),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
