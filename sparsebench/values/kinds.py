"""Kinds: the names under which frozen descriptions are written to files.

A kind's name is part of the digest of every case that contains it, so it never changes; its class
may be renamed or moved. Other projects name their own classes with the same decorator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, TypeVar

T = TypeVar("T")

SEEDS: Mapping[str, int] = {"seed": 0, "first": 0}
"""Names of fields that hold seeds in any kind, and their values in a seedless case."""


class UnknownKind(ValueError):
    """A kind's name that no class has, for example because its project is not installed.

    Attributes
    ----------
    name
        The name that was read.
    """

    def __init__(self, name: object) -> None:
        super().__init__(f"kind is {name!r}: choose one of {', '.join(sorted(_BY_NAME))}")
        self.name = name

    @property
    def absent(self) -> str:
        """A message for records of this kind, which others wrote."""
        return f"{str(self.name)[:_LONGEST]!r} is not installed here"


@dataclass(frozen=True)
class Kind:
    """A class of descriptions and the name that instances are written under.

    Attributes
    ----------
    name
        Unique, and part of digests.
    described
        The frozen dataclass.
    seeds
        The fields that hold seeds, with their values in a seedless case.
    words
        For some fields, the word before them when a case is named in words; it tells apart, for
        example, two trainings of one case.
    phrases
        Values of several words that are written without quotes when a case is named.
    """

    name: str
    described: type
    seeds: Mapping[str, Any]
    words: Mapping[str, str]
    phrases: tuple[str, ...]


_BY_NAME: dict[str, Kind] = {}
_BY_CLASS: dict[type, Kind] = {}
_MODULES: dict[str, None] = {}
_GROUPS: dict[str, None] = {}

_LONGEST = 60
"""Most characters of a name in a message."""


def kind(
    name: str,
    seeds: Mapping[str, Any] | None = None,
    words: Mapping[str, str] | None = None,
    phrases: tuple[str, ...] = (),
) -> Callable[[type[T]], type[T]]:
    """Decorate a frozen dataclass: names the kind under which its instances are written.

    Parameters
    ----------
    name
        Unique among all kinds. It is part of digests, so it never changes.
    seeds
        The fields that hold seeds, with their values in a seedless case; by default the class's
        fields that are in `SEEDS`. Data have none, because replicates share their data.
    words, phrases
        Wording of instances in names (`Kind`).

    Returns
    -------
    Callable
        The decorator, which returns the class itself.

    Raises
    ------
    ValueError
        If another class has the name, or a name in `seeds` is not a field.
    """

    def decorate(described: type[T]) -> type[T]:
        known = _BY_NAME.get(name)
        if known is not None and _place(known.described) != _place(described):
            raise ValueError(
                f"kind {name!r} is the name of {_place(known.described)}: give "
                f"{_place(described)} another name"
            )
        names = {field.name for field in fields(described)}  # type: ignore[arg-type]
        chosen = seeds if seeds is not None else {key: SEEDS[key] for key in SEEDS if key in names}
        if absent := sorted(chosen.keys() - names):
            raise ValueError(
                f"kind {name!r} has no field {' and '.join(absent)}: choose seeds among "
                f"{', '.join(sorted(names))}"
            )
        _BY_NAME[name] = _BY_CLASS[described] = Kind(name, described, chosen, words or {}, phrases)
        return described

    return decorate


def kinds_in(*modules: str) -> None:
    """Name modules that define kinds; they are imported when an unknown name is read.

    In `package.*.module`, the star stands for each package inside the package.
    """
    _MODULES.update(dict.fromkeys(modules))


def kinds_from(*groups: str) -> None:
    """Name groups of entry points whose modules define kinds; loaded after all `kinds_in` modules."""
    _GROUPS.update(dict.fromkeys(groups))


def kind_named(name: object) -> Kind:
    """The kind with a name that was read; the name may be any object.

    Raises
    ------
    UnknownKind
        If no module or package that was named to define kinds has it.
    """
    if not isinstance(name, str):
        raise UnknownKind(name)
    while name not in _BY_NAME and _MODULES:
        for module in _modules(_MODULES.popitem()[0]):
            import_module(module)
    while name not in _BY_NAME and _GROUPS:
        for point in entry_points(group=_GROUPS.popitem()[0]):
            with suppress(
                Exception
            ):  # whoever asks for the point itself tells what is wrong with it
                point.load()
    if name not in _BY_NAME:
        raise UnknownKind(name)
    return _BY_NAME[name]


def kind_of(described: type) -> Kind:
    """The kind of a class.

    Raises
    ------
    TypeError
        If it is not decorated with `kind`.
    """
    if described not in _BY_CLASS:
        raise TypeError(
            f"{_place(described)} has no name to be written under: decorate it with "
            f"@kind({described.__name__!r}), of sparsebench.values.kinds"
        )
    return _BY_CLASS[described]


def has_kind(described: type) -> bool:
    """Whether a class is decorated with `kind`."""
    return described in _BY_CLASS


def _modules(pattern: str) -> Iterator[str]:
    """The modules that a pattern of `kinds_in` stands for."""
    package, star, module = pattern.partition(".*.")
    if not star:
        yield pattern
        return
    for inner in iter_modules(import_module(package).__path__, f"{package}."):
        name = f"{inner.name}.{module}"
        if inner.ispkg and find_spec(name) is not None:
            yield name


def _place(described: type) -> str:
    return f"{described.__module__}.{described.__qualname__}"
