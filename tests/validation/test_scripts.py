"""Every script of `validation` starts, does its work, and has its line in the index."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from sparsebench.parts.documents import read_baseline, write_document
from sparsebench.parts.records import Baseline
from tests.experiments.conformance.test_result_rows import write_rows
from validation import ROOT

FOLDER = ROOT / "validation"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.rglob("*.py"))
    if path.name != "__init__.py"
}
SCRIPTS = [name for name, text in MODULES.items() if '__name__ == "__main__"' in text]
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")


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


STARTS = {
    "performance.measure_cluster": Start("--cases 2", "the same records, bit for bit"),
    "performance.measure_compilers": Start("--rounds 1 --starts 1", "g\\+\\+"),
    "performance.measure_costs": Start(
        "{folder} --variants rnn_tanh", r"^ +\d+\.\d+ s  training rnn_tanh$"
    ),
    "performance.measure_denormals": Start(
        "--epochs 1 --variants rnn_tanh", r"^rnn_tanh: .* the same weights$"
    ),
    "performance.measure_gpu": Start("--networks 1 --variants rnn_tanh", "x the CPU engine")
    if torch.cuda.is_available()
    else Start("", "no CUDA device on this machine", status=1),
    "performance.measure_plan": Start("--cases 120", "124 cases, 1 of them finished"),
    "performance.measure_report": Start("{folder}/few.json --rounds 1", r"^peak memory +\d+ MB$"),
    "performance.measure_startup": Start("--rounds 1", r"--collect-only -q: \d+\.\d\d s"),
    "robustness.fuzz_readers": Start(
        "--reader graph --inputs 20 --findings {folder}", r"^\| graph \| 20 \| \d+ \| \d+ \| 0 \|"
    ),
    "robustness.measure_faults": Start("--only damaged --moments 1", "^damaged: 3 of 3"),
    "robustness.measure_mutants": Start(
        "'a change is a pass' --first gate", r"^\| a change is a pass \| red \|"
    ),
    "statistics.measure_false_alarms": Start(
        "--runs 1 -- --sparsebench-profile=smoke -k 'test_wired and rnn_tanh-watts'",
        r"^\d of \d+ items failed in 1 runs",
    ),
    "statistics.measure_rates": Start(
        "--epochs 1 --optimisers adam --variants rnn_tanh", r"^adam 0\.02: mean 0\.\d+"
    ),
    "statistics.measure_splits": Start("{folder} --splits 2", "^gru, random_forest, all: "),
    "statistics.measure_times": Start(
        "--unchanged 1 --slowed 1", "^unchanged: [01] of 1 runs are red"
    ),
    "statistics.measure_tolerances": Start(
        "--seeds 1 --conditions again --variants rnn_tanh", "accuracy: 0 of 60 moved"
    ),
    "statistics.measure_twins": Start(
        "--graphs 1 --twins 1 --epochs 1 --variants gru", r"^gru +accuracy of twins apart"
    ),
}
"""A new script goes in here, and into validation/README.md."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What scripts are given: rows of the thesis author's, and a small baseline."""
    write_rows(tmp_path, "gru")
    shipped = read_baseline(ROOT / "baselines" / "thesis.json")
    few = [record for record in shipped.records if record.experiment == "base"]
    write_document(tmp_path / "few.json", Baseline(provenances=shipped.provenances, records=few))
    return tmp_path


def run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script as the index says: what it runs in turn is no worker of these tests."""
    outside = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**outside, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("name", STARTS)
def test_a_script_does_its_work(name: str, folder: Path) -> None:
    start = STARTS[name]
    done = run(f"validation.{name}", *shlex.split(start.arguments.format(folder=folder)))
    assert done.returncode == start.status, done.stdout
    assert re.search(start.says, done.stdout, re.MULTILINE), done.stdout


def test_every_script_is_started_by_these_tests() -> None:
    assert sorted(STARTS) == [name.removeprefix("validation.") for name in SCRIPTS]


def test_every_script_has_its_line_in_the_index() -> None:
    """With its command; the page that is named there for its figures names the command too."""
    rows = re.findall(
        r"^\| `python -m ([\w.]+)[^|]*\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", INDEX, re.M
    )
    assert sorted(command for command, *_ in rows) == SCRIPTS
    for command, _, _, figures in rows:
        for page in re.findall(r"\]\(([^)#]+)", figures):
            assert command in (FOLDER / page).read_text(encoding="utf-8"), (command, page)


def test_every_other_module_is_named_in_the_index_and_used() -> None:
    for name in set(MODULES) - set(SCRIPTS):
        assert f"{name.removeprefix('validation.').replace('.', '/')}.py" in INDEX
        package, _, module = name.rpartition(".")
        assert any(
            name in text or re.search(rf"from {re.escape(package)} import .*\b{module}\b", text)
            for other, text in MODULES.items()
            if other != name
        ), name


def test_benchmarks_are_benchmarks() -> None:
    """Scripts belong here, where these tests see them."""
    others = [
        path.name
        for path in (ROOT / "benchmarks").iterdir()
        if not path.name.startswith(("test_", "__pycache__"))
    ]
    assert others == []
