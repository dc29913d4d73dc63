"""Pruned readouts and embeddings beside the thesis's targets."""

import pytest

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.measure import measure, pruned_model
from sparsebench.experiments.pruning.other_targets import COMMAND, markdown
from sparsebench.experiments.pruning.points import points
from sparsebench.experiments.pruning.section import pruning_section
from sparsebench.report.measured import Measured
from tests.engines.torch_evaluation import evaluate_weights
from tests.harness import small
from tests.judging.records import records
from tests.report.reading import rows

FOUND = [
    *records(PruningItem("gru", "readout", 50), [1.0, 0.9]),
    *records(PruningItem("gru", "embedding", 90, "corrected"), [0.5, 0.7]),
]


@pytest.mark.parametrize("target", ["readout", "embedding"])
@pytest.mark.parametrize("percent", [50, 90])
def test_the_record_counts_the_target_s_weights_and_all_recurrent_ones_are_left(
    tmp_path, target, percent
):
    case, bench = PruningCase(small.base(0, "gru"), target, percent), small.bench(tmp_path)
    metrics, masks = measure(case, bench).metrics, pruned_model(case, bench).masks
    assert metrics["prunable"] == {"readout": 10, "embedding": 640}[target]
    assert metrics["kept"] == sum(mask.sum() for mask in masks.values())
    assert metrics["kept"] == pytest.approx(metrics["prunable"] * (1 - percent / 100), abs=1)
    assert metrics["density"] == 1


@pytest.mark.parametrize("target", ["readout", "embedding"])
def test_torch_gives_the_same_accuracy_and_loss(tmp_path, target):
    case, bench = PruningCase(small.base(0, "lstm"), target, 70), small.bench(tmp_path)
    metrics, timed = measure(case, bench).metrics, pruned_model(case, bench).timed
    strings = bench.dataset(case.base.data).test
    theirs = evaluate_weights(
        case.base.architecture, timed.weights, timed.readout, strings, 20, "cpu"
    )
    assert metrics["accuracy"] == theirs.accuracy
    assert metrics["loss"] == pytest.approx(theirs.loss, rel=1e-5)


def test_the_report_shows_them_in_a_figure_of_their_own():
    section = pruning_section(Measured(tuple(FOUND)))
    found = rows(section, "accuracy-by-percent-others-numbers")
    assert [(row["variant"], row["pruned"], row["semantics"], row["mean"]) for row in found] == [
        ("GRU", "readout", "published", "0.9500"),
        ("GRU", "embedding", "corrected", "0.6000"),
    ]
    assert not any(COMMAND in each.command for each in section.missing)
    without = pruning_section(Measured(tuple(records(PruningItem("gru", "both", 50), [1.0]))))
    assert any(each.command == COMMAND for each in without.missing)


def test_the_page_has_a_row_for_each_variant():
    assert len(markdown([])) == 1
    first, second = markdown(FOUND)[1].splitlines()[2:]
    assert first == "| readout | gru | published | 0.950 (0.900-1.000) |  |"
    assert second == "| embedding | gru | corrected |  | 0.600 (0.500-0.700) |"


def test_the_comparison_of_accuracy_and_cost_counts_recurrent_weights_only():
    found = records(PruningItem("gru", "readout", 50), [1.0])
    recurrent = records(PruningItem("gru", "both", 50), [1.0])
    for record in (*found, *recurrent):
        record.metrics["prunable"] = 100
    (point,) = points(Measured((*found, *recurrent)))
    assert point.what == "both"
