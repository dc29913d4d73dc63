"""Every published claim, with what was measured under both semantics.

The thesis speaks of the published semantics; the corrected ones are held to the same words. Which
claims there are, and which records are evidence for them, each experiment says itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.harness.claims import claims, contrasts, judge_claims
from sparsebench.harness.registry import experiments
from sparsebench.judging.claims import Claim, Contrast
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
    """

    experiment: str
    item: BenchmarkItem
    statement: str
    source: str
    low: float
    high: float
    verdicts: Mapping[str, Verdict]

    @property
    def subject(self) -> tuple[Entry, Entry, Entry]:
        """The variant, target and percentage that it speaks of, where it does."""
        variant = VARIANT_TITLES.get(getattr(self.item, "variant", ""), "")
        return variant, getattr(self.item, "target", ""), getattr(self.item, "percent", None)

    def verdict(self, semantics: str) -> str:
        """The verdict under some semantics, in words."""
        found = self.verdicts.get(semantics)
        return VERDICTS[found.verdict] if found else NOT_MEASURED


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


SIDES = tuple(
    column
    for semantics in SEMANTICS
    for column in (
        Column(f"{semantics}: mean", ".4f"),
        Column(f"{semantics}: 95 % interval"),
        Column(f"{semantics}: verdict", choice=True),
    )
)
"""The columns in which both semantics stand side by side."""


def sides(row: ClaimRow) -> list[Entry]:
    """What stands in those columns beside a claim."""
    figures: list[Entry] = []
    for semantics in SEMANTICS:
        verdict = row.verdicts.get(semantics)
        figures += [
            fmean(verdict.measured) if verdict else None,
            interval_text(verdict.interval) if verdict else "",
            row.verdict(semantics),
        ]
    return figures


def count_verdicts(rows: Iterable[ClaimRow], semantics: str) -> dict[str, int]:
    """How many claims have each verdict, in the order of `VERDICTS`, those not measured last."""
    counts = dict.fromkeys((*VERDICTS.values(), NOT_MEASURED), 0)
    for row in rows:
        counts[row.verdict(semantics)] += 1
    return counts
