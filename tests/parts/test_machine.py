from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import machine
from sparsebench.parts.code_digest import code_digest
from sparsebench.parts.records import Commit, Provenance
from tests import document_strategies


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository of one commit on the branch `trunk`, out of reach of git's settings."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "file").write_text("old")
    git(folder, "init", "--quiet", "--initial-branch=trunk")
    git(folder, "add", "file")
    author = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    git(folder, *author, "commit", "--quiet", "--message", "One file")
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_a_clean_checkout_is_told_by_commit_and_branch(checkout: Path) -> None:
    expected = Commit(id=git(checkout, "rev-parse", "HEAD"), branch="trunk", dirty=False)
    assert machine.commit(checkout) == expected
    assert re.fullmatch("[0-9a-f]{40}", expected.id)


@pytest.mark.parametrize("name", ["file", "untracked"])
def test_a_changed_or_untracked_file_makes_a_checkout_dirty(checkout: Path, name: str) -> None:
    (checkout / name).write_text("new")
    assert machine.commit(checkout).dirty


def test_changed_baselines_leave_a_checkout_clean_and_nothing_else_does(checkout: Path) -> None:
    baselines = checkout / "base[l]ines"
    baselines.mkdir()
    (baselines / "new").write_text("new")
    inside = checkout / "inside"
    inside.mkdir()
    assert machine.commit(checkout).dirty
    for folder in (checkout, inside):
        assert not machine.commit(folder, baselines).dirty
    for other in (checkout, checkout.parent / "elsewhere", checkout / "base"):
        assert machine.commit(checkout, other).dirty
    (checkout / "file").write_text("new")
    assert machine.commit(inside, baselines).dirty


@pytest.mark.parametrize("name", [b"\xc3\xa9", b"\xff"])
def test_a_name_that_is_no_text_here_makes_a_checkout_dirty_too(
    checkout: Path, name: bytes
) -> None:
    git(checkout, "config", "core.quotePath", "false")
    with open(os.fsencode(checkout) + b"/" + name, "wb"):
        pass
    assert machine.commit(checkout).dirty


def test_a_folder_inside_a_checkout_tells_the_same_commit(checkout: Path) -> None:
    (checkout / "inside").mkdir()
    assert machine.commit(checkout / "inside") == machine.commit(checkout)


def test_a_folder_outside_any_checkout_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert machine.commit(tmp_path) == Commit()


def test_a_checkout_without_a_commit_has_none(checkout: Path) -> None:
    git(checkout, "update-ref", "-d", "HEAD")
    assert machine.commit(checkout) == Commit()


FAILURES = [FileNotFoundError("git"), subprocess.TimeoutExpired("git", 10)]
UNKNOWN = Commit(dirty=True)
"""Of a checkout that git says nothing about."""


