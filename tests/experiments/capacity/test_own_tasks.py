"""Networks on another project's tasks are trained, pruned, cached, judged and shown like ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.section import tasks_section
from sparsebench.experiments.capacity.table import task_tables
from sparsebench.experiments.capacity.task_items import TaskItem, pruned, task_items
from sparsebench.harness import cost_plan
from sparsebench.harness.measuring import measure
from sparsebench.harness.task_profiles import QUICK, SMOKE, THESIS
from sparsebench.harness.trained_models import request
from sparsebench.judging.loss_change import LOSSES
from sparsebench.parts import tasks
from sparsebench.parts.records import Record, check_complete
from sparsebench.parts.tasks import maker_of
from sparsebench.report.measured import Measured
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import digest, restore
from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.tasks import Task
from tests.harness import own_tasks, small
from tests.harness.own_tasks import Parity, SumAndMost
from tests.report.reading import rows, tables

TRAINING = Training(epochs=2, batch_size=8, learning_rate=0.01)
BOTH = [Parity(), SumAndMost()]


def network(task: Task, seed: int = 0, units: int = 6) -> TaskCase:
    return TaskCase("gru", task, seed, units, training=TRAINING)


def measured(cases: list[Any], folder: Path) -> list[Record]:
    bench = small.bench(folder)
    request(cases, bench)
    records = [measure(case, bench) for case in cases]
    for case, record in zip(cases, records, strict=True):
        check_complete(record)
        assert restore(record.case) == case
        assert record.digest == digest(case)
    return records


@pytest.mark.parametrize(
    ("task", "figures"),
    [(Parity(), {"letters_right"}), (SumAndMost(), {"worst_sum", "worst_most"})],
)
def test_what_is_asked_decides_the_figures(task: Task, figures: set[str], tmp_path: Path) -> None:
    whole, left = measured([network(task), pruned(network(task), 50)], tmp_path)
    for record in (whole, left):
        assert record.metrics.keys() == {
            "loss", "loss_before", "parameters", "kept", "density", *figures
        }  # fmt: skip
    assert left.metrics["kept"] == 0.5 * whole.metrics["kept"]
    assert left.pruned_from == whole.weights


@pytest.mark.parametrize("task", BOTH)
def test_networks_of_several_seeds_are_one_population_and_cached(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [network(task, seed) for seed in range(3)]
    first = measured(cases, tmp_path)
    noted = small.noted_trainings(monkeypatch)
    again = measured(cases, tmp_path)
    assert noted == []
    assert [each.metrics for each in first] == [each.metrics for each in again]
    assert LOSSES.change(first, again).kind == "unchanged"
    assert len({each.weights for each in first}) == 3


def test_wired_networks_read_letters_and_vectors(tmp_path: Path) -> None:
    graph = GraphSpec("watts_strogatz", 0, 10)
    cases = [TaskCase("rnn_tanh", task, 0, graph=graph, training=TRAINING) for task in BOTH]
    assert all(record.metrics["density"] < 1 for record in measured(cases, tmp_path))


def test_a_metric_that_has_another_s_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = replace(own_tasks.PARITY, metrics=lambda task, answered: {"loss": 0.0})
    monkeypatch.setitem(tasks._known(), Parity, taken)
    with pytest.raises(ValueError, match="metrics of parity are called loss, as others are"):
        measured([network(Parity())], tmp_path)


def test_what_it_costs_is_told_by_its_kind(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    case = network(Parity())
    (part,) = cost_plan.plan([case], bench).parts
    assert (part.what, part.cases, part.unknown) == ("training gru on ParityOfBits", 1, 1)


def test_the_source_of_its_examples_can_be_asked_for() -> None:
    assert maker_of(Parity()) is own_tasks.parity


def records(task: Task, folder: Path) -> list[Record]:
    return measured([network(task), network(task, 1), pruned(network(task), 80)], folder)


def test_tables_show_what_fits_the_question_or_what_is_chosen(tmp_path: Path) -> None:
    found = [*records(Parity(seed=1), tmp_path), *records(SumAndMost(), tmp_path)]
    shown = {table.name: table for table in task_tables(found)}
    assert list(shown) == ["parity-steps", "parity-loss", "worst-sums"]
    assert shown["parity-steps"].caption.startswith("Steps in % whose class is right, on parity")
    whole, left = shown["worst-sums"].rows
    assert list(whole)[:6] == ["sum-and-most", "gru", "layers", 0, 2, 2]
    assert list(left)[:6] == ["sum-and-most", "gru", "layers", 80, 2, 1]
    assert list(left)[6] == pytest.approx(found[5].metrics["worst_sum"])
    assert next(iter(shown["parity-loss"].rows))[0] == "parity-seed-1"


def test_the_report_draws_them_by_how_much_is_pruned(tmp_path: Path) -> None:
    section = tasks_section(Measured(tuple(records(SumAndMost(), tmp_path))))
    assert [each["% pruned"] for each in rows(section, "tasks-numbers")] == ["0", "80"]
    assert {each["panel"] for each in rows(section, "tasks-numbers")} == {"sum-and-most"}
    assert "worst-sums" in set(tables(section))
    assert not section.missing


def test_items_of_any_task_follow_the_profile_or_what_is_asked_for() -> None:
    quick = task_items(Parity())
    assert {item.variant for item in quick} == set(VARIANTS)
    assert [item.id for item in quick if item.variant == "gru"] == [
        "parity-gru-p0", "parity-gru-p80", "parity-gru-wired-p0"
    ]  # fmt: skip
    assert [item.id for item in quick if item.variant == "lstm"] == ["parity-lstm-p0"]
    assert {item.units for item in quick} == {QUICK.task_units}
    for work in (SMOKE, THESIS):
        for item in task_items(Parity(), ["gru"], work=work):
            assert (item.units, item.training.length) == (work.task_units, work.task_epochs)
    chosen = task_items(
        Parity(), ["lstm"], units=[4, 5], percents=[90], wired=True, training=TRAINING
    )
    assert [item.id for item in chosen] == ["parity-lstm-p90", "parity-lstm-wired-p0"]
    assert [case.network.hidden_size for case in chosen[0].cases([3])] == [4, 5]
    assert {case.training for item in chosen for case in item.cases([3])} == {TRAINING}
    assert hash(chosen[0]) == hash(TaskItem("lstm", Parity(), (4, 5), TRAINING, 90))


@pytest.mark.parametrize(
    ("chosen", "error", "message"),
    [
        ({"units": 4}, TypeError, r"units is 4: give a list, such as \[4\]"),
        ({"units": [0]}, ValueError, "units is 0: give a whole number of at least 1"),
        ({"percents": [101]}, ValueError, "percent is 101"),
        ({"training": 20}, TypeError, "training is an int: give a Training"),
        ({"variants": "gru"}, TypeError, "variants is 'gru': give a list"),
        ({"task": 5}, TypeError, "int is no task: register it"),
    ],
)
def test_items_that_cannot_be_are_refused(
    chosen: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        task_items(**{"task": Parity(), **chosen})
