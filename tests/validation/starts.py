"""How tests start a script of `validation`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import processes
from validation import ROOT

_LONG = (
    "compare_gates",
    "measure_cluster",
    "measure_compilers",
    "measure_costs",
    "measure_denormals",
    "measure_false_alarms",
    "measure_faults",
    "measure_forecasts",
    "measure_gates",
    "measure_hessian_free",
    "measure_inner",
    "measure_mask_changes",
    "measure_method_times",
    "measure_mutants",
    "measure_pairs",
    "measure_provenances",
    "measure_rivals",
    "measure_startup",
    "measure_times",
    "measure_training_time",
    "measure_tolerances",
    "measure_unchanged",
)
"""Scripts whose smallest work takes ten seconds or more on a busy machine."""


def named(starts: Iterable[str]) -> list[Any]:
    """The parameters of a test that starts each script; some are marked as long."""
    return [
        pytest.param(name, marks=[pytest.mark.long] if name in _LONG else []) for name in starts
    ]


@dataclass(frozen=True)
class Start:
    """The smallest work that goes through a script's own code.

    Attributes
    ----------
    arguments
        `{folder}` is one of the test's own.
    says
        A pattern that its output has.
    status
        What it exits with.
    """

    arguments: str
    says: str
    status: int = 0


def check(module: str, start: Start, folder: Path) -> None:
    """Run a script as the index says; what it runs in turn is no worker of these tests."""
    outside = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    arguments = ["-m", module, *shlex.split(start.arguments.format(folder=folder))]
    done = processes.run(arguments, ROOT, {**outside, "PYTHONPATH": str(ROOT)})
    assert done.returncode == start.status, done.stdout
    assert re.search(start.says, done.stdout, re.MULTILINE), done.stdout
