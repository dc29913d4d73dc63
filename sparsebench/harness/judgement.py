"""Judge the records of an item: by published claims, and by the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sparsebench.harness.claims import evidence, judge_claims, same_evidence
from sparsebench.harness.comparing import of_the_machine, policy_of
from sparsebench.harness.context import Bench
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.harness.measuring import ItemResult
from sparsebench.harness.registry import experiment_of
from sparsebench.judging.change import GATE_CONFIDENCE
from sparsebench.judging.gate import confidence_of, estimates, judge_baseline, missing
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.outcome import Outcome
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Record, Verdict


def judge(result: ItemResult, bench: Bench) -> Outcome:
    """Judge the records of an item by published claims and the baseline, under the run's settings.

    Returns
    -------
    Outcome
        Failed, if the records differ from the baseline; if the baseline has records of one
        experiment of the item and none of another; if a claim is contradicted that holds in the
        baseline or that the baseline has not judged (with `--sparsebench-claims=strict`: if any is
        contradicted); or if a claim holds that the baseline contradicts. Otherwise an expected
        failure, if the baseline contradicts the same claims. Skipped, if the baseline has no record
        of the item and nothing else is wrong; under `--sparsebench-gate` this fails, and so does a
        comparison that too few seeds leave undecided, or a baseline of another version of the CPU's
        arithmetic. Skipped, too, if the item measures times and these were not taken, or are not to
        be judged.

    Raises
    ------
    TypeError
        If the records belong to no item.
    ValueError
        If there are no records.
    """
    item = _item(result)
    if not result.records:
        raise ValueError(
            f"{item.id}: nothing was measured, so there is nothing to judge: let the item's "
            "cases(seeds) give at least one case"
        )
    times = [record for record in result.records if of_the_machine(record.experiment)]
    if times and not (bench.settings.judge_speed or bench.settings.update):
        return Outcome("skipped", "speed not judged", f"{item.id}: {_NOT_JUDGED}")
    if not all(map(_timed, times)):
        return _not_timed(item)
    claimed, against = _verdicts(result, bench)
    found = _outcome(item, result, claimed, against, bench)
    concluded = estimates(item, result.records)
    return replace(found, verdicts=(*claimed, *against), estimates=tuple(concluded))


def not_measured(reason: NotMeasurable, bench: Bench) -> Outcome:
    """The outcome of an item that has a case that cannot be measured."""
    if not bench.settings.gate:
        return Outcome("skipped", "not measurable", str(reason))
    return Outcome(
        "failed",
        "not measurable",
        f"{reason}; or leave this item out with --deselect: under --sparsebench-gate, what cannot be "
        "judged fails",
    )


_NOT_JUDGED = (
    "forward times are reported and not gated: on a machine where nothing else runs, judge them with "
    "--sparsebench-judge-speed"
)


def _not_timed(item: BenchmarkItem) -> Outcome:
    return Outcome(
        "skipped",
        "not timed",
        f"{item.id}: the forward passes were not timed and are not gated: call time_together(measured) "
        "before judge(measured), and leave out --benchmark-disable, -p no:benchmark and -n, under "
        "which pytest-benchmark does not time",
    )


def _outcome(
    item: BenchmarkItem,
    result: ItemResult,
    claimed: list[Verdict],
    against: list[Verdict],
    bench: Bench,
) -> Outcome:
    """The outcome that the verdicts by claims and by the baseline lead to."""
    settings = bench.settings
    contradicted = [verdict for verdict in claimed if verdict.verdict == "fail"]
    if contradicted and settings.claims == "strict":
        return Outcome("failed", "claim contradicted", _account(contradicted))
    if settings.update == "all":
        return Outcome()
    moved = [verdict for verdict in against if verdict.verdict == "fail"]
    if moved:
        return Outcome(
            "failed",
            "baseline moved",
            f"{_account([*moved, *contradicted])}\n  remedy    repair what changed it or, if the "
            "change is intended, accept it with --sparsebench-update and say why in its commit",
        )
    if settings.gate and (older := _of_another_arithmetic(result, bench)):
        return Outcome(
            "failed",
            "another arithmetic",
            f"{item.id}: the baseline's figures were made by {older} of the arithmetic, so bits "
            "cannot be compared, only accuracies within a bound: make the baseline again with "
            "--sparsebench-update, and commit it with the change of the arithmetic",
        )
    unclear = [verdict for verdict in against if verdict.verdict == "inconclusive"]
    if unclear and settings.gate:
        return Outcome(
            "failed",
            "undecided",
            f"{_account(unclear)}\n  remedy    --sparsebench-gate needs a decision: "
            f"{_wanted(unclear, result, bench)}, or leave the item out with --deselect",
        )
    absent = missing(result.records, bench.baseline.records)
    if settings.update == "new" and absent:
        return Outcome()
    if absent and against:
        return Outcome(
            "failed",
            "baseline moved",
            f"{item.id}: baseline {settings.baseline!r} has no record of {' and '.join(absent)} in "
            "this item, though it has others: something that a case's digest covers has changed; "
            "if that is intended, accept what was measured with --sparsebench-update",
        )
    by_claims = _by_contradictions(item, result, claimed, bench)
    if by_claims.status != "passed" or not absent:
        return by_claims
    where = _where(absent, bench)
    if settings.gate:
        return Outcome(
            "failed",
            "baseline missing",
            f"{item.id}: {where} has no records of this item, and --sparsebench-gate needs one of "
            "every item: accept what was measured with --sparsebench-update-new, and commit it",
        )
    return Outcome(
        "skipped",
        "baseline missing",
        f"{where} has no records of this item: accept what was measured with --sparsebench-update",
    )


def _of_another_arithmetic(result: ItemResult, bench: Bench) -> str:
    """Which version made records of the baseline that this run's would otherwise match bit for bit."""
    for record in result.records:
        before = bench.baseline.records.same_case(record)
        exact = record.numerics and policy_of(record.experiment).paired is not None
        if exact and before is not None and before.numerics != record.numerics:
            return f"version {before.numerics}" if before.numerics else "an untold version"
    return ""


