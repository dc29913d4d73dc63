"""From a case to its record, and what one item measures."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparsebench.harness.cache import cached
from sparsebench.harness.context import Bench
from sparsebench.harness.registry import measurement_of
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.outcome import Outcome
from sparsebench.parts.records import Record
from sparsebench.values.identity import Case


@dataclass
class ItemResult:
    """What one item measured, and what was concluded from it.

    Attributes
    ----------
    item
        What was asked for; None for records that belong to no item.
    cases, records
        One record for each case, in order.
    looks
        At how many numbers of seeds the claims may be judged, the one or another of which decides.
    outcome
        What the judgement said; None until there is one.
    """

    item: BenchmarkItem | None
    cases: list[Case] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    looks: int = 1
    outcome: Outcome | None = None


def measure(case: Case, bench: Bench) -> Record:
    """Measure one case, or find its record in the store.

    Raises
    ------
    TypeError
        If no experiment measures this kind of case, or its benchmark does so itself.
    NotMeasurable
        If the case cannot be measured in this run, through no fault of the code.
    """
    measurement = measurement_of(case)
    make = measurement.measure
    if make is None:
        raise TypeError(
            f"a {type(case).__name__} is measured by its own benchmark, from files: run that"
        )
    if measurement.cache_key is None:
        return make(case, bench)
    return cached(case, measurement.cache_key(case, bench), lambda: make(case, bench), bench)
