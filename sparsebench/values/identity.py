"""The identity of a case: its digest, which covers its kind and every field.

The digests that baselines are stored under stay what they are: a field that is `None` is left out. So
are fields that are not compared, so that equal cases have equal digests.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from typing import Any, Protocol

from sparsebench.values.kinds import UnknownKind, kind_named, kind_of, kinds_from, kinds_in

kinds_in(
    "sparsebench.values.case",
    "sparsebench.values.graphs",
    "sparsebench.values.tasks",
    "sparsebench.experiments.*.cases",
)
kinds_from("sparsebench.experiments", "sparsebench.tasks")


class Case(Protocol):
    """A frozen description of one measurement: a dataclass with a kind (`sparsebench.values.kinds`)."""

    @property
    def variant(self) -> str:
        """The recurrent cell of the network, or networks, that it speaks of."""


def subject_of(case: Any) -> Any:
    """What a case speaks of: the network that is trained from scratch, or the networks analysed."""
    for name in ("population", "network", "base", "network", "wired"):
        case = getattr(case, name, case)
    return case


def seedless(value: Any) -> Any:
    """A case without its seeds but that of its data: what the replicates of one measurement share."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    seeds = kind_of(type(value)).seeds
    parts = {item.name: seedless(getattr(value, item.name)) for item in fields(value)}
    return replace(value, **{**parts, **seeds})


def canonical(value: Any) -> Any:
    """The plain form of a case that its digest is taken of: nested dictionaries of JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        compared = [item.name for item in fields(value) if item.compare]
        plain = {name: canonical(getattr(value, name)) for name in compared}
        present = {name: item for name, item in plain.items() if item is not None}
        return {"kind": kind_of(type(value)).name, **present}
    return value


def digest(case: Case) -> str:
    """The identity of a case: 32 hexadecimal digits of the SHA-256 of its canonical text."""
    text = json.dumps(canonical(case), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def unknown_in(plain: Any) -> UnknownKind | None:
    """What a case speaks of that is not installed here; None where all is.

    Raises
    ------
    ValueError
        As `restore`, of anything else.
    """
    try:
        restore(plain)
    except UnknownKind as unknown:
        return unknown
    return None


def restore(plain: Any) -> Any:
    """The case (or other value) whose canonical form this is; the inverse of `canonical`.

    Raises
    ------
    ValueError
        If the form is of no known kind (`sparsebench.values.kinds.UnknownKind`), lacks a field or has
        one that the kind does not.
    """
    if not isinstance(plain, dict):
        return plain
    kind = kind_named(plain.get("kind"))
    fields_of = {name: restore(item) for name, item in plain.items() if name != "kind"}
    try:
        return kind.described(**fields_of)
    except TypeError as error:
        raise ValueError(f"not a {kind.name}: {error}") from None
