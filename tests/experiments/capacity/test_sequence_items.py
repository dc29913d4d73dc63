"""Items of sequence tasks: every task in every profile, small where a run is frequent."""

from __future__ import annotations

import re
from dataclasses import replace
from statistics import fmean

import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.network import task_network
from sparsebench.experiments.capacity.sequence_items import ShiftsItem, items_of, sequence_items
from sparsebench.harness.sequence_profiles import SequenceWork
from sparsebench.harness.task_profiles import QUICK, SMOKE, THESIS, TaskWork
from sparsebench.parts.tasks import name_of
from sparsebench.parts.weights import recurrent_weights
from sparsebench.values.case import origin_of
from sparsebench.values.identity import digest
from sparsebench.values.protocol import Training
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
    (series,) = [task for task in tasks if isinstance(task, MackeyGlass)]
    assert (series.train, series.test) == (750, 750)


def test_the_thesis_profile_forecasts_every_second_of_neurobenchs_stretches() -> None:
    """Those are 30, and begin half a Lyapunov time of 75 points after one another."""
    items = [item for item in sequence_items(THESIS) if item.id.startswith("mackey")]
    assert [type(item) is ShiftsItem for item in items] == [item.plain for item in items]
    for item in items:
        networks = [origin_of(case) for case in item.cases(range(3))]
        found = {(each.seed, each.task.shift) for each in networks}  # type: ignore[attr-defined]
        stretches = range(15) if item.plain else [0]
        assert len(networks) == len(found)
        assert found == {(seed, 75 * each) for seed in range(3) for each in stretches}


@pytest.mark.parametrize("work", THESIS.sequences, ids=lambda work: name_of(work.task))
def test_small_and_wired_networks_have_as_many_recurrent_weights_as_pruning_leaves(
    work: SequenceWork,
) -> None:
    """Small ones as nearly as whole units allow; wired ones within a fifth, as graphs differ."""
    large = TaskCase("gru", work.task, 0, work.units)
    left = recurrent_weights(large.layout, {})[1] * (100 - max(work.percents)) / 100

    def away(units: int) -> float:
        small = replace(large, hidden_size=units)
        return abs(recurrent_weights(small.layout, {})[1] - left)

    items = [item for item in items_of(work) if item.variant == "gru" and item.percent == 0]
    small, wired = (each.cases(range(3)) for each in items[1:])
    assert {case.hidden_size for case in small} == {min(range(1, work.units), key=away)}  # type: ignore[attr-defined]
    networks = [task_network(case) for case in wired]  # type: ignore[arg-type]
    kept = [recurrent_weights(each.layout, each.masks)[0] for each in networks]
    assert fmean(kept) == pytest.approx(left, rel=0.2)


def test_of_each_cell_type_there_are_large_pruned_small_and_wired_networks() -> None:
    for work in THESIS.sequences:
        name, pruned = name_of(work.task), max(work.percents)
        assert [item.id for item in items_of(work)] == [
            f"{name}-{variant}{how}"
            for variant in work.variants
            for how in ("-p0", f"-p{pruned}", "-small-p0", "-wired-p0")
        ]


@pytest.mark.parametrize(
    ("task", "shifts", "told"),
    [
        (Mnist1D(), (0,), "task is .*MackeyGlass"),
        (MackeyGlass(), 5, r"shifts is 5: give a list, such as \[5\]"),
    ],
)
def test_only_a_series_has_stretches(task: object, shifts: object, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        ShiftsItem("gru", task, (4,), Training(1), shifts=shifts)  # type: ignore[arg-type]


def test_each_seed_has_a_network_of_its_own_on_the_same_data() -> None:
    item = sequence_items(SMOKE)[0]
    cases = item.cases([0, 1])
    assert len({digest(case) for case in cases}) == 2
    assert len({case.task for case in cases}) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("shifts", "message"),
    [
        ((), r"^shifts are \(\): give the shift of each stretch, at least one and none twice$"),
        ((0, 75, 75), r"none twice$"),
        ((0, -75), r"^shifts is -75: give a whole number of at least 0$"),
    ],
)
def test_stretches_that_cannot_be_are_refused(shifts: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ShiftsItem("gru", MackeyGlass(), (4,), Training(1), shifts=shifts)
