"""Claims about the items of any experiment, taken from its descriptor."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.harness.registry import items_of
from sparsebench.judging.claims import Claim, Contrast, judge_claim, judge_contrast
from sparsebench.judging.gate import BaselineRecords
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Record, Verdict, with_history


def claims(item: BenchmarkItem) -> tuple[Claim, ...]:
    """The published claims about an item; empty if no experiment knows items of its class.

    Parameters
    ----------
    item
        A benchmark item.

    Returns
    -------
    tuple of sparsebench.judging.claims.Claim
        Each with the range that its figure lies in, and its source.
    """
    items = items_of(item)
    return items.claims(item) if items else ()


def contrasts(item: BenchmarkItem) -> tuple[Contrast, ...]:
    """The published contrasts between groups of an item's networks."""
    items = items_of(item)
    return items.contrasts(item) if items else ()


def judge_claims(
    item: BenchmarkItem, records: Sequence[Record], confidence: float = CONFIDENCE
) -> list[Verdict]:
    """Judge the records of an item, one per seed, by everything that was published about it.

    See `sparsebench.judging.claims.judge_claim` and `judge_contrast`. Verdicts by an experiment's
    own rules come last.
    """
    items = items_of(item)
    found = [
        *(judge_claim(item.id, each, records, confidence) for each in claims(item)),
        *(judge_contrast(item.id, each, records, confidence) for each in contrasts(item)),
        *(items.verdicts(item, records, confidence) if items else ()),
    ]
    return [verdict for verdict in found if verdict is not None]


def evidence(records: Sequence[Record], baseline: BaselineRecords) -> list[Record]:
    """The records that judge an item's claims: the run's, and the baseline's replicates.

    A record of the baseline counts if the same arithmetic made it, because measuring it again would
    give the same figures. So a run of one seed reaches the verdict of all seeds. For a case that
    both have, the run's record is used; if its training was loaded and not repeated, and the
    weights agree, it takes its history from the baseline.
    """
    found: list[Record] = []
    for own in by_replicates(records).values():
        versions = {record.numerics for record in own}
        joined = {
            record.digest: record
            for record in baseline.replicates(own[0])
            if record.numerics and record.numerics in versions
        }
        joined |= {each.digest: with_history(each, joined.get(each.digest)) for each in own}
        found += joined.values()
    return found


def same_evidence(one: Sequence[Record], other: Sequence[Record]) -> bool:
    """Whether both have the same cases with the same figures, so that claims are judged alike."""
    return _figures(one) == _figures(other)


def _figures(records: Sequence[Record]) -> dict[str, tuple[object, ...]]:
    return {
        each.digest: (each.metrics, each.history, each.properties, each.tables, each.weights)
        for each in records
    }
