"""Processes forked from one that has loaded slow libraries do what new ones would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import processes

TOLD = """
import json, os, sys
print(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ), __name__]), flush=True)
"""


def ran(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return processes.run(arguments, folder, variables)


@pytest.fixture(params=["-m", "-c", "script"])
def way(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Arguments of `python` for one program, started in each of the ways."""
    (tmp_path / "told.py").write_text(TOLD, encoding="utf-8")
    return {"-m": ["-m", "told"], "-c": ["-c", TOLD], "script": ["told.py"]}[request.param]


def test_it_gets_what_a_new_one_would(way: list[str], tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "NAME": "ä"}
    new = subprocess.run(
        [sys.executable, *way, "--some", "text"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    forked = processes.run([*way, "--some", "text"], tmp_path, environment)
    ours, theirs = (json.loads(each.stdout) for each in (forked, new))
    theirs[2].pop("LC_CTYPE", None)  # the interpreter's own
    assert ours == theirs


@pytest.mark.parametrize(
    ("code", "status"),
    [("pass", 0), ("raise SystemExit(3)", 3), ("raise SystemExit('no')", 1), ("1 / 0", 1)],
)
def test_its_status_is_that_of_a_new_one(code: str, status: int, tmp_path: Path) -> None:
    assert ran(tmp_path, "-c", code).returncode == status


def test_all_that_it_prints_is_there_and_so_is_what_it_says_at_its_end(tmp_path: Path) -> None:
    code = """
import atexit, sys
atexit.register(print, "at last")
print("out", flush=True)
print("err \\udcff", file=sys.stderr)
1 / 0
"""
    printed = ran(tmp_path, "-c", code).stdout
    assert printed.startswith("out\nerr \\udcff\n")
    assert "at last" in printed
    assert "ZeroDivisionError" in printed


def test_nothing_of_ours_or_of_pytest_s_is_loaded_before(tmp_path: Path) -> None:
    """Else what a page forgets to import would not be missed, and pytest could not rewrite plugins."""
    code = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(ran(tmp_path, "-c", code).stdout.split())
    assert loaded >= {"torch", "numba", "scipy", "networkx"}
    assert not loaded & {"sparsebench", "tests", "pytest", "_pytest", "conftest", "validation"}


def test_a_module_of_its_folder_is_found_before_ours(tmp_path: Path) -> None:
    (tmp_path / "tests.py").write_text("print('mine')", encoding="utf-8")
    assert ran(tmp_path, "-c", "import tests").stdout == "mine\n"
