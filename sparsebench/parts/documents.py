"""Result files and baselines on disk: JSON documents, as text or compressed by gzip.

A document names its kind and schema version. Those of a baseline lie in a folder
(`sparsebench.parts.baseline_folder`).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
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
from sparsebench.parts.folder_files import read_together
from sparsebench.parts.records import (
    BASELINE,
    RESULT,
    SCHEMA,
    Baseline,
    Provenance,
    Record,
    Result,
    check_complete,
    check_depth,
    check_finite,
)

LARGEST = 2**27
"""Largest size in bytes of a document, or of a baseline's documents together, uncompressed: more
than twice what the thesis profile measures. In memory, a byte can become twenty."""

TEXT, PACKED = ".json", ".json.gz"
"""Endings of the names of a baseline's files."""

PARTS = re.compile(r"[a-z0-9][a-z0-9_-]*\.json(\.gz)?")
"""The names of the files in a baseline's folder."""

_GZIP = b"\x1f\x8b"


class _Header(Struct):
    schema: int
    kind: str


_KINDS: dict[str, type[Result] | type[Baseline]] = {RESULT: Result, BASELINE: Baseline}


def read_document(path: FilePath) -> Result | Baseline:
    """Read a result file or a baseline.

    Parameters
    ----------
    path
        A file, as text or compressed by gzip, or the folder of a baseline.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If it is not such a document, is damaged or too large, comes from a newer version, or has
        two records of one case.
    """
    if Path(path).is_dir():
        return _read_folder(Path(path))
    return parsed(read_at_most(path, LARGEST, pipe=True), path)


def _read_folder(folder: Path) -> Baseline:
    """All documents of a baseline's folder as one baseline."""
    contents = read_together(folder, PARTS, LARGEST)
    if not contents:
        raise ValueError(
            f"{folder}: not a baseline: it has no EXPERIMENT{TEXT} or EXPERIMENT{PACKED}"
        )
    unpacked = {name: _unpacked(content, folder / name) for name, content in contents.items()}
    if sum(map(len, unpacked.values())) > LARGEST:
        raise ValueError(f"{folder}: {_TOO_LARGE}")
    return merged(parsed_part(content, folder / name) for name, content in unpacked.items())


def merged(parts: Iterable[Baseline]) -> Baseline:
    """Merge baselines, with records in order; if several have a case, the first one's record counts."""
    provenances: dict[str, Provenance] = {}
    records: dict[str, Record] = {}
    for part in parts:
        provenances.update(part.provenances)
        for record in part.records:
            records.setdefault(record.digest, record)
    return Baseline(provenances=provenances, records=in_order(records.values()))


def baseline_of(records: Iterable[Record], known: Mapping[str, Provenance]) -> Baseline:
    """A baseline of some records, with their provenances."""
    ordered = in_order(records)
    used = {key for record in ordered for key in (record.provenance, record.trained) if key}
    return Baseline(provenances={key: known[key] for key in sorted(used)}, records=ordered)


def in_order(records: Iterable[Record]) -> list[Record]:
    """Records in the order of baselines: by experiment, then by case."""
    return sorted(records, key=lambda record: (record.experiment, str(record.case)))


def check_header(content: bytes, path: FilePath) -> None:
    """Refuse a baseline's file that is cut short, of another kind, or of a newer version.

    Raises
    ------
    ValueError
        As in `read_document`; records are not checked.
    """
    try:
        kind = _header(_readable(_unpacked(content, path))).kind
    except _DAMAGES as error:
        raise _refusal(path, error) from None
    if kind != BASELINE:
        raise _not_a_baseline(path, kind)


def parsed_part(content: bytes, path: Path) -> Baseline:
    """The part of a baseline in one file: records of the experiment that the file is named after.

    Raises
    ------
    ValueError
        As in `read_baseline`, or if a record belongs to another experiment.
    """
    document = parsed(content, path)
    if not isinstance(document, Baseline):
        raise _not_a_baseline(path, document.kind)
    experiment = path.name.partition(".")[0]
    for record in document.records:
        if record.experiment != experiment:
            raise ValueError(
                f"{path}: record {shown(record.digest)} is of experiment {shown(record.experiment)}: "
                "move its line to that experiment's file, or name the folder of one baseline"
            )
    return document


