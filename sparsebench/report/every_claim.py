"""Every published claim, with what was measured under both semantics.

The thesis speaks of the published semantics; the corrected ones are held to the same words. The report
on capacity speaks of networks that our corrected semantics describe, and of no others. Which claims
there are, and which records are evidence for them, each experiment says itself.
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
"""Records by the published item that they are evidence for, and the name of their semantics."""


@dataclass(frozen=True)
class ClaimRow:
    """One claim.

    Attributes
    ----------
    experiment
        What it speaks of, in words.
    item
        The thesis's item that it speaks of, under the published semantics.
    statement, source
        What is claimed, and where.
    low, high
        The range that the figure is claimed to lie in; of a difference between groups, from 0 on.
    verdicts
        By the name of the semantics, what our records say. Absent where there are none.
    speaks_of
        The semantics that the publication speaks of.
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
        """The variant, target and percentage that it speaks of, where it does."""
        variant = VARIANT_TITLES.get(getattr(self.item, "variant", ""), "")
        return variant, getattr(self.item, "target", ""), getattr(self.item, "percent", None)

    def verdict(self, semantics: str) -> str:
        """The verdict under some semantics, in words."""
        found = self.verdicts.get(semantics)
        return VERDICTS[found.verdict] if found else NOT_MEASURED

    @property
    def published_verdict(self) -> str:
        """The verdict under the semantics that the publication speaks of, in words."""
        return self.verdict(self.speaks_of)


def every_claim(measured: Measured) -> list[ClaimRow]:
    """The claims of all experiments, judged by whatever records there are."""
    return [row for each in experiments() for row in each.claim_rows(measured)]


def rows_of(experiment: str, items: Iterable[BenchmarkItem], evidence: Evidence) -> list[ClaimRow]:
    """The rows of all that was published about some items, judged by the records that there are.

    Parameters
    ----------
    experiment
        What the claims speak of, in words.
    items
        Under the published semantics.
    evidence
        Records; items that have none have rows too.
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
"""The columns in which both semantics stand side by side: their verdicts, then what was measured."""


def sides(row: ClaimRow) -> list[Entry]:
    """What stands in those columns beside a claim."""
    return [
        *(row.verdict(semantics) for semantics in SEMANTICS),
        *(_measured(row.verdicts.get(semantics)) for semantics in SEMANTICS),
    ]


def _measured(verdict: Verdict | None) -> str:
    """The mean, of how many the claim is true, and the interval."""
    if verdict is None or not verdict.measured:
        return ""
    number = len(verdict.measured)
    count = true_of(verdict) or f"{number} {'value' if number == 1 else 'values'}"
    figures = [f"{fmean(verdict.measured):.4f}", count, interval_text(verdict.interval)]
    return ", ".join(filter(None, figures))


def true_of(verdict: Verdict | None) -> str:
    """Of how many seeds or pairs a claim about models is true."""
    if verdict is None or verdict.true_of is None:
        return ""
    return f"{verdict.true_of} of {len(verdict.measured)}"


def count_verdicts(rows: Iterable[ClaimRow], semantics: str | None = None) -> dict[str, int]:
    """How many claims have each verdict, in the order of `VERDICTS`, those not measured last.

    Under some semantics, or each under those that the publication speaks of.
    """
    counts = dict.fromkeys((*VERDICTS.values(), NOT_MEASURED), 0)
    for row in rows:
        counts[row.verdict(semantics) if semantics else row.published_verdict] += 1
    return counts


def by_chance(rows: Iterable[ClaimRow]) -> tuple[int, float]:
    """How many claims were decided, and of how many one would expect that by chance alone.

    A claim whose truth is a coin's, on the edge between true and false, is decided wrongly for one in
    twenty such claims at 95 %; so of all that were judged, not only of those that were decided.
    """
    verdicts = [row.verdicts.get(row.speaks_of) for row in rows]
    judged = [found for found in verdicts if found is not None]
    decided = sum(found.verdict != "inconclusive" for found in judged)
    return decided, (1 - CONFIDENCE) * len(judged)
