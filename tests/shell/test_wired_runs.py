"""Wired networks under pytest: the selection decides what is trained, and nothing is trained twice."""

import os
import threading
from collections import Counter

import pytest

from sparsebench.engines import population_training
from sparsebench.harness.train_ahead import TrainAhead
from sparsebench.parts.documents import read_document
from sparsebench.parts.graphs import FAMILIES
from sparsebench.shell import progress as shell_progress
from sparsebench.shell import settings
from tests.harness import small
from tests.shell import projects

BEGIN = TrainAhead.begin

WIRED = """
from dataclasses import dataclass

import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.protocol import ReberStrings, Training
from sparsebench.values.semantics import SEMANTICS

DATA, FAMILY = ReberStrings(30, 30, 20, 20), "barabasi_albert"


def network(variant, seed, semantics):
    training = Training(epochs=2, batch_size=20)
    graph = GraphSpec(FAMILY, seed, 6)
    return WiredCase(variant, graph, seed, SEMANTICS[semantics], training, DATA)


@dataclass(frozen=True)
class One:
    variant: str
    seed: int
    semantics: str = "published"

    @property
    def id(self):
        return f"{self.variant}-s{self.seed}"

    def cases(self, seeds):
        return [network(self.variant, self.seed, self.semantics)]


@dataclass(frozen=True)
class All:
    variant: str
    semantics: str = "published"

    @property
    def id(self):
        return f"{self.variant}-all"

    def cases(self, seeds):
        return [network(self.variant, seed, self.semantics) for seed in range(3)]


@dataclass(frozen=True)
class Pruned(All):
    def cases(self, seeds):
        training = Training(epochs=1, batch_size=20)
        return [
            FinetuningCase(each, "both", 50, training=training) for each in super().cases(seeds)
        ]


@pytest.mark.sparsebench([One(variant, seed) for variant in ("rnn_tanh", "gru") for seed in range(3)])
def test_wired(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench([All("rnn_tanh"), All("gru")])
def test_group(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench([Pruned("gru")])
def test_pruned(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
"""

NOTING = """
import os

from sparsebench.engines import population_training

train = population_training.train_population


def train_and_note(starts, *arguments):
    with open(os.environ["TRAININGS"], "a") as file:
        for start in starts:
            file.write(f"{start.plan.layout.variant} {start.seed} {start.epochs}\\n")
    return train(starts, *arguments)


population_training.train_population = train_and_note
"""


@pytest.fixture
def wired(pytester):
    """A project of small wired networks."""
    pytester.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n"
        "sparsebench_json = result.json\nsparsebench_profile = smoke\n"
    )
    pytester.makepyfile(test_it=WIRED)
    return pytester


@pytest.fixture
def noted(monkeypatch):
    """For every network that is trained in this process, what it is and the item that asked."""
    train, trainings = population_training.train_population, []

    def train_and_note(starts, *arguments):
        item = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[2].removesuffix(" (call)")
        trainings.extend((start.plan.layout.variant, start.seed, item) for start in starts)
        return train(starts, *arguments)

    monkeypatch.setattr(population_training, "train_population", train_and_note)
    return trainings


def document(project):
    return read_document(project.path / "result.json")


def test_the_first_selected_item_trains_what_all_selected_ones_want(wired, noted):
    result = projects.run(wired, "-k", "test_wired and gru")
    result.assert_outcomes(skipped=3)
    first = "test_wired[gru-s0]"
    assert sorted(noted) == [("gru", 0, first), ("gru", 1, first), ("gru", 2, first)]
    found = document(wired)
    assert [record.case["seed"] for record in found.records] == [0, 1, 2]
    assert [item.digests for item in found.items] == [[record.digest] for record in found.records]


def test_one_selected_item_trains_one_network(wired, noted):
    projects.run(wired, "-k", "test_wired and gru-s1").assert_outcomes(skipped=1)
    assert noted == [("gru", 1, "test_wired[gru-s1]")]


def test_items_named_on_the_command_line_are_the_selection_too(wired, noted):
    projects.run(wired, "test_it.py::test_wired[gru-s2]", "test_it.py::test_wired[rnn_tanh-s0]")
    assert sorted(noted) == [
        ("gru", 2, "test_wired[gru-s2]"),
        ("rnn_tanh", 0, "test_wired[rnn_tanh-s0]"),
    ]


def test_what_later_items_need_is_trained_meanwhile_and_once(wired, noted, monkeypatch):
    monkeypatch.setattr(TrainAhead, "begin", BEGIN)
    monkeypatch.setattr(settings, "_threads", lambda: 2)
    projects.run(wired).assert_outcomes(skipped=9)
    counts = Counter((variant, seed) for variant, seed, _ in noted)
    assert counts == {
        **{("rnn_tanh", seed): 1 for seed in range(3)},
        **{("gru", seed): 2 for seed in range(3)},
    }
    assert len(document(wired).records) == 9
    assert "train ahead" not in {thread.name for thread in threading.enumerate()}


def test_groups_and_pruned_networks_share_the_networks_of_single_items(wired, noted):
    result = projects.run(wired)
    result.assert_outcomes(skipped=9)
    counts = Counter((variant, seed) for variant, seed, _ in noted)
    assert counts == {
        **{("rnn_tanh", seed): 1 for seed in range(3)},
        **{("gru", seed): 2 for seed in range(3)},  # trained, and trained again
    }
    found = document(wired)
    assert len(found.records) == 9
    kinds = Counter(record.experiment for record in found.records)
    assert kinds == {"wired": 6, "retraining": 3}
    digests = {item.nodeid.partition("::")[2]: item.digests for item in found.items}
    assert digests["test_group[gru-all]"] == [
        digests[f"test_wired[gru-s{seed}]"][0] for seed in range(3)
    ]


