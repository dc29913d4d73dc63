"""Judging what was measured: by the thesis's claims and by the baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from sparsebench.experiments.capacity.claims import judge_tasks
from sparsebench.experiments.graph_statistics.correlation_claims import judge_correlations
from sparsebench.experiments.graph_statistics.items import CorrelationCell, PredictionCell
from sparsebench.experiments.graph_statistics.prediction_claims import judge_predictions
from sparsebench.harness.items import Cell
from sparsebench.judging.claims import Claim, Contrast, claims, contrasts, group_of
from sparsebench.judging.intervals import (
    CONFIDENCE,
    METHOD,
    METHOD_ONE_SEED,
    accuracy_interval,
    binomial_interval,
    mean_interval,
)
from sparsebench.judging.metrics import accuracies, regained
from sparsebench.judging.policy import Policy
from sparsebench.judging.replicates import by_population, population_of
from sparsebench.parts.records import Estimate, Record, Verdict
from sparsebench.values.identity import restore

UNANIMOUS = 3
"""Seeds that must agree to decide a claim whose interval, wide with so few, does not."""


@dataclass(frozen=True)
class Known:
    """What a baseline knows: records by digest, and which of its times are of an earlier sitting."""

    records: Mapping[str, Record]
    earlier: frozenset[str] = frozenset()

    @cached_property
    def populations(self) -> dict[str, list[Record]]:
        """The same by population; rarely asked for, and thousands of cases have to be read for it."""
        return by_population(self.records.values())


class GateFailed(AssertionError):
    """Something about the records of a cell is not as it should be: the item is red."""


class BaselineMoved(GateFailed):
    """The records of a cell are not what the baseline says they should be."""


class BaselineAbsent(GateFailed):
    """The baseline knows nothing of a cell, and a run that gates wants it to."""


class NotTimed(LookupError):
    """The forward passes of a cell were not timed, so there is nothing to judge."""


class TimesAbsent(GateFailed):
    """The forward passes of a cell were not timed, and a run that gates wants them to be."""


class ClaimContradicted(GateFailed):
    """A claim is contradicted that held in the baseline, or that the baseline knows nothing of."""


class ContradictionGone(GateFailed):
    """A claim holds that the baseline contradicts: good news, of which the baseline knows nothing."""


class ContradictionKnown(AssertionError):
    """Claims are contradicted, and the baseline contradicts every one of them too."""


class BaselineMissing(LookupError):
    """The baseline knows nothing of a cell."""


def judge_claims(
    cell: Cell,
    records: Sequence[Record],
    confidence: float = CONFIDENCE,
    unanimous: int | None = UNANIMOUS,
) -> list[Verdict]:
    """Hold the records of a cell, one per seed, against the thesis's claims.

    A claim passes if the interval of the mean over seeds (95 %, unless there are several looks at a
    growing number of seeds: see `confidence_of`) lies in its range, or every one of
    `unanimous` seeds or more does, unless that is None; it fails if the interval or every seed lies
    outside; otherwise it is inconclusive: the seeds disagree, and more of them would tell.

    A contrast between two groups of networks is judged by the interval of the mean difference,
    taken between networks of the same seed: they have the same number of vertices, and where the
    family is the same, the same graph.
    """
    return [
        *(
            _judge_claim(cell, claim, judged, confidence, unanimous)
            for claim in claims(cell)
            if (judged := _measuring(claim, records))
        ),
        *(
            _judge_contrast(cell, contrast, pairs, confidence)
            for contrast in contrasts(cell)
            if (pairs := _pairs(contrast, records))
        ),
        *_judge_analyses(cell, records),
        *judge_tasks(cell, records, confidence),
    ]


def _judge_analyses(cell: Cell, records: Sequence[Record]) -> Iterator[Verdict]:
    if isinstance(cell, CorrelationCell | PredictionCell) and cell.semantics == "published":
        correlations = [each for each in records if each.experiment == "correlation"]
        for record in correlations:
            yield from judge_correlations(cell.id, cell.variant, record)
        predictions = [each for each in records if each.experiment == "prediction"]
        yield from judge_predictions(cell.id, cell.variant, predictions)


def confidence_of(looks: int) -> float:
    """The confidence of each of several looks at the same claim, of which any may decide it.

    The chance of being wrong is shared out among them (Bonferroni).
    """
    return 1 - (1 - CONFIDENCE) / looks


def estimates(cell: Cell, records: Sequence[Record]) -> list[Estimate]:
    """The mean accuracy of each population in a cell's records, with its interval."""
    found = []
    for measured in by_population(
        record for record in records if "accuracy" in record.metrics
    ).values():
        strings = int(measured[0].metrics["strings"])
        mean = fmean(accuracies(measured))
        interval = accuracy_interval(accuracies(measured), strings)
        low, high = interval or binomial_interval(mean, strings)
        found.append(
            Estimate(
                cell=cell.id,
                experiment=measured[0].experiment,
                accuracy=mean,
                low=low,
                high=high,
                method=METHOD if interval else METHOD_ONE_SEED,
                seeds=len(measured),
                strings=strings,
                digests=[record.digest for record in measured],
            )
        )
    return found


