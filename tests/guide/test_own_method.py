"""The page on a method of one's own is followed, from an empty folder to the report."""

import ast
import re

from sparsebench.parts.documents import read_baseline, read_document
from tests.guide.pages import GUIDE, commands, files

PAGE = (GUIDE / "own-method.md").read_text(encoding="utf-8")


def test_each_part_takes_at_most_25_lines():
    tree = ast.parse(files(PAGE)["own_parts.py"])
    classes = [each for each in tree.body if isinstance(each, ast.ClassDef)]
    assert len(classes) == 4
    for each in classes:
        first = min(line.lineno for line in (each, *each.decorator_list))
        assert each.end_lineno - first + 1 <= 25, each.name


def test_the_page_does_what_it_says(reader):
    measure, gate, compare, report = commands(PAGE)
    reader.write(files(PAGE))
    measured = reader.run(measure)
    assert measured.returncode == 0, measured.stdout
    for name in (
        "magnitude",
        "rigl",
        "own_criterion",
        "own_allocation",
        "own_pattern",
        "own_schedule",
    ):
        assert re.search(rf"^{name} +\d", measured.stdout, re.MULTILINE), measured.stdout
    records = read_baseline(reader.folder / "baselines" / "thesis").records
    assert f"{len(records)} networks" in PAGE
    green = reader.run(gate)
    assert green.returncode == 0, green.stdout
    compared = reader.run(compare)
    assert compared.returncode == 0, compared.stdout
    reported = reader.run(report)
    assert reported.returncode == 0, reported.stdout
    page = (reader.folder / "site" / "index.html").read_text(encoding="utf-8")
    assert "own_schedule" in page[page.index("Methods of making networks sparse</h2>") :]
    reader.edit("own_parts.py", "0.01 +", "0.1 +")
    red = reader.run(gate)
    assert red.returncode == 1, red.stdout
    items = read_document(reader.folder / "results" / "after.json").items
    failed = [item.nodeid for item in items if item.outcome == "failed"]
    assert len(failed) == 2
    assert all("own_criterion" in nodeid for nodeid in failed)
