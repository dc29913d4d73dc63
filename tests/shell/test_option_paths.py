"""Paths that options name: where relative ones start, texts with a name, users without a home."""

from pathlib import Path

import platformdirs
import pytest

from sparsebench.shell.command import main
from sparsebench.shell.option_paths import named_text
from tests.shell import projects


def test_relative_paths_start_where_pytest_was_called(project, monkeypatch):
    (project.path / "sub").mkdir()
    monkeypatch.chdir(project.path / "sub")
    projects.run(project, "..", "--rootdir=..", "--sparsebench-json=here.json", "-k", "p50")
    assert (project.path / "sub" / "here.json").exists()


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("mine.txt", "{here}/mine.txt"),
        ("novel=mine.txt", "novel={here}/mine.txt"),
        ("novel=/else/mine.txt", "novel=/else/mine.txt"),
        ("a/b=mine.txt", "{here}/a/b=mine.txt"),
        ("x=y.txt", "{here}/x=y.txt"),
        ("novel=x=y.txt", "novel={here}/x=y.txt"),
        ("", ""),
    ],
)
def test_a_text_may_have_a_name_before_its_path(project, given, taken):
    (project.path / "x=y.txt").write_text("there")
    config = project.parseconfig(f"--sparsebench-text={given}")
    assert named_text(config) == taken.format(here=project.path)


def no_home(name):
    raise RuntimeError("could not determine the home directory")


@pytest.mark.parametrize("cache", [no_home, lambda name: Path("~/.cache") / name])
def test_without_a_home_the_store_must_be_named(project, monkeypatch, capsys, cache):
    """Both are what platformdirs does, by its version."""
    monkeypatch.setattr(platformdirs, "user_cache_path", cache)
    project.makeini("[pytest]\n")
    result = projects.run(project, "--sparsebench-seeds=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*you have no home directory: name one with --sparsebench-store*"])
    assert main(["store", "list"]) == 2
    assert "with --store for `sparsebench store`, or set HOME" in capsys.readouterr().err
    assert not (project.path / "~").exists()


def test_a_home_that_is_not_there_is_refused(project):
    result = projects.run(project, "--sparsebench-store=~nobody-of-this-name/store")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*--sparsebench-store is '~nobody-of-this-name/store': there is no*"]
    )
