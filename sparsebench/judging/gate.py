"""Judging what was measured: by the thesis's claims and by the baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from sparsebench.judging.intervals import (
    CONFIDENCE,
    METHOD,
    METHOD_ONE_SEED,
    accuracy_interval,
    binomial_interval,
)
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.metrics import accuracies
from sparsebench.judging.policy import Policy
from sparsebench.judging.replicates import by_replicates, replicates_of
from sparsebench.parts.records import Estimate, Record, Verdict


@dataclass(frozen=True, eq=False)
class Known:
    """What a baseline knows; nothing is read of experiments that nobody asks for.

    Attributes
    ----------
    find
        The record of an experiment with a digest, or None.
    records
        All records of an experiment.
    earlier
        Which of its times are of an earlier sitting.
    """

    find: Callable[[str, str], Record | None]
    records: Callable[[str], Iterable[Record]]
    earlier: frozenset[str] = frozenset()

    @classmethod
    def of(cls, records: Iterable[Record]) -> Known:
        """What a baseline of these records would know."""
        known = {(record.experiment, record.digest): record for record in records}
        return cls(
            lambda experiment, digest: known.get((experiment, digest)),
            lambda experiment: [each for each in known.values() if each.experiment == experiment],
        )

    def same_case(self, record: Record) -> Record | None:
        """The baseline's record of the case that another is of."""
        return self.find(record.experiment, record.digest)

    def replicates(self, record: Record) -> list[Record]:
        """The baseline's records of cases that differ from a record's in seeds alone, or in nothing."""
        return self._replicates(record.experiment).get(replicates_of(record), [])

    def _replicates(self, experiment: str) -> dict[str, list[Record]]:
        """Rarely asked for, and thousands of cases may have to be read for it."""
        if experiment not in self._grouped:
            self._grouped[experiment] = by_replicates(self.records(experiment))
        return self._grouped[experiment]

    @cached_property
    def _grouped(self) -> dict[str, dict[str, list[Record]]]:
        return {}


def confidence_of(looks: int) -> float:
    """The confidence of each of several looks at the same claim, of which any may decide it.

    The chance of being wrong is shared out among them (Bonferroni).
    """
    return 1 - (1 - CONFIDENCE) / looks


def estimates(item: BenchmarkItem, records: Sequence[Record]) -> list[Estimate]:
    """The mean accuracy of each population in an item's records, with its interval."""
    found = []
    for measured in by_replicates(
        record for record in records if "accuracy" in record.metrics
    ).values():
        strings = int(measured[0].metrics["strings"])
        mean = fmean(accuracies(measured))
        interval = accuracy_interval(accuracies(measured), strings)
        low, high = interval or binomial_interval(mean, strings)
        found.append(
            Estimate(
                item=item.id,
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
    item: BenchmarkItem,
    records: Sequence[Record],
    baseline: Known,
    policy_of: Callable[[str], Policy],
) -> list[Verdict]:
    """Hold the records of an item against the baseline's.

    Records of the same cases are compared with each other. Where the baseline has none, for it was
    measured with other seeds, the two groups of replicates are.

    Parameters
    ----------
    item
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
        old = [known for each in new if (known := baseline.same_case(each)) is not None]
        if old:
            same = baseline.earlier.isdisjoint(record.digest for record in new)
            verdicts.append(_judge_change(item, policy, old, new, same))
        elif policy.replicated:
            verdicts += _judge_replicates(item, policy, new, baseline)
    return verdicts


def _judge_replicates(
    item: BenchmarkItem, policy: Policy, records: Sequence[Record], baseline: Known
) -> list[Verdict]:
    """A verdict for each population in an item's records that the baseline knows other seeds of."""
    return [
        _judge_change(item, policy, old, new)
        for new in by_replicates(records).values()
        if (old := baseline.replicates(new[0]))
    ]


def missing(records: Sequence[Record], baseline: Known) -> list[str]:
    """The experiments in the records of an item that the baseline knows nothing of, for no seed.

    Other seeds than those of the baseline are not missed: a run may ask for others, or more.
    """
    known = {record.experiment for record in records if baseline.same_case(record) is not None}
    unknown = [record for record in records if record.experiment not in known]
    known |= {each.experiment for each in unknown if baseline.replicates(each)}
    return [
        name for name in dict.fromkeys(record.experiment for record in records) if name not in known
    ]


def _judge_change(
    item: BenchmarkItem,
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
        item=item.id,
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
