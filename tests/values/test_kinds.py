"""A description is written under its kind's name, wherever its class lies and whatever it is called."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sparsebench.values import kinds
from sparsebench.values.identity import canonical, digest, restore, seedless
from sparsebench.values.kinds import UnknownKind, kind, kind_named, kind_of, kinds_in


@pytest.fixture(autouse=True)
def _only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of these tests are forgotten after them."""
    for name in ("_BY_NAME", "_BY_CLASS", "_MODULES"):
        monkeypatch.setattr(kinds, name, dict(getattr(kinds, name)))


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that defines a kind, and has not been imported."""
    (tmp_path / "own_kinds.py").write_text(
        "from dataclasses import dataclass\n"
        "from sparsebench.values.kinds import kind\n\n"
        "@kind('their own')\n@dataclass(frozen=True)\nclass Own:\n    rounds: int\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield "own_kinds"
    sys.modules.pop("own_kinds", None)


@dataclass(frozen=True)
class Gradual:
    """A description of somebody else's."""

    rounds: int
    seed: int = 0
    note: str | None = None


def test_a_description_is_written_under_its_kind_s_name_and_restored_from_it() -> None:
    kind("gradual pruning")(Gradual)
    plain = {"kind": "gradual pruning", "rounds": 3, "seed": 5}
    assert canonical(Gradual(3, 5)) == plain
    assert restore(plain) == Gradual(3, 5)


def test_a_renamed_class_keeps_its_digest() -> None:
    kind("gradual")(Gradual)
    before = digest(Gradual(3))  # type: ignore[arg-type]
    kinds._BY_NAME.clear()

    @kind("gradual")
    @dataclass(frozen=True)
    class RenamedAndMoved:
        rounds: int
        seed: int = 0
        note: str | None = None

    assert digest(RenamedAndMoved(3)) == before  # type: ignore[arg-type]


def around(rounds: object) -> dict[str, object]:
    """The plain form of a description that holds another one."""
    return {"kind": "around", "inner": {"kind": "gradual", "rounds": rounds}}


@pytest.fixture
def both() -> None:
    """Kinds of a description and of one that holds it."""

    @kind("around")
    @dataclass(frozen=True)
    class Around:
        inner: object

    kind("gradual")(Gradual)


def test_descriptions_that_hold_the_same_share_it(both: None) -> None:
    assert restore(around(3)).inner is restore(around(3)).inner
    assert restore(around(3)).inner is not restore(around(4)).inner


@pytest.mark.parametrize("value", [1, 1.0, True, -0.0, 0.0, None, 2**80, "a", "\ud800", [1]])
def test_what_is_shared_keeps_its_type(both: None, value: object) -> None:
    for before in (1, 1.0, True, 0.0, -0.0, "1"):
        restore(around(before))
    assert repr(restore(around(value)).inner.rounds) == repr(value)


def test_what_has_a_list_is_not_shared_nor_taken_for_what_has_a_tuple(both: None) -> None:
    first, second = (restore(around([1])).inner.rounds for _ in range(2))
    assert first == second == [1]
    assert first is not second
    assert restore(around((1,))).inner.rounds == (1,)


def test_what_a_name_stood_for_before_is_not_shared(both: None) -> None:
    before = restore(around(3)).inner
    kinds._BY_NAME.pop("gradual")

    @kind("gradual")
    @dataclass(frozen=True)
    class Other:
        rounds: int

    assert isinstance(before, Gradual)
    assert restore(around(3)).inner == Other(3)


def test_what_cannot_be_restored_is_an_error_each_time(both: None) -> None:
    for _ in range(2):
        with pytest.raises(ValueError, match="not a gradual"):
            restore({"kind": "around", "inner": {"kind": "gradual", "steps": 3}})


def test_seeds_are_the_fields_called_so_unless_others_are_named() -> None:
    assert seedless(kind("by default")(Gradual)(3, 5)) == Gradual(3, 0)
    kind("notes", seeds={"note": None})(Gradual)
    assert seedless(Gradual(3, 5, "here")) == Gradual(3, 5)
    kind("data", seeds={})(Gradual)
    assert seedless(Gradual(3, 5)) == Gradual(3, 5)


def test_a_kind_is_found_in_a_module_that_is_said_to_define_some(module: str) -> None:
    kinds_in(module)
    assert module not in sys.modules
    assert canonical(restore({"kind": "their own", "rounds": 2})) == {
        "kind": "their own",
        "rounds": 2,
    }


def test_a_module_is_not_imported_for_a_name_that_is_known(module: str) -> None:
    kinds_in(module)
    kind("gradual")(Gradual)
    assert kind_named("gradual").described is Gradual
    assert module not in sys.modules


def test_an_unknown_name_is_told_with_those_that_are_known() -> None:
    with pytest.raises(
        UnknownKind, match=r"kind is 'Gmp': choose one of .*BaseCase, .*WiredCase"
    ) as e:
        restore({"kind": "BaseCase", "architecture": {"kind": "Gmp"}})
    assert e.value.name == "Gmp"


def test_a_class_without_a_name_is_refused_with_what_to_do() -> None:
    with pytest.raises(TypeError, match=r"Gradual has no name .*@kind\('Gradual'\)"):
        canonical(Gradual(1))


def test_two_classes_cannot_have_one_name() -> None:
    with pytest.raises(
        ValueError, match=r"kind 'BaseCase' is the name of sparsebench\.values\.case"
    ):
        kind("BaseCase")(Gradual)


def test_a_class_that_is_defined_anew_takes_the_place_of_the_old_one(module: str) -> None:
    kinds_in(module)
    old = kind_named("their own").described
    del sys.modules[module]
    new = __import__(module).Own
    assert kind_named("their own").described is new is not old
    assert canonical(old(1)) == canonical(new(1))


def test_a_seed_that_is_no_field_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"'x' has no field seeds: choose seeds among note, rounds"
    ):
        kind("x", seeds={"seeds": 0})(Gradual)


def test_every_kind_is_found_from_its_class_and_its_name() -> None:
    with pytest.raises(UnknownKind):
        kind_named("")
    assert len(kinds._BY_NAME) >= 25
    for name, known in kinds._BY_NAME.items():
        assert kind_named(name) is kind_of(known.described) is known
