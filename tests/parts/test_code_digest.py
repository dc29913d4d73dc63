"""What decides a training changes the digest, and nothing else does."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sparsebench.parts import code_digest
from sparsebench.parts.code_digest import GPU, LAYERS, PLUMBING, decisive_sources

ROOTS = (
    *code_digest.TRAINING,
    "experiments/finetuning/network.py",
    "experiments/random_wiring/network.py",
)
"""What decides a wired network that was pruned and trained again."""

SOURCES = decisive_sources("cuda", *ROOTS)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, which the digest is taken of."""
    package = tmp_path / "sparsebench"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(code_digest.PACKAGE, package, ignore=ignored)
    monkeypatch.setattr(code_digest, "PACKAGE", package)
    return package


def digest_now(device: str = "cpu") -> str:
    return code_digest._digest(device, ROOTS)


def append(source: Path, text: str = "added = 1\n") -> None:
    source.write_text(f"{source.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")


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
        "parts/weights.py",
        "parts/pruning.py",
        "parts/graphs.py",
        "experiments/finetuning/cases.py",
        "experiments/random_wiring/network.py",
        "engines/population_training.py",
        "engines/evaluation.py",
        "engines/fused/__init__.py",
        "engines/fused/gru.py",
        "harness/jobs.py",
    ],
)
def test_a_source_that_decides_results_changes_the_digest(package: Path, source: str) -> None:
    before = digest_now()
    append(package / source)
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
        "engines/training.py",
        "judging/gate.py",
        "harness/context.py",
        "shell/plugin.py",
        "__init__.py",
    ],
)
def test_an_unrelated_source_leaves_the_digest(package: Path, source: str) -> None:
    before = digest_now()
    append(package / source)
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
    assert "parts/added.py" in decisive_sources("cpu", *ROOTS)


def test_the_gpu_engine_decides_nothing_on_a_cpu(package: Path) -> None:
    before = digest_now("cpu"), digest_now("cuda")
    append(package / GPU / "gru.py")
    after = digest_now("cpu"), digest_now("cuda")
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False]
    assert not any(source.startswith(GPU) for source in decisive_sources("cpu", *ROOTS))


def move(package: Path, old: str, new: str) -> None:
    """Move a source, and let everything that imports it import it from its new place."""
    (package / new).parent.mkdir(exist_ok=True)
    (package / new).parent.joinpath("__init__.py").touch()
    (package / old).rename(package / new)
    before, after = (
        ".".join(["sparsebench", *Path(name).with_suffix("").parts]) for name in (old, new)
    )
    for source in package.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        source.write_text(re.sub(rf"from {before} import", f"from {after} import", text), "utf-8")


@pytest.mark.parametrize("new", ["parts/graph_wiring.py", "engines/wired.py", "parts/new/wired.py"])
def test_another_place_for_a_source_leaves_the_digest(package: Path, new: str) -> None:
    before = digest_now(), decisive_sources("cpu", *ROOTS)
    move(package, "parts/wired.py", new)
    assert new in decisive_sources("cpu", *ROOTS)
    assert "parts/wired.py" not in decisive_sources("cpu", *ROOTS)
    assert digest_now() == before[0]


@pytest.mark.parametrize(
    "text",
    [
        "# a comment",
        '"""A string that nothing reads."""',
        "\n\n",
    ],
)
@pytest.mark.parametrize("source", ["values/case.py", "parts/pruning.py", "engines/fused/gru.py"])
def test_words_about_the_code_leave_the_digest(package: Path, source: str, text: str) -> None:
    before = digest_now()
    append(package / source, text)
    assert digest_now() == before


def test_other_docstrings_and_another_formatting_leave_the_digest(package: Path) -> None:
    before = digest_now("cuda")
    for source in decisive_sources("cuda", *ROOTS):
        tree = ast.parse((package / source).read_bytes())
        for node in ast.walk(tree):
            documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            if documented and ast.get_docstring(node) is not None:
                node.body[0] = ast.Expr(ast.Constant("Something else."))
        (package / source).write_text(ast.unparse(tree), encoding="utf-8")
    assert digest_now("cuda") == before


