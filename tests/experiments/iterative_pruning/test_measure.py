"""A round is measured with the rounds before it, from a store or trained now, together or alone."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.iterative_pruning.measure import passes
from sparsebench.experiments.iterative_pruning.network import made_from
from sparsebench.harness.forward_passes import forward_passes
from sparsebench.harness.measuring import measure
from sparsebench.harness.trained_models import model_of, network_of, request
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.values.tasks import Recall
from tests.experiments.iterative_pruning import tiny
from tests.harness import small


def test_a_record_says_what_was_before_and_what_is_left(tmp_path):
    bench, case = small.bench(tmp_path), tiny.rounds(50, 75)
    record = measure(case, bench)
    check_complete(record)
    check_finite(record)
    original = model_of(case.original, bench).training
    before = measure(case.network, bench)
    assert record.experiment == "iterative_pruning"
    assert record.metrics["accuracy_original"] == original.metrics["accuracy"]
    assert record.metrics["accuracy_trained"] == before.metrics["accuracy"]
    assert record.pruned_from == before.weights
    assert record.metrics["density"] == pytest.approx(0.25, abs=0.01)
    assert record.metrics["kept"] == before.metrics["kept"] / 2
    assert record.metrics["round"] == 2
    assert record.metrics["accuracy"] == record.history["test_accuracy"][-1]


def test_each_network_is_trained_once_and_is_what_it_would_be_alone(tmp_path, noted):
    cases = [
        tiny.rounds(*percents, network=tiny.original(seed), start=start)
        for start in ("rewound", "new")
        for percents in ((50,), (50, 75))
        for seed in range(2)
    ]
    bench = small.bench(tmp_path)
    request(cases, bench)
    assert noted == []
    measured = [measure(case, bench) for case in cases]
    originals, early = 2, 2
    assert sum(map(len, noted)) == originals + early + len(cases)
    for case, record in zip(cases, measured, strict=True):
        alone = measure(case, small.bench(tmp_path / f"alone{cases.index(case)}"))
        assert (alone.weights, alone.metrics) == (record.weights, record.metrics)


def test_what_is_in_the_store_is_not_trained_again(tmp_path, noted):
    case = tiny.rounds(50, 75)
    first = measure(case, small.bench(tmp_path))
    noted.clear()
    again = measure(case, small.bench(tmp_path))
    assert noted == []
    assert (again.weights, again.metrics) == (first.weights, first.metrics)
    measure(replace(case, network=case, percent=80), small.bench(tmp_path))
    assert noted == [[0]]


def test_all_that_a_round_is_made_from_is_wanted_before_it(tmp_path):
    bench, case = small.bench(tmp_path), tiny.rounds(50, 75)
    request([case], bench)
    wanted = list(bench.requested.cases)
    assert wanted[-1] == case
    assert {*made_from(case), *made_from(case.network)} < set(wanted)


def test_a_forward_pass_is_timed_beside_a_dense_network_of_the_same_size(tmp_path):
    bench, case = small.bench(tmp_path), tiny.rounds(50, 75)
    timed = passes(case, bench)
    assert timed.dense.layout == network_of(case.original, bench).layout
    assert timed.stacked
    assert timed.density == pytest.approx(0.25, abs=0.01)
    found = forward_passes(case, bench)
    assert np.isfinite(found.batch.network()).all()


def test_forward_passes_over_anything_but_strings_are_refused(tmp_path):
    network = replace(tiny.original(), task=Recall())
    with pytest.raises(TypeError, match="forward passes over Recall are not timed: leave time_for"):
        passes(tiny.rounds(50, network=network), small.bench(tmp_path))


def test_what_a_round_left_can_be_pruned_and_fine_tuned_by_another_method(tmp_path):
    bench, round_ = small.bench(tmp_path), tiny.rounds(50)
    record = measure(FinetuningCase(round_, "both", 50, training=small.RETRAINING), bench)
    left = measure(round_, bench)
    assert record.pruned_from == left.weights
    assert record.metrics["kept"] == left.metrics["kept"] / 2
