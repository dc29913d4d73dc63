"""What the documentation says is so."""

import csv
import re
from pathlib import Path

import pytest

from sparsebench.experiments.finetuning.table import (
    finetuning_markdown,
    retrained_markdown,
    threshold_markdown,
)
from sparsebench.experiments.graph_statistics.table import (
    analysis_claims_markdown,
    correlations_markdown,
    importances_markdown,
    predictions_markdown,
)
from sparsebench.parts import (
    csv_files,
    documents,
    graph_files,
    labelled_texts,
    pickles,
    published_rows,
    records,
    stored_models,
    tables,
    texts,
    torch_archives,
    weight_files,
)
from sparsebench.parts.documents import read_baseline
from sparsebench.shell.options import OPTIONS

ROOT = Path(__file__).parents[1]
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
    run = [ROOT / name for name in re.findall(r"\bpython\s+([\w/]+\.py)", text)]
    modules = re.findall(r"\bpython\s+-m\s+(validation[\w.]*\w)", text)
    run += [ROOT / f"{name.replace('.', '/')}.py" for name in modules]
    assert [str(path) for path in (*linked, *run) if not path.exists()] == []


@pytest.mark.parametrize("table", [finetuning_markdown, retrained_markdown, threshold_markdown])
def test_tables_of_models_that_were_fine_tuned_are_those_of_the_baseline(table):
    page = (ROOT / "docs" / "finetuning.md").read_text(encoding="utf-8")
    assert table(read_baseline(ROOT / "baselines" / "thesis").records) in page


@pytest.mark.parametrize(
    "table",
    [
        analysis_claims_markdown,
        correlations_markdown,
        predictions_markdown,
        importances_markdown,
    ],
)
def test_tables_of_correlations_and_predictions_are_those_of_the_baseline(table):
    page = (ROOT / "docs" / "graphs.md").read_text(encoding="utf-8")
    assert table(read_baseline(ROOT / "baselines" / "thesis").records) in page


def test_bounds_of_files_from_elsewhere_are_those_of_the_code():
    """And the shipped baseline, which grows, is not half as large as a document may be."""
    page = (ROOT / "docs" / "untrusted.md").read_text(encoding="utf-8")
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
        "`parts/documents.py`": f"{mib(documents.LARGEST)}; cases nested {records.DEEPEST} deep",
        "`parts/weight_files.py`": f"{mib(weight_files.LARGEST)}, "
        f"{mib(weight_files.LARGEST_HEADER)} of it header",
        "`parts/stored_models.py`": f"{mib(stored_models.LARGEST_RECORD)}; "
        f"cases nested {records.DEEPEST} deep",
    }
    assert {reader: told[reader][: len(bound)] for reader, bound in bounds.items()} == bounds
    assert f"{published_rows.MOST_ROWS:,} wired networks" in told["`parts/csv_files.py`"]
    baseline = documents.as_text(read_baseline(ROOT / "baselines" / "thesis"))
    assert len(baseline) < documents.LARGEST / 2
    sizes = [path.stat().st_size for path in (ROOT / "baselines").rglob("*.*")]
    assert max(sizes) < 4_000_000


def mib(size):
    """A number of bytes as the documentation tells it."""
    assert size % 2**20 == 0
    return f"{size // 2**20} MiB"
