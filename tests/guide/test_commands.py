"""Commands and code of the documentation do something: what selects benchmarks selects some."""

import ast
import os
import re
import shutil
import subprocess
import sys

import pytest

from sparsebench.parts.documents import read_baseline
from tests.guide.pages import GUIDE, ROOT, blocks, commands, files

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
OWN = sorted(GUIDE.glob("own-*.md"))
NOT_HERE = re.compile(r" --gpu| -n 2| --sparsebench-(artifacts|scheduler)[= ]\S+|  +#.*")
"""What takes another machine or somebody else's files, and comments."""


def selections():
    """The arguments of every command of a page that selects our benchmarks, once each."""
    found = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        lines = [] if page in OWN else commands(text)
        lines += re.findall(r"^    (pytest .+)$", text, re.MULTILINE)
        lines += [f"pytest benchmarks {each}" for each in re.findall(r"\| `(-k [^`]+)` \|", text)]
        found |= {NOT_HERE.sub("", line) for line in lines if line.startswith("pytest benchmarks")}
    return sorted(found)


COLLECT = """
import shlex, sys
import pytest

for line in sys.stdin:
    options = ["--collect-only", "-qqq", "-p", "no:cacheprovider"]
    print(int(pytest.main([*shlex.split(line)[1:], *options])), line)
"""


@pytest.mark.long
def test_a_selection_of_benchmarks_has_items(tmp_path):
    """Pytest's status is 5 where nothing is selected, and 4 where an option is wrong."""
    lines = selections()
    assert len(lines) > 20
    done = subprocess.run(
        [sys.executable, "-c", COLLECT],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": f"--sparsebench-json={tmp_path / 'result.json'}"},
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.findall(r"^(?!0)\d+ pytest.*", done.stdout, re.MULTILINE) == []
    assert done.stdout.count("\n0 pytest") + done.stdout.startswith("0 pytest") == len(lines)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_of_python_are_python(page):
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.language == "python":
            ast.parse(block.text)


@pytest.mark.long
def test_the_graph_family_is_trained_and_gated(reader):
    page = (GUIDE / "own-graphs.md").read_text(encoding="utf-8")
    reader.write(files(page))
    update, gate = commands(page)
    assert reader.run(update).returncode == 0
    records = read_baseline(reader.folder / "baselines" / "thesis").records
    assert {record.case["graph"]["family"] for record in records} == {"ring"}
    assert reader.run(gate).returncode == 0
    reader.edit("test_rings.py", "nx.cycle_graph(vertices)", "nx.path_graph(vertices)")
    assert reader.run(gate).returncode == 1


def test_the_population_is_trained(reader):
    reader.write(files((GUIDE / "training.md").read_text(encoding="utf-8")))
    done = reader.run("python population.py")
    assert done.returncode == 0, done.stdout


def test_the_frames_are_loaded(reader):
    reader.write(files((GUIDE / "reading-results.md").read_text(encoding="utf-8")))
    (reader.folder / "results").mkdir()
    shipped = ROOT / "baselines" / "thesis" / "pruning.json"
    shutil.copy(shipped, reader.folder / "results" / "latest.json")
    done = reader.run("python frames.py")
    assert done.returncode == 0, done.stdout
    assert "rnn_relu" in done.stdout
