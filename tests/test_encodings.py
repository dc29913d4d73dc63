"""Text is read and written in a named encoding: the system's own is another one elsewhere.

Ruff's PLW1514 sees only paths whose type it can tell, and no processes; here every call of these names
counts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

_TEXTS = {"read_text": 0, "write_text": 1}
"""Methods that read or write text, and after how many arguments they take the encoding."""

_OPENING = ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile")

_PROCESSES = ("run", "Popen", "check_output", "call", "check_call")


def without_encoding(source: str) -> Iterator[int]:
    """The lines of calls that read or write text in the system's encoding."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if "encoding" in given or None in given:  # None: **options, which a reader must look at
            continue
        if name in _TEXTS:
            wanted = len(node.args) <= _TEXTS[name]
        elif name in _OPENING:
            wanted = "b" not in _mode(node, given, name)
        elif name in _PROCESSES:
            wanted = "text" in given or "universal_newlines" in given
        else:
            continue
        if wanted:
            yield node.lineno


def _mode(node: ast.Call, given: dict[str | None, ast.expr], name: str) -> str:
    """The mode of a file that is opened; binary where it is no constant, or no file is opened so."""
    if name.endswith("TemporaryFile"):
        mode: ast.expr | None = given.get("mode", ast.Constant("w+b"))
    else:
        of_path = (
            isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") != "os"
        )
        place = 0 if of_path and node.func.attr == "open" else 1  # type: ignore[attr-defined]
        behind = node.args[place] if len(node.args) > place else ast.Constant("r")
        mode = given.get("mode", behind)
    return str(mode.value) if isinstance(mode, ast.Constant) else "b"


@pytest.mark.parametrize("folder", ["sparsebench", "benchmarks", "docs"])
def test_text_has_a_named_encoding(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in without_encoding(path.read_text("utf-8"))
    ]
    assert not found


@pytest.mark.parametrize(
    "call",
    [
        "path.read_text()",
        "path.write_text('')",
        "path.open()",
        "path.open('w')",
        "open(path)",
        "open(path, mode='r')",
        "os.fdopen(3, 'w')",
        "NamedTemporaryFile(mode='w')",
        "subprocess.run([], text=True)",
    ],
)
def test_a_call_without_an_encoding_is_found(call: str) -> None:
    assert list(without_encoding(call)) == [1]


@pytest.mark.parametrize(
    "call",
    [
        "path.read_text('utf-8')",
        "path.read_text(encoding='utf-8')",
        "path.write_text('', 'utf-8')",
        "path.open('rb')",
        "open(path, 'rb')",
        "open(path, encoding='utf-8')",
        "os.fdopen(3, 'wb')",
        "TemporaryFile(dir=path)",
        "subprocess.run([], text=True, encoding='utf-8')",
        "subprocess.run([])",
    ],
)
def test_a_call_with_an_encoding_or_without_text_is_not(call: str) -> None:
    assert list(without_encoding(call)) == []
