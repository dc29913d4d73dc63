"""The claims of the report on capacity about networks that predict letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.experiments.capacity.claims import falls
from sparsebench.experiments.language_modelling.items import LettersItem
from sparsebench.parts.records import Record, Verdict


def letters_verdicts(
    item: LettersItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Judge networks of several sizes, neither pruned nor wired, by the report's statement."""
    if item.plain:
        yield from falls(
            item, records, "bits_per_letter", "bits per letter fall", "IV.D", confidence
        )
