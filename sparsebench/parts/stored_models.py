"""Records as a store keeps them: with where they were measured, under a checksum of the file's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from sparsebench.parts.files import read_at_most, write_atomically
from sparsebench.parts.records import Provenance, Record, check_depth

LARGEST_RECORD = 2**24
"""Bytes of the record of one training; those of fifty epochs have some 10,000."""


class StoredModel(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record, with its provenances spelled out.

    Attributes
    ----------
    record
        Of a training, or of a measurement.
    provenance
        Where that was done.
    trained
        Of a measurement, where the network was trained that it is about.
    seconds
        How long it took; of several that were trained as one, each one's share.
    """

    record: Record
    provenance: Provenance
    trained: Provenance | None = None
    seconds: float | None = None


class _Sealed(msgspec.Struct, frozen=True):
    """What a record's file holds: the checksum tells a flipped bit in a figure."""

    sha256: str
    content: msgspec.Raw


def read_stored(path: Path) -> StoredModel:
    """Read a record.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is damaged or too large.
    """
    try:
        sealed = msgspec.json.decode(read_at_most(path, LARGEST_RECORD), type=_Sealed)
        content = bytes(sealed.content)
        if hashlib.sha256(content).hexdigest() != sealed.sha256:
            raise ValueError("it is not what was written")
        stored = msgspec.json.decode(content, type=StoredModel)
        check_depth(stored.record)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"{path}: no whole record: {error}") from None
    return stored


def write_stored(path: Path, stored: StoredModel) -> None:
    """Write a record, with a checksum, atomically.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    write_atomically(path, seal(msgspec.json.encode(stored)))


def seal(content: bytes) -> bytes:
    """What a record's file holds: its content in JSON, beside the checksum of that."""
    sealed = _Sealed(hashlib.sha256(content).hexdigest(), msgspec.Raw(content))
    return msgspec.json.encode(sealed)


def is_named_after(stored: StoredModel, name: str) -> bool:
    """Whether an entry's name is that of its case, whatever follows that."""
    return name.partition("-")[0] == stored.record.digest
