"""Replicates: records whose cases differ in seeds alone."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sparsebench.parts.files import shown
from sparsebench.parts.records import Record
from sparsebench.values.identity import without_seeds
from sparsebench.values.kinds import UnknownKind


def check_cases(file: str, records: Iterable[Record]) -> None:
    """Refuse records whose case cannot be restored, before they are used.

    Cases of unknown kinds pass: they may belong to an experiment of another project that is not
    installed here.

    Raises
    ------
    ValueError
        Naming the file and the record.
    """
    for record in records:
        try:
            _ = record.restored
        except UnknownKind:
            continue
        except ValueError as error:
            raise ValueError(
                f"{file}: record {shown(record.digest)} has an invalid case: {str(error)[:300]}"
            ) from None


def replicates_of(record: Record) -> str:
    """The key of a record's group of replicates: experiment, and the case without its seeds.

    A case of an unknown kind is a group of its own, because its seeds cannot be told from other
    fields.
    """
    try:
        plain = without_seeds(record.case)
    except UnknownKind:
        return f"{record.experiment} {record.digest}"
    return f"{record.experiment} {_IN_ORDER.encode(plain).decode()}"


_IN_ORDER = msgspec.json.Encoder(order="sorted")


def by_replicates(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each group of replicates, in order."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(replicates_of(record), []).append(record)
    return groups