def git_fails(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, command: Collection[str]
) -> None:
    """Let git fail from now on where its arguments have some command."""
    run = subprocess.run

    def failing(arguments: list[str], **options: Any) -> Any:
        if set(command) & set(arguments):
            raise failure
        return run(arguments, **options)

    monkeypatch.setattr(subprocess, "run", failing)


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_without_an_answer_from_git_there_is_no_commit_outside_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    git_fails(monkeypatch, failure, ["git"])
    assert machine.commit(tmp_path) == Commit()


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_a_checkout_that_git_does_not_answer_for_is_not_clean(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    (checkout / "inside").mkdir()
    git_fails(monkeypatch, failure, ["rev-parse"])
    assert machine.commit(checkout) == machine.commit(checkout / "inside") == UNKNOWN


@pytest.mark.parametrize("failure", FAILURES, ids=repr)
def test_a_checkout_whose_changes_are_not_told_in_time_is_not_clean(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    clean = machine.commit(checkout)
    git_fails(monkeypatch, failure, ["status"])
    assert machine.commit(checkout) == msgspec.structs.replace(clean, dirty=True)


def test_a_checkout_whose_changes_cannot_be_told_is_not_clean(checkout: Path) -> None:
    (checkout / ".git" / "index").write_bytes(b"damaged")
    told = machine.commit(checkout)
    assert told.id
    assert told.dirty


def test_a_checkout_of_somebody_whom_git_does_not_trust_is_not_clean(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`fatal: detected dubious ownership`, as in containers."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert machine.commit(checkout) == UNKNOWN


def test_a_git_that_does_not_work_says_nothing(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As macOS has one before its developer tools are installed."""
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text("#!/bin/sh\necho invalid active developer path >&2\nexit 1\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", str(shim.parent), prepend=os.pathsep)
    assert machine.commit(checkout) == UNKNOWN


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
def test_another_repository_that_the_environment_names_is_not_meant(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A hook of git, which may run the benchmarks, has such variables."""
    expected = machine.commit(checkout)
    git(tmp_path, "init", "--quiet", "other")
    other = tmp_path / "other"
    paths = {"GIT_DIR": other / ".git", "GIT_WORK_TREE": other, "GIT_INDEX_FILE": other / "index"}
    monkeypatch.setenv(name, str(paths[name]))
    assert machine.commit(checkout) == expected


@pytest.mark.parametrize(
    ("setting", "value"), [("status.showUntrackedFiles", "no"), ("core.quotePath", "false")]
)
def test_settings_of_git_hide_no_change(checkout: Path, setting: str, value: str) -> None:
    git(checkout, "config", setting, value)
    (checkout / os.fsdecode(b"n\xe9w")).write_text("new")
    assert machine.commit(checkout).dirty


def test_a_branch_whose_name_is_no_text_is_told_all_the_same(checkout: Path) -> None:
    name = b"trunk-\xe9"
    (checkout / ".git" / "refs" / "heads" / os.fsdecode(name)).write_text(
        git(checkout, "rev-parse", "HEAD") + "\n"
    )
    (checkout / ".git" / "HEAD").write_bytes(b"ref: refs/heads/" + name + b"\n")
    assert machine.commit(checkout).branch == r"trunk-\xe9"


def test_asking_for_the_state_changes_nothing_in_the_repository(checkout: Path) -> None:
    index = checkout / ".git" / "index"
    os.utime(checkout / "file", (1, 1))  # git would note that the content is the same as before
    before = index.read_bytes()
    assert not machine.commit(checkout).dirty
    assert index.read_bytes() == before


def test_the_processor_has_a_name() -> None:
    assert machine.cpu_name().strip() == machine.cpu_name() != ""


def test_without_the_systems_list_the_processor_still_has_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", absent)
    assert machine.cpu_name.__wrapped__() in {platform.processor(), platform.machine()} - {""}


# Whose bits and whose times are the same


def test_the_processor_is_named_with_the_compiler_and_always_alike() -> None:
    name = machine.processor()
    assert re.fullmatch(rf".+-[0-9a-f]{{8}}-numba{re.escape(version('numba'))}", name)
    assert machine.processor.__wrapped__() == name


@pytest.mark.parametrize("told", ["cpu", "features", "numba"])
def test_another_processor_instruction_set_or_compiler_has_another_name(
    monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    from llvmlite import binding

    here = machine.processor()
    features = dict(binding.get_host_cpu_features())
    fewer = binding.targets.FeatureMap({**features, "a-feature-of-the-future": True})
    other = {
        "cpu": (binding, "get_host_cpu_name", lambda: "z80"),
        "features": (binding, "get_host_cpu_features", lambda: fewer),
        "numba": (machine, "version", lambda package: "0"),
    }
    monkeypatch.setattr(*other[told])
    assert machine.processor.__wrapped__() != here


@given(
    where=document_strategies.provenances,
    cpu=st.text(max_size=20),
    gpu=st.sampled_from(["", "NVIDIA H100 80GB HBM3"]),
)
def test_a_kind_of_machine_is_a_file_name(where: Provenance, cpu: str, gpu: str) -> None:
    name = machine.machine_class(msgspec.structs.replace(where, cpu=cpu, gpu=gpu))
    assert re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", name)
    assert name == "nvidia-h100-80gb-hbm3" or not gpu


@given(one=document_strategies.provenances, other=document_strategies.provenances)
def test_the_kind_of_machine_follows_from_gpu_or_processor_and_from_nothing_else(
    one: Provenance, other: Provenance
) -> None:
    alike = msgspec.structs.replace(other, cpu=one.cpu, gpu=one.gpu)
    assert machine.machine_class(alike) == machine.machine_class(one)


def test_kinds_of_processors_are_told_apart_by_name_and_by_what_the_compiler_sees(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = machine.provenance(checkout, "cpu")
    other = msgspec.structs.replace(here, cpu="Z80 at 4 MHz")
    kinds = {machine.machine_class(where) for where in (here, other)}
    monkeypatch.setattr(machine, "processor", lambda: "z80-01234567-numba1.2.3")
    kinds.add(machine.machine_class(other))
    assert len(kinds) == 3
    assert machine.machine_class(other) == "z80-at-4-mhz-z80-01234567"
    monkeypatch.setattr(machine, "processor", lambda: "z80-01234567-numba4.5.6")
    assert machine.machine_class(other) == "z80-at-4-mhz-z80-01234567"


def test_provenance_tells_the_circumstances_of_now(checkout: Path) -> None:
    told = machine.provenance(checkout, "cuda", gpu="H200")
    assert told.commit == machine.commit(checkout)
    assert (told.device, told.gpu) == ("cuda", "H200")
    assert (told.torch, told.numpy) == (version("torch"), version("numpy"))
    assert told.python == platform.python_version()
    assert told.code == code_digest("cuda")
    age = datetime.now(UTC) - datetime.fromisoformat(told.created)
    assert timedelta(seconds=-1) < age < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("moments", "one"),
    [
        ([], True),
        (["2026-01-01T10:00:00+00:00"], True),
        (["2026-01-01T10:00:00+00:00", "2026-01-01T12:00:00+01:00"], True),
        (["2026-01-01T10:00:00+00:00", "2026-01-01T11:00:01+00:00"], False),
        (["2026-01-01T10:00:00+00:00", ""], False),
        (["2026-01-01T10:00:00+00:00", "2026-01-01T10:00:00"], False),
    ],
)
def test_times_within_an_hour_are_of_one_run(moments: list[str], one: bool) -> None:
    assert machine.same_run(moments) == one
