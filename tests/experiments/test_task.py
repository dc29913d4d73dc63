"""Networks on other tasks than the thesis's are trained, pruned, kept and found again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from sparsebench.experiments import campaign
from sparsebench.experiments.measuring import measure
from sparsebench.experiments.networks import task_network
from sparsebench.experiments.task import NotOnThisDevice
from sparsebench.experiments.together import want
from sparsebench.parts.random_tasks import stored_bits
from sparsebench.parts.records import Record, check_complete
from sparsebench.values.case import GenerationCase, GraphSpec, RetrainingCase, TaskCase
from sparsebench.values.identity import canonical, digest
from sparsebench.values.protocol import ReberStrings, Training
from sparsebench.values.tasks import NextLetters, RandomFunction, RandomLabels, Recall, Task
from tests.experiments import small

TRAINING = Training(epochs=3, batch_size=4, learning_rate=0.01)
TASKS: dict[str, Task] = {
    "labels": RandomLabels(12, width=5, steps=2),
    "recall": Recall(width=3, delay=1, train=12, test=8),
    "function": RandomFunction(steps=4, samples=20, judged=10),
    "reber": NextLetters(train=8, test=6),
    "embedded": NextLetters("embedded_reber", train=8, test=6),
    "classes": ReberStrings(6, 6, 4, 4),
}


def case_of(task: str, **others: Any) -> TaskCase:
    chosen = {"hidden_size": 4, "training": TRAINING, **others}
    return TaskCase("rnn_tanh", TASKS[task], 0, **chosen)


def measured(case: Any, folder: Path, **chosen: Any) -> Record:
    bench = small.bench(folder, **chosen)
    want([case], bench)
    record = measure(case, bench)
    check_complete(record)
    assert record.digest == digest(case)
    assert record.case == canonical(case)
    return record


@pytest.mark.parametrize("task", TASKS)
def test_a_network_is_trained_and_judged_by_what_it_is_asked(task: str, tmp_path: Path) -> None:
    record = measured(case_of(task), tmp_path)
    assert record.experiment == "task"
    metrics, layout = record.metrics, case_of(task).layout
    assert metrics["density"] == 1
    assert metrics["parameters"] == sum(math.prod(shape) for shape in layout.shapes().values())
    assert len(record.history["test_loss"]) == len(record.history["train_loss"]) == 3
    assert metrics["loss"] == pytest.approx(record.history["test_loss"][-1], rel=1e-6)
    expected = {
        "labels": {"accuracy", "strings", "bits"},
        "recall": set(),
        "function": set(),
        "reber": {"letters_right", "bits_per_letter"},
        "embedded": {"letters_right", "bits_per_letter", "remembered"},
        "classes": {"accuracy", "strings"},
    }[task]
    told = {"accuracy", "strings", "bits", "letters_right", "bits_per_letter", "remembered"}
    assert metrics.keys() & told == expected
    assert ("test_accuracy" in record.history) == bool(expected)
    if task == "labels":
        assert metrics["bits"] == stored_bits(12, metrics["accuracy"])
    if task == "reber":
        assert metrics["bits_per_letter"] == pytest.approx(metrics["loss"] / math.log(2))


@pytest.mark.parametrize("task", ["labels", "recall", "reber"])
def test_a_pruned_network_keeps_what_pruning_leaves(task: str, tmp_path: Path) -> None:
    case = RetrainingCase(case_of(task), "both", 50, training=TRAINING)
    record = measured(case, tmp_path)
    assert record.experiment == "pruned_task"
    assert record.metrics["density"] == pytest.approx(0.5, abs=0.05)
    assert record.pruned_from == measured(case_of(task), tmp_path).weights
    assert ("bits" in record.metrics) == (task == "labels")


@pytest.mark.parametrize("task", ["labels", "recall", "reber"])
def test_a_wired_network_learns_tasks_too(task: str, tmp_path: Path) -> None:
    case = case_of(task, hidden_size=None, graph=GraphSpec("watts_strogatz", 3, 10))
    network = task_network(case)
    assert network.layout.width == (getattr(TASKS[task], "width", None) or network.layout.sizes[0])
    record = measured(case, tmp_path)
    assert record.metrics["density"] < 1


def test_what_was_trained_is_found_again_with_the_same_figures(
    tmp_path: Path, noted: list[list[int]]
) -> None:
    first = measured(case_of("labels"), tmp_path)
    second = measured(case_of("labels"), tmp_path)
    assert noted == [[0]]
    assert (first.metrics, first.weights) == (second.metrics, second.weights)


def test_networks_on_tasks_lie_in_a_store_of_their_own(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    case = case_of("labels")
    assert bench.store_of(case) is bench.store_of(RetrainingCase(case, "both", 50))
    assert (
        bench.store_of(case).folder != bench.store.folder == bench.store_of(small.wired(0)).folder
    )
    assert bench.store_of(case) in bench.stores


def test_a_gpu_is_refused_with_a_word_on_what_to_do(tmp_path: Path) -> None:
    bench = small.bench(tmp_path, device="cuda")
    with pytest.raises(
        NotOnThisDevice, match=r"RandomLabels are trained on the CPU.*leave out --gpu"
    ):
        measure(case_of("labels"), bench)


def test_written_strings_are_judged_by_the_grammar_and_kept(tmp_path: Path) -> None:
    case = GenerationCase(case_of("embedded"), strings=20)
    record = measured(case, tmp_path)
    assert record.experiment == "generation"
    assert record.metrics["strings"] == 20
    assert 0 <= record.metrics["grammatical"] <= record.metrics["legal_next"] <= 1
    assert record.weights == measured(case_of("embedded"), tmp_path).weights
    assert measured(case, tmp_path).metrics == record.metrics
    other = GenerationCase(case_of("embedded"), strings=20, draw=1)
    assert measured(other, tmp_path).metrics["letters"] != record.metrics["letters"]


def test_plans_know_what_tasks_cost(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    cases = [
        case_of("labels"),
        RetrainingCase(case_of("labels"), "both", 50, training=TRAINING),
        GenerationCase(case_of("reber"), 20),
    ]
    parts = campaign.plan(cases, bench)
    assert {part.what for part in parts} == {
        "training rnn_tanh on RandomLabels",
        "retraining rnn_tanh on RandomLabels",
        "training rnn_tanh on NextLetters",
        "generation",
    }
    assert {part.semantics for part in parts} == {"corrected"}
