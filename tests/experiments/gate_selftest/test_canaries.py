"""Canaries on the shipped baseline: all as they should be, and none that another check shields.

A canary that must be refused is worth something only if it is let through once its own check is broken.
"""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from sparsebench.experiments.base import comparison as first_losses
from sparsebench.experiments.forward_time import comparison as times
from sparsebench.experiments.gate_selftest.canaries import CANARIES, PASSED, judged
from sparsebench.experiments.graph_statistics import comparison as analysis_change
from sparsebench.experiments.graph_statistics import correlation_claims, prediction_claims
from sparsebench.harness import claims, judgement
from sparsebench.harness.context import Bench
from sparsebench.judging import accuracy_change, bits, change, policy
from sparsebench.judging.gate import BaselineRecords
from sparsebench.judging.outcome import Cause, Outcome
from sparsebench.values.numerics import NUMERICS
from tests.harness.settings import settings

ROOT = Path(__file__).parents[3]


def bench_of(folder, **chosen):
    return Bench(settings(folder, **chosen), ROOT, lambda text: None)


@pytest.fixture(scope="module")
def shipped():
    return bench_of(ROOT / "baselines")


@pytest.fixture(scope="module", params=["", NUMERICS], ids=["numerics not told", "of today"])
def known(request, shipped):
    """The shipped baseline, whose records say by which arithmetic they were made, or do not.

    Canaries see to that themselves.
    """
    bench = bench_of(ROOT / "baselines")
    bench.baseline.records = BaselineRecords.of(
        msgspec.structs.replace(record, numerics=request.param) for record in records_of(shipped)
    )
    return bench


def records_of(bench):
    """All that its baseline holds."""
    baseline = bench.baseline
    return [
        each
        for name in baseline.stored.experiments
        for each in baseline.records.of_experiment(name)
    ]


def ending_of(outcome):
    return outcome.status, outcome.cause


def outcome_for(name, bench):
    """What the gate says of a canary; the shipped baseline has the records of every one."""
    return judged(CANARIES[name], bench)


@pytest.mark.parametrize("name", CANARIES)
def test_the_gate_treats_a_canary_as_it_should(known, name):
    outcome = outcome_for(name, known)
    assert ending_of(outcome) == CANARIES[name].ends, outcome.reason


@pytest.mark.parametrize(
    "name", ["base-as-it-is", "base-a-point-lower", "claim-lost", "a-weight-more"]
)
@pytest.mark.parametrize(
    "chosen",
    [{"update": "all"}, {"update": "new"}, {"claims": "off"}, {"claims": "strict"}, {"gate": True}],
    ids=str,
)
def test_what_the_run_was_asked_for_does_not_matter_to_a_canary(shipped, name, chosen):
    bench = bench_of(ROOT / "baselines", **chosen)
    bench.baseline.records = shipped.baseline.records
    outcome = outcome_for(name, bench)
    assert ending_of(outcome) == CANARIES[name].ends, outcome.reason


def test_canaries_leave_the_baseline_as_it_is(shipped):
    before = msgspec.json.encode(records_of(shipped))
    for canary in CANARIES.values():
        try:
            judged(canary, shipped)
        except LookupError:
            continue
    assert msgspec.json.encode(records_of(shipped)) == before


def test_a_canary_whose_records_the_baseline_lacks_says_so(tmp_path):
    with pytest.raises(LookupError, match=r"^baseline 'thesis' has no records of BaseItem"):
        judged(CANARIES["base-as-it-is"], bench_of(tmp_path))


def test_times_are_the_canaries_own_where_the_baseline_has_none(tmp_path):
    for name in ("as-fast-as-before", "a-fifth-slower"):
        outcome = judged(CANARIES[name], bench_of(tmp_path))
        assert ending_of(outcome) == CANARIES[name].ends


def test_every_kind_of_refusal_has_its_canary():
    endings = {canary.ends for canary in CANARIES.values()}
    refused = {cause for status, cause in endings if status == "failed"}
    never_refused = {"", "contradiction known", "not measurable", "not timed", "speed not judged"}
    assert refused == {*get_args(Cause)} - never_refused


# Broken checks


def nothing(*arguments):
    return []


_BITS = (
    "other-bits one-bit-of-one-seed one-bit-of-one-loss a-string-of-a-network gru-uneven "
    "gru-more-uneven lstm-uneven rnn-uneven a-gru-six-points-lower an-lstm-nine-points-lower "
    "an-rnn-at-chance"
)

