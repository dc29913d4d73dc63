"""Another project's experiment is measured, accepted, gated and compared like ours."""

from __future__ import annotations

import re

import pytest

from sparsebench.harness import registry
from sparsebench.parts.documents import read_baseline, read_document
from sparsebench.shell.command import main
from sparsebench.shell.unused import unused
from sparsebench.values import kinds
from tests.harness.settings import settings
from tests.shell import projects

CONFTEST = """
from dataclasses import dataclass

import sparsebench
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest


@sparsebench.kind("halving")
@dataclass(frozen=True)
class HalvingCase:
    variant: str
    rounds: int
    seed: int


def measure(case, bench):
    return Record(
        digest=digest(case),
        experiment="halving",
        case=canonical(case),
        metrics={"accuracy": 0.9 - 0.1 * case.rounds + 0.01 * case.seed, "strings": 1000},
        weights=f"{case.seed}",
        provenance=bench.note(bench.here),
    )


sparsebench.register(
    sparsebench.Experiment(
        name="halvings",
        measurements=(
            sparsebench.Measurement(name="halving", case=HalvingCase, measure=measure),
        ),
    )
)
"""

BENCHMARK = """
from dataclasses import dataclass

import pytest
from conftest import HalvingCase


@dataclass(frozen=True)
class HalvingItem:
    rounds: int
    semantics: str = "published"

    @property
    def id(self):
        return f"r{self.rounds}"

    def cases(self, seeds):
        return [HalvingCase("gru", self.rounds, seed) for seed in seeds]


@pytest.mark.sparsebench([HalvingItem(1), HalvingItem(2)])
def test_halving(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
"""


@pytest.fixture
def theirs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with an experiment of its own, which is forgotten after the test."""
    pytester.makeini("[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_halving=BENCHMARK)
    for name in ("_BY_NAME", "_BY_CLASS"):
        monkeypatch.setattr(kinds, name, dict(getattr(kinds, name)))
    monkeypatch.setattr(registry, "_registered", {})
    yield pytester
    registry._known.cache_clear()


def broken(project: pytest.Pytester) -> None:
    """Let it lose three points of accuracy."""
    path = project.path / "conftest.py"
    path.write_text(path.read_text().replace("0.9 - 0.1", "0.87 - 0.1"))


def test_it_is_measured_accepted_and_gated_and_red_when_it_is_broken(theirs):
    assert projects.run(theirs, "--sparsebench-update", "--sparsebench-json=old.json").ret == 0
    baseline = read_baseline(theirs.path / "baselines" / "thesis")
    assert [record.experiment for record in baseline.records] == ["halving"] * 2
    assert projects.run(theirs, "--sparsebench-gate").ret == 0
    assert projects.run(theirs, "--sparsebench-gate", "-n1").ret == 0
    broken(theirs)
    result = projects.run(theirs, "--sparsebench-gate", "--sparsebench-json=new.json")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*r1: baseline fail*", "*r2: baseline fail*"])
    assert len(read_document(theirs.path / "new.json").records) == 2


def test_its_files_are_compared_where_it_is_known_and_shown_where_it_is_not(
    theirs, monkeypatch, capsys
):
    projects.run(theirs, "--sparsebench-json=old.json")
    broken(theirs)
    projects.run(theirs, "--sparsebench-json=new.json")
    files = [str(theirs.path / name) for name in ("old.json", "new.json")]
    assert main(["compare", *files]) == 1
    assert re.search(r"2 regressed", capsys.readouterr().out)
    registry._registered.clear()
    registry._known.cache_clear()
    kinds._BY_NAME.pop("halving")
    assert main(["compare", *files]) == 0
    out = capsys.readouterr().out
    assert "2 undecided" in out
    assert "experiment 'halving' is not installed here" in out
    found = unused([], settings(theirs.path), read_document(files[0]).records)
    assert found == []  # nobody can tell what asks for them
    assert main(["export", files[0], "-o", str(theirs.path / "records.csv")]) == 0
    assert "halving" in (theirs.path / "records.csv").read_text()
