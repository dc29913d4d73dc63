"""Progress of training: networks that are done, and the time left by the epochs since the first."""

from types import SimpleNamespace

import pytest

from sparsebench.harness import training_progress
from sparsebench.harness.training_progress import TrainingProgress
from sparsebench.values.protocol import Training
from tests.harness import small
from tests.harness.small import models

STAGE = "training rnn_tanh networks, published: "


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it."""
    found = SimpleNamespace(now=0.0)
    monkeypatch.setattr(training_progress.time, "monotonic", lambda: found.now)
    return found


class Trained:
    """A group of networks of ten epochs each, and the last line that was told of it."""

    def __init__(self, tmp_path, networks):
        self.told = []
        bench = small.bench(tmp_path, self.told.append)
        self.cases = [small.wired(seed, training=Training(epochs=10)) for seed in range(networks)]
        self.progress = TrainingProgress(self.cases, bench)

    def begun(self, *numbers):
        jobs = [SimpleNamespace(case=self.cases[number]) for number in numbers]
        return jobs, self.progress.begun(jobs)

    def now(self):
        self.progress.now()
        assert self.told[-1].startswith(STAGE)
        return self.told[-1].removeprefix(STAGE)


def test_of_one_network_the_time_left_is_told_from_its_second_epoch_on(tmp_path, clock):
    trained = Trained(tmp_path, 1)
    jobs, finished = trained.begun(0)
    assert trained.now() == "0 of 1 done"
    clock.now = 60.0  # of which most went into compiling
    finished(1)
    assert trained.now() == "0 of 1 done, epoch 1 of 10"
    clock.now += 4.0
    finished(3)
    assert trained.now() == "0 of 1 done, about 14 s left, epoch 3 of 10"
    finished(10)
    trained.progress.done(jobs)
    assert trained.now() == "1 of 1 done, about 0 s left"


def test_epochs_of_all_threads_count(tmp_path, clock):
    trained = Trained(tmp_path, 4)
    (one, first), (_, second) = trained.begun(0), trained.begun(1)
    first(1)
    trained.now()
    clock.now = 10.0
    first(10)
    second(10)
    trained.progress.done(one)
    assert trained.now() == "1 of 4 done, about 11 s left, epoch 10 of 10"  # 19 epochs in 10 s
    trained.begun(2)
    assert trained.now() == "1 of 4 done, about 11 s left"


def test_a_population_has_as_many_epochs_as_networks(tmp_path, clock):
    trained = Trained(tmp_path, 6)
    _, finished = trained.begun(0, 1, 2)
    finished(1)
    trained.now()
    clock.now = 5.0
    finished(6)
    assert trained.now() == "0 of 6 done, about 14 s left, epoch 6 of 10"


def test_what_is_in_the_store_makes_nothing_faster(tmp_path, clock):
    trained = Trained(tmp_path, 4)
    for number in (0, 1):
        trained.progress.passed_over(trained.cases[number])
    assert trained.now() == "2 of 4 done"
    _, finished = trained.begun(2)
    finished(1)
    trained.now()
    clock.now = 3.0
    finished(4)
    assert trained.now() == "2 of 4 done, about 16 s left, epoch 4 of 10"


def test_where_whole_networks_are_reported_their_time_counts_from_the_start(tmp_path, clock):
    """As by a cluster."""
    trained = Trained(tmp_path, 4)
    jobs, _ = trained.begun(0)
    trained.begun(1)
    clock.now = 20.0
    trained.progress.done(jobs)
    trained.begun(2)
    assert trained.now() == "1 of 4 done, about 60 s left"


@pytest.mark.usefixtures("impatient")
def test_it_is_told_while_a_network_is_trained(tmp_path, monkeypatch):
    small.slow_trainings(monkeypatch)
    told = []
    models([small.wired(0, training=Training(epochs=6))], small.bench(tmp_path, told.append))
    assert any(" left, epoch " in text and text.startswith(f"{STAGE}0 of 1 done") for text in told)


@pytest.mark.usefixtures("impatient")
def test_both_kinds_of_training_are_told_to_their_end(tmp_path):
    told = []
    bench = small.bench(tmp_path, told.append)
    models([small.retraining(0), small.retraining(1)], bench)
    for what in ("training", "retraining"):
        texts = [text for text in told if text.startswith(f"{what} rnn_tanh networks, published: ")]
        assert texts[-1].endswith("2 of 2 done, about 0 s left")
