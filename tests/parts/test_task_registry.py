"""Tasks are registered with what makes their examples; what cannot be one is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np
import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.judging.names import name_of as words_of
from sparsebench.parts import tasks
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.our_tasks import OURS
from sparsebench.parts.records import Record
from sparsebench.parts.task_kind import TaskKind
from sparsebench.parts.tasks import (
    dataset,
    is_task,
    maker_of,
    name_of,
    register_task,
    task_kind_of,
    task_kinds,
)
from sparsebench.values import kinds
from sparsebench.values.checks import NotReproducible
from sparsebench.values.identity import canonical, digest, restore, unknown_in
from sparsebench.values.kinds import UnknownKind, kind
from sparsebench.values.tasks import RandomLabels


@dataclass(frozen=True)
class Echo:
    """Say the number that was shown."""

    delay: int = 2
    loudness: float = 1.0

    symbols, width, classes = 0, 1, 1


def echo(task: Echo) -> Halves:
    numbers = np.linspace(-1, 1, 6, dtype=np.float32).reshape(6, 1, 1)
    shown = np.concatenate([numbers, np.zeros((6, task.delay, 1), np.float32)], axis=1)
    whole = Examples(shown, np.full(6, 1 + task.delay), numbers[:, 0])
    return Halves(whole, whole)


ECHO = TaskKind(task=Echo, make=echo)


@pytest.fixture(autouse=True)
def _only_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What these tests register is forgotten after them."""
    for name in ("_BY_NAME", "_BY_CLASS", "_GROUPS"):
        monkeypatch.setattr(kinds, name, dict(getattr(kinds, name)))
    monkeypatch.setattr(tasks, "_registered", {})
    tasks._known.cache_clear()
    kind("Echo", seeds={})(Echo)
    yield
    tasks._known.cache_clear()
    tasks._installed.cache_clear()


def test_a_registered_task_is_known_by_its_class() -> None:
    assert not is_task(Echo())
    register_task(ECHO)
    assert is_task(Echo())
    assert task_kinds() == [*OURS, ECHO]
    assert maker_of(Echo()) is echo
    assert dataset(Echo()).test.inputs.shape == (6, 3, 1)
    case = TaskCase("gru", Echo(5), 0, 4)
    assert restore(canonical(case)) == case


def test_one_that_is_not_registered_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        TypeError, match=r"Echo is no task: register it with sparsebench\.register_task, .* Recall"
    ):
        TaskCase("gru", Echo(), 0, 4)
    with pytest.raises(TypeError, match="float is no task"):
        task_kind_of(0.5)  # type: ignore[arg-type]


def test_a_task_that_is_defined_anew_takes_the_place_of_the_old() -> None:
    register_task(ECHO)
    again = replace(ECHO, title="say it again")
    register_task(again)
    assert task_kinds() == [*OURS, again]


def test_ids_tell_what_is_not_at_its_default() -> None:
    register_task(ECHO)
    assert name_of(Echo()) == "echo"
    assert name_of(Echo(7, 0.5)) == "echo-delay-7-loudness-0-5"
    register_task(replace(ECHO, title="say it again"))
    assert name_of(Echo(7)) == "say-it-again-delay-7"
    register_task(replace(ECHO, name=lambda task: f"e{task.delay}"))
    assert name_of(Echo(7)) == "e7"


def test_populations_are_told_by_the_title() -> None:
    case = TaskCase("gru", RandomLabels(9), 0, 3)
    record = Record(digest=digest(case), experiment="task", case=canonical(case), metrics={})
    assert words_of(record) == "task gru random labels 9 samples 3 units corrected"
    register_task(replace(ECHO, title="say it again"))
    case = TaskCase("gru", Echo(4), 0, 3)
    record = Record(digest=digest(case), experiment="task", case=canonical(case), metrics={})
    assert words_of(record) == "task gru say it again delay 4 3 units corrected"


@dataclass(frozen=True)
class Nothing:
    """Neither reads nor says anything."""


@dataclass(frozen=True)
class Seeded(Echo):
    """Would draw other data for each seed."""

    seed: int = 0


