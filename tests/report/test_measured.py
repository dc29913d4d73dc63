"""Records are grouped as the sections need them."""

from sparsebench.experiments.graph_statistics.cases import CorrelationCase, PredictionCase
from sparsebench.experiments.random_wiring.items import FourWaysCell, WiredCell
from sparsebench.report.measured import Measured
from tests.judging.records import networks
from tests.report import made_up


def test_of_the_same_pruned_models_the_longest_training_is_shown():
    measured = Measured((*made_up.trained_again(10), *made_up.trained_again(2)))
    ((cell, result),) = measured.longest_regained
    assert cell.epochs == 10
    assert len(result.records) == 3


def test_networks_of_other_protocols_are_not_the_thesis_s():
    other = networks(WiredCell("gru", "watts_strogatz", 0, order="seed"), [0.9])
    four = networks(FourWaysCell("gru", "watts_strogatz", 50, 1), [0.9] * 4)
    measured = Measured((*made_up.wired(graphs=1), *other, *four))
    assert len(measured.wired) == 3
    assert len(measured.thesis_networks) == 2


def test_analyses_are_found_by_their_kind():
    record = made_up.correlation()
    ((case, found),) = Measured((record, made_up.prediction())).analyses(
        "correlation", CorrelationCase
    )
    assert found is record
    assert case.variant == "gru"


def test_the_most_splits_of_a_prediction_come_last():
    found = [made_up.prediction(splits=splits) for splits in (200, 5, 10)]
    analyses = Measured(tuple(found)).analyses("prediction", PredictionCase)
    assert [case.splits for case, _ in analyses] == [5, 10, 200]