def undecided(result: ItemResult, bench: Bench) -> bool:
    """Whether more seeds could decide a claim, or a comparison with the baseline.

    They cannot where each network is compared with its own earlier record.
    """
    itself = _beside_themselves(result, bench)
    return any(
        verdict.verdict == "inconclusive"
        and (verdict.kind == "claim" or itself.isdisjoint(verdict.digests))
        for verdicts in _verdicts(result, bench)
        for verdict in verdicts
    )


def _beside_themselves(result: ItemResult, bench: Bench) -> set[str]:
    """Digests of networks that are compared with their own earlier records: more seeds add none."""
    return {
        record.digest
        for record in result.records
        if record.history.get("onset_loss") and bench.baseline.records.same_case(record) is not None
    }


def _wanted(unclear: Sequence[Verdict], result: ItemResult, bench: Bench) -> str:
    """What would decide the open comparisons with the baseline."""
    itself = _beside_themselves(result, bench)
    if any(itself.isdisjoint(verdict.digests) for verdict in unclear):
        return "measure more seeds with --sparsebench-max-seeds"
    return (
        "these networks were trained by an engine that rounds differently from the baseline's, which "
        "alone may move them by more than the margin: run on a CPU, or compare with a baseline of this "
        "engine (--sparsebench-baseline)"
    )


def _timed(record: Record) -> bool:
    return "time_ratio" in record.metrics


