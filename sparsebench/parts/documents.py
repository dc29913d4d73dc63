"""Result files and baselines on disk: JSON documents that name their kind and schema version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sparsebench.parts.files import (
    NOT_UTF8,
    FilePath,
    read_at_most,
    shown,
    without_mark,
    write_atomically,
)
from sparsebench.parts.records import (
    BASELINE,
    RESULT,
    SCHEMA,
    Baseline,
    Result,
    check_complete,
    check_depth,
    check_finite,
)

LARGEST = 2**26
"""Bytes of a document: more than twice those of the shipped baseline of all that the thesis profile
measures. In memory, a byte can become twenty."""


class _Header(Struct):
    schema: int
    kind: str


_KINDS: dict[str, type[Result] | type[Baseline]] = {RESULT: Result, BASELINE: Baseline}


def read_document(path: FilePath) -> Result | Baseline:
    """Read a result file or a baseline.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not such a document, is damaged or too large, comes from a newer version, or has two
        records of one case.
    """
    content = read_at_most(path, LARGEST, pipe=True)
    try:
        content = without_mark(content)
        if b"\0" in content[:4]:
            raise ValueError(NOT_UTF8)
        header = msgspec.json.decode(content, type=_Header)
        if header.kind not in _KINDS:
            raise msgspec.ValidationError(
                f"kind is {shown(header.kind)}, not {' or '.join(_KINDS)}"
            )
        if header.schema < 1:
            raise msgspec.ValidationError(f"schema is {header.schema}: versions begin at 1")
        if header.schema > SCHEMA:
            raise msgspec.ValidationError(
                f"schema {header.schema} is newer than {SCHEMA}, the newest this version reads: "
                "upgrade sparsebench"
            )
        document = msgspec.json.decode(content, type=_KINDS[header.kind])
        known = {"", *document.provenances}
        seen: set[str] = set()
        for record in document.records:
            if record.digest in seen:
                raise msgspec.ValidationError(
                    f"record {shown(record.digest)} is there twice: keep one of the two lines"
                )
            seen.add(record.digest)
            check_depth(record)
            check_complete(record)
            unknown = {record.provenance, record.trained} - known
            if unknown:
                raise msgspec.ValidationError(
                    f"record {shown(record.digest)} refers to provenance {shown(unknown.pop())}, "
                    "which is not there"
                )
        return document
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: not a sparsebench document: {error}") from None


def read_baseline(path: FilePath) -> Baseline:
    """Read a baseline; a result file is refused.

    Raises
    ------
    OSError, ValueError
        As `read_document`.
    """
    document = read_document(path)
    if not isinstance(document, Baseline):
        raise ValueError(f"{path}: a {document.kind}, not a {BASELINE}: name a baseline")
    return document


def baseline_at(path: FilePath) -> Baseline:
    """The baseline in a file; an empty one if there is no such file.

    Raises
    ------
    OSError, ValueError
        As `read_document`.
    """
    return read_baseline(path) if Path(path).exists() else Baseline(provenances={}, records=[])


def write_document(path: Path, document: Result | Baseline) -> None:
    """Write a document atomically, one record a line, so that a diff shows what moved.

    Raises
    ------
    OSError
        If the file cannot be written.
    ValueError
        If a figure is NaN or infinite; the file is untouched then.
    """
    for record in document.records:
        check_finite(record)
    plain = msgspec.to_builtins(document)
    parts = []
    for key, value in plain.items():
        if isinstance(value, list) and value:
            lines = ",\n".join(_line(item) for item in value)
            parts.append(f"{_line(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{_line(key)}: {_line(value)}")
    write_atomically(path, ("{\n" + ",\n".join(parts) + "\n}\n").encode())


def _line(value: Any) -> str:
    return msgspec.json.encode(value).decode()
