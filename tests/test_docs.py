"""What the documentation says is so."""

import re
from pathlib import Path

import pytest

from sparsebench.experiments.analysis_tables import (
    analysis_claims_markdown,
    correlations_markdown,
    importances_markdown,
    predictions_markdown,
)
from sparsebench.experiments.regain_tables import (
    regain_markdown,
    retrained_markdown,
    threshold_markdown,
)
from sparsebench.parts.documents import read_baseline
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


@pytest.mark.parametrize("table", [regain_markdown, retrained_markdown, threshold_markdown])
def test_tables_of_models_that_were_trained_again_are_those_of_the_baseline(table):
    page = (ROOT / "docs" / "regain.md").read_text(encoding="utf-8")
    assert table(read_baseline(ROOT / "baselines" / "thesis.json").records) in page


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
    assert table(read_baseline(ROOT / "baselines" / "thesis.json").records) in page
