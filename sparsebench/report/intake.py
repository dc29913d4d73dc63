"""Filters the records of a file for the report, because files may come from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sparsebench.harness.experiment import SHARES
from sparsebench.harness.registry import cases_of, measurement_named
from sparsebench.parts.records import Record, check_finite
from sparsebench.values.identity import digest
from sparsebench.values.kinds import UnknownKind


@dataclass(frozen=True)
class LeftOut:
    """A record that is not shown, with the reason."""

    digest: str
    experiment: str
    reason: str


def admitted(records: Iterable[Record]) -> tuple[list[Record], list[LeftOut]]:
    """Split records into valid ones and others."""
    found: dict[str, Record] = {}
    out = []
    for record in records:
        try:
            _check(record)
            if record.digest in found:
                raise ValueError("another record before it has the same digest")
        except UnknownKind as unknown:
            out.append(LeftOut(record.digest, record.experiment, unknown.absent))
        except (TypeError, ValueError) as error:
            out.append(LeftOut(record.digest, record.experiment, str(error)))
        else:
            found[record.digest] = record
    return list(found.values()), out


def _check(record: Record) -> None:
    """Refuse a record that the report could misread or fail on.

    Raises
    ------
    TypeError, ValueError
        If the record is invalid; the message says why.
    """
    check_finite(record)
    case: Any = record.restored
    hash(case)  # fails if a field that should be a name is a list
    if digest(case) != record.digest:
        raise ValueError("its digest is not that of its case")
    kinds, measurement = cases_of(record.experiment), measurement_named(record.experiment)
    if measurement is None:
        raise ValueError(f"experiment {record.experiment!r} is not installed here")
    if not isinstance(case, kinds):
        raise ValueError(f"a {type(case).__name__} is no case of experiment {record.experiment}")
    for name in (*SHARES, *measurement.shares):
        if not 0 <= record.metrics.get(name, 0) <= 1:
            raise ValueError(f"{name} is {record.metrics[name]}, not from 0 to 1")
    if record.metrics.get("strings", 1) < 1 or record.metrics.get("strings", 1) % 1:
        raise ValueError(f"strings is {record.metrics['strings']}, no number of strings")
    if record.metrics.get("kept", 0) < 0:
        raise ValueError(f"kept is {record.metrics['kept']}, no number of weights")
    measurement.check(case, record)
    if record.metrics.get("time_ratio", 1) <= 0:
        raise ValueError(f"time_ratio is {record.metrics['time_ratio']}, no time")
    timing = record.timing
    if timing is not None and not (timing.dense_median > 0 and timing.pruned_median > 0):
        raise ValueError("a forward pass took no time")
