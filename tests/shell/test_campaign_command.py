"""`sparsebench campaign plan` takes what pytest takes, and gives it to pytest as it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sparsebench
from sparsebench.shell import campaign_command
from sparsebench.shell.command import main

ARGUMENTS = st.lists(
    st.sampled_from(["benchmarks", "-k", "lstm", "--co", "-h", "--", "-n", "2", "-"])
)


@pytest.fixture
def project(project):
    """The tiny benchmark in a folder `benchmarks`, beside tests that are none and must not run."""
    (project.path / "benchmarks").mkdir()
    (project.path / "test_tiny.py").rename(project.path / "benchmarks" / "test_tiny.py")
    project.makepyfile(**{"tests/test_other": "def test_other(): assert 0\n"})
    return project


def plan(project, *arguments):
    """Run the command in a process of its own, as users do."""
    root = Path(sparsebench.__file__).parents[1]
    return subprocess.run(
        [sys.executable, "-m", "sparsebench.shell.command", "campaign", "plan", *arguments],
        cwd=project.path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
    )


def given_to_pytest(monkeypatch, *arguments):
    """What comes after pytest's name."""
    commands = []

    def run(command, **_):
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert main(["campaign", "plan", *arguments]) == 0
    (command,) = commands
    own = [sys.executable, "-m", "pytest", *campaign_command.planning()]
    assert command[: len(own)] == own
    return command[len(own) :]


@pytest.mark.parametrize(
    "arguments",
    [
        ["-k", "p50", "--sparsebench-seeds=1"],
        ["--", "-k", "p50", "--sparsebench-seeds=1"],
        ["--sparsebench-seeds=1", "-k", "p50", "-n", "2", "benchmarks"],
    ],
    ids=["options-first", "after-a-double-dash", "options-before-a-path"],
)
def test_pytest_s_options_are_taken_and_benchmarks_is_the_default(project, arguments):
    done = plan(project, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    sums = [line.split()[:3] for line in done.stdout.splitlines() if line.startswith("all ")]
    assert sums == [["all", "2", "0"]]
    assert "test_other" not in done.stdout


def test_the_failures_of_the_last_run_can_be_planned(project):
    """An option of pytest's cache, which the command used to switch off."""
    done = plan(project, "--lf", "-k", "p50")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\nall " in done.stdout


def test_a_project_without_benchmarks_is_told_so(project):
    done = plan(project, "tests")
    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "no benchmarks among 1 test" in done.stdout
    assert "what is to be done" not in done.stdout


@given(arguments=ARGUMENTS)
def test_every_argument_reaches_pytest_unchanged_and_in_order(arguments):
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert given_to_pytest(monkeypatch, "x", *arguments) == ["x", *arguments]
        assert given_to_pytest(monkeypatch, "--", *arguments) == arguments


def test_nothing_given_is_nothing_given_to_pytest(monkeypatch):
    assert given_to_pytest(monkeypatch) == []


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_command_has_a_help_of_its_own(capsys, option):
    assert main(["campaign", "plan", option]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: sparsebench campaign plan ")
    assert "-k lstm" in shown
    assert "pytest --help" in shown


def test_pytest_s_exit_status_is_the_command_s(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess([], 4))
    assert main(["campaign", "plan"]) == 4
