"""The house: who stands outside an experiment asks its descriptor, never its class or name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sparsebench
from sparsebench.harness.registry import OURS, experiments, measurement_of
from sparsebench.values.case import BaseCase

PACKAGE = Path(sparsebench.__file__).parent
OUTSIDE = [
    path
    for path in sorted(PACKAGE.glob("**/*.py"))
    if path.relative_to(PACKAGE).parts[0] not in ("experiments", "__init__.py")
]

NAMES = {
    *(experiment.name for experiment in experiments()),
    *(each.name for experiment in experiments() for each in experiment.measurements),
}

MOST = 10
"""Tests against the class of a case or item outside; there were more than a hundred."""


def classes_of_cases_and_items() -> set[str]:
    """The names of all classes of cases, and of items."""
    found = {BaseCase.__name__}
    for experiment in experiments():
        found |= {each.case.__name__ for each in experiment.measurements}
        found |= {each.case.__name__ for each in experiment.networks}
        found |= {each.item.__name__ for each in experiment.items}
    return found


def asks_of_class(classes: set[str], source: str) -> Iterator[str]:
    """The calls of isinstance and the class patterns against some classes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass"):
            tested: ast.AST = node.args[1]
        elif isinstance(node, ast.MatchClass):
            tested = node.cls
        elif isinstance(node, ast.Compare) and "type(" in ast.unparse(node.left):
            tested = node
        else:
            continue
        names = {each.id for each in ast.walk(tested) if isinstance(each, ast.Name)}
        names |= {each.attr for each in ast.walk(tested) if isinstance(each, ast.Attribute)}
        if names & classes:
            yield ast.unparse(node)


def comparisons(source: str) -> Iterator[str]:
    """What compares something with the name of an experiment, or of a measurement."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare | ast.MatchValue):
            constants = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
            if constants & NAMES:
                yield ast.unparse(node)


def imports_of_experiments(source: str) -> Iterator[str]:
    """The statements that import an experiment."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(
            "sparsebench.experiments"
        ):
            yield ast.unparse(node)


def test_classes_of_cases_and_items_are_hardly_asked_for_outside() -> None:
    classes = classes_of_cases_and_items()
    found = [
        f"{path.relative_to(PACKAGE)}: {test}"
        for path in OUTSIDE
        for test in asks_of_class(classes, path.read_text(encoding="utf-8"))
    ]
    assert len(found) <= MOST, "\n".join(found)


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_nobody_outside_knows_an_experiment(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert [*comparisons(source), *imports_of_experiments(source)] == []


def test_each_of_ours_is_a_folder_with_a_descriptor_under_its_name() -> None:
    for name in OURS:
        assert (PACKAGE / "experiments" / name / "descriptor.py").is_file()
        assert name in {experiment.name for experiment in experiments()}


def test_a_test_against_a_class_is_seen_however_it_is_written() -> None:
    sources = (
        "isinstance(case, BaseCase)",
        "isinstance(case, cases.BaseCase | Other)",
        "type(case) is BaseCase",
        "match case:\n    case BaseCase():\n        pass",
    )
    for source in sources:
        assert list(asks_of_class({"BaseCase"}, source)), source


def test_a_comparison_with_a_name_is_seen_however_it_is_written() -> None:
    for source in (
        'x == "pruning"',
        'x in ("a", "pruning")',
        'match x:\n    case "pruning":\n        pass',
    ):
        assert list(comparisons(source)), source


def test_the_case_of_a_dense_model_belongs_to_an_experiment() -> None:
    from sparsebench.values.protocol import Architecture

    assert measurement_of(BaseCase(Architecture("gru"), 0)).case is BaseCase
