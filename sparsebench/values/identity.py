"""The identity of a case: a digest of its kind and of every compared field.

A field that is `None` is left out, so that digests of stored baselines stay valid when a field is
added. A field that is not compared is left out too, so that equal cases have equal digests.
"""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol

from sparsebench.values.kinds import (
    Kind,
    UnknownKind,
    kind_named,
    kind_of,
    kinds_from,
    kinds_in,
)

kinds_in(
    "sparsebench.values.case",
    "sparsebench.values.graphs",
    "sparsebench.values.own_data",
    "sparsebench.values.sequence_tasks",
    "sparsebench.values.text_tasks",
    "sparsebench.values.tasks",
    "sparsebench.parts.methods.method",
    "sparsebench.experiments.*.cases",
)
kinds_from("sparsebench.experiments", "sparsebench.tasks")


class Case(Protocol):
    """A frozen description of one measurement: a dataclass with a kind (`sparsebench.values.kinds`)."""

    @property
    def variant(self) -> str:
        """The cell type of the network, or networks, that it describes."""


def subject_of(case: Any) -> Any:
    """The subject of a case: the network trained from scratch, or the analysed networks."""
    for name in ("population", "network", "base", "network", "wired"):
        case = getattr(case, name, case)
    return case


def seedless(value: Any) -> Any:
    """A case without seeds except that of its data; replicates have equal ones."""
    compared = _compared(type(value))
    if compared is None:
        return value
    seeds = kind_of(type(value)).seeds
    parts = {name: seedless(getattr(value, name)) for name in compared}
    return replace(value, **{**parts, **seeds})


def canonical(value: Any) -> Any:
    """Convert a case to nested dictionaries of JSON values, from which its digest is computed.

    Parameters
    ----------
    value
        A case, or a value inside one.

    Returns
    -------
    dict, or the value itself
        For a dataclass, `kind` and every compared field that is not None.

    Raises
    ------
    TypeError
        If a dataclass in it has no kind (`sparsebench.values.kinds`).
    """
    compared = _compared(type(value))
    if compared is None:
        return value
    plain = {name: canonical(getattr(value, name)) for name in compared}
    present = {name: item for name, item in plain.items() if item is not None}
    return {"kind": kind_of(type(value)).name, **present}


def without_seeds(plain: Any) -> Any:
    """What `canonical` makes of a case, without its seeds: equal for replicates, and for no others.

    The case is not restored for it, because gates group tens of thousands.

    Raises
    ------
    UnknownKind
        If a kind in it is not installed here.
    """
    if not isinstance(plain, dict):
        return plain
    seeds = kind_named(plain.get("kind")).seeds
    return {name: without_seeds(item) for name, item in plain.items() if name not in seeds}


def _compared(described: type) -> tuple[str, ...] | None:
    """The names of the fields that are compared; None for what is no dataclass."""
    if described not in _COMPARED:
        _COMPARED[described] = (
            tuple(item.name for item in fields(described) if item.compare)
            if is_dataclass(described)
            else None
        )
    return _COMPARED[described]


_COMPARED: dict[type, tuple[str, ...] | None] = {}
"""What `_compared` found: reports ask hundreds of thousands of times."""


def digest(case: Case) -> str:
    """Compute the identity of a case: 32 hexadecimal digits of the SHA-256 of its canonical text.

    Parameters
    ----------
    case
        A frozen dataclass with a kind.

    Returns
    -------
    str
        Equal for equal cases, on every machine and in every version.
    """
    text = json.dumps(canonical(case), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return digest_of_text(text.encode("utf-8"))


def digest_of_text(text: bytes) -> str:
    """The digest of a case whose canonical form is this JSON, its keys sorted, without spaces."""
    return hashlib.sha256(text).hexdigest()[:32]


def unknown_in(plain: Any) -> UnknownKind | None:
    """The kind in a case's plain form that is not installed here; None if there is none.

    Raises
    ------
    ValueError
        As in `restore`, for any other defect.
    """
    try:
        restore(plain)
    except UnknownKind as unknown:
        return unknown
    return None


def restore(plain: Any) -> Any:
    """Rebuild a case, or a value in it, from its canonical form: the inverse of `canonical`.

    Raises
    ------
    ValueError
        If the kind is unknown (`sparsebench.values.kinds.UnknownKind`), or a field is missing or
        unknown.
    """
    if not isinstance(plain, dict):
        return plain
    kind = kind_named(plain.get("kind"))
    fields_of = {
        name: _part(item) if isinstance(item, dict) else item
        for name, item in plain.items()
        if name != "kind"
    }
    try:
        return kind.described(**fields_of)
    except TypeError as error:
        raise ValueError(f"not a {kind.name}: {error}") from None


def _part(plain: dict[str, Any]) -> Any:
    """A value in a case, rebuilt once for all cases that have it: a baseline repeats few of them.

    One that has a list is rebuilt each time, because a class may keep it, and lists can be changed.
    """
    if not _can_be_shared(plain):
        return restore(plain)
    written = marshal.dumps(plain, 2)  # of this version, bytes tell values and their types apart
    value, kinds = _PARTS.get(written, (None, ()))
    if not kinds or any(kind_named(each.name) is not each for each in kinds):
        value = restore(plain)
        if len(_PARTS) >= _MOST_PARTS:
            _PARTS.clear()
        _PARTS[written] = value, tuple(_kinds_in(plain))
    return value


def _can_be_shared(plain: dict[str, Any]) -> bool:
    for value in plain.values():
        if type(value) not in _SCALARS and not (type(value) is dict and _can_be_shared(value)):
            return False
    return True


def _kinds_in(plain: dict[str, Any]) -> Iterator[Kind]:
    yield kind_named(plain["kind"])
    for value in plain.values():
        if isinstance(value, dict):
            yield from _kinds_in(value)


_SCALARS = {str, int, float, bool, type(None)}

_PARTS: dict[bytes, tuple[Any, tuple[Kind, ...]]] = {}
"""By plain form: a value, and the kinds that it was rebuilt by."""
_MOST_PARTS = 100_000
