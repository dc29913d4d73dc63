"""Networks on tasks under pytest: accepted, gated green, and red where the baseline says otherwise."""

import json

import pytest

from sparsebench.experiments.bench import circumstances
from tests.shell import projects

TASK = """
from dataclasses import dataclass

import pytest

from sparsebench.values.case import GenerationCase, TaskCase
from sparsebench.values.protocol import Training
from sparsebench.values.tasks import NextLetters


@dataclass(frozen=True)
class Writers:
    semantics: str = "corrected"

    @property
    def id(self):
        return "writers"

    def cases(self, seeds):
        training = Training(epochs=2, batch_size=4)
        task = NextLetters(train=8, test=6)
        networks = [TaskCase("rnn_tanh", task, seed, 4, training=training) for seed in seeds]
        return [*networks, *(GenerationCase(network, strings=9) for network in networks)]


@pytest.mark.sparsebench([Writers()])
def test_writers(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))
"""


@pytest.fixture
def writers(pytester):
    pytester.makeini("[pytest]\nsparsebench_store = store\n")
    pytester.makepyfile(test_writers=TASK)
    projects.run(pytester, "--sparsebench-update").assert_outcomes(passed=1)
    return pytester


def test_what_was_accepted_passes_the_gate(writers):
    result = projects.run(writers, "--sparsebench-gate", "--sparsebench-json=result.json")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*Bits per letter that comes next*", "*Strings written*"])
    document = projects.result(writers)
    assert sorted({record.experiment for record in document.records}) == ["generation", "task"]
    assert {verdict.verdict for verdict in document.verdicts} == {"pass"}


@pytest.mark.parametrize(
    ("experiment", "metric", "value", "message"),
    [
        ("task", "kept", 1, "*weights kept*expected 1*"),
        ("task", "loss", 0.9, "*loss is*expected 0.9*same trained weights*"),
        ("task", "bits_per_letter", 0.9, "*bits_per_letter is*expected 0.9*same trained weights*"),
        ("generation", "grammatical", 0.9, "*grammatical is*expected 0.9*same trained weights*"),
    ],
)
def test_a_baseline_that_says_otherwise_turns_it_red(writers, experiment, metric, value, message):
    def edit(record):
        if record["experiment"] == experiment:
            record["metrics"][metric] = value

    projects.edit_records(writers, edit)
    result = projects.run(writers, "--sparsebench-gate")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message])


def test_other_weights_from_the_same_processor_turn_it_red_whatever_they_do(writers):
    def edit(record):
        if record["experiment"] == "task":
            record["weights"] = record["weights"][::-1]

    projects.edit_records(writers, edit)
    result = projects.run(writers, "--sparsebench-gate")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*should be the same bit for bit; loss *"])


def test_what_a_baseline_lacks_of_them_turns_the_gate_red_alone(writers):
    document = json.loads(projects.baseline_file(writers).read_text())
    document["records"] = [each for each in document["records"] if each["experiment"] == "task"]
    projects.baseline_file(writers).write_text(json.dumps(document))
    result = projects.run(writers, "--sparsebench-gate")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*generation*"])


def test_without_a_gpu_engine_for_tasks_they_are_skipped_there(writers, monkeypatch):
    here = circumstances(writers.path, "cpu")
    monkeypatch.setattr("sparsebench.shell.options._check_cuda", lambda: None)
    monkeypatch.setattr("sparsebench.experiments.bench.circumstances", lambda *where: here)
    result = projects.run(writers, "--sparsebench-device=cuda", "-rs", "-p", "no:benchmark")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*NextLetters are trained on the CPU alone*leave out --gpu*"])
