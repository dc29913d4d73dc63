"""Replicates: records whose cases differ in seeds alone."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sparsebench.parts.files import shown
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest_of_text, without_seeds
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

    Raises
    ------
    ValueError
        If the case is of a known kind but has other fields.
    """
    try:
        plain = record.case if _is_canonical(record) else canonical(record.restored)
        found = _IN_ORDER.encode(without_seeds(plain))
    except UnknownKind:
        return f"{record.experiment} {record.digest}"
    return f"{record.experiment} {found.decode()}"


_IN_ORDER = msgspec.json.Encoder(order="sorted")


def _is_canonical(record: Record) -> bool:
    """Whether a case is known to be as `canonical` writes it, so that it need not be restored.

    It is, if the digest is that of its text. Other texts of a case are not wrong: a tool may have
    written 5 for 5.0.
    """
    return digest_of_text(_IN_ORDER.encode(record.case)) == record.digest


def by_replicates(records: Iterable[Record]) -> dict[str, list[Record]]:
    """The records of each group of replicates, in order."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(replicates_of(record), []).append(record)
    return groups
