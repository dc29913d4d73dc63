"""Networks on other tasks than the thesis's are trained, pruned, kept and found again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparsebench.engines.fused import population
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.items import CapacityItem
from sparsebench.experiments.capacity.network import task_network
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.harness import cost_plan as campaign
from sparsebench.harness.cache import store_of
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.harness.judgement import judge
from sparsebench.harness.measuring import ItemResult, measure
from sparsebench.harness.trained_models import request
from sparsebench.parts.examples import Examples
from sparsebench.parts.labelled_texts import corpus_task
from sparsebench.parts.random_tasks import stored_bits
from sparsebench.parts.records import Record, check_complete
from sparsebench.parts.tasks import dataset
from sparsebench.parts.texts import text_task
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import digest, restore
from sparsebench.values.protocol import ReberStrings, Training
from sparsebench.values.tasks import (
    VALID_LETTERS,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    Task,
)
from tests.harness import small

TRAINING = Training(epochs=3, batch_size=4, learning_rate=0.01)
TASKS: dict[str, Task] = {
    "labels": RandomLabels(12, width=5, steps=2),
    "recall": Recall(width=3, delay=1, train=12, test=8),
    "function": RandomFunction(steps=4, samples=20, judged=10),
    "reber": NextLetters(train=8, test=6),
    "embedded": NextLetters("embedded_reber", train=8, test=6),
    "classes": ReberStrings(6, 6, 4, 4),
    "author-like": ReberStrings(6, 6, 4, 4, negatives="author_like"),
    "text": text_task("declaration", window=400),
    "messages": corpus_task("messages", longest=5),
}


def case_of(task: str, **others: Any) -> TaskCase:
    chosen = {"hidden_size": 4, "training": TRAINING, **others}
    return TaskCase("rnn_tanh", TASKS[task], 0, **chosen)


def measured(case: Any, folder: Path, **chosen: Any) -> Record:
    bench = small.bench(folder, **chosen)
    request([case], bench)
    record = measure(case, bench)
    check_complete(record)
    assert record.digest == digest(case)
    assert restore(record.case) == case
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
        "author-like": {"accuracy", "strings"},
        "text": {"letters_right", "bits_per_letter"},
        "messages": {"accuracy", "strings"},
    }[task]
    told = {"accuracy", "strings", "bits", "letters_right", "bits_per_letter", "remembered"}
    assert metrics.keys() & told == expected
    assert ("test_accuracy" in record.history) == bool(expected)
    if task == "labels":
        assert metrics["bits"] == stored_bits(12, metrics["accuracy"])
    if task in ("reber", "text"):
        assert metrics["bits_per_letter"] == pytest.approx(metrics["loss"] / math.log(2))


@pytest.mark.parametrize("task", ["labels", "recall", "reber"])
def test_a_pruned_network_keeps_what_pruning_leaves(task: str, tmp_path: Path) -> None:
    case = FinetuningCase(case_of(task), "both", 50, training=TRAINING)
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


@pytest.mark.parametrize("task", ["labels", "reber"])
def test_a_wired_network_is_pruned_of_what_its_wiring_left(task: str, tmp_path: Path) -> None:
    network = case_of(task, hidden_size=None, graph=GraphSpec("watts_strogatz", 3, 10))
    whole = measured(network, tmp_path)
    left = measured(FinetuningCase(network, "both", 50, training=TRAINING), tmp_path)
    assert left.metrics["density"] == left.metrics["kept"] / whole.metrics["kept"]
    assert left.metrics["density"] == pytest.approx(0.5, abs=0.02)
    lost = whole.metrics["parameters"] - left.metrics["parameters"]
    assert lost == whole.metrics["kept"] - left.metrics["kept"]


@pytest.mark.parametrize(
    ("said", "remembered"),
    [("right", 1.0), ("wrong", 0.0), ("T", "share"), ("neither", 0.0)],
)
def test_what_is_remembered_is_the_second_letter_when_it_has_to_come_again(
    said: str, remembered: float | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured(case_of("embedded"), tmp_path)
    test = dataset(TASKS["embedded"]).test
    one, other = VALID_LETTERS.index("T"), VALID_LETTERS.index("P")
    second = test.inputs[:, 1]
    assert set(second.tolist()) == {one, other}

    def logits(network: object, examples: Examples, batch_size: int) -> list[np.ndarray]:
        """Sure of a letter where it has to come again, and of the other everywhere else."""
        found = np.zeros((*examples.answers.shape, len(VALID_LETTERS)))
        asked = np.arange(len(examples)), examples.lengths - 2
        found[..., one + other - second[:, None]] = 1
        letter = {"right": second, "wrong": one + other - second, "T": one}.get(said, second)
        found[asked] = 0
        if said != "neither":
            found[(*asked, letter)] = 1
        return [found.reshape(len(examples), -1)]

    monkeypatch.setattr(population.CpuPopulation, "logits", logits)
    share = float((second == one).mean())
    expected = share if remembered == "share" else remembered
    assert measured(case_of("embedded"), tmp_path).metrics["remembered"] == expected


def test_what_was_trained_is_found_again_with_the_same_figures(
    tmp_path: Path, noted: list[list[int]]
) -> None:
    first = measured(case_of("labels"), tmp_path)
    second = measured(case_of("labels"), tmp_path)
    assert noted == [[0]]
    assert (first.metrics, first.weights) == (second.metrics, second.weights)


def test_networks_are_cached_by_what_makes_the_examples_of_their_task(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    folders = {name: store_of(case_of(name), bench).folder for name in TASKS}
    alike = [
        {"labels", "recall", "function"},
        {"reber", "embedded", "text"},
        {"classes"},
        {"messages"},
    ]
    assert len(set(folders.values())) == len(alike)
    for names in alike:
        assert len({folders[name] for name in names}) == 1
    assert store_of(case_of("labels"), bench) is store_of(case_of("recall"), bench)
    assert store_of(small.wired(0), bench).folder not in folders.values()


def test_what_a_task_shows_is_made_once_in_a_run(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    assert bench.dataset(TASKS["labels"]) is bench.dataset(RandomLabels(12, width=5, steps=2))
    assert bench.dataset(TASKS["labels"]) is not small.bench(tmp_path).dataset(TASKS["labels"])


def test_wired_networks_on_a_gpu_are_refused_with_a_word_on_what_to_do(tmp_path: Path) -> None:
    bench = small.bench(tmp_path, device="cuda")
    wired = case_of("labels", hidden_size=None, graph=GraphSpec("watts_strogatz", 0, 10))
    with pytest.raises(
        NotMeasurable, match=r"RandomLabels are trained on the CPU.*leave out --gpu"
    ):
        measure(wired, bench)


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


@pytest.mark.parametrize(("profile", "claims"), [("quick", 2), ("smoke", 0)])
def test_networks_that_learn_for_too_short_are_held_against_no_claims(
    profile: str, claims: int, tmp_path: Path
) -> None:
    item = CapacityItem("rnn_tanh", 1, (150,), (1,), 1)
    bench = small.bench(tmp_path, profile=profile)
    found = ItemResult(item, item.cases(range(3)))
    request(found.cases, bench)
    found.records += [measure(case, bench) for case in found.cases]
    outcome = judge(found, bench)
    assert outcome.cause in ("baseline missing", "claim contradicted")
    assert [verdict.kind for verdict in outcome.verdicts] == ["claim"] * claims


def test_plans_know_what_tasks_cost(tmp_path: Path) -> None:
    bench = small.bench(tmp_path)
    cases = [
        case_of("labels"),
        FinetuningCase(case_of("labels"), "both", 50, training=TRAINING),
        GenerationCase(case_of("reber"), 20),
    ]
    parts = campaign.plan(cases, bench).parts
    assert {part.what for part in parts} == {
        "training rnn_tanh on RandomLabels",
        "retraining rnn_tanh on RandomLabels",
        "training rnn_tanh on NextLetters",
        "generation",
    }
    assert {part.semantics for part in parts} == {"corrected"}
