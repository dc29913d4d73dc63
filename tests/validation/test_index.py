"""Every script of `validation` is started by a test, and has its line in the index."""

from __future__ import annotations

import re

from tests.validation.performance import test_starts as performance
from tests.validation.robustness import test_starts as robustness
from tests.validation.statistics import test_starts as statistics
from validation import ROOT

FOLDER = ROOT / "validation"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(FOLDER.rglob("*.py"))
    if path.name != "__init__.py"
}
SCRIPTS = [name for name, text in MODULES.items() if '__name__ == "__main__"' in text]
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_script_is_started_by_a_test() -> None:
    started = [
        f"validation.{tests.__name__.split('.')[-2]}.{name}"
        for tests in (performance, robustness, statistics)
        for name in tests.STARTS
    ]
    assert sorted(started) == SCRIPTS


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
        if not path.name.startswith(("test_", "__init__", "__pycache__"))
    ]
    assert others == []
