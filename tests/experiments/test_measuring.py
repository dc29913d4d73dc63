"""The gate: what fails an item, what excuses it, and what it says."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from sparsebench.experiments.cells import PruningCell
from sparsebench.experiments.measuring import Measured, expected_contradictions, judge, measure
from sparsebench.experiments.settings import Settings
from sparsebench.experiments.verdicts import BaselineMissing, BaselineMoved, ClaimContradicted
from sparsebench.values.case import ConformanceCase
from tests.experiments.records import records

CELL = PruningCell("rnn_relu", "both", 70)  # the thesis: at least 0.90
GOOD, BAD, MIXED = [0.95, 0.951, 0.949], [0.6, 0.61, 0.6], [0.95, 0.85, 0.95]


def bench(tmp_path, baseline=(), **chosen):
    settings = Settings(
        profile="quick",
        seeds=3,
        semantics=("published",),
        device="cpu",
        claims="baseline",
        baselines=tmp_path,
        baseline="thesis",
        store=tmp_path,
        update=False,
        artifacts=None,
    )
    known = {record.digest: record for record in baseline}
    return SimpleNamespace(settings=replace(settings, **chosen), baseline=known)


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
    assert expected_contradictions(found, where) == ""
    with pytest.raises(ClaimContradicted, match=r"expected +accuracy holds at 0\.90"):
        judge(found, where)


def test_a_claim_that_the_baseline_contradicts_is_expected_to_fail_with_both_figures(tmp_path):
    where = bench(tmp_path, records(CELL, BAD))
    found = measured(BAD)
    reason = expected_contradictions(found, where)
    assert "thesis, fig 6.7: accuracy holds at 0.90 or more" in reason
    assert "ours: mean 0.6033" in reason
    assert "seeds 0, 1, 2" in reason
    with pytest.raises(ClaimContradicted):
        judge(found, where)


def test_a_moved_baseline_is_never_excused_by_a_contradicted_claim(tmp_path):
    with pytest.raises(BaselineMoved, match=r"measured +0\.5900 / 0\.6100 / 0\.6000"):
        judge(measured([0.59, 0.61, 0.6]), bench(tmp_path, records(CELL, BAD)))


def test_a_claim_that_the_baseline_cannot_decide_does_not_gate(tmp_path):
    found = measured([0.85, 0.84, 0.86], weights="new")
    judge(found, bench(tmp_path, records(CELL, MIXED)))
    assert found.verdicts[0].verdict == "fail"


def test_strict_claims_fail_plainly_and_claims_off_are_silent(tmp_path):
    strict = bench(tmp_path, records(CELL, BAD), claims="strict")
    assert expected_contradictions(measured(BAD), strict) == ""
    with pytest.raises(ClaimContradicted):
        judge(measured(BAD), strict)
    found = measured(BAD)
    judge(found, bench(tmp_path, records(CELL, BAD), claims="off"))
    assert [verdict.kind for verdict in found.verdicts] == ["baseline"]


def test_without_a_baseline_a_contradicted_claim_still_fails(tmp_path):
    with pytest.raises(ClaimContradicted):
        judge(measured(BAD), bench(tmp_path))
    with pytest.raises(
        BaselineMissing, match=r"'thesis' lacks 3 of 3 records.*--sparsebench-update"
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
