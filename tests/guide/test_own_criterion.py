"""The page on a criterion of one's own is followed, from an empty folder to the report."""

import re

import pytest

from sparsebench.parts.documents import read_baseline, read_document
from tests.guide.pages import GUIDE, commands, files

PAGE = (GUIDE / "own-criterion.md").read_text(encoding="utf-8")


@pytest.fixture
def measured(reader):
    """The folder with the page's file, after its first command."""
    reader.write(files(PAGE))
    done = reader.run(commands(PAGE)[0])
    assert done.returncode == 0, done.stdout
    return reader


def test_the_page_is_one_file_of_at_most_thirty_lines():
    (text,) = files(PAGE).values()
    assert len(text.splitlines()) <= 30


def test_the_page_does_what_it_says(measured):
    _, gate, compare, report = commands(PAGE)
    baseline = read_baseline(measured.folder / "baselines" / "thesis")
    criteria = [record.case.get("criterion", "magnitude") for record in baseline.records]
    assert sorted(criteria) == ["lamp"] * 6 + ["magnitude"] * 6
    green = measured.run(f"{gate} -v")
    assert green.returncode == 0, green.stdout
    assert re.search(r"^lstm +lamp +", green.stdout, re.MULTILINE), green.stdout
    compared = measured.run(compare)
    assert compared.returncode == 0, compared.stdout
    assert "12 unchanged" in compared.stdout
    reported = measured.run(report)
    assert reported.returncode == 0, reported.stdout
    page = (measured.folder / "site" / "index.html").read_text(encoding="utf-8")
    costs = page[page.index("Weights, accuracy and time of every method</h2>") :]
    assert "both, 90 % by lamp" in costs


@pytest.mark.long
def test_a_broken_criterion_is_red_and_regresses(measured):
    _, gate, compare, _ = commands(PAGE)
    assert "`[::-1]`" in PAGE
    measured.edit("test_lamp.py", "[::-1]", "")
    red = measured.run(gate)
    assert red.returncode == 1, red.stdout
    failed = {
        item.nodeid for item in items(measured, "results/after.json") if item.outcome == "failed"
    }
    assert len(failed) == 6
    assert all(nodeid.endswith("-lamp]") for nodeid in failed)
    assert re.search(r"measured  0\.\d{4}", red.stdout)
    compared = measured.run(compare)
    assert compared.returncode == 1, compared.stdout
    assert "regressed" in compared.stdout


def items(reader, name):
    """The items of a result file in the reader's folder."""
    return read_document(reader.folder / name).items
