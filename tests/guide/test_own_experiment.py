"""The page on an experiment of one's own is followed, from an empty folder to the report."""

import time

import pytest

from sparsebench.harness.registry import GROUP
from tests.conftest import without_plugins
from tests.guide.pages import GUIDE, Reader, blocks, commands, files

PAGE = (GUIDE / "own-experiment.md").read_text(encoding="utf-8")
UPDATE, GATE, PARALLEL, COMPARE, REPORT, STORE = commands(PAGE)


@pytest.fixture
def reader(tmp_path, pytestconfig):
    """Somebody with the page's files in a folder, who has trained nothing yet."""
    somebody = Reader(tmp_path, [*without_plugins(pytestconfig), "--sparsebench-store=store"])
    somebody.write(files(PAGE))
    return somebody


def follow(reader, command, status=0):
    """What a command of the page prints, which ends as it should."""
    done = reader.run(command)
    assert done.returncode == status, done.stdout
    return done.stdout


def site(reader):
    """The text of the report."""
    return (reader.folder / "site" / "index.html").read_text(encoding="utf-8")


def networks(reader):
    """The networks in the store, and when they were written."""
    found = (reader.folder / "store").glob("*/*.json")
    return {path.name: path.stat().st_mtime_ns for path in found}


def test_the_page_is_one_file_of_at_most_sixty_lines():
    assert len(files(PAGE)["test_gradual.py"].splitlines()) <= 60


def test_the_page_does_what_it_says(reader):
    running = reader.start(UPDATE)
    until = time.monotonic() + 300
    while not networks(reader):
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    running.kill()
    running.wait()
    kept = networks(reader)
    follow(reader, UPDATE)
    finished = networks(reader)
    assert {name: finished[name] for name in kept} == kept  # none of them is fine-tuned
    assert len(finished) == 6
    assert "2 passed" in follow(reader, GATE)
    assert "2 passed" in follow(reader, PARALLEL)
    assert networks(reader) == finished
    assert "2 unchanged" in follow(reader, COMPARE)
    follow(reader, REPORT)
    assert "gradual gru 1 layers 20 units" in site(reader)
    assert "for this code 6 networks" in follow(reader, f"{STORE} --store store")


@pytest.mark.long
def test_a_broken_method_is_red_and_own_sections_are_shown(reader):
    reader.edit(
        "test_gradual.py", 'name="gradual", meas', 'name="gradual", sections=sections, meas'
    )
    reader.edit(
        "test_gradual.py", "import pytest\n", "import pytest\nfrom sections import sections\n"
    )
    follow(reader, UPDATE)
    follow(reader, REPORT.replace("after", "before"))
    assert "Networks that were pruned step by step" in site(reader)
    assert "in place of `before.weights`" in PAGE
    anew = "sb.initial_weights(network.layout, case.seed)"
    assert anew in PAGE
    reader.edit("test_gradual.py", "sb.masked(before.weights", f"sb.masked({anew}")
    assert "2 failed" in follow(reader, GATE, status=1)
    follow(reader, COMPARE, status=1)


def test_where_it_is_not_installed_its_files_are_read_and_its_name_is_told(reader):
    follow(reader, UPDATE)
    stranger = " ".join(each for each in COMPARE.split() if each not in ("-p", "test_gradual"))
    told = follow(reader, stranger.replace("after", "before"))
    assert "experiment 'gradual' is not installed here" in told
    follow(reader, REPORT.replace("-p test_gradual ", "").replace("after", "before"))
    assert "gradual" in site(reader)


def test_a_module_that_cannot_be_imported_is_named(reader):
    told = follow(reader, COMPARE.replace("test_gradual", "test_nothing"), status=2)
    assert "-p test_nothing cannot be imported" in told


def test_the_entry_point_is_of_the_group_that_is_read():
    (toml,) = [block.text for block in blocks(PAGE) if block.language == "toml"]
    assert f'[project.entry-points."{GROUP}"]' in toml
