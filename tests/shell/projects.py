"""What tests do with a pytester project that has a benchmark."""

from pathlib import Path

import pytest


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run its benchmarks in this process."""
    return project.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


def accept(project: pytest.Pytester) -> None:
    """Make what the tiny benchmark measures its baseline."""
    run(project, "--sparsebench-update").assert_outcomes(passed=2)


def baseline_file(project: pytest.Pytester) -> Path:
    """Where its baseline lies."""
    return project.path / "baselines" / "thesis.json"
