"""The scripts that measure what the documentation tells start, all of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(
    path
    for path in (ROOT / "benchmarks").glob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


def start(*arguments):
    """Run Python at the root of the project, and give what it printed."""
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_there_are_scripts():
    names = {path.stem for path in SCRIPTS}
    assert {"fuzz_readers", "measure_plan", "measure_tolerances"} <= names
    assert {path.stem for path in (ROOT / "benchmarks").glob("measure_*.py")} <= names


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_starts_and_says_what_it_is_for(script):
    shown = start(script, "--help")
    assert shown.startswith(f"usage: {script.name} [-h]")
    assert len(shown.splitlines()) > 4


def test_what_a_child_measures_with_can_be_made():
    """Settings grow, and this script makes its own in a process that --help does not start."""
    source = "import measure_tolerances; print(measure_tolerances.settings(2).max_seeds)"
    code = f"import sys; sys.path.insert(0, 'benchmarks'); {source}"
    assert start("-c", code) == "2\n"
