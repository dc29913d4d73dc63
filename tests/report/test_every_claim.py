"""One row for every claim, judged under both semantics, measured or not."""

from collections import Counter
from dataclasses import replace

import pytest

from sparsebench.experiments.capacity.report_items import RecallItem
from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import by_item, claims_table
from sparsebench.experiments.random_wiring.table import contrasts_table
from sparsebench.harness.task_profiles import THESIS
from sparsebench.parts.records import Record
from sparsebench.report.every_claim import by_chance, count_verdicts, every_claim, true_of
from sparsebench.report.measured import Measured
from sparsebench.values.identity import canonical, digest, restore
from tests.experiments.graph_statistics.analyses import every_correlation, every_prediction
from tests.judging.records import records
from tests.report import made_up


def judged(records):
    return every_claim(Measured(tuple(records)))


def row_of(rows, item_id, statement=""):
    (row,) = [row for row in rows if row.item.id == item_id and row.statement.startswith(statement)]
    return row


def test_all_claims_have_a_row_even_without_a_record():
    rows = judged([])
    assert Counter(row.experiment for row in rows)["randomly wired"] == 12
    assert {row.verdict("published") for row in rows} == {"not measured"}
    assert len({(row.experiment, row.item.id, row.statement) for row in rows}) == len(rows)


def test_a_claim_is_judged_under_both_semantics():
    measured = made_up.pruned(times=2) + made_up.pruned(
        percents=[80], semantics="corrected", times=2
    )
    for record in measured[-6:]:
        record.metrics["accuracy"] = 0.5
    row = row_of(judged(measured), "gru-both-p80", "accuracy holds")
    assert (row.verdict("published"), row.verdict("corrected")) == ("holds", "contradicted")
    assert row.verdicts["published"].measured == [0.99, 1.0, 0.995] * 2
    assert (row.low, row.high, row.source) == (0.99, 1, "fig 6.11")


def test_verdicts_are_those_that_the_other_tables_tell():
    measured = made_up.base_models() + made_up.pruned() + made_up.wired() + made_up.wired("lstm")
    others = [verdict for _, verdict in claims_table(by_item(measured))] + contrasts_table(measured)
    ours = [row.verdicts["published"] for row in judged(measured) if row.verdicts]
    told = {(each.statement, each.verdict, tuple(each.measured)) for each in ours if each.measured}
    assert told == {(each.statement, each.verdict, tuple(each.measured)) for each in others}


@pytest.mark.parametrize("turned", [False, True])
def test_the_longest_training_again_counts(turned):
    measured = made_up.trained_again(2, models=6) + made_up.trained_again(10, models=6)
    for record in measured[:6]:
        record.history["test_accuracy"] = [0.5, 0.5]
    row = row_of(judged(measured[::-1] if turned else measured), "gru-both-p90", "accuracy reg")
    assert row.verdict("published") == "holds"


def test_strings_in_the_network_s_own_order_count_before_others():
    measured = made_up.trained_again(2, models=6) + made_up.trained_again(10, models=6, order=7)
    for record in measured[6:]:
        record.history["test_accuracy"] = [0.5] * 10
    assert row_of(judged(measured), "gru-both-p90", "accuracy reg").verdict("published") == "holds"


def test_differences_below_a_threshold_are_judged():
    rows = [
        row for row in judged(made_up.thresholds(models=6)) if row.experiment == "below a threshold"
    ]
    assert [row.verdict("published") for row in rows] == ["contradicted", "holds"]


def test_contrasts_take_all_the_graphs_that_there_are():
    row = row_of(judged(made_up.wired(graphs=4)), "gru", "gru: Watts-Strogatz above")
    assert row.experiment == "randomly wired"
    assert len(row.verdicts["published"].measured) == 4


def test_a_seed_that_is_out_of_reach_costs_nothing():
    far = made_up.wired(graphs=2)
    case = restore(far[0].case)
    case = replace(case, seed=10**15, graph=replace(case.graph, seed=10**15))
    far[0].case, far[0].digest = canonical(case), digest(case)
    row = row_of(judged(far), "gru", "gru: Watts-Strogatz above")
    assert len(row.verdicts["published"].measured) == 1


def test_other_criteria_are_no_evidence():
    item = PruningItem("gru", "both", 80, criterion="random")
    rows = judged(records(item, [0.5, 0.5, 0.5]))
    assert count_verdicts(rows, "published")["not measured"] == len(rows)


def test_verdicts_are_counted():
    counts = count_verdicts(judged(made_up.pruned(times=2)), "published")
    assert list(counts) == ["holds", "contradicted", "open", "not measured"]
    assert counts["holds"] == 3


def test_statements_about_analyses_are_claims_too():
    items = [CorrelationItem("gru"), CorrelationItem("gru", 40, "corrected")]
    rows = judged([every_correlation(item) for item in items])
    of_nodes = [row for row in rows if row.statement.startswith("nodes:")]
    assert [(row.experiment, row.item) for row in of_nodes] == [("correlated", items[0])]
    (nodes,) = of_nodes
    assert (nodes.low, nodes.high, nodes.source) == (0.0, 1.0, "table 6.4")
    assert {name: verdict.verdict for name, verdict in nodes.verdicts.items()} == {
        "published": "pass",
        "corrected": "pass",
    }


def test_predictions_are_judged_by_the_largest_number_of_splits():
    items = [PredictionItem("gru", 5), PredictionItem("gru", 100)]
    rows = judged([record for item in items for record in every_prediction(item)])
    predicted = [row for row in rows if row.experiment == "predicted"]
    assert {row.item for row in predicted} == {items[1]}
    assert {row.verdict("published") for row in predicted} >= {"holds", "contradicted"}
    assert {row.verdict("corrected") for row in predicted} == {"not measured"}


def test_claims_about_tasks_are_judged_under_the_semantics_that_they_speak_of():
    item = RecallItem("gru", THESIS.recall_units, THESIS.recall_epochs)
    measured = [
        Record(
            digest=digest(case),
            experiment="task",
            case=canonical(case),
            metrics={"loss": 0.2 if case.hidden_size < 64 else 0.001, "parameters": 9, "kept": 9},
        )
        for case in item.cases(range(3))
    ]
    rows = [row for row in judged(measured) if row.experiment == "tasks"]
    assert [(row.item, row.published_verdict) for row in rows] == [(item, "holds")] * 2
    assert {row.verdict("published") for row in rows} == {"not measured"}
    assert count_verdicts(rows)["holds"] == 2


def test_how_many_would_be_decided_by_chance_is_a_twentieth_of_those_that_were_judged():
    rows = judged(made_up.pruned(times=2))
    assert by_chance(rows) == (3, pytest.approx(0.15))
    assert by_chance(judged([])) == (0, 0)
    assert true_of(rows[0].verdicts.get("published")) == ""
    assert true_of(row_of(rows, "gru-both-p80", "accuracy holds").verdicts["published"]) == "6 of 6"