def test_a_second_run_trains_nothing(wired, noted):
    projects.run(wired, "-k", "rnn_tanh")
    trained = list(noted)
    projects.run(wired, "-k", "rnn_tanh").assert_outcomes(skipped=4)
    assert noted == trained
    assert len(document(wired).records) == 3


def test_a_baseline_of_wired_networks_gates_later_runs(wired):
    projects.run(wired, "--sparsebench-update").assert_outcomes(passed=9)
    projects.run(wired).assert_outcomes(passed=9)
    assert all(record.outcome == "passed" for record in document(wired).records)


def test_the_forward_pass_of_a_pruned_wired_network_is_timed(wired):
    projects.run(wired, "-k", "test_pruned")
    records = document(wired).records
    (timed,) = [record for record in records if record.timing is not None]
    assert timed.case["network"]["seed"] == 0
    assert (timed.timing.batch_size, timed.timing.rounds) == (40, 1)
    assert timed.timing.density == pytest.approx(
        timed.metrics["density"] * records_density(wired), rel=1e-9
    )


def records_density(project):
    """Of the network that was pruned: its share of wholly connected layers' weights."""
    projects.run(project, "-k", "test_wired and gru-s0")
    (record,) = document(project).records
    return record.properties["weight_density"]


def test_a_network_that_cannot_be_made_is_one_failing_item(wired, noted, monkeypatch):
    monkeypatch.setitem(FAMILIES, "broken", small.broken_for_seed_1(ValueError))
    source = (wired.path / "test_it.py").read_text()
    (wired.path / "test_it.py").write_text(source.replace("barabasi_albert", "broken"))
    result = projects.run(wired, "-k", "test_wired and gru")
    result.assert_outcomes(failed=1, skipped=2)
    result.stdout.fnmatch_lines(["*ValueError: not this one*", "FAILED *gru-s1*"])
    assert sorted(seed for _, seed, _ in noted) == [0, 2]


def test_two_workers_train_nothing_twice(wired, monkeypatch):
    monkeypatch.setenv("TRAININGS", str(wired.path / "trainings"))
    wired.makeconftest(NOTING)
    result = wired.runpytest_subprocess("-n", "2", "-p", "no:benchmark")
    result.assert_outcomes(skipped=9)
    trainings = (wired.path / "trainings").read_text().splitlines()
    expected = [f"{variant} {seed} 0" for variant in ("rnn_tanh", "gru") for seed in range(3)]
    expected += [f"gru {seed} 2" for seed in range(3)]  # again, after two epochs
    assert Counter(trainings) == Counter(expected)
    assert len(document(wired).records) == 9


def test_progress_is_shown_now_and_then(wired, monkeypatch):
    for limit in ("_SECONDS_BETWEEN_LINES", "_SECONDS_OF_A_STAGE"):
        monkeypatch.setattr(shell_progress, limit, 0.0)
    result = projects.run(wired, "-k", "test_wired and gru")
    result.stdout.fnmatch_lines(["sparsebench: training gru networks, published: * of 3 done*"])


def test_progress_is_not_shown_before_its_time(wired):
    result = projects.run(wired, "-k", "test_wired and gru")
    result.stdout.no_fnmatch_line("sparsebench: training*")


def test_a_item_that_cannot_tell_its_cases_fails_its_own_item(wired):
    source = (wired.path / "test_it.py").read_text()
    (wired.path / "test_it.py").write_text(
        source
        + "\n@dataclass(frozen=True)\n"
        + "class Broken(One):\n"
        + "    def cases(self, seeds):\n"
        + "        raise ValueError('no cases today')\n"
        + "\n@pytest.mark.sparsebench([Broken('gru', 7)])\n"
        + "def test_broken(item, sparsebench):\n"
        + "    sparsebench.judge(sparsebench.measure(item))\n"
    )
    result = projects.run(wired, "-k", "test_broken or rnn_tanh-s0")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*ValueError: no cases today*"])


def test_tests_without_the_marker_are_no_ones_plan(wired, noted):
    wired.makepyfile(
        test_other=(
            "import pytest\n"
            "class BenchmarkItem:\n"
            "    def cases(self, seeds):\n"
            "        raise AssertionError('asked')\n"
            "@pytest.mark.parametrize('item', [BenchmarkItem(), 3])\n"
            "def test_other(item):\n"
            "    pass\n"
        )
    )
    projects.run(wired, "-k", "test_other or rnn_tanh-s0").assert_outcomes(passed=2, skipped=1)


def test_marks_in_the_table_of_base_models_are_those_of_their_own_items():
    """An item of wired networks may have the id of an item of base models."""
    from sparsebench.experiments.base.items import BaseItem
    from sparsebench.experiments.base.summary import base_tables
    from sparsebench.experiments.random_wiring.items import FamiliesItem
    from sparsebench.parts.records import Verdict
    from tests.judging.records import records

    assert BaseItem("gru").id == FamiliesItem("gru", 3).id
    found = records(BaseItem("gru"), [1.0, 1.0, 1.0])
    for record in found:
        record.outcome = "passed"
    contradicted = Verdict(
        item=FamiliesItem("gru", 3).id,
        kind="claim",
        verdict="fail",
        statement="",
        expected=[],
        measured=[],
        interval=None,
        source="",
        digests=["of wired networks"],
        reason="",
    )
    table, *legend = base_tables(found, [contradicted])
    assert [str(cell).split() for column in table.columns for cell in column.cells] == [
        ["gru"],
        ["100.0", "±0.0"],
    ]
    assert legend == []
