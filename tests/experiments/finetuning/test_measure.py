"""The record of a pruned network that was fine-tuned."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.finetuning.measure import measure
from sparsebench.experiments.random_wiring import measure as wired
from sparsebench.harness import measuring
from sparsebench.harness.trained_models import model_of, network_of
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.parts.weight_files import checksum
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import digest, restore
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.harness import small

BASE = BaseCase(
    Architecture("gru", layers=2, hidden_size=4), 1, PUBLISHED, small.TRAINING, small.DATA
)
NETWORKS = {
    "wired": small.wired(2, "gru", "watts_strogatz", vertices=9),
    "corrected": small.wired(2, "gru", "watts_strogatz", vertices=9, semantics=CORRECTED),
    "stacked": BASE,
}


@pytest.fixture(params=NETWORKS)
def case(request):
    return FinetuningCase(NETWORKS[request.param], "both", 60, training=small.RETRAINING)


def recurrent(weights):
    return {name: array for name, array in weights.items() if name.endswith((".i2h", ".h2h"))}


def test_a_record_is_complete_finite_and_of_its_case(tmp_path, case):
    bench = small.bench(tmp_path)
    record = measure(case, bench)
    check_complete(record)
    check_finite(record)
    assert (record.digest, record.experiment) == (digest(case), "retraining")
    assert restore(record.case) == case
    assert measuring.measure(case, bench) == record


def test_it_tells_accuracies_of_the_trained_the_pruned_and_the_retrained_network(tmp_path, case):
    bench = small.bench(tmp_path)
    record = measure(case, bench)
    trained = model_of(case.network, bench)
    metrics, history = record.metrics, record.history
    assert metrics["accuracy_trained"] == trained.training.metrics["accuracy"]
    assert metrics["accuracy"] == history["test_accuracy"][-1]
    assert len(history["test_accuracy"]) == small.RETRAINING.epochs
    assert metrics["strings"] == 40
    assert record.pruned_from == checksum(trained.weights) == trained.training.weights
    assert record.weights == checksum(model_of(case, bench).weights) != record.pruned_from


@pytest.mark.parametrize("target", ["i2h", "h2h", "both"])
def test_what_is_kept_is_counted_one_by_one(tmp_path, case, target):
    """None of the trained numbers is zero by chance."""
    chosen, bench = replace(case, target=target), small.bench(tmp_path)
    metrics = measure(chosen, bench).metrics
    weights, trained = model_of(chosen, bench).weights, model_of(case.network, bench).weights
    kept = {name: np.count_nonzero(array) for name, array in recurrent(weights).items()}
    had = {name: np.count_nonzero(array) for name, array in recurrent(trained).items()}
    assert metrics["kept"] == sum(kept.values())
    assert metrics["density"] == sum(kept.values()) / sum(had.values())
    assert metrics["parameters"] == sum(map(np.count_nonzero, weights.values()))
    pruned = {name for name in had if target == "both" or name.endswith(target)}
    assert all(kept[name] == had[name] for name in had if name not in pruned)
    left = sum(kept[name] for name in pruned) / sum(had[name] for name in pruned)
    assert left == pytest.approx(0.4, abs=0.02)


def test_a_pruned_readout_stays_pruned_and_is_no_recurrent_weight(tmp_path, case):
    chosen, bench = replace(case, target="readout"), small.bench(tmp_path)
    metrics = measure(chosen, bench).metrics
    before, after = model_of(case.network, bench).weights, model_of(chosen, bench).weights
    mask = network_of(chosen, bench).masks["readout.weight"]
    assert 0.3 <= mask.mean() <= 0.5
    assert np.array_equal(after["readout.weight"] != 0, mask)
    assert (after["readout.weight"] != before["readout.weight"])[mask].all()
    assert metrics["density"] == 1
    assert metrics["parameters"] == sum(map(np.count_nonzero, after.values()))


def test_a_pruned_embedding_is_not_fine_tuned(case):
    with pytest.raises(ValueError, match="target 'embedding' cannot be fine-tuned: the engine"):
        replace(case, target="embedding")


def test_pruned_weights_are_zero_after_training_and_absent_edges_stay_absent(tmp_path, case):
    bench = small.bench(tmp_path)
    before = network_of(case.network, bench).masks
    masks, weights = network_of(case, bench).masks, model_of(case, bench).weights
    assert set(masks) == set(recurrent(weights))
    for name, mask in masks.items():
        assert np.array_equal(weights[name] != 0, mask)
        assert not (mask & ~before.get(name, mask)).any()


def test_without_pruning_the_network_goes_on_from_where_it_was(tmp_path, case):
    metrics = measure(replace(case, percent=0), small.bench(tmp_path)).metrics
    assert metrics["density"] == 1
    assert metrics["accuracy_before"] == metrics["accuracy_trained"]


def test_at_100_percent_the_published_rule_leaves_one_weight_and_the_corrected_none(tmp_path):
    for name, left in (("wired", 1), ("corrected", 0), ("stacked", 1)):
        case = FinetuningCase(NETWORKS[name], "both", 100, training=small.RETRAINING)
        assert measure(case, small.bench(tmp_path)).metrics["kept"] == left


def test_the_network_that_was_pruned_is_the_one_that_is_measured_alone(tmp_path):
    bench = small.bench(tmp_path)
    case = FinetuningCase(NETWORKS["wired"], "h2h", 50, training=small.RETRAINING)
    record, alone = measure(case, bench), wired.measure(case.network, bench)
    assert record.pruned_from == alone.weights
    assert record.metrics["accuracy_trained"] == alone.metrics["accuracy"]


@pytest.mark.parametrize("target", ["i2h", "h2h", "both"])
def test_below_a_threshold_all_trained_weights_of_the_target_go_and_no_others(
    tmp_path, case, target
):
    chosen = replace(case, percent=None, threshold=0.2, target=target)
    bench = small.bench(tmp_path)
    metrics = measure(chosen, bench).metrics
    trained = model_of(case.network, bench).weights
    before, after = network_of(case.network, bench).masks, network_of(chosen, bench).masks
    left = had = 0
    for name, array in recurrent(trained).items():
        there = before.get(name, np.ones(array.shape, np.bool_))
        pruned = target == "both" or name.endswith(target)
        expected = there & (np.abs(array) >= np.float32(0.2)) if pruned else there
        assert np.array_equal(after.get(name, there), expected)
        left, had = left + expected.sum(), had + there.sum()
    assert 0 < left < had
    assert (metrics["kept"], metrics["density"]) == (left, left / had)


def test_a_threshold_below_all_weights_prunes_nothing(tmp_path, case):
    chosen = replace(case, percent=None, threshold=1e-30)
    metrics = measure(chosen, small.bench(tmp_path)).metrics
    assert metrics["density"] == 1
    assert metrics["accuracy_before"] == metrics["accuracy_trained"]


def test_after_a_threshold_above_all_weights_biases_are_left_to_train(tmp_path, case):
    chosen, bench = replace(case, percent=None, threshold=1e6), small.bench(tmp_path)
    record = measure(chosen, bench)
    check_finite(record)
    assert record.metrics["kept"] == 0
    assert not any(array.any() for array in recurrent(model_of(chosen, bench).weights).values())