def parsed(content: bytes, path: FilePath) -> Result | Baseline:
    """The document in a file's content.

    Raises
    ------
    ValueError
        As in `read_document`.
    """
    content = _unpacked(content, path)
    try:
        content = _readable(content)
        document = msgspec.json.decode(content, type=_KINDS[_header(content).kind])
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
                    "which is missing"
                )
        return document
    except _DAMAGES as error:
        raise _refusal(path, error) from None


_DAMAGES = (msgspec.DecodeError, ValueError, RecursionError)


def _refusal(path: FilePath, error: Exception) -> ValueError:
    return ValueError(f"{path}: not a sparsebench document: {error}")


def _not_a_baseline(path: FilePath, kind: str) -> ValueError:
    return ValueError(f"{path}: a {kind}, not a {BASELINE}: name a baseline")


_TOO_LARGE = f"more than {LARGEST} bytes, the most that is read: give a smaller file"


def _unpacked(content: bytes, path: FilePath) -> bytes:
    """Decompress a file's content, up to the limit; text is returned as it is."""
    if not content.startswith(_GZIP):
        return content
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(content, LARGEST + 1)
    except zlib.error as error:
        raise ValueError(f"{path}: gzip cannot unpack it ({error}): restore the file") from None
    if len(text) > LARGEST:
        raise ValueError(f"{path}: {_TOO_LARGE}")
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError(f"{path}: it is cut short, or something follows it: restore the file")
    return text


def _readable(content: bytes) -> bytes:
    """The text without a byte order mark; the error names another encoding."""
    content = without_mark(content)
    if b"\0" in content[:4]:
        raise ValueError(NOT_UTF8)
    return content


def _header(content: bytes) -> _Header:
    """The header of a document; refuses kinds and versions that cannot be read."""
    header = msgspec.json.decode(content, type=_Header)
    if header.kind not in _KINDS:
        raise msgspec.ValidationError(f"kind is {shown(header.kind)}, not {' or '.join(_KINDS)}")
    if header.schema < 1:
        raise msgspec.ValidationError(f"schema is {header.schema}: versions begin at 1")
    if header.schema > SCHEMA:
        raise msgspec.ValidationError(
            f"schema {header.schema} is newer than {SCHEMA}, the newest this version reads: "
            "upgrade sparsebench"
        )
    return header


def read_baseline(path: FilePath) -> Baseline:
    """Read a baseline; a result file is refused.

    Raises
    ------
    OSError, ValueError
        As in `read_document`.
    """
    document = read_document(path)
    if not isinstance(document, Baseline):
        raise _not_a_baseline(path, document.kind)
    return document


def baseline_at(path: FilePath) -> Baseline:
    """The baseline in a file; an empty one if there is no such file.

    Raises
    ------
    OSError, ValueError
        As in `read_document`.
    """
    return read_baseline(path) if Path(path).exists() else Baseline(provenances={}, records=[])


def write_document(path: Path, document: Result | Baseline) -> None:
    """Write a document atomically, as text.

    Raises
    ------
    OSError
        If the file cannot be written.
    ValueError
        If a figure is NaN or infinite; the file is unchanged then.
    """
    write_atomically(path, as_text(document))


def as_text(document: Result | Baseline) -> bytes:
    """The text of a document, one record per line, so that a diff shows what moved.

    Raises
    ------
    ValueError
        If a figure is NaN or infinite.
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
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def packed(document: Result | Baseline) -> bytes:
    """A document as gzip; equal documents give equal bytes.

    Raises
    ------
    ValueError
        As in `as_text`.
    """
    return gzip.compress(as_text(document), mtime=0)


def _line(value: Any) -> str:
    return msgspec.json.encode(value).decode()
