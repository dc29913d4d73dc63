"""Measure a case, and hold what one item measured."""

from __future__ import annotations

from contextlib import nullcontext
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
    """What one item measured, and the outcome.

    Attributes
    ----------
    item
        The item; None for records that belong to no item.
    cases, records
        One record for each case, in order.
    looks
        Number of interim looks at the claims; each may decide.
    outcome
        The judgement; None until there is one.
    """

    item: BenchmarkItem | None
    cases: list[Case] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    looks: int = 1
    outcome: Outcome | None = None


def measure(case: Case, bench: Bench) -> Record:
    """Measure one case, or load its record from the cache.

    Raises
    ------
    TypeError
        If no experiment measures this class of case, or only its benchmark does.
    NotMeasurable
        If the case cannot be measured in this run, for a reason outside the code.
    """
    measurement = measurement_of(case)
    make = measurement.measure
    if make is None:
        raise TypeError(
            f"a {type(case).__name__} is measured by its own benchmark, from files: run that"
        )
    with bench.alone() if measurement.policy.of_the_machine else nullcontext():
        if measurement.cache_key is None:
            return make(case, bench)
        return cached(case, measurement.cache_key(case, bench), lambda: make(case, bench), bench)
