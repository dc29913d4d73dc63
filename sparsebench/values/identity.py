"""The identity of a case: its digest, which covers the class and every field.

The digests that baselines are stored under stay what they are: a field that is `None` is left out. So
are fields that are not compared, so that equal cases have equal digests.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass, replace
from typing import Any

from sparsebench.values.analyses import CorrelationCase, PredictionCase, WiredPopulation
from sparsebench.values.case import (
    BaseCase,
    ForwardCase,
    FourWaysCase,
    GenerationCase,
    GraphSpec,
    OnsetCase,
    PruningCase,
    RetrainingCase,
    TaskCase,
    WiredCase,
)
from sparsebench.values.conformance_cases import ConformanceCase, WiredConformanceCase
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import Semantics
from sparsebench.values.tasks import (
    TASKS,
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    TextLetters,
)

Case = (
    BaseCase
    | OnsetCase
    | PruningCase
    | WiredCase
    | TaskCase
    | GenerationCase
    | RetrainingCase
    | FourWaysCase
    | ForwardCase
    | ConformanceCase
    | WiredConformanceCase
    | CorrelationCase
    | PredictionCase
)


def subject_of(case: Any) -> Any:
    """What a case speaks of: the network that is trained from scratch, or the networks analysed."""
    for name in ("population", "network", "base", "network", "wired"):
        case = getattr(case, name, case)
    return case


def seedless(value: Any) -> Any:
    """A case with all its seeds at zero but that of its data: what the seeds of a cell share."""
    if not is_dataclass(value) or isinstance(value, type) or type(value) in TASKS:
        return value
    parts = {item.name: seedless(getattr(value, item.name)) for item in fields(value)}
    zeroed: dict[str, int | None] = {name: 0 for name in ("seed", "first") if name in parts}
    if isinstance(value, RetrainingCase):
        zeroed["order"] = None
    return replace(value, **{**parts, **zeroed})


def canonical(value: Any) -> Any:
    """The plain form of a case that its digest is taken of: nested dictionaries of JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        compared = [item.name for item in fields(value) if item.compare]
        plain = {name: canonical(getattr(value, name)) for name in compared}
        present = {name: item for name, item in plain.items() if item is not None}
        return {"kind": type(value).__name__, **present}
    return value


def digest(case: Case) -> str:
    """The identity of a case: 32 hexadecimal digits of the SHA-256 of its canonical text."""
    text = json.dumps(canonical(case), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Architecture,
        BaseCase,
        ConformanceCase,
        CorrelationCase,
        ForwardCase,
        FourWaysCase,
        GenerationCase,
        GraphSpec,
        LabelledText,
        OnsetCase,
        PredictionCase,
        PruningCase,
        ReberStrings,
        RetrainingCase,
        NextLetters,
        RandomFunction,
        RandomLabels,
        Recall,
        Semantics,
        TaskCase,
        TextLetters,
        Training,
        WiredCase,
        WiredConformanceCase,
        WiredPopulation,
    )
}


def restore(plain: Any) -> Any:
    """The case (or other value) whose canonical form this is; the inverse of `canonical`.

    Raises
    ------
    ValueError
        If the form is of no known kind, lacks a field or has one that the kind does not.
    """
    if not isinstance(plain, dict):
        return plain
    kind = _KINDS.get(str(plain.get("kind")))
    if kind is None:
        raise ValueError(f"kind is {plain.get('kind')!r}: choose one of {', '.join(_KINDS)}")
    fields_of = {name: restore(item) for name, item in plain.items() if name != "kind"}
    try:
        return kind(**fields_of)
    except TypeError as error:
        raise ValueError(f"not a {kind.__name__}: {error}") from None