BROKEN = {
    "records by one arithmetic never differ": (
        [(bits, "difference", lambda was, now: "")],
        _BITS,
    ),
    "no two records are by one arithmetic": (
        [(policy, "by_one_arithmetic", lambda pair: False)],
        _BITS.replace(" rnn-uneven", ""),  # so far down, the population shows it too
    ),
    "a baseline of another arithmetic is as good as any": (
        [(judgement, "_of_another_arithmetic", lambda result, bench: "")],
        "another-arithmetic-and-gated",
    ),
    "a network may fall by any bound where rounding differs": (
        [(accuracy_change, "APART", dict.fromkeys(accuracy_change.APART, 9))],
        "elsewhere-one-far-lower",
    ),
    "the same weights may move by any accuracy": (
        [(accuracy_change, "SAME_WEIGHTS", 1)],
        "base-a-point-lower pruned-a-point-lower pruned-a-point-higher retrained-a-point-lower",
    ),
    "populations and groups of networks may be worse by any margin": (
        [(accuracy_change, "MARGIN", 1)],
        "trained-anew-a-point-lower networks-three-points-lower elsewhere-uneven-and-gated",
    ),
    "first losses may differ by any amount": (
        [(change, "ONSET_LOSS", 9), (first_losses, "ONSET_LOSS", 9)],
        "other-first-losses network-with-other-first-losses",
    ),
    "forward passes may take any time": (
        [(times, "SLOWER", 9), (times, "ONE_SLOWER", 9)],
        "a-fifth-slower",
    ),
    "forward passes always have a time": (
        [(judgement, "_timed", lambda record: True)],
        "not-timed",
    ),
    "other networks are never seen": (
        [(change, "_other_network", lambda was, now: "")],
        "network-with-other-first-losses another-graph",
    ),
    "analyses of the same networks may find anything": (
        [(analysis_change, "SAME_NETWORKS", 9)],
        "another-correlation another-prediction",
    ),
    "analyses of other networks may find anything": (
        [(analysis_change, "WIDENED", 99)],
        "other-networks-far-away",
    ),
    "analyses are never compared": (
        [(analysis_change, "moved", lambda was, now: "")],
        "another-correlation another-prediction other-networks-far-away a-property-missing",
    ),
    "the thesis says nothing of correlations": (
        [(correlation_claims, "judge_correlations", nothing)],
        "correlations-turned-round",
    ),
    "the thesis says nothing of predictions": (
        [(prediction_claims, "judge_predictions", nothing)],
        "nothing-predicted",
    ),
    "the thesis claims nothing": (
        [(claims, "claims", nothing)],
        "claim-lost contradiction-gone",
    ),
    "contradictions are never compared": (
        [(judgement, "_by_contradictions", lambda *arguments: Outcome())],
        "claim-lost contradiction-gone correlations-turned-round nothing-predicted",
    ),
    "nothing is ever missing": (
        [(judgement, "missing", nothing)],
        "part-of-the-baseline-gone no-baseline no-baseline-and-gated",
    ),
}  # what breaks a check, and the canaries that are let through then


@pytest.mark.parametrize("check", BROKEN)
def test_a_broken_check_lets_its_own_canaries_through_and_no_others(known, check, monkeypatch):
    replaced, expected = BROKEN[check]
    for where, name, broken in replaced:
        monkeypatch.setattr(where, name, broken)
    alive = set()
    refused = {name: canary for name, canary in CANARIES.items() if canary.ends != PASSED}
    present = set(refused)
    for name, canary in refused.items():
        try:
            outcome = judged(canary, known)
        except LookupError:
            present.remove(name)
            continue
        if outcome.status in ("passed", "skipped") and ending_of(outcome) != canary.ends:
            alive.add(name)
    if present.isdisjoint(expected.split()):
        pytest.skip("the baseline has no records of these canaries")
    assert alive == present.intersection(expected.split())


def test_every_canary_that_must_be_refused_has_a_check_of_its_own():
    shielded = {name for _, expected in BROKEN.values() for name in expected.split()}
    refused = {name for name, canary in CANARIES.items() if canary.ends != PASSED}
    assert refused - shielded == {"a-weight-more"}  # no constant and no function is its alone
