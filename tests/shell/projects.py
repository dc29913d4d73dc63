"""What tests do with a pytester project that has a benchmark."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def edit_records(project: pytest.Pytester, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change every record of its baseline in place, as somebody's editor might."""
    document = json.loads(baseline_file(project).read_text())
    for record in document["records"]:
        edit(record)
    baseline_file(project).write_text(json.dumps(document))


def better_by(accuracy: float) -> Callable[[dict[str, Any]], None]:
    """An edit that makes the baseline expect more than is measured."""

    def edit(record: dict[str, Any]) -> None:
        record["metrics"]["accuracy"] += accuracy

    return edit
