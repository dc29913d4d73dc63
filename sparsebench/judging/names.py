"""Names of records in words; two groups of replicates never have the same name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from sparsebench.parts.records import Item, Record
from sparsebench.parts.tasks import is_task, task_kind_of, title_of
from sparsebench.values.identity import canonical, seedless
from sparsebench.values.kinds import kind_of
from sparsebench.values.semantics import PUBLISHED, Semantics

_WORDS = {
    "variant": "{}",
    "family": "{}",
    "vertices": "{} vertices",
    "order": "edges by {}",
    "way": "{}",
    "target": "{}",
    "percent": "p{}",
    "criterion": "by {}",
    "threshold": "below {}",
    "regressor": "{}",
    "features": "{}",
    "splits": "{} splits",
    "graphs": "{} graphs",
    "resamples": "{} resamples",
    "hidden_size": "{} units",
    "layers": "{} layers",
    "initialisation": "{} weights",
    "epochs": "{} epochs",
    "batch_size": "batch {}",
    "learning_rate": "rate {}",
    "final_rate": "to {}",
    "optimiser": "by {}",
    "grammar": "{}",
    "text": "{}",
    "asks": "{}",
    "corpus": "{}",
    "samples": "{} samples",
    "steps": "{} steps",
    "delay": "delay {}",
    "width": "width {}",
}
"""Wording of the fields of a case; other fields appear under their names, defaults not at all."""

_FIRST = ("base", "network", "wired", "population")
"""Fields that hold the subject of a case; they are named before what is done with it."""

_FOLDED = ("alphabet", "labels", "checksum", "inputs", "answers")
"""Fields of a user's text or data that are named together, by one checksum."""

_LONGEST = 24
"""Most characters of a word; a longer one is shown as its checksum."""


def name_of(record: Record) -> str:
    """The name of a record in words, without its seeds.

    It includes every field that differs from its default, so two records have the same name only if
    they are replicates (`sparsebench.judging.replicates`). For a case of an unknown kind, the name
    is the experiment and the digest.
    """
    try:
        case = seedless(record.restored)
    except ValueError:
        return f"{_word(record.experiment)} {_word(record.digest[:8])}"
    return " ".join([_word(record.experiment), *_of_fields(case, None), *_of_semantics(case)])


def pytest_name(item: Item) -> str:
    """The name of a pytest item without its file, by which `pytest -k` selects it: `test_base[gru]`."""
    test, bracket, parameters = item.nodeid.partition("[")
    return test.rpartition("::")[2] + bracket + parameters


def _of_fields(value: Any, usual: Any) -> Iterator[str]:
    """Words for a dataclass: its fields that differ from `usual`, or from their own defaults."""
    seeds = kind_of(type(value)).seeds
    told = [each for each in fields(value) if each.name not in (*seeds, *_FOLDED)]
    for each in sorted(told, key=lambda each: each.name not in _FIRST):
        inner = getattr(value, each.name)
        default = _default(each) if usual is None else getattr(usual, each.name, MISSING)
        if inner is None or inner == default or isinstance(inner, Semantics):
            continue
        words = [*_told(each.name, inner, default, kind_of(type(value)).phrases)]
        mark = kind_of(type(value)).words.get(each.name)
        yield from [mark, *words] if mark else words
    folded = {each: getattr(value, each) for each in _FOLDED if hasattr(value, each)}
    if folded:
        yield _checksum(str(folded))


def _told(name: str, value: Any, default: Any, phrases: Sequence[str]) -> Iterator[str]:
    if is_task(value) and type(value) is not type(default):
        yield title_of(task_kind_of(value))
        yield from _of_fields(value, None)
    elif is_dataclass(value) and type(value) is type(default):
        yield from _of_fields(value, default)
    elif is_dataclass(value):
        if is_dataclass(default):  # one of several classes, such as a method's criteria
            yield _WORDS.get(name, f"{name} {{}}").format(_word(kind_of(type(value)).name))
        yield from _of_fields(value, None)
    else:
        yield _WORDS.get(name, f"{name} {{}}").format(_word(value, phrases))


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def _of_semantics(value: Any) -> Iterator[str]:
    """Words for every semantics inside a case except the published one."""
    for each in fields(value):
        inner = getattr(value, each.name)
        if isinstance(inner, Semantics):
            if inner != PUBLISHED:
                yield inner.name
        elif is_dataclass(inner):
            yield from _of_semantics(inner)


def _word(value: Any, phrases: Sequence[str] = ()) -> str:
    """A value as printable text: in quotes unless it is one word, as a checksum if it is long."""
    text = value if isinstance(value, str) else str(canonical(value))
    if len(text) > _LONGEST:
        return _checksum(text)
    return text if text in phrases or re.fullmatch(r"[\w.+:/-]+", text) else json.dumps(text)


def _checksum(text: str) -> str:
    return "#" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
