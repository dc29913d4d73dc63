"""What a run finds in the files of its baseline."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.parts import machine
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline
from tests.harness import small
from tests.judging.records import forward, records

ITEM = PruningItem("gru", "both", 90)


def write(path, found):
    write_document(path, Baseline(provenances={}, records=found))


def test_without_files_nothing_is_known(tmp_path):
    bench, (record,) = small.bench(tmp_path), records(ITEM, [0.9])
    assert bench.baseline.records.same_case(record) is None
    assert bench.baseline.records.replicates(record) == []
    assert [
        *bench.baseline.records.of_experiment("pruning"),
        *bench.baseline.records.of_experiment("forward"),
    ] == []


def test_accuracies_and_the_times_of_this_kind_of_machine_are_known(tmp_path):
    bench = small.bench(tmp_path)
    accuracies, times = records(ITEM, [0.9, 0.8]), forward([1.0] * 4)
    write(bench.settings.baseline_path / "pruning.json", accuracies)
    write(bench.baseline.times_path, times)
    write(bench.baseline.times_path.with_name("another-machine.json"), forward([2.0] * 4))
    known = bench.baseline.records
    assert [known.same_case(record) for record in [*accuracies, *times]] == [*accuracies, *times]
    assert [*known.of_experiment("pruning"), *known.of_experiment("forward")] == [
        *accuracies,
        *times,
    ]
    counts = [len(known.replicates(record)) for record in [*accuracies, *times]]
    assert counts == [2, 2, 1, 1, 1, 1]


def test_times_lie_in_a_file_that_is_called_after_the_kind_of_machine(tmp_path):
    bench = small.bench(tmp_path)
    assert (
        bench.baseline.times_path
        == tmp_path / "times" / f"{machine.machine_class(bench.here)}.json"
    )
    on_gpu = small.bench(tmp_path, device="cuda")
    on_gpu.here = machine.provenance(tmp_path, "cuda", "NVIDIA H100 80GB HBM3")
    assert on_gpu.baseline.times_path == tmp_path / "times" / "nvidia-h100-80gb-hbm3.json"


def test_a_damaged_file_of_times_is_named(tmp_path):
    bench = small.bench(tmp_path)
    bench.baseline.times_path.parent.mkdir()
    bench.baseline.times_path.write_text("{")
    with pytest.raises(ValueError, match=r"times.*json: not a sparsebench document"):
        _ = bench.baseline.records


@pytest.mark.parametrize(("minutes", "earlier"), [(0, 0), (59, 0), (61, 4)])
def test_times_of_more_than_an_hour_ago_are_of_an_earlier_run(tmp_path, minutes, earlier):
    bench = small.bench(tmp_path)
    taken = datetime.fromisoformat(bench.here.created) - timedelta(minutes=minutes)
    where = replace(bench.here, created=taken.isoformat(timespec="seconds"))
    times = [replace(record, provenance="there") for record in forward([1.0] * 4)]
    bench.baseline.times_path.parent.mkdir(exist_ok=True)
    write_document(bench.baseline.times_path, Baseline(provenances={"there": where}, records=times))
    assert len(bench.baseline.records.earlier) == earlier
