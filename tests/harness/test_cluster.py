"""A cluster trains what this process would, to the bit, and loses nothing when parts of it die."""

import shutil
import time
from dataclasses import replace
from threading import Thread

import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness import executors as workers
from sparsebench.harness.jobs import ClusterLost
from sparsebench.harness.trained_models import model_of, request
from sparsebench.parts.code_digest import PACKAGE
from sparsebench.parts.labelled_texts import corpus_task
from sparsebench.parts.own_data import own_data
from sparsebench.parts.texts import text_task
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import PUBLISHED
from sparsebench.values.tasks import RandomLabels
from tests.harness import small
from tests.harness.own_tasks import Parity, SumAndMost
from tests.harness.small import models

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'sparsebench[dask]'")

import distributed

from tests.harness.dask_cluster import Cluster

BASE = BaseCase(
    Architecture("rnn_tanh", layers=2, hidden_size=5), 3, PUBLISHED, small.TRAINING, small.DATA
)
LONG = replace(small.TRAINING, epochs=400)


@pytest.fixture(autouse=True)
def _clients_closed(monkeypatch):
    """Of a scheduler that is gone, a client would look for it until the process ends."""
    made = []

    class Noted(distributed.Client):
        def __init__(self, *arguments, **options):
            made.append(self)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(distributed, "Client", Noted)
    yield
    for client in made:
        client.close(timeout=1)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two workers that no test kills."""
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


@pytest.fixture
def mortal(tmp_path):
    """Two workers for one test."""
    made = Cluster(tmp_path / "cluster")
    yield made
    made.close()


def kept(bench):
    return sorted(path.stem for path in bench.settings.store.glob("*/*.json"))


def wait_for(what):
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_cluster_gives_the_records_of_this_process_bit_for_bit(tmp_path, cluster):
    cases = [small.wired(seed) for seed in range(8)]
    cases += [small.wired(seed, "lstm") for seed in range(2)]
    cases += [small.retraining(seed) for seed in range(4)]
    cases += [FinetuningCase(BASE, "both", 70, training=small.RETRAINING)]
    here, there = (
        small.bench(tmp_path / "here"),
        small.bench(tmp_path / "there", scheduler=cluster.address),
    )
    assert models(cases, there) == models(cases, here)
    weights = [*here.settings.store.glob("*/*.safetensors")]
    assert weights
    for mine in weights:
        theirs = there.settings.store / mine.relative_to(here.settings.store)
        assert theirs.read_bytes() == mine.read_bytes()


def test_what_a_cluster_trained_tells_who_asked_and_who_did(tmp_path, cluster):
    bench = small.bench(tmp_path, scheduler=cluster.address)
    model = model_of(small.wired(0), bench)
    assert model.trained.commit == bench.here.commit
    assert model.trained.cpu == bench.here.cpu
    assert (model.trained.threads, model.trained.device) == (1, "cpu")


def test_workers_read_texts_and_data_of_a_users_that_lie_where_they_cannot(tmp_path, cluster):
    path, folder, table = tmp_path / "mine.txt", tmp_path / "mail", tmp_path / "own.csv"
    table.write_text("x\n" + "1\n2\n4\n" * 9, encoding="utf-8")
    path.write_text("all work and no play " * 20, encoding="utf-8")
    for name in ("a/1", "a/2", "b/1", "b/2"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.txt").write_text(f"it is {name}", encoding="utf-8")
    tasks = [text_task(path, window=10), corpus_task(f"mail={folder}"), text_task("declaration")]
    tasks.append(own_data(table, "forecast", answers="x", window=2))
    path.unlink()
    table.unlink()
    shutil.rmtree(folder)
    cases = [
        TaskCase("rnn_tanh", task, seed, 4, training=small.RETRAINING)
        for task in tasks
        for seed in range(2)
    ]
    here = models(cases, small.bench(tmp_path / "here"))
    assert models(cases, small.bench(tmp_path / "there", scheduler=cluster.address)) == here


def test_workers_make_the_examples_of_another_project_s_task_that_they_can_import(
    tmp_path, cluster
):
    cases = [
        TaskCase("rnn_tanh", task, seed, 4, training=small.RETRAINING)
        for task in (Parity(), SumAndMost())
        for seed in range(2)
    ]
    here = models(cases, small.bench(tmp_path / "here"))
    assert models(cases, small.bench(tmp_path / "there", scheduler=cluster.address)) == here


def test_a_network_that_overflows_on_a_worker_fails_alone(tmp_path, cluster):
    training = replace(small.TRAINING, learning_rate=1e30, clip_norm=1e30)
    bad, good = small.wired(0, "rnn_relu", training=training), small.wired(1)
    bench = small.bench(tmp_path, scheduler=cluster.address)
    request([bad, good], bench)
    with pytest.raises(ValueError, match="NaN or infinite"):
        model_of(bad, bench)
    model_of(good, bench)


def test_a_killed_worker_costs_nothing_but_time(tmp_path, mortal):
    cases = [small.wired(seed, training=LONG) for seed in range(6)]
    bench = small.bench(tmp_path / "there", scheduler=mortal.address)
    killing = Thread(target=lambda: (wait_for(lambda: kept(bench)), mortal.kill(mortal.workers[0])))
    killing.start()
    found = models(cases, bench)
    killing.join()
    assert mortal.workers[0].poll() is not None
    assert found == models(cases, small.bench(tmp_path / "here", threads=2))


def test_a_killed_scheduler_ends_the_run_and_the_next_goes_on(tmp_path, mortal, noted, monkeypatch):
    monkeypatch.setattr(workers, "_SECONDS_TO_CONNECT", 2)
    cases = [small.wired(seed, training=LONG) for seed in range(12)]
    bench = small.bench(tmp_path / "there", scheduler=mortal.address)
    killing = Thread(target=lambda: (wait_for(lambda: kept(bench)), mortal.kill(mortal.scheduler)))
    killing.start()
    with pytest.raises(
        ClusterLost, match="finished networks are cached; start it again and repeat"
    ):
        models(cases, bench)
    killing.join()
    finished = kept(bench)
    assert 0 < len(finished) < len(cases)
    found = models(cases, small.bench(tmp_path / "there", threads=2))
    assert len(noted) == len(cases) - len(finished)
    assert found == models(cases, small.bench(tmp_path / "here", threads=2))


def test_nobody_at_the_address_is_said_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "_SECONDS_TO_CONNECT", 1)
    bench = small.bench(tmp_path, scheduler="tcp://127.0.0.1:9")
    with pytest.raises(ClusterLost, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        model_of(small.wired(0), bench)


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("reber.py", small.wired(0)),
        ("random_tasks.py", TaskCase("gru", RandomLabels(40), 0, hidden_size=3)),
    ],
    ids=["reber", "random_tasks"],
)
def test_a_worker_with_other_code_is_refused(tmp_path, name, case):
    shutil.copytree(PACKAGE, tmp_path / "other" / "sparsebench")
    source = tmp_path / "other" / "sparsebench" / "parts" / name
    source.write_text(source.read_text(encoding="utf-8") + "added = 1\n", encoding="utf-8")
    made = Cluster(tmp_path / "cluster", workers=0)
    try:
        made.add_worker(tmp_path / "other")
        bench = small.bench(tmp_path / "store", scheduler=made.address)
        with pytest.raises(ClusterLost, match="a worker of the cluster runs other code"):
            model_of(case, bench)
    finally:
        made.close()
