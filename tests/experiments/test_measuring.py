"""The gate: what fails an item, what excuses it, and what it says."""

from types import SimpleNamespace

import pytest

from sparsebench.experiments.cells import BaseCell, PruningCell
from sparsebench.experiments.measuring import Measured, judge, measure
from sparsebench.experiments.verdicts import (
    BaselineMissing,
    BaselineMoved,
    ClaimContradicted,
    ContradictionGone,
    ContradictionKnown,
)
from sparsebench.values.case import ConformanceCase
from tests.experiments.records import onset, records
from tests.experiments.settings import settings

CELL = PruningCell("rnn_relu", "both", 70)  # the thesis: at least 0.90
GOOD, BAD, MIXED = [0.95, 0.951, 0.949], [0.6, 0.61, 0.6], [0.95, 0.85, 0.95]


def bench(tmp_path, baseline=(), **chosen):
    known = {record.digest: record for record in baseline}
    return SimpleNamespace(settings=settings(tmp_path, **chosen), baseline=known)


def measured(accuracies, **chosen):
    cases = CELL.cases(range(len(accuracies)))
    return Measured(CELL, cases, records(CELL, accuracies, **chosen))


def test_what_is_as_it_was_passes(tmp_path):
    found = measured(GOOD)
    judge(found, bench(tmp_path, records(CELL, GOOD)))
    assert [(verdict.kind, verdict.verdict) for verdict in found.verdicts] == [
        ("claim", "pass"),
        ("baseline", "pass"),
    ]


def test_a_claim_that_held_in_the_baseline_and_no_longer_does_is_red(tmp_path):
    where = bench(tmp_path, records(CELL, [0.92, 0.99, 0.93]))
    found = measured([0.88, 0.87, 0.86], weights="new")  # no proven drop, but below 0.90
    with pytest.raises(ClaimContradicted, match=r"expected +accuracy holds at 0\.90"):
        judge(found, where)


def test_a_claim_that_the_baseline_contradicts_is_expected_to_fail_with_both_figures(tmp_path):
    with pytest.raises(ContradictionKnown) as known:
        judge(measured(BAD), bench(tmp_path, records(CELL, BAD)))
    assert "thesis, fig 6.7: accuracy holds at 0.90 or more" in str(known.value)
    assert "ours: mean 0.6033" in str(known.value)
    assert "seeds 0, 1, 2" in str(known.value)


def test_a_contradiction_that_is_gone_is_red_until_it_is_accepted(tmp_path):
    where = bench(tmp_path, records(CELL, BAD))
    with pytest.raises(ContradictionGone, match="accept that it holds with --sparsebench-update"):
        judge(measured(GOOD, weights="new"), where)


def test_a_contradiction_that_cannot_be_decided_any_more_is_no_news(tmp_path):
    where = bench(tmp_path, records(CELL, [0.6, 0.61, 0.89]))
    judge(measured([0.6, 0.61, 0.905], weights="new"), where)


def test_a_lost_claim_is_not_hidden_by_a_known_contradiction_of_another(tmp_path):
    cell = BaseCell("lstm")
    cases = cell.cases(range(3))[:3]
    old = records(cell, [1.0, 1.0, 1.0], first_epoch=0.889)
    new = records(cell, [0.985, 0.6, 0.98], first_epoch=0.889, weights="new")
    with pytest.raises(ContradictionKnown):
        judge(Measured(cell, cases, old), bench(tmp_path, old))
    with pytest.raises(ClaimContradicted, match="accuracy is consistently"):
        judge(Measured(cell, cases, new), bench(tmp_path, old))


def test_an_experiment_of_a_cell_that_the_baseline_lacks_is_red(tmp_path):
    """A case whose digest has drifted must not switch its own gate off."""
    cell = BaseCell("gru")
    found = Measured(cell, cell.cases(range(3)), [*records(cell, [1.0] * 3), onset([0.7, 0.6])])
    with pytest.raises(
        BaselineMoved, match="no record of onset in this cell, though it has others"
    ):
        judge(found, bench(tmp_path, records(cell, [1.0] * 3)))


def test_more_seeds_than_the_baseline_has_are_judged_by_those_it_has(tmp_path):
    found = measured([*GOOD, 0.95, 0.95])
    judge(found, bench(tmp_path, records(CELL, GOOD)))
    assert [verdict.verdict for verdict in found.verdicts] == ["pass", "pass"]


def test_a_moved_baseline_is_never_excused_by_a_contradicted_claim(tmp_path):
    with pytest.raises(BaselineMoved, match=r"measured +0\.5900 / 0\.6100 / 0\.6000"):
        judge(measured([0.59, 0.61, 0.6]), bench(tmp_path, records(CELL, BAD)))


def test_a_claim_that_the_baseline_cannot_decide_does_not_gate(tmp_path):
    found = measured([0.85, 0.84, 0.86], weights="new")
    judge(found, bench(tmp_path, records(CELL, MIXED)))
    assert found.verdicts[0].verdict == "fail"


def test_strict_claims_fail_plainly_and_claims_off_are_silent(tmp_path):
    with pytest.raises(ClaimContradicted):
        judge(measured(BAD), bench(tmp_path, records(CELL, BAD), claims="strict"))
    found = measured(BAD)
    judge(found, bench(tmp_path, records(CELL, BAD), claims="off"))
    assert [verdict.kind for verdict in found.verdicts] == ["baseline"]


def test_without_a_baseline_a_contradicted_claim_still_fails(tmp_path):
    with pytest.raises(ClaimContradicted):
        judge(measured(BAD), bench(tmp_path))
    with pytest.raises(
        BaselineMissing, match=r"'thesis' has no records of this cell.*--sparsebench-update"
    ):
        judge(measured(GOOD), bench(tmp_path))


def test_an_update_accepts_what_moved(tmp_path):
    judge(measured(BAD), bench(tmp_path, records(CELL, GOOD), update=True))
    with pytest.raises(ClaimContradicted):
        judge(measured(BAD), bench(tmp_path, update=True, claims="strict"))


def test_records_of_no_cell_cannot_be_judged(tmp_path):
    with pytest.raises(TypeError, match="belong to no cell"):
        judge(Measured(None), bench(tmp_path))


def test_a_case_that_needs_somebodys_files_is_not_measured_from_a_bench(tmp_path):
    with pytest.raises(TypeError, match="ConformanceCase"):
        measure(ConformanceCase("gru", "both", 10, "w", "s"), bench(tmp_path))
