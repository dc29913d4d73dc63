"""Tracebacks: errors in a project's own code show that code alone, errors in ours show all of it."""

from pathlib import Path

import pytest

from sparsebench.parts import pruning, tasks
from sparsebench.parts.graphs import FAMILIES
from sparsebench.values import kinds
from tests.shell import projects

WRONG = {
    "a list": "return [1.0]",
    "another shape": "return np.zeros(3)",
    "NaN": "return np.full_like(weights[name], np.nan)",
    "one score": "return np.ones_like(weights[name])",
    "a dice": "return np.random.RandomState(random.randrange(10**9)).rand(*weights[name].shape)",
}

MESSAGES = {
    "a list": "TypeError: criterion 'mine' returned *: return one score per weight, a numpy array*",
    "another shape": "ValueError: criterion 'mine' scored *(3,): give one score per weight*",
    "NaN": "ValueError: criterion 'mine': * are NaN or infinite: the weights are finite*",
    "one score": "ValueError: all * scores of * no smallest weight*",
    "a dice": "*NotReproducible: criterion 'mine' gave two *let it draw from the generator*",
}


@pytest.fixture(autouse=True)
def _nothing_stays_registered(monkeypatch):
    """A run in this process registers what its project has here."""
    for registry in (pruning.CRITERIA, FAMILIES):
        monkeypatch.setitem(registry, "mine", None)
    for name in ("_BY_NAME", "_BY_CLASS", "_GROUPS"):
        monkeypatch.setattr(kinds, name, dict(getattr(kinds, name)))
    monkeypatch.setattr(tasks, "_registered", {})
    tasks._known.cache_clear()
    yield
    tasks._known.cache_clear()


def use(project, criterion):
    """Let the tiny benchmark prune by a criterion of its own."""
    project.makeconftest(
        "import random\n\nimport numpy as np\nfrom sparsebench import CRITERIA\n\n\n"
        "def mine(weights, name):\n"
        f"    {criterion}\n\n\n"
        "CRITERIA['mine'] = mine\n"
    )
    path = project.path / "test_tiny.py"
    path.write_text(path.read_text().replace("self.percent)", "self.percent, 'mine')"))


def failure(result):
    """The lines of the first failure, and the files that they name, in order."""
    lines = result.stdout.lines
    heads = [place for place, line in enumerate(lines) if line.startswith(("____", "===="))]
    begin = next(place for place in heads if lines[place].startswith("____"))
    shown = lines[begin + 1 : next(place for place in heads if place > begin)]
    return shown, [Path(line.split(".py:")[0]).stem for line in shown if ".py:" in line]


@pytest.mark.parametrize("what", WRONG)
def test_a_refused_criterion_is_told_by_the_message_and_the_test_s_own_lines(project, what):
    use(project, WRONG[what])
    result = projects.run(project, "-k", "p50")
    result.assert_outcomes(failed=1)
    lines, files = failure(result)
    assert files == ["test_tiny"]
    assert len(lines) < 20
    result.stdout.fnmatch_lines([f"E  *{MESSAGES[what]}", "FAILED *p50*"])


def test_what_a_criterion_raises_is_shown_in_its_own_lines_and_those_that_it_called(project):
    use(project, "return np.linalg.inv(weights[name][:0, :3])")
    result = projects.run(project, "-k", "p50")
    result.assert_outcomes(failed=1)
    _, files = failure(result)
    assert files[:2] == ["test_tiny", "conftest"]
    assert set(files[2:]) <= {"_linalg"}
    result.stdout.fnmatch_lines(
        ["*return np.linalg.inv(weights?name??:0, :3?)", "E  *LinAlgError*"]
    )


@pytest.mark.parametrize("option", ["--full-trace", "--tb=native"])
@pytest.mark.parametrize("criterion", [WRONG["NaN"], "return 1 / 0"])
def test_all_is_shown_on_request(project, option, criterion):
    use(project, criterion)
    result = projects.run(project, "-k", "p50", option)
    assert "parts/pruning.py" in result.stdout.str().replace("\\", "/")
    assert "experiments/pruning/measure.py" in result.stdout.str().replace("\\", "/")


OTHERS = """
from dataclasses import dataclass

import pytest

from sparsebench import FAMILIES, TaskKind, kind, register_task
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.graphs import GraphSpec


@kind("Mine", seeds={})
@dataclass(frozen=True)
class Mine:
    symbols, classes = 2, 2


def made(task):
    return "no examples"


def drawn(vertices, random):
    return [vertices]


register_task(TaskKind(task=Mine, make=made))
FAMILIES["mine"] = drawn


@dataclass(frozen=True)
class Item:
    id: str
    semantics: str = "published"

    def cases(self, seeds):
        if self.id == "no-list":
            return 3
        if self.id == "task":
            return [TaskCase("gru", Mine(), 0, 8)]
        return [WiredCase("gru", GraphSpec("mine", 0, 6), 0)]


@pytest.mark.sparsebench([Item("task"), Item("family"), Item("family-again"), Item("no-list")])
def test_own(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
"""


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("task", "TypeError: task 'Mine' made a str: give Halves of two sets of Examples, or *"),
        ("family", "TypeError: family 'mine' returned *: return a connected, undirected *"),
        ("no-list", "TypeError: item no-list: what cases(seeds) returns is 3: give a list*"),
    ],
    ids=["task", "family", "item"],
)
def test_a_refused_task_graph_family_or_item_is_told_in_the_same_way(project, which, message):
    (project.path / "test_tiny.py").unlink()
    project.makepyfile(test_own=OTHERS)
    result = projects.run(project, "-k", which)
    lines, files = failure(result)
    assert set(files) == {"test_own"}
    assert len(lines) < 25
    result.stdout.fnmatch_lines([f"E  *{message}"])
    if which == "family":  # the second item is told of the error that was held for it
        result.assert_outcomes(failed=2)
        assert result.stdout.str().count("sparsebench.measure(item))") == 2


def test_an_error_of_this_package_s_own_keeps_its_traceback(project, monkeypatch):
    def broken(scores, percent):
        raise TypeError("of ours")

    monkeypatch.setitem(pruning._RULES, "percentile", broken)
    _, files = failure(projects.run(project, "-k", "p50"))
    assert {"test_tiny", "measuring", "pruning"} <= set(files)
