"""Every published claim, with the measurements under both semantics.

The thesis's claims are about the published semantics; the corrected ones are judged by the same
words. The report on capacity is about networks that only our corrected semantics describe. Each
experiment lists its claims, and the records that are evidence for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.harness.claims import claims, contrasts, judge_claims
from sparsebench.harness.registry import experiments
from sparsebench.judging.claims import Claim, Contrast
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.contents import Column, Entry
from sparsebench.report.measured import Measured
from sparsebench.report.words import NOT_MEASURED, VARIANT_TITLES, VERDICTS, interval_text
from sparsebench.values.semantics import SEMANTICS

Evidence = Mapping[tuple[BenchmarkItem, str], Sequence[Record]]
"""(published item, name of semantics) -> records that are evidence for the item."""


@dataclass(frozen=True)
class ClaimRow:
    """One claim.

    Attributes
    ----------
    experiment
        Name of the experiment, as shown.
    item
        The thesis's item that the claim is about, under the published semantics.
    statement, source
        What is claimed, and where.
    low, high
        The claimed range of the figure; for a difference between groups, from 0 on.
    verdicts
        Name of semantics -> verdict; absent without records.
    speaks_of
        The semantics that the publication is about.
    """

    experiment: str
    item: BenchmarkItem
    statement: str
    source: str
    low: float
    high: float
    verdicts: Mapping[str, Verdict]
    speaks_of: str = "published"

    @property
    def subject(self) -> tuple[Entry, Entry, Entry]:
        """The variant, target and percentage that the claim is about; None where not applicable."""
        variant = VARIANT_TITLES.get(getattr(self.item, "variant", ""), "")
        return variant, getattr(self.item, "target", ""), getattr(self.item, "percent", None)

    def verdict(self, semantics: str) -> str:
        """The verdict under the given semantics, in words."""
        found = self.verdicts.get(semantics)
        return VERDICTS[found.verdict] if found else NOT_MEASURED

    @property
    def published_verdict(self) -> str:
        """The verdict under the publication's semantics, in words."""
        return self.verdict(self.speaks_of)


def every_claim(measured: Measured) -> list[ClaimRow]:
    """The claims of all experiments, judged by the available records."""
    return [row for each in experiments() for row in each.claim_rows(measured)]


def rows_of(experiment: str, items: Iterable[BenchmarkItem], evidence: Evidence) -> list[ClaimRow]:
    """A row for each claim about the items, judged by the available records.

    Parameters
    ----------
    experiment
        Name of the experiment, as shown.
    items
        Items under the published semantics.
    evidence
        The records; items without records have rows too.
    """
    rows = []
    for item in items:
        judged = {
            name: {each.statement: each for each in judge_claims(item, evidence[item, name])}
            for name in SEMANTICS
            if (item, name) in evidence
        }
        claimed: list[Claim | Contrast] = [*claims(item), *contrasts(item)]
        for claim in claimed:
            low, high = (claim.low, claim.high) if isinstance(claim, Claim) else (0.0, 1.0)
            verdicts = {
                name: found[claim.statement]
                for name, found in judged.items()
                if claim.statement in found
            }
            rows.append(
                ClaimRow(experiment, item, claim.statement, claim.source, low, high, verdicts)
            )
    return rows


SIDES = (
    *(Column(semantics, choice=True) for semantics in SEMANTICS),
    *(Column(f"{semantics}: mean, true of, 95 % interval") for semantics in SEMANTICS),
)
"""The columns that compare both semantics: their verdicts, then the measurements."""


def sides(row: ClaimRow) -> list[Entry]:
    """The entries of a claim in those columns."""
    return [
        *(row.verdict(semantics) for semantics in SEMANTICS),
        *(_measured(row.verdicts.get(semantics)) for semantics in SEMANTICS),
    ]


def _measured(verdict: Verdict | None) -> str:
    """The mean, the number of seeds or pairs for which the claim is true, and the interval."""
    if verdict is None or not verdict.measured:
        return ""
    number = len(verdict.measured)
    count = true_of(verdict) or f"{number} {'value' if number == 1 else 'values'}"
    figures = [f"{fmean(verdict.measured):.4f}", count, interval_text(verdict.interval)]
    return ", ".join(filter(None, figures))


def true_of(verdict: Verdict | None) -> str:
    """For how many seeds or pairs a claim about models is true."""
    if verdict is None or verdict.true_of is None:
        return ""
    return f"{verdict.true_of} of {len(verdict.measured)}"


def count_verdicts(rows: Iterable[ClaimRow], semantics: str | None = None) -> dict[str, int]:
    """Number of claims by verdict, in the order of `VERDICTS`; claims not measured come last.

    Judged under the given semantics, or by default under those of each publication.
    """
    counts = dict.fromkeys((*VERDICTS.values(), NOT_MEASURED), 0)
    for row in rows:
        counts[row.verdict(semantics) if semantics else row.published_verdict] += 1
    return counts


def by_chance(rows: Iterable[ClaimRow]) -> tuple[int, float]:
    """Number of decided claims, and the number expected to be decided by chance alone.

    At 95 %, a claim on the edge between true and false is wrongly decided in one of twenty cases.
    The expectation therefore counts all judged claims, not only the decided ones.
    """
    verdicts = [row.verdicts.get(row.speaks_of) for row in rows]
    judged = [found for found in verdicts if found is not None]
    decided = sum(found.verdict != "inconclusive" for found in judged)
    return decided, (1 - CONFIDENCE) * len(judged)
