"""On a GPU, networks are trained as large populations; here these run on the CPU all the same."""

import msgspec
import pytest

from sparsebench.engines import population_training
from sparsebench.harness import executors as workers
from sparsebench.harness.trained_models import model_of, request
from sparsebench.parts.graphs import FAMILIES
from sparsebench.parts.records import Commit, Provenance
from sparsebench.values.numerics import NUMERICS
from tests.harness import small
from tests.harness.small import models

PROVENANCE = Provenance(
    commit=Commit(),
    created="",
    cpu="",
    gpu="a GPU",
    device="cuda",
    threads=1,
    python="",
    torch="",
    numpy="",
    code="",
)


@pytest.fixture
def on_gpu(monkeypatch, noted):
    """A bench that is told of a GPU, whose populations run on the CPU all the same."""
    note_and_train = population_training.train_population

    def train(starts, dataset, training, readout, device, *others):
        return note_and_train(starts, dataset, training, readout, "cpu", *others)

    monkeypatch.setattr(population_training, "train_population", train)

    def bench(folder):
        made = small.bench(folder, device="cuda")
        made.here = PROVENANCE
        return made

    return bench


def test_on_a_gpu_all_that_is_not_in_the_store_is_one_population(tmp_path, on_gpu, noted):
    cases = [small.wired(seed) for seed in range(4)]
    bench = on_gpu(tmp_path)
    model_of(cases[2], bench)
    assert models(cases, bench) == models(cases, on_gpu(tmp_path))
    assert noted == [[2], [0, 1, 3]]
    records = models([small.retraining(0), small.retraining(1)], bench)
    assert noted[2:] == [[0, 1]]
    assert all("a_GPU" in path.name for path in tmp_path.iterdir())
    cpu = small.bench(tmp_path / "cpu")
    on_cpu = models([small.retraining(0), small.retraining(1)], cpu)
    assert records == [msgspec.structs.replace(record, numerics="") for record in on_cpu]


def test_on_a_cpu_alone_records_name_the_arithmetic_whose_bits_they_have(tmp_path, on_gpu):
    cases = [small.wired(0), small.retraining(0)]
    here, there = small.bench(tmp_path / "cpu"), on_gpu(tmp_path / "gpu")
    assert [record.numerics for record in models(cases, here)] == [NUMERICS] * 2
    assert [record.numerics for record in models(cases, there)] == [""] * 2


@pytest.mark.usefixtures("impatient")
def test_on_a_gpu_large_groups_are_kept_part_by_part(tmp_path, on_gpu, noted, monkeypatch):
    monkeypatch.setitem(workers.AT_ONCE, "cuda", 3)
    small.slow_trainings(monkeypatch)

    def ctrl_c(text):
        if len(noted) == 2:
            raise KeyboardInterrupt

    cases = [small.wired(seed) for seed in range(5)]
    bench = on_gpu(tmp_path)
    bench.progress = ctrl_c
    request(cases, bench)
    with pytest.raises(KeyboardInterrupt):
        model_of(cases[0], bench)
    assert noted == [[0, 1, 2], [3, 4]]
    models(cases, on_gpu(tmp_path))
    assert sorted(seed for seeds in noted[2:] for seed in seeds) == [3, 4]


def test_on_a_gpu_a_network_that_cannot_be_made_fails_alone(tmp_path, on_gpu, noted, monkeypatch):
    monkeypatch.setitem(FAMILIES, "broken", small.broken_for_seed_1(ValueError))
    cases = [small.wired(seed, family="broken") for seed in range(3)]
    bench = on_gpu(tmp_path)
    request(cases, bench)
    model_of(cases[0], bench)
    assert noted == [[0, 2]]
    with pytest.raises(ValueError, match="not this one"):
        model_of(cases[1], bench)
