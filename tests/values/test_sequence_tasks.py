"""Recognised sequence tasks: as published by default, never stored under another digest, or refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.sequence_tasks import (
    ORDERS,
    SERIES,
    AddingProblem,
    CopyTask,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.tasks import Task


@pytest.mark.parametrize(
    ("task", "form", "steps", "name"),
    [
        (AddingProblem(), (0, 2, 1), 200, "3cce4a43b0cef41ac3f191cb7599b270"),
        (CopyTask(), (10, None, 8), 120, "c065ae52386d6d5272111509acc86013"),
        (SequentialDigits(), (0, 8, 10), 8, "f4591e36bed4cebda547cfa726c9bac0"),
        (Mnist1D(), (0, 1, 10), 40, "b83ee3fedcc3ecac20f5fa71eea09fdb"),
        (MackeyGlass(), (0, 1, 1), 50, "f84fbf6ceef333c2b55f7d9f0294a41e"),
    ],
)
def test_a_task_keeps_its_form_and_its_digest(
    task: Task, form: tuple[int, int | None, int], steps: int, name: str
) -> None:
    assert (task.symbols, getattr(task, "width", None), task.classes) == form
    assert task.steps == steps  # type: ignore[attr-defined]
    assert digest(task) == name  # type: ignore[arg-type]
    assert restore(canonical(task)) == task


def test_images_are_read_by_rows_or_by_pixels() -> None:
    shapes = {order: SequentialDigits(order) for order in ORDERS}
    assert {order: (each.steps, each.width) for order, each in shapes.items()} == {
        "rows": (8, 8),
        "pixels": (64, 1),
        "permuted": (64, 1),
    }


def test_there_are_neurobenchs_fourteen_series() -> None:
    assert [*SERIES] == [*range(17, 31)]
    assert SERIES[17] == (197, 0.7206597)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AddingProblem(steps=1), "steps is 1: .* at least 2$"),
        (lambda: AddingProblem(train=0), "train is 0: .* at least 1$"),
        (lambda: AddingProblem(seed=-1), "seed is -1: .* at least 0$"),
        (lambda: CopyTask(delay=0), "delay is 0: .* at least 1$"),
        (lambda: CopyTask(test=0), "test is 0: .* at least 1$"),
        (
            lambda: SequentialDigits("columns"),
            "unknown order 'columns': .* rows, pixels, permuted$",
        ),
        (
            lambda: SequentialDigits(train=1500, test=298),
            "train is 1500 and test is 298: there are only 1797 images; give fewer$",
        ),
        (lambda: Mnist1D(train=0), "train is 0: .* at least 1$"),
        (lambda: Mnist1D(seed=-1), "seed is -1: .* at least 0$"),
        (lambda: MackeyGlass(tau=16), "tau is 16: .* from 17 to 30$"),
        (lambda: MackeyGlass(window=0), "window is 0: .* at least 1$"),
        (lambda: MackeyGlass(shift=-1), "shift is -1: .* at least 0$"),
        (
            lambda: MackeyGlass(window=50, train=50),
            "train is 50 and window is 50: .* give more points, or a shorter window$",
        ),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        make()


def test_a_number_that_is_not_whole_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^steps is 2\.5 \(float\): give a whole number"):
        AddingProblem(steps=2.5)  # type: ignore[arg-type]
