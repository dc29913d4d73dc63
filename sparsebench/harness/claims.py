"""Claims about the items of any experiment, as its descriptor has them."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.harness.registry import items_of
from sparsebench.judging.claims import Claim, Contrast, judge_claim, judge_contrast
from sparsebench.judging.gate import Known
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Record, Verdict, with_history


def claims(item: BenchmarkItem) -> tuple[Claim, ...]:
    """What was published about an item; nothing about items that no experiment knows."""
    items = items_of(item)
    return items.claims(item) if items else ()


def contrasts(item: BenchmarkItem) -> tuple[Contrast, ...]:
    """What was published about groups of an item's networks."""
    items = items_of(item)
    return items.contrasts(item) if items else ()


def judge_claims(
    item: BenchmarkItem, records: Sequence[Record], confidence: float = CONFIDENCE
) -> list[Verdict]:
    """Hold the records of an item, one per seed, against all that was published about it.

    See `sparsebench.judging.claims.judge_claim` and `judge_contrast`; what an experiment judges by
    other rules follows.
    """
    items = items_of(item)
    found = [
        *(judge_claim(item.id, each, records, confidence) for each in claims(item)),
        *(judge_contrast(item.id, each, records, confidence) for each in contrasts(item)),
        *(items.verdicts(item, records, confidence) if items else ()),
    ]
    return [verdict for verdict in found if verdict is not None]


def evidence(records: Sequence[Record], baseline: Known) -> list[Record]:
    """What claims about an item are judged by: the run's records, and the baseline's replicates.

    Those of the baseline count where the same arithmetic made them, so that measuring them again would
    give the same: a run of one seed has the verdict of all. The run's own records stand in the place of
    the baseline's of the same cases; a training's history that it did not repeat is the baseline's,
    where the weights are the same.
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
