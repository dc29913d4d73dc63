"""What decides a training changes the digest, and nothing else does."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sparsebench.parts import code_digest
from sparsebench.parts.code_digest import GPU, LAYERS, PLUMBING, decisive_sources

SOURCES = decisive_sources("cuda")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, which the digest is taken of."""
    package = tmp_path / "sparsebench"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(code_digest.PACKAGE, package, ignore=ignored)
    monkeypatch.setattr(code_digest, "PACKAGE", package)
    return package


def digest_now(device: str = "cpu") -> str:
    return code_digest.code_digest.__wrapped__(device)


def append_line(source: Path) -> None:
    source.write_text(source.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def test_the_digest_is_short_and_does_not_depend_on_the_place(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest_now()
    assert re.fullmatch("[0-9a-f]{12}", before)
    (tmp_path / "elsewhere").mkdir()
    moved = package.rename(tmp_path / "elsewhere" / "sparsebench")
    monkeypatch.setattr(code_digest, "PACKAGE", moved)
    assert digest_now() == before


@pytest.mark.parametrize(
    "source",
    [
        "values/masks.py",
        "values/protocol.py",
        "parts/reber.py",
        "parts/pruning.py",
        "parts/graphs.py",
        "parts/weights.py",
        "engines/training.py",
        "engines/evaluation.py",
        "engines/fused/__init__.py",
        "engines/fused/gru.py",
        "experiments/networks.py",
        "experiments/work.py",
    ],
)
def test_a_source_that_decides_results_changes_the_digest(package: Path, source: str) -> None:
    before = digest_now()
    append_line(package / source)
    assert digest_now() != before


@pytest.mark.parametrize(
    "source",
    [
        *PLUMBING,
        "parts/documents.py",
        "parts/published_rows.py",
        "parts/properties.py",
        "engines/predictors.py",
        "engines/reference.py",
        "engines/timing.py",
        "experiments/verdicts.py",
        "experiments/bench.py",
        "shell/plugin.py",
        "__init__.py",
    ],
)
def test_an_unrelated_source_leaves_the_digest(package: Path, source: str) -> None:
    before = digest_now()
    append_line(package / source)
    assert digest_now() == before


def test_a_source_that_nothing_imports_leaves_the_digest(package: Path) -> None:
    before = digest_now()
    (package / "engines" / "added.py").write_text("")
    assert digest_now() == before


def test_a_source_that_a_decisive_one_comes_to_import_changes_the_digest(package: Path) -> None:
    (package / "parts" / "added.py").write_text("x = 1\n")
    pruning = package / "parts" / "pruning.py"
    pruning.write_text(f"from sparsebench.parts.added import x\n{pruning.read_text()}")
    before = digest_now()
    (package / "parts" / "added.py").write_text("x = 2\n")
    assert digest_now() != before


@pytest.mark.parametrize(
    "line",
    [
        "import sparsebench.parts.added",
        "from sparsebench.parts import added",
        "from . import added",
        "from .added import x",
        "def late():\n    from sparsebench.parts.added import x",
    ],
)
def test_imports_are_found_in_every_form(package: Path, line: str) -> None:
    (package / "parts" / "added.py").write_text("x = 1\n")
    pruning = package / "parts" / "pruning.py"
    pruning.write_text(f"{pruning.read_text()}\n{line}\n")
    assert "parts/added.py" in decisive_sources("cpu")


def test_the_gpu_engine_decides_nothing_on_a_cpu(package: Path) -> None:
    before = digest_now("cpu"), digest_now("cuda")
    append_line(package / GPU / "gru.py")
    after = digest_now("cpu"), digest_now("cuda")
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]
    assert not any(source.startswith(GPU) for source in decisive_sources("cpu"))


def test_renaming_a_source_changes_the_digest(package: Path) -> None:
    before = digest_now()
    (package / "parts" / "wired.py").rename(package / "parts" / "wiredx.py")
    assert digest_now() != before


def test_what_training_really_imports_is_among_the_sources() -> None:
    """Python itself is asked, in a process of its own."""
    roots = ", ".join(
        f"sparsebench.{source.removesuffix('.py').replace('/', '.')}"
        for source in code_digest.ROOTS["training"]
    )
    program = f"import sys, {roots}; import sparsebench.engines.fused.population; "
    program += "print(*(name for name in sys.modules if name.startswith('sparsebench.')))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    files = {
        f"{name.removeprefix('sparsebench.').replace('.', '/')}" for name in done.stdout.split()
    }
    found = {source.removesuffix(".py").removesuffix("/__init__") for source in SOURCES}
    plumbing = {source.removesuffix(".py") for source in PLUMBING}
    deciding = {name for name in files if name.startswith(LAYERS)} - plumbing
    # the bench imports more, to name the store and to read baselines
    only_named = {"parts/code_digest", "parts/documents"}
    assert deciding - only_named <= found
