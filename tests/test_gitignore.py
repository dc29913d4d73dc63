"""What the project's commands leave in a clone does not make it dirty, which records would tell."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]

LEFT = [
    ".venv/bin/python",  # make
    "build/lib/sparsebench/__init__.py",  # pip install .
    "sparsebench.egg-info/PKG-INFO",
    "dist/sparsebench-0.1.0.tar.gz",  # python -m build
    "sparsebench/__pycache__/module.pyc",
    "results/latest.json",  # pytest benchmarks
    ".benchmarks/Linux/0001.json",  # pytest --benchmark-autosave
    ".pytest_cache/README.md",
    ".hypothesis/examples/1",
    ".mypy_cache/1.json",
    ".ruff_cache/1",
    ".coverage",  # pytest --cov
    ".coverage.machine.123.456",
    "coverage.xml",
    "htmlcov/index.html",
    ".codspeed/results.json",  # pytest --codspeed
    "dask-scratch-space/worker-1",  # dask worker
    "dask-worker-space/worker-1",
]


def named_in_documentation():
    """The files and folders that commands of the documentation write."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    option = r"(?:-o|--output|--sparsebench-json|--junitxml|--benchmark-json)[ =]"
    return sorted(set(re.findall(option + r"([a-z][\w./-]*\w)", text)))


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """An empty repository that ignores what ours does, and nothing else."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    (tmp_path / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    return tmp_path


def untracked(clone, names):
    """Which of some files git would call untracked."""
    for name in names:
        path = clone / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("left")
    command = ["git", "-C", clone, "status", "--porcelain", "--untracked-files=all"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted({line[3:] for line in shown.splitlines()} - {".gitignore"})


def test_what_commands_leave_is_ignored(clone):
    assert untracked(clone, LEFT) == []


def test_what_commands_of_the_documentation_write_is_ignored(clone):
    named = named_in_documentation()
    assert "records.csv" in named
    files = [name if Path(name).suffix else f"{name}/index.html" for name in named]
    assert untracked(clone, files) == []


def test_sources_are_not_ignored(clone):
    paths = [
        path.relative_to(ROOT)
        for folder in ("sparsebench", "tests", "benchmarks", "validation", "baselines", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    ]
    names = [str(path) for path in paths if not re.search(r"(^|/)(\.|__)\w+/", str(path))]
    assert untracked(clone, names) == sorted(names)
