"""Claims about rounds are listed with the verdicts of the measured ones."""

from dataclasses import replace

from sparsebench.experiments.iterative_pruning.claim_rows import claim_rows
from sparsebench.experiments.iterative_pruning.items import WORK
from sparsebench.report.every_claim import count_verdicts, every_claim
from sparsebench.report.measured import Measured
from tests.experiments.iterative_pruning.records import SECOND, of_round

BETTER = {"rewound": [0.9] * 6, "new": [0.8] * 6, "once": [0.95] * 6}


def rows(records):
    return claim_rows(Measured(tuple(records)))


def test_without_records_the_quick_profile_s_rounds_have_rows():
    found = rows([])
    rounds = len(WORK["quick"].variants) * len(WORK["quick"].percents)
    assert len(found) == 2 * rounds - len(WORK["quick"].variants)  # the first has one claim
    assert set(count_verdicts(found).items()) >= {("not measured", len(found)), ("holds", 0)}


def test_a_measured_round_is_judged_under_the_semantics_that_it_has():
    found = [row for row in rows(of_round(SECOND, BETTER)) if row.item == SECOND]
    assert [row.published_verdict for row in found] == ["holds", "contradicted"]
    assert {row.verdict("published") for row in found} == {"not measured"}
    everything = every_claim(Measured(tuple(of_round(SECOND, BETTER))))
    assert all(row in everything for row in found)


def test_the_longest_training_of_a_round_counts():
    longer = replace(SECOND, epochs=SECOND.epochs + 1)
    found = rows([*of_round(longer, BETTER), *of_round(SECOND, BETTER)])
    assert {row.item for row in found if row.item.id == SECOND.id} == {longer}


def test_networks_of_another_size_are_left_out():
    measured = of_round(SECOND, BETTER)
    for record in measured:
        network = record.case
        while "hidden_size" not in network:
            network = network["network"]
        network["hidden_size"] = 5
    assert count_verdicts(rows(measured))["not measured"] == len(rows([]))