def judge_baseline(
    cell: Cell,
    records: Sequence[Record],
    baseline: Known,
    policy_of: Callable[[str], Policy],
) -> list[Verdict]:
    """Hold the records of a cell against the baseline's.

    Records of the same cases are compared with each other. Where the baseline has none, for it was
    measured with other seeds, the two populations are.

    Parameters
    ----------
    cell
        What was measured.
    records
        One record per seed, and, for a base model, one of the onset of training.
    baseline
        The baseline's records.
    policy_of
        How records of an experiment are judged.

    Returns
    -------
    list of Verdict
        One for each experiment in the records; none for those that the baseline does not know.
    """
    verdicts = []
    for experiment in dict.fromkeys(record.experiment for record in records):
        policy = policy_of(experiment)
        new = [record for record in records if record.experiment == experiment]
        old = [baseline.records[each.digest] for each in new if each.digest in baseline.records]
        if old:
            same = baseline.earlier.isdisjoint(record.digest for record in new)
            verdicts.append(_judge_change(cell, policy, old, new, same))
        elif policy.replicated:
            verdicts += _judge_populations(cell, policy, new, baseline)
    return verdicts


def _judge_populations(
    cell: Cell, policy: Policy, records: Sequence[Record], baseline: Known
) -> list[Verdict]:
    """A verdict for each population in a cell's records that the baseline knows other seeds of."""
    return [
        _judge_change(cell, policy, baseline.populations[name], new)
        for name, new in by_population(records).items()
        if name in baseline.populations
    ]


def missing(records: Sequence[Record], baseline: Known) -> list[str]:
    """The experiments in the records of a cell that the baseline knows nothing of, for no seed.

    Other seeds than those of the baseline are not missed: a run may ask for others, or more.
    """
    known = {record.experiment for record in records if record.digest in baseline.records}
    unknown = [record for record in records if record.experiment not in known]
    known |= {each.experiment for each in unknown if population_of(each) in baseline.populations}
    return [
        name for name in dict.fromkeys(record.experiment for record in records) if name not in known
    ]


def _judge_change(
    cell: Cell,
    policy: Policy,
    old: Sequence[Record],
    new: Sequence[Record],
    one_sitting: bool = True,
) -> Verdict:
    found = policy.change(old, new, one_sitting)
    if found.kind == "undecided":
        verdict = "inconclusive"
    elif found.kind == "unchanged" or (found.kind == "improved" and not found.same_weights):
        verdict = "pass"
    else:
        verdict = "fail"
    return Verdict(
        cell=cell.id,
        kind="baseline",
        verdict=verdict,
        statement=policy.statement,
        expected=policy.figures(old),
        measured=policy.figures(new),
        interval=policy.interval(new),
        source="baseline",
        digests=[record.digest for record in new],
        reason=found.reason,
    )


