"""Items of sequence tasks: every task in every profile, small where a run is frequent."""

from __future__ import annotations

import re

import pytest

from sparsebench.experiments.capacity.sequence_items import sequence_items
from sparsebench.harness.task_profiles import QUICK, SMOKE, THESIS, TaskWork
from sparsebench.values.identity import digest
from sparsebench.values.sequence_tasks import (
    ORDERS,
    AddingProblem,
    CopyTask,
    JapaneseVowels,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.text_tasks import READ, AliceLetters, Passages

WORKS = {"smoke": SMOKE, "quick": QUICK, "thesis": THESIS}


@pytest.mark.parametrize("name", WORKS)
def test_every_profile_has_every_task(name: str) -> None:
    """Those of optional packages are not in the smoke profile."""
    tasks = [each.task for each in WORKS[name].sequences]
    extras = set() if name == "smoke" else {JapaneseVowels}
    assert {type(task) for task in tasks} == extras | {
        AddingProblem, CopyTask, SequentialDigits, Mnist1D, MackeyGlass, AliceLetters, Passages
    }  # fmt: skip
    assert [task.read for task in tasks if isinstance(task, Passages)] == [*READ]
    assert [task.order for task in tasks if isinstance(task, SequentialDigits)] == [*ORDERS]


@pytest.mark.parametrize("work", WORKS.values(), ids=WORKS)
def test_ids_are_lower_case_without_a_dot_and_each_items_own(work: TaskWork) -> None:
    ids = [item.id for item in sequence_items(work)]
    assert len({*ids}) == len(ids)
    assert all(re.fullmatch("[a-z0-9_-]+", name) for name in ids)


def test_items_are_tasks_times_variants_times_percentages() -> None:
    ids = [item.id for item in sequence_items(QUICK)]
    assert len(ids) == 11 * 2 * 2
    assert ids[:4] == [
        "adding-20-rnn_tanh-p0", "adding-20-rnn_tanh-p80", "adding-20-gru-p0", "adding-20-gru-p80"
    ]  # fmt: skip
    names = [
        "alice-letters",
        "copy-5",
        "digits-permuted",
        "digits-pixels",
        "digits-rows",
        "mackey-glass-17",
    ]
    names += ["mnist-1d", *(f"passages-{read}" for read in READ)]
    assert {f"{name}-gru-p0" for name in names} < {*ids}


def test_the_thesis_profile_has_the_published_sizes() -> None:
    tasks = [each.task for each in THESIS.sequences]
    assert {AddingProblem(steps=200), CopyTask(delay=100), Mnist1D(4000, 1000)} < {*tasks}
    assert MackeyGlass(train=750, test=750) in tasks


def test_each_seed_has_a_network_of_its_own_on_the_same_data() -> None:
    item = sequence_items(SMOKE)[0]
    cases = item.cases([0, 1])
    assert len({digest(case) for case in cases}) == 2
    assert len({case.task for case in cases}) == 1  # type: ignore[attr-defined]
