"""Populations: records of one measurement for many seeds."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.parts.files import shown
from sparsebench.parts.records import Record
from sparsebench.values.identity import digest, restore, seedless
from sparsebench.values.kinds import UnknownKind


def check_cases(file: str, records: Iterable[Record]) -> None:
    """Refuse records with a case that cannot be restored, before anything is made of them.

    Cases of kinds that are not known here are let through: they may be of an experiment of another
    project, which is not installed.

    Raises
    ------
    ValueError
        Naming the file and the record.
    """
    for record in records:
        try:
            restore(record.case)
        except UnknownKind:
            continue
        except ValueError as error:
            raise ValueError(
                f"{file}: record {shown(record.digest)} has a case that is none: {str(error)[:300]}"
            ) from None


def replicates_of(record: Record) -> str:
    """The name of the population that a record belongs to: experiment and case without its seeds.

    One whose case is of a kind that is not known here is a population of its own: nobody can tell its
    seeds.

    Raises
    ------
    ValueError
        If the record's case is of a known kind, and not what that has.
    """
    try:
        case = restore(record.case)
    except UnknownKind:
        return f"{record.experiment} {record.digest}"
    return f"{record.experiment} {digest(seedless(case))}"


def by_replicates(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each population, in order."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(replicates_of(record), []).append(record)
    return groups