def _measuring(claim: Claim, records: Sequence[Record]) -> list[Record]:
    """The records that have the figure that a claim speaks of."""
    if claim.figure.startswith("difference"):
        return [record for record in records if "accuracy_trained" in record.metrics]
    if claim.figure == "regained":
        wanted = claim.epochs or 1
        return [each for each in records if len(each.history.get("test_accuracy", [])) >= wanted]
    series = "train_accuracy" if claim.figure == "first_epoch" else None
    return [
        record
        for record in records
        if "accuracy" in record.metrics and (series is None or record.history.get(series))
    ]


def _figures(claim: Claim, records: Sequence[Record]) -> list[float]:
    if claim.figure == "first_epoch":
        return [record.history["train_accuracy"][0] for record in records]
    if claim.figure == "regained":
        return [regained(record, claim.epochs) for record in records]
    if claim.figure.startswith("difference"):
        now = "accuracy_before" if claim.figure == "difference_pruned" else "accuracy"
        return [each.metrics[now] - each.metrics["accuracy_trained"] for each in records]
    return accuracies(records)


def _judge_claim(
    cell: Cell, claim: Claim, records: Sequence[Record], confidence: float, unanimous: int | None
) -> Verdict:
    measured = _figures(claim, records)
    if claim.figure.startswith("difference"):
        interval = mean_interval(measured, confidence)
    else:
        strings = int(records[0].metrics["strings"])
        interval = accuracy_interval(measured, strings, confidence)
    inside = [claim.low <= figure <= claim.high for figure in measured]
    enough = unanimous is not None and len(measured) >= unanimous
    if interval is None:
        verdict = "inconclusive"
    elif (claim.low <= interval[0] and interval[1] <= claim.high) or (enough and all(inside)):
        verdict = "pass"
    elif interval[1] < claim.low or claim.high < interval[0] or (enough and not any(inside)):
        verdict = "fail"
    else:
        verdict = "inconclusive"
    bounds = (
        "one seed"
        if interval is None
        else f"{100 * confidence:.3g} % interval {interval[0]:.4f}-{interval[1]:.4f}"
    )
    seeds = ", ".join(str(_seed(record)) for record in records)
    return Verdict(
        cell=cell.id,
        kind="claim",
        verdict=verdict,
        statement=claim.statement,
        expected=[claim.low, claim.high],
        measured=measured,
        interval=interval,
        source=claim.source if claim.source.startswith("slides") else f"thesis, {claim.source}",
        digests=[record.digest for record in records],
        reason=f"mean {fmean(measured):.4f}, {bounds}, seeds {seeds}",
    )


def _pairs(contrast: Contrast, records: Sequence[Record]) -> list[tuple[Record, Record]]:
    """Networks of the better and of the worse group that have the same seed."""
    groups: dict[tuple[str, str], dict[int, Record]] = {}
    for record in records:
        case = restore(record.case)
        groups.setdefault(group_of(case), {})[case.graph.seed] = record
    better, worse = (groups.get(name, {}) for name in (contrast.better, contrast.worse))
    return [(better[seed], worse[seed]) for seed in sorted(better.keys() & worse.keys())]


def _judge_contrast(
    cell: Cell, contrast: Contrast, pairs: Sequence[tuple[Record, Record]], confidence: float
) -> Verdict:
    above, below = (accuracies(group) for group in zip(*pairs, strict=True))
    differences = [one - other for one, other in zip(above, below, strict=True)]
    interval = mean_interval(differences, confidence)
    if interval is None or interval[0] <= 0 <= interval[1]:
        verdict = "inconclusive"
    else:
        verdict = "pass" if interval[0] > 0 else "fail"
    bounds = (
        "one pair"
        if interval is None
        else f"{100 * confidence:.3g} % interval {interval[0]:+.4f} to {interval[1]:+.4f}"
    )
    return Verdict(
        cell=cell.id,
        kind="claim",
        verdict=verdict,
        statement=contrast.statement,
        expected=[0.0, 1.0],
        measured=differences,
        interval=interval,
        source=f"thesis, {contrast.source}",
        digests=[record.digest for pair in pairs for record in pair],
        reason=(
            f"means {fmean(above):.4f} and {fmean(below):.4f} over {len(pairs)} graphs each, "
            f"difference {fmean(differences):+.4f}, {bounds}"
        ),
    )


def _seed(record: Record) -> int:
    return int(restore(record.case).seed)
