"""Claims about the cells of any experiment, as its descriptor has them."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.harness.registry import items_of
from sparsebench.judging.cell import Cell
from sparsebench.judging.claims import UNANIMOUS, Claim, Contrast, judge_claim, judge_contrast
from sparsebench.judging.intervals import CONFIDENCE
from sparsebench.parts.records import Record, Verdict


def claims(cell: Cell) -> tuple[Claim, ...]:
    """What was published about a cell; nothing about cells that no experiment knows."""
    items = items_of(cell)
    return items.claims(cell) if items else ()


def contrasts(cell: Cell) -> tuple[Contrast, ...]:
    """What was published about groups of a cell's networks."""
    items = items_of(cell)
    return items.contrasts(cell) if items else ()


def judge_claims(
    cell: Cell,
    records: Sequence[Record],
    confidence: float = CONFIDENCE,
    unanimous: int | None = UNANIMOUS,
) -> list[Verdict]:
    """Hold the records of a cell, one per seed, against all that was published about it.

    See `sparsebench.judging.claims.judge_claim` and `judge_contrast`; what an experiment judges by
    other rules follows.
    """
    items = items_of(cell)
    found = [
        *(judge_claim(cell.id, each, records, confidence, unanimous) for each in claims(cell)),
        *(judge_contrast(cell.id, each, records, confidence) for each in contrasts(cell)),
        *(items.verdicts(cell, records, confidence) if items else ()),
    ]
    return [verdict for verdict in found if verdict is not None]
