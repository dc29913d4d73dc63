"""Claims about the items of any experiment, as its descriptor has them."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.harness.registry import items_of
from sparsebench.judging.claims import UNANIMOUS, Claim, Contrast, judge_claim, judge_contrast
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record, Verdict


def claims(item: BenchmarkItem) -> tuple[Claim, ...]:
    """What was published about an item; nothing about items that no experiment knows."""
    items = items_of(item)
    return items.claims(item) if items else ()


def contrasts(item: BenchmarkItem) -> tuple[Contrast, ...]:
    """What was published about groups of an item's networks."""
    items = items_of(item)
    return items.contrasts(item) if items else ()


def judge_claims(
    item: BenchmarkItem,
    records: Sequence[Record],
    confidence: float = CONFIDENCE,
    unanimous: int | None = UNANIMOUS,
) -> list[Verdict]:
    """Hold the records of an item, one per seed, against all that was published about it.

    See `sparsebench.judging.claims.judge_claim` and `judge_contrast`; what an experiment judges by
    other rules follows.
    """
    items = items_of(item)
    found = [
        *(judge_claim(item.id, each, records, confidence, unanimous) for each in claims(item)),
        *(judge_contrast(item.id, each, records, confidence) for each in contrasts(item)),
        *(items.verdicts(item, records, confidence) if items else ()),
    ]
    return [verdict for verdict in found if verdict is not None]
