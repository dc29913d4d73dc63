"""Records as a store saves them: with provenances, under a checksum of the file's content."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from sparsebench.parts.files import read_at_most, write_atomically
from sparsebench.parts.records import Provenance, Record, check_depth

LARGEST_RECORD = 2**24
"""Largest size of one training's record, in bytes; one of fifty epochs has about 10,000."""


class StoredModel(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record with its provenances.

    Attributes
    ----------
    record
        The record of a training or of a measurement.
    provenance
        Where it was made.
    trained
        Of a measurement, where its network was trained.
    seconds
        How long it took; for networks trained together, each one's share.
    """

    record: Record
    provenance: Provenance
    trained: Provenance | None = None
    seconds: float | None = None


class _Sealed(msgspec.Struct, frozen=True):
    """The content of a record's file; the checksum detects a flipped bit in a figure."""

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
            raise ValueError("its content does not match its checksum")
        stored = msgspec.json.decode(content, type=StoredModel)
        check_depth(stored.record)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"{path}: not a complete record: {error}") from None
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
    """The content of a record's file: JSON beside its checksum."""
    sealed = _Sealed(hashlib.sha256(content).hexdigest(), msgspec.Raw(content))
    return msgspec.json.encode(sealed)


def is_named_after(stored: StoredModel, name: str) -> bool:
    """Whether an entry's name begins with the digest of its case."""
    return name.partition("-")[0] == stored.record.digest
