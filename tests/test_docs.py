"""What the documentation says is so."""

import csv
import importlib.util
import os
import re
from pathlib import Path

import pytest

from sparsebench.parts import (
    csv_files,
    documents,
    graph_files,
    labelled_texts,
    numpy_files,
    own_content,
    own_csv,
    pickles,
    published_rows,
    records,
    stored_models,
    tables,
    texts,
    torch_archives,
    weight_files,
)
from sparsebench.shell.options import OPTIONS
from sparsebench.values import own_data
from tests import processes

ROOT = Path(__file__).parents[1]
_SPEC = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
generate = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(generate)
PAGES = [
    *ROOT.glob("*.md"),
    ROOT / "validation" / "README.md",
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
    own = re.findall(r"^```python\n# ([\w/]+\.py)$", text, re.MULTILINE)
    run = [ROOT / name for name in re.findall(r"\bpython\s+([\w/]+\.py)", text) if name not in own]
    modules = re.findall(r"\bpython\s+-m\s+(validation[\w.]*\w)", text)
    run += [ROOT / f"{name.replace('.', '/')}.py" for name in modules]
    assert [str(path) for path in (*linked, *run) if not path.exists()] == []


@pytest.mark.parametrize("page", generate.PAGES, ids=lambda page: page.name)
def test_what_is_generated_is_that_of_the_code_and_of_the_baseline(page):
    text = page.read_text(encoding="utf-8")
    assert text == generate.generated(text), "run `make docs`"


def test_the_site_is_built_without_a_warning(tmp_path):
    """Its pages are all in its contents, and links between them lead somewhere."""
    command = ["-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    folders = [str(ROOT / "docs"), str(tmp_path / "site"), "-d", str(tmp_path / "doctrees")]
    done = processes.run([*command, *folders], ROOT, os.environ)
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "site" / "index.html").is_file()


def test_bounds_of_files_from_elsewhere_are_those_of_the_code(thesis_baseline):
    """And the shipped baseline, which grows, is not half as large as a document may be."""
    page = (ROOT / "docs" / "reference" / "untrusted.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .* \| (`.*`) \| (.*) \|$", page, re.MULTILINE)
    told = dict(rows)
    bounds = {
        "`parts/graph_files.py`": f"{mib(pickles.LARGEST)} of pickle, {graph_files.MOST_VERTICES:,} "
        f"vertices, {graph_files.MOST_EDGES:,} edges",
        "`parts/torch_archives.py`, `engines/checkpoints.py`": f"{mib(torch_archives.LARGEST)}, "
        f"{mib(pickles.LARGEST)} of it pickle",
        "`parts/csv_files.py`": f"{mib(csv_files.LARGEST)}; {csv.field_size_limit():,} characters "
        f"of a cell; {tables.MOST_CODES // 10**6} million letters",
        "`parts/texts.py`, `parts/labelled_texts.py`": f"{mib(texts.LARGEST)} of a text; "
        f"{labelled_texts.MOST_FILES:,} files of {mib(labelled_texts.LARGEST_FILE)}, "
        f"{labelled_texts.LARGEST_CORPUS // 10**6} million characters in all, "
        f"{labelled_texts.MOST_CLASSES} labels; letters beyond the {texts.MOST_LETTERS} most",
        "`parts/own_csv.py`": f"{mib(own_csv.LARGEST)}; {csv.field_size_limit():,} characters of a "
        f"cell; {own_content.MOST_NUMBERS // 10**6} million numbers with all sequences filled up to "
        f"the longest; {own_data.MOST_SYMBOLS} letters, {own_data.MOST_CLASSES} classes",
        "`parts/numpy_files.py`, `parts/own_arrays.py`": f"{mib(numpy_files.LARGEST)}, also of all "
        f"arrays unpacked; {numpy_files.MOST_ARRAYS:,} arrays",
        "`parts/documents.py`": f"{mib(documents.LARGEST)}; cases nested {records.DEEPEST} deep",
        "`parts/weight_files.py`": f"{mib(weight_files.LARGEST)}, "
        f"{mib(weight_files.LARGEST_HEADER)} of it header",
        "`parts/stored_models.py`": f"{mib(stored_models.LARGEST_RECORD)}; "
        f"cases nested {records.DEEPEST} deep",
    }
    assert {reader: told[reader][: len(bound)] for reader, bound in bounds.items()} == bounds
    assert f"{published_rows.MOST_ROWS:,} wired networks" in told["`parts/csv_files.py`"]
    assert len(documents.as_text(thesis_baseline)) < documents.LARGEST / 2
    sizes = [path.stat().st_size for path in (ROOT / "baselines").rglob("*.*")]
    assert max(sizes) < 4_000_000


def mib(size):
    """A number of bytes as the documentation tells it."""
    assert size % 2**20 == 0
    return f"{size // 2**20} MiB"
