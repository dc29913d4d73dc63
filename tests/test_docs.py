"""What the documentation says is so."""

import re
from pathlib import Path

import pytest

from sparsebench.shell.options import OPTIONS

ROOT = Path(__file__).parents[1]
PAGES = [
    *ROOT.glob("*.md"),
    *(page for page in (ROOT / "docs").rglob("*") if page.suffix in (".md", ".yml")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_that_is_named_exists(page):
    named = set(re.findall(r"--sparsebench-[a-z-]*[a-z]", page.read_text(encoding="utf-8")))
    assert named <= {option.switch for option in OPTIONS}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_linked_or_run_is_there(page):
    text = page.read_text(encoding="utf-8")
    linked = [page.parent / name for name in re.findall(r"\]\(([^)#:]+)\)", text)]
    run = [ROOT / name for name in re.findall(r"\bpython\s+(benchmarks/\w+\.py)", text)]
    assert [str(path) for path in (*linked, *run) if not path.exists()] == []
