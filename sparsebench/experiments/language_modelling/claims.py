"""What the report on capacity says of networks that predict letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.experiments.capacity.claims import falls
from sparsebench.experiments.language_modelling.items import LettersCell
from sparsebench.parts.records import Record, Verdict


def letters_verdicts(
    cell: LettersCell, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Hold networks of several sizes, neither pruned nor wired, against the report's statement."""
    if cell.plain:
        yield from falls(
            cell, records, "bits_per_letter", "bits per letter fall", "IV.D", confidence
        )