@dataclass
class Loose:
    """Can be changed."""

    symbols = classes = 1


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Echo, TypeError, "no task: give a TaskKind with the class"),
        (lambda: replace(ECHO, task=Loose), TypeError, "Loose.* no description: give a frozen"),
        (lambda: replace(ECHO, task=Seeded), TypeError, r"Seeded.*@sparsebench\.kind"),
        (
            lambda: replace(ECHO, task=kind("Nothing", seeds={})(Nothing)),
            TypeError,
            "Nothing lacks symbols and classes: give it symbols",
        ),
        (
            lambda: replace(ECHO, task=kind("Seeded")(Seeded)),
            ValueError,
            r"Seeded has seeds, seed, .* @sparsebench\.kind\(name, seeds=\{\}\)",
        ),
        (
            lambda: replace(ECHO, title="recall"),
            ValueError,
            "title 'recall' .*'Recall' too: choose",
        ),
        (lambda: OURS[0], ValueError, "task 'ReberStrings' is there already: choose"),
    ],
)
def test_what_is_no_task_is_refused(
    make: Callable[[], Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        register_task(make())
    assert task_kinds() == [*OURS]


def test_examples_that_change_are_refused() -> None:
    numbers = count()

    def drawn(task: Echo) -> Halves:
        made = echo(task).test
        moved = Examples(made.inputs + np.float32(next(numbers)), made.lengths, made.answers)
        return Halves(moved, moved)

    register_task(replace(ECHO, make=drawn))
    with pytest.raises(NotReproducible, match="task 'Echo' made two different sets of examples"):
        dataset(Echo())


def test_what_is_no_dataset_is_refused() -> None:
    register_task(replace(ECHO, make=lambda task: echo(task).test))
    with pytest.raises(TypeError, match="task 'Echo' made a Examples: give Halves of two sets"):
        dataset(Echo())


class Point:
    """An entry point of an installed package."""

    def __init__(self, value: str, load: Callable[[], object]) -> None:
        self.value, self.load = value, load


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Point]:
    """Entry points that are found from now on."""
    points: list[Point] = []
    for module in (tasks, kinds):
        monkeypatch.setattr(module, "entry_points", lambda group: points)
    tasks._installed.cache_clear()
    kinds.kinds_from(tasks.GROUP)
    return points


def test_an_installed_package_brings_tasks(installed: list[Point]) -> None:
    installed.append(Point("theirs:ECHO", lambda: ECHO))
    assert task_kinds() == [*OURS, ECHO]
    register_task(ECHO)  # its module does so too
    assert task_kinds() == [*OURS, ECHO]


def test_a_case_is_restored_by_loading_what_is_installed(installed: list[Point]) -> None:
    def load() -> TaskKind:
        kind("Echo", seeds={})(Echo)
        return ECHO

    installed += [Point("broken:TASK", lambda: 1 / 0), Point("theirs:ECHO", load)]
    register_task(ECHO)
    with pytest.warns(UserWarning, match="broken:TASK cannot be loaded"):
        case = TaskCase("gru", Echo(5), 0, 4)
    plain = canonical(case)
    kinds._BY_NAME.pop("Echo")
    assert restore(plain) == case


@pytest.mark.parametrize("found", [lambda: 1 / 0, lambda: Echo, lambda: None])
def test_one_that_cannot_be_loaded_stops_nothing(
    installed: list[Point], found: Callable[[], object]
) -> None:
    installed.append(Point("theirs:ECHO", found))
    with pytest.warns(UserWarning, match="task theirs:ECHO cannot be loaded"):
        assert task_kinds() == [*OURS]


def test_a_task_that_is_not_installed_is_named() -> None:
    register_task(ECHO)
    plain = canonical(TaskCase("gru", Echo(), 0, 4))
    assert unknown_in(plain) is None
    kinds._BY_NAME.pop("Echo")
    unknown = unknown_in(plain)
    assert isinstance(unknown, UnknownKind)
    assert unknown.absent == "'Echo' is not installed here"
