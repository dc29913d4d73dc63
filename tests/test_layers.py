"""The architecture: each folder imports only itself and the folders below it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

import sparsebench

PACKAGE = Path(sparsebench.__file__).parent
LAYERS = {
    "values": 0,
    "parts": 1,
    "engines": 2,
    "judging": 3,
    "harness": 4,
    "report": 5,
    "experiments": 5,
    "shell": 6,
}
SOURCES = sorted(source.relative_to(PACKAGE).as_posix() for source in PACKAGE.glob("*/**/*.py"))


def imported(tree: ast.AST, package: str) -> Iterator[str]:
    """Full names of the modules or objects that the import statements under a node name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{home}.{alias.name}" for alias in node.names)


def run_on_import(tree: ast.Module) -> ast.Module:
    """The module without what stands in functions and under `if TYPE_CHECKING`."""

    class Pruner(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)

    return Pruner().visit(tree)


def upward_imports(source: str, folder: str) -> list[str]:
    """What a module of a folder imports from the layers above it, or from no layer at all."""
    return [
        name
        for name in imported(ast.parse(source), f"sparsebench.{folder}")
        if name.split(".")[0] == "sparsebench"
        and LAYERS.get(f"{name}.".split(".")[1], len(LAYERS)) > LAYERS[folder]
    ]


def foreign_imports(source: str, folder: str) -> set[str]:
    """What a module imports, anywhere, that is neither the standard library's nor ours."""
    roots = {name.split(".")[0] for name in imported(ast.parse(source), f"sparsebench.{folder}")}
    return roots - sys.stdlib_module_names - {"sparsebench"}


def test_every_module_lies_in_a_layer() -> None:
    assert {source.split("/")[0] for source in SOURCES} == set(LAYERS)
    own = {source.name for source in PACKAGE.glob("*.py")}
    assert own == {"__init__.py", "__main__.py"}


@pytest.mark.parametrize("source", SOURCES)
def test_a_module_imports_only_its_own_and_lower_layers(source: str) -> None:
    text = (PACKAGE / source).read_text(encoding="utf-8")
    assert upward_imports(text, source.split("/")[0]) == []


@pytest.mark.parametrize("source", [name for name in SOURCES if name.startswith("values/")])
def test_values_need_nothing_but_numpy(source: str) -> None:
    text = (PACKAGE / source).read_text(encoding="utf-8")
    assert foreign_imports(text, "values") <= {"numpy"}


@pytest.mark.parametrize("source", [name for name in SOURCES if name.startswith("parts/")])
def test_parts_never_import_torch(source: str) -> None:
    text = (PACKAGE / source).read_text(encoding="utf-8")
    assert "torch" not in foreign_imports(text, "parts")


@pytest.mark.parametrize("source", [name for name in SOURCES if name.startswith("experiments/")])
def test_importing_an_experiment_loads_neither_torch_nor_an_engine(source: str) -> None:
    tree = ast.parse((PACKAGE / source).read_text(encoding="utf-8"))
    heavy = [
        name
        for name in imported(run_on_import(tree), "sparsebench.experiments")
        if name.split(".")[0] == "torch" or name.startswith("sparsebench.engines")
    ]
    assert heavy == []


def test_importing_the_package_itself_loads_only_the_standard_library() -> None:
    tree = run_on_import(ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")))
    roots = {name.split(".")[0] for name in imported(tree, "sparsebench")}
    assert roots <= sys.stdlib_module_names


@pytest.mark.parametrize(
    "statement",
    [
        "from sparsebench.engines.training import train",
        "def late():\n    from sparsebench.shell import run",
        "from sparsebench import experiments",
        "from sparsebench import PruningItem",
        "from ..engines import training",
        "import sparsebench.experiments.base.measure as base",
        "import sparsebench",
    ],
)
def test_an_import_from_above_is_seen_however_it_is_written(statement: str) -> None:
    assert upward_imports(statement, "parts")


def test_an_import_from_below_or_beside_is_allowed() -> None:
    text = "from sparsebench.values.identity import digest\nfrom .files import check_writable"
    assert upward_imports(text, "parts") == []


def test_an_import_in_a_function_does_not_run_on_import() -> None:
    text = "import json\nif TYPE_CHECKING:\n    import numpy\ndef f():\n    import torch\n"
    assert list(imported(run_on_import(ast.parse(text)), "sparsebench.parts")) == ["json"]
