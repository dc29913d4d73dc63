"""Judge measured records by comparing them with the baseline."""

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
class BaselineRecords:
    """The records of a baseline; files of experiments that nobody asks for are not read.

    Attributes
    ----------
    find
        Takes an experiment and a digest to the record, or None.
    of_experiment
        All records of an experiment.
    earlier
        Digests of records whose times were taken in an earlier run.
    """

    find: Callable[[str, str], Record | None]
    of_experiment: Callable[[str], Iterable[Record]]
    earlier: frozenset[str] = frozenset()

    @classmethod
    def of(cls, records: Iterable[Record]) -> BaselineRecords:
        """A baseline that consists of these records."""
        known = {(record.experiment, record.digest): record for record in records}
        return cls(
            lambda experiment, digest: known.get((experiment, digest)),
            lambda experiment: [each for each in known.values() if each.experiment == experiment],
        )

    def same_case(self, record: Record) -> Record | None:
        """The baseline's record of the same case, or None."""
        return self.find(record.experiment, record.digest)

    def replicates(self, record: Record) -> list[Record]:
        """The baseline's replicates of a record: cases that differ in seeds alone, or not at all."""
        return self._replicates(record.experiment).get(replicates_of(record), [])

    def _replicates(self, experiment: str) -> dict[str, list[Record]]:
        """Grouped on first use, because this may read thousands of cases and is rarely needed."""
        if experiment not in self._grouped:
            self._grouped[experiment] = by_replicates(self.of_experiment(experiment))
        return self._grouped[experiment]

    @cached_property
    def _grouped(self) -> dict[str, dict[str, list[Record]]]:
        return {}


def confidence_of(looks: int) -> float:
    """The confidence of each of several interim looks at a claim, any of which may decide it.

    The probability of an error is divided among the looks (Bonferroni).
    """
    return 1 - (1 - CONFIDENCE) / looks


def estimates(item: BenchmarkItem, records: Sequence[Record]) -> list[Estimate]:
    """The mean accuracy of each group of replicates in an item's records, with its interval."""
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
    baseline: BaselineRecords,
    policy_of: Callable[[str], Policy],
) -> list[Verdict]:
    """Compare the records of an item with the baseline's.

    Records of the same cases are compared in pairs. If the baseline has none, because it was
    measured with other seeds, the two groups of replicates are compared.

    Parameters
    ----------
    item
        The item that was measured.
    of_experiment
        One record per seed and, for a base model, one of its loss trace.
    baseline
        The baseline's records.
    policy_of
        Takes the name of an experiment to the policy that judges its records.

    Returns
    -------
    list of Verdict
        One for each experiment in the records; none for experiments that the baseline lacks.
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
    item: BenchmarkItem, policy: Policy, records: Sequence[Record], baseline: BaselineRecords
) -> list[Verdict]:
    """One verdict for each group of replicates of which the baseline has other seeds."""
    return [
        _judge_change(item, policy, old, new)
        for new in by_replicates(records).values()
        if (old := baseline.replicates(new[0]))
    ]


def missing(records: Sequence[Record], baseline: BaselineRecords) -> list[str]:
    """The experiments of an item's records of which the baseline has no record, for any seed.

    Records of seeds that the baseline lacks do not count: a run may use other seeds, or more.
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
    same_run: bool = True,
) -> Verdict:
    found = policy.change(old, new, same_run)
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
