"""The page on data of one's own is followed, from an empty folder to the report."""

from __future__ import annotations

import re

import pytest

from sparsebench.parts.documents import read_baseline, read_document
from sparsebench.parts.own_content import MOST_NUMBERS
from sparsebench.parts.own_csv import LARGEST
from sparsebench.parts.own_data import own_data, own_examples
from tests.guide.pages import GUIDE, blocks, commands, files

PAGE = (GUIDE / "own-data.md").read_text(encoding="utf-8")


@pytest.fixture
def measured(reader, tmp_path):
    """The folder with the page's table and tests, after its first run, with a cache of its own."""
    reader.options.append(f"--sparsebench-store={tmp_path / 'own-store'}")
    found = files(PAGE)
    reader.write({name: found[name] for name in ("readings.py", "test_readings.py")})
    make, update = commands(PAGE)[:2]
    assert reader.run(make).returncode == 0
    done = reader.run(f"{update} -v")
    assert done.returncode == 0, done.stdout
    return reader, done.stdout


def test_the_page_does_what_it_says(measured):
    reader, shown = measured
    (table,) = [block.text for block in blocks(PAGE) if block.language == "text"]
    for line in table.splitlines()[2:]:
        assert line in shown
    records = read_baseline(reader.folder / "baselines" / "thesis").records
    assert sorted(record.experiment for record in records) == ["floor", "pruned_task", "task"]
    (floor,) = [record for record in records if record.experiment == "floor"]
    assert set(floor.tables) == {"loss", "rmse"}
    networks = [record for record in records if record is not floor]
    for metric, least in floor.tables.items():
        assert max(record.metrics[metric] for record in networks) < min(least.values()) / 4
    _, _, gate, compare, report = commands(PAGE)
    green = reader.run(gate)
    assert green.returncode == 0, green.stdout
    compared = reader.run(compare)
    assert compared.returncode == 0, compared.stdout
    assert "3 unchanged" in compared.stdout
    reported = reader.run(report)
    assert reported.returncode == 0, reported.stdout
    page = (reader.folder / "site" / "index.html").read_text(encoding="utf-8")
    for text in ("Loss on own data", "in the unit of the answer", "floor: linear"):
        assert text in page


@pytest.mark.long
def test_other_readings_are_another_task_and_not_green(measured):
    reader, _ = measured
    reader.edit("readings.csv", "1999,", "1999,0")
    gate = commands(PAGE)[2]
    other = reader.run(f"{gate} -k p0")
    assert other.returncode == 0, other.stdout  # the same number
    reader.edit("readings.csv", "\n7,", "\n7,1")
    red = reader.run(gate)
    assert red.returncode == 1, red.stdout
    items = read_document(reader.folder / "results" / "after.json").items
    assert [item.outcome for item in items].count("passed") == 0


def test_a_metric_of_ones_own_is_shown_of_floors_and_networks(measured):
    reader, _ = measured
    reader.write({"test_rising.py": files(PAGE)["test_rising.py"]})
    done = reader.run("pytest test_rising.py -v --sparsebench-profile=smoke")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^rising +floor: linear .* 0\.\d{3}\s*$", done.stdout, re.MULTILINE)
    assert re.search(r"^rising +gru .* 0\.9\d\d\s*$", done.stdout, re.MULTILINE)


def test_strokes_and_digits_are_tasks(reader, monkeypatch):
    (table,) = [block.text for block in blocks(PAGE) if not block.language]
    reader.write({"strokes.csv": table, "digits.py": files(PAGE)["digits.py"]})
    assert reader.run("python digits.py").returncode == 0
    monkeypatch.chdir(reader.folder)
    calls = re.findall(r"`(own_data\(.*?\))`", PAGE, re.DOTALL)
    strokes, digits = (eval(call, {"own_data": own_data}) for call in calls)
    assert (strokes.classes, strokes.width, strokes.asks) == (2, 2, "class")
    halves = own_examples(strokes)
    assert (len(halves.train), len(halves.test)) == (2, 2)
    assert (digits.classes, digits.width, digits.called) == (10, 8, "digits")
    assert len(own_examples(digits).test) == round(0.2 * 1797)


def test_the_message_and_bounds_of_the_page_are_those_of_the_code(reader):
    reader.write({"readings.csv": "hour,level\n" + "1,0\n" * 5 + "6,n/a\n"})
    path = reader.folder / "readings.csv"
    with pytest.raises(ValueError, match="line 7") as told:
        own_data(path, "forecast", answers="level", inputs="level", window=1)
    (example,) = re.findall(r"`(readings.csv, line 7: .*?)`", PAGE, re.DOTALL)
    message = str(told.value).removeprefix(f"{reader.folder}/")
    assert message.startswith(" ".join(example.split()))
    assert f"{LARGEST >> 20} MiB, and {MOST_NUMBERS // 10**6} million numbers" in PAGE