def _verdicts(result: ItemResult, bench: Bench) -> tuple[list[Verdict], list[Verdict]]:
    """The verdicts by claims, and by the baseline."""
    item, off = _item(result), bench.settings.claims == "off"
    confidence = confidence_of(result.looks)
    of = [experiment_of(record) for record in result.records]
    off = off or not all(each.claimed(bench.settings) for each in of if each is not None)
    claimed = (
        []
        if off
        else judge_claims(item, evidence(result.records, bench.baseline.records), confidence)
    )
    return claimed, judge_baseline(item, result.records, bench.baseline.records, policy_of)


def _item(result: ItemResult) -> BenchmarkItem:
    if result.item is None:
        raise TypeError("these records belong to no item, so they cannot be judged")
    return result.item


def _where(absent: Sequence[str], bench: Bench) -> str:
    """The baseline that lacks some experiments."""
    if any(map(of_the_machine, absent)):
        return f"the baseline of times on this kind of machine, {bench.baseline.times_path},"
    return f"baseline {bench.settings.baseline!r}"


def _by_contradictions(
    item: BenchmarkItem, result: ItemResult, claimed: list[Verdict], bench: Bench
) -> Outcome:
    """Tell new contradictions of claims from those that the baseline has, also for other seeds.

    If other seeds do not show a contradiction of the baseline, nothing is reported. If other seeds
    contradict what holds in the baseline, this is reported only at the gate's confidence: of many
    true claims, one in forty lies beyond its 95 % interval.
    """
    if not claimed:
        return Outcome()
    baseline = bench.baseline.records
    groups = by_replicates(result.records).values()
    stored = [each for group in groups for each in baseline.replicates(group[0])]
    known = {record.digest for record in stored}
    same_seeds = any(record.digest in known for record in result.records)
    judged = evidence(result.records, baseline)
    if same_evidence(judged, stored):
        found = claimed
    else:
        found = judge_claims(item, stored, confidence_of(result.looks)) if stored else []
    before = {verdict.statement: verdict for verdict in found}
    kinds = {statement: verdict.verdict for statement, verdict in before.items()}
    failing = [verdict for verdict in claimed if verdict.verdict == "fail"]
    new = [verdict for verdict in failing if kinds.get(verdict.statement, "pass") == "pass"]
    if new and before and not same_seeds:
        surely = judge_claims(item, judged, GATE_CONFIDENCE)
        sure = {verdict.statement for verdict in surely if verdict.verdict == "fail"}
        new = [verdict for verdict in new if verdict.statement in sure]
    if new:
        return Outcome("failed", "claim contradicted", _account(new))
    gone = [
        verdict
        for verdict in claimed
        if verdict.verdict == "pass" and kinds.get(verdict.statement) == "fail" and same_seeds
    ]
    if gone:
        was = before[gone[0].statement].reason
        return Outcome(
            "failed",
            "contradiction gone",
            f"{_account(gone)}\n  before    {was}: contradicted; accept that it holds with "
            "--sparsebench-update",
        )
    expected = [verdict for verdict in failing if kinds[verdict.statement] == "fail"]
    if not expected:
        return Outcome()
    told = (
        f"{verdict.source}: {verdict.statement}; ours: {verdict.reason}" for verdict in expected
    )
    return Outcome("xfailed", "contradiction known", "; ".join(told))


_SHOWN = 8
"""The most figures that a message lists."""


def _shown(values: Sequence[float]) -> str:
    figures = " / ".join(f"{value:.4f}" for value in values[:_SHOWN])
    return f"{figures} and {len(values) - _SHOWN} more" if len(values) > _SHOWN else figures


def _account(verdicts: list[Verdict]) -> str:
    lines = []
    for verdict in verdicts:
        expected = f"{verdict.statement} ({verdict.source})"
        if verdict.kind == "baseline":
            expected = f"{verdict.statement}: {_shown(verdict.expected)}"
        lines.append(
            f"{verdict.item}: {verdict.kind} {verdict.verdict}\n"
            f"  expected  {expected}\n"
            f"  measured  {_shown(verdict.measured)}\n"
            f"  numbers   {verdict.reason}"
        )
    return "\n".join(lines)
