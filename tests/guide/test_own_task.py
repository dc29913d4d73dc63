"""The page on a task of one's own is followed, from an empty folder to the report."""

import re

import pytest

from sparsebench.parts.documents import read_baseline, read_document
from tests.guide.pages import GUIDE, commands, files

PAGE = (GUIDE / "own-task.md").read_text(encoding="utf-8")


@pytest.fixture
def measured(reader, tmp_path):
    """The folder with the page's file, after its first command, and with a cache of its own."""
    reader.options.append(f"--sparsebench-store={tmp_path / 'own-store'}")
    reader.write(files(PAGE))
    done = reader.run(f"{commands(PAGE)[0]} -v")
    assert done.returncode == 0, done.stdout
    assert "Accuracy in % on digits" in done.stdout
    return reader


def test_the_page_is_one_file_of_at_most_forty_lines():
    (text,) = files(PAGE).values()
    assert 10 <= len(text.splitlines()) <= 40


def test_the_page_does_what_it_says(measured):
    _, gate, compare, report = commands(PAGE)
    baseline = read_baseline(measured.folder / "baselines" / "thesis")
    experiments = [record.experiment for record in baseline.records]
    assert sorted(experiments) == ["pruned_task"] * 2 + ["task"]
    assert max(record.metrics["accuracy"] for record in baseline.records) > 0.85
    green = measured.run(f"{gate} -v -n 2")
    assert green.returncode == 0, green.stdout
    assert "'Digits' is not installed here: 3 records" in green.stdout  # this process reads no file
    compared = measured.run(compare)
    assert compared.returncode == 0, compared.stdout
    assert "3 unchanged" in compared.stdout
    assert "not installed" not in compared.stdout
    reported = measured.run(report)
    assert reported.returncode == 0, reported.stdout
    page = (measured.folder / "site" / "index.html").read_text(encoding="utf-8")
    section = page[page.index("Other tasks: capacity, memory, text</h2>") :]
    for shown in ("Accuracy in % on digits", "Loss on digits", "Networks on each task"):
        assert shown in section
    assert "not installed" not in page


@pytest.mark.long
def test_a_broken_task_is_red_and_regresses(measured):
    _, gate, compare, _ = commands(PAGE)
    assert "`labels[::-1]`" in PAGE
    measured.edit("test_digits.py", "labels.astype", "labels[::-1].astype")
    red = measured.run(gate)
    assert red.returncode == 1, red.stdout
    items = read_document(measured.folder / "results" / "after.json").items
    assert {item.nodeid[-4:-1]: item.outcome for item in items}["-p0"] == "failed"
    assert re.search(r"measured  2\.\d{4}", red.stdout)  # ten digits, said by chance
    compared = measured.run(compare)
    assert compared.returncode == 1, compared.stdout
    assert "3 regressed" in compared.stdout


def test_where_the_task_is_not_known_its_name_is_told_and_nothing_stops(measured):
    _, _, compare, report = (line.replace("-p test_digits ", "") for line in commands(PAGE))
    before = "results/before.json"
    compared = measured.run(compare.replace("results/after.json", before))
    assert compared.returncode == 0, compared.stdout
    assert "3 unchanged" in compared.stdout
    assert "'Digits' is not installed here: 3 items" in compared.stdout
    reported = measured.run(report.replace("results/after.json", before))
    assert reported.returncode == 0, reported.stdout
    page = (measured.folder / "site" / "index.html").read_text(encoding="utf-8")
    assert page.count("&#39;Digits&#39; is not installed here") == 3
    loaded = measured.run(
        f'python -c "import sparsebench; print(set(sparsebench.load({before!r}).not_installed))"'
    )
    assert loaded.stdout == "{'Digits'}\n"
