"""What the report on capacity says of networks that predict letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.experiments.capacity.claims import falls
from sparsebench.experiments.language_modelling.items import LettersItem
from sparsebench.parts.records import Record, Verdict


def letters_verdicts(
    item: LettersItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Hold networks of several sizes, neither pruned nor wired, against the report's statement."""
    if item.plain:
        yield from falls(
            item, records, "bits_per_letter", "bits per letter fall", "IV.D", confidence
        )
