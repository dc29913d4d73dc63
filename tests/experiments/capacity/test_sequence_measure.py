"""Networks on sequence tasks have the figures that were published for these."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.table import task_tables
from sparsebench.experiments.capacity.task_items import pruned
from sparsebench.harness.measuring import measure
from sparsebench.harness.trained_models import network_and_model, request
from sparsebench.parts.examples import Examples
from sparsebench.parts.records import Record, check_complete
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import dataset
from sparsebench.values.protocol import Training
from sparsebench.values.sequence_tasks import (
    AddingProblem,
    CopyTask,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.tasks import Task
from sparsebench.values.text_tasks import AliceLetters, Passages
from tests.harness import small

TRAINING = Training(epochs=2, batch_size=4, learning_rate=0.01)
TASKS: dict[Task, set[str]] = {
    AddingProblem(6, 12, 8): set(),
    CopyTask(2, 12, 8): {"letters_right", "loss_over_all_steps"},
    SequentialDigits("rows", 12, 8): {"accuracy", "strings", "accuracy_before"},
    Mnist1D(12, 8): {"accuracy", "strings", "accuracy_before"},
    MackeyGlass(window=4, train=20, test=9): {"smape", "smape_next"},
    AliceLetters(window=900, train=2000): {"letters_right", "bits_per_letter"},
    Passages("letters", 12, 8): {"accuracy", "strings", "accuracy_before"},
    Passages("words", 12, 8): {"accuracy", "strings", "accuracy_before"},
    Passages("vectors", 12, 8): {"accuracy", "strings", "accuracy_before"},
}
ALWAYS = {"loss", "loss_before", "parameters", "kept", "density"}


def network(task: Task) -> TaskCase:
    return TaskCase("rnn_tanh", task, 0, 4, training=TRAINING)


def measured(case: TaskCase, folder: Path) -> Record:
    bench = small.bench(folder)
    request([case], bench)
    record = measure(case, bench)
    check_complete(record)
    return record


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_a_network_has_the_figures_of_its_task_and_a_table(task: Task, tmp_path: Path) -> None:
    record = measured(network(task), tmp_path)
    assert record.metrics.keys() == ALWAYS | TASKS[task]
    assert task_tables([record])
    left = measure(pruned(network(task), 50), small.bench(tmp_path))
    assert left.metrics.keys() == record.metrics.keys()


def test_the_loss_over_all_steps_counts_blanks_as_right(tmp_path: Path) -> None:
    record = measured(network(CopyTask(2, 12, 8)), tmp_path)
    assert record.metrics["loss_over_all_steps"] == pytest.approx(record.metrics["loss"] * 10 / 22)
    memoryless = 10 * math.log(8) / (2 + 20)  # as Arjovsky, Shah and Bengio write it
    assert math.log(8) * 10 / CopyTask(2).steps == memoryless


def test_a_forecast_is_what_the_network_says_of_its_own_answers(tmp_path: Path) -> None:
    task = MackeyGlass(window=4, train=20, test=9)
    record = measured(network(task), tmp_path)
    made, model = network_and_model(network(task), small.bench(tmp_path))
    layout = sparse_layout(made.layout, made.masks)
    population = CpuPopulation([layout], [model.weights], "last_step", TRAINING)
    test = dataset(task).test
    read, errors = test.inputs[0, :, 0].tolist(), []
    for right in test.answers[:, 0].tolist():
        window = np.array(read[-4:], np.float32).reshape(1, 4, 1)
        one = Examples(window, np.array([4]), np.zeros((1, 1), np.float32))
        said = float(population.logits(one, 1)[0, 0, 0])
        errors.append(200 * abs(said - right) / (abs(said) + abs(right)))
        read.append(said)
    assert record.metrics["smape"] == pytest.approx(sum(errors) / 9)
