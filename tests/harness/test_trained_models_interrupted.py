"""Networks that are trained together survive Ctrl-C and kills, and are shared among processes."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from sparsebench.engines import population_training
from sparsebench.harness.cache import store_of
from sparsebench.harness.trained_models import model_of, network_of, request
from sparsebench.parts.store import Store
from tests.harness import small, training_process
from tests.harness.small import models

ROOT = Path(__file__).parents[2]


def results(bench, cases):
    """What a store holds of each case, without the circumstances; None if nothing."""
    found = []
    for case in cases:
        network = network_of(case, bench)
        known = store_of(case, bench).load(network.name, network.layout)
        found.append(known and known[0].record)
    return found


# Being stopped


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("between", ["epochs", "steps"])
@pytest.mark.usefixtures("impatient")
def test_ctrl_c_stops_between_two_epochs_or_steps_and_keeps_what_was_finished(
    tmp_path, noted, between, threads
):
    note_and_train = population_training.train_population

    def endless_but_for_seed_0(starts, *arguments):
        *_, on_epoch, _, between_steps = arguments
        if starts[0].seed > 0:
            for epoch in range(500):
                time.sleep(0.01)
                on_epoch(epoch) if between == "epochs" else between_steps()
        return note_and_train(starts, *arguments)

    def ctrl_c(text):
        if noted and ": 1 of " in text:
            raise KeyboardInterrupt

    cases = [small.wired(seed) for seed in range(4)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population_training, "train_population", endless_but_for_seed_0)
        bench = small.bench(tmp_path, ctrl_c, threads=threads)
        request(cases, bench)
        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            model_of(cases[0], bench)
        assert time.monotonic() - begin < 5
    assert not bench.requested.failures
    assert [found is not None for found in results(bench, cases)] == [True, False, False, False]
    models(cases, small.bench(tmp_path))
    assert sorted(noted) == [[0], [1], [2], [3]]


@pytest.mark.usefixtures("impatient")
def test_ctrl_c_does_not_wait_for_another_process(tmp_path):
    told, interrupted = [], Event()

    def ctrl_c(text):
        told.append(text)
        if len(told) > 5:
            raise KeyboardInterrupt

    bench, case = small.bench(tmp_path, ctrl_c), small.wired(0)

    def ask():
        with pytest.raises(KeyboardInterrupt):
            model_of(case, bench)
        interrupted.set()

    asking = Thread(target=ask, daemon=True)
    with store_of(case, bench).training(network_of(case, bench).name):
        asking.start()
        assert interrupted.wait(5)


# Several processes


@pytest.mark.parametrize("kept", [True, False], ids=["finished", "died"])
@pytest.mark.usefixtures("impatient")
def test_what_another_process_trains_is_waited_for_last(tmp_path, noted, kept):
    """Or trained here, where the other one ends without keeping it."""
    cases = [small.wired(seed) for seed in range(3)]
    expected = models(cases, small.bench(tmp_path / "elsewhere"))
    noted.clear()
    bench = small.bench(tmp_path / "here")
    name = network_of(cases[0], bench).name
    elsewhere = [
        store_of(cases[0], small.bench(tmp_path / each)).folder for each in ("here", "elsewhere")
    ]

    def other_process(holding):
        with Store(*folder_of(bench, cases[0])).training(name):
            holding.set()
            until = time.monotonic() + 10
            while len(noted) < 2 and time.monotonic() < until:
                time.sleep(0.01)
            if kept:
                for suffix in (".safetensors", ".json"):
                    here, there = (folder / f"{name}{suffix}" for folder in elsewhere)
                    shutil.copy(there, here)

    holding = Event()
    other = Thread(target=other_process, args=[holding], daemon=True)
    other.start()
    assert holding.wait(10)
    request(cases, bench)
    assert model_of(cases[0], bench).training == expected[0]
    other.join(10)
    assert noted == ([[1], [2]] if kept else [[1], [2], [0]])


def folder_of(bench, case):
    folder = store_of(case, bench).folder
    return folder.parent, folder.name


def process(store, log, kind, seeds, epochs):
    module = "tests.harness.training_process"
    arguments = [str(store), str(log), kind, str(seeds), str(epochs)]
    return subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT)


def test_two_processes_share_a_store_and_train_nothing_twice(tmp_path, noted):
    cases, log = training_process.requested("wired", 8, 200), tmp_path / "log"
    other = process(tmp_path, log, "wired", 8, 200)
    while not list(tmp_path.glob("*/*.lock")):
        assert other.poll() is None
        time.sleep(0.002)
    records = models(cases, small.bench(tmp_path, threads=2))
    assert other.wait(60) == 0
    trained = [*map(int, log.read_text().split()), *(seed for (seed,) in noted)]
    assert sorted(trained) == list(range(8))
    assert [record.case["seed"] for record in records] == list(range(8))


@pytest.mark.parametrize("kind", ["base", "wired"])
def test_a_killed_run_goes_on_with_what_it_had_not_finished_and_ends_at_the_same_weights(
    tmp_path, noted, kind
):
    seeds, epochs = 6, 200
    cases = training_process.requested(kind, seeds, epochs)
    killed = process(tmp_path, tmp_path / "log", kind, seeds, epochs)
    while not list(tmp_path.glob("*/*.json")):
        assert killed.poll() is None
        time.sleep(0.002)
    os.kill(killed.pid, signal.SIGKILL)
    assert killed.wait(60) == -signal.SIGKILL
    bench = small.bench(tmp_path, threads=2)
    finished = [
        case.seed for case, found in zip(cases, results(bench, cases), strict=True) if found
    ]
    assert 0 < len(finished) < seeds
    records = models(cases, bench)
    assert sorted(noted) == [[seed] for seed in range(seeds) if seed not in finished]
    undisturbed = models(cases, small.bench(tmp_path / "undisturbed"))
    assert records == undisturbed