def test_a_removed_docstring_leaves_the_digest(package: Path) -> None:
    added = package / "parts" / "added.py"
    append(package / "parts" / "pruning.py", "from sparsebench.parts.added import f\n")
    digests = set()
    for body in ('    """Words."""\n    return 1', "    return 1"):
        added.write_text(f"def f():\n{body}\n")
        digests.add(digest_now())
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rows = 1", "rows = 2"),
        ("rows = 1", "columns = 1"),
        ("rows = 1", "rows: int = 1"),
        ("x = a + b", "x = b + a"),
        ("x = a - b", "x = a + b"),
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = f'{a}'", "x = f'{a!r}'"),
        ("def f(a, b=1): ...", "def f(a, *, b=1): ..."),
        ("@a\ndef f(): ...", "def f(): ..."),
        ("for a in b: pass", "for b in a: pass"),
        ("from math import sin as f", "from math import cos as f"),
        ("import math", "import cmath as math"),
    ],
)
def test_code_that_says_something_else_changes_the_digest(
    package: Path, old: str, new: str
) -> None:
    append(package / "parts" / "pruning.py", "from sparsebench.parts.added import *\n")
    digests = set()
    for text in (old, new):
        (package / "parts" / "added.py").write_text(f"{text}\n")
        digests.add(digest_now())
    assert len(digests) == 2


def test_a_name_that_comes_from_another_source_changes_the_digest(package: Path) -> None:
    """Though both sources decide results before and after."""
    for number in (1, 2):
        (package / "parts" / f"added{number}.py").write_text(f"x = {number}\n")
    digests = set()
    for number in (1, 2):
        (package / "parts" / "user.py").write_text(
            "import sparsebench.parts.added1\nimport sparsebench.parts.added2\n"
            f"from sparsebench.parts.added{number} import x\n"
        )
        append(package / "parts" / "pruning.py", "import sparsebench.parts.user\n")
        digests.add(digest_now())
    assert len(digests) == 2


def test_the_digest_of_several_is_that_of_all_their_sources(package: Path) -> None:
    tasks = (*ROOTS, "parts/random_tasks.py")

    def both() -> tuple[str, str]:
        return digest_now(), code_digest._digest("cpu", tasks)

    before = both()
    append(package / "parts" / "random_tasks.py")
    assert both()[0] == before[0]
    assert both()[1] != before[1]
    own = code_digest.code_digest
    assert own("cpu", *tasks) == own("cpu", *reversed(tasks), *tasks)


def test_what_training_really_imports_is_among_the_sources() -> None:
    """Python itself is asked, in a process of its own."""
    roots = ", ".join(
        f"sparsebench.{source.removesuffix('.py').replace('/', '.')}" for source in ROOTS
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


def test_a_file_of_another_project_counts_with_what_it_imports_of_ours(
    package: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs.py"
    theirs.write_text("from sparsebench.parts.pruning import prune\nx = 1\n")
    before = code_digest.code_digest("cpu", str(theirs))
    append(package / "parts" / "graphs.py")
    theirs.write_text('"""Words."""\nfrom sparsebench.parts.pruning import prune\n\nx = 1\n')
    assert code_digest.code_digest("cpu", str(theirs)) == before
    append(package / "parts" / "pruning.py")
    ours = code_digest.code_digest("cpu", str(theirs))
    theirs.write_text("from sparsebench.parts.pruning import prune\nx = 2\n")
    assert len({before, ours, code_digest.code_digest("cpu", str(theirs))}) == 3


def test_what_a_file_of_another_project_imports_of_its_own_counts(tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name in ("__init__", "measure", "scores", "words"):
        (folder / f"{name}.py").write_text("")
    for line in ("from theirs.scores import x", "from .scores import x", "from . import scores"):
        (folder / "measure.py").write_text(f"import numpy\n{line}\n")
        (folder / "scores.py").write_text("x = 1\n")
        before = code_digest.code_digest("cpu", str(folder / "measure.py"))
        (folder / "words.py").write_text("x = 2\n")
        assert code_digest.code_digest("cpu", str(folder / "measure.py")) == before
        (folder / "scores.py").write_text("x = 2\n")
        assert code_digest.code_digest("cpu", str(folder / "measure.py")) != before


def test_modules_that_lie_beside_a_file_count_where_it_imports_them(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from scores import x\n")
    (tmp_path / "scores.py").write_text("x = 1\n")
    before = code_digest.code_digest("cpu", str(tmp_path / "conftest.py"))
    (tmp_path / "scores.py").write_text("x = 2\n")
    assert code_digest.code_digest("cpu", str(tmp_path / "conftest.py")) != before
