"""What tests do with a pytester project that has a benchmark."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sparsebench.shell.run  # noqa: F401 - as our_tasks below
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.parts import our_tasks  # noqa: F401 - runs of pytester share what it imports
from sparsebench.parts.baseline_folder import has_baseline
from sparsebench.parts.documents import read_baseline, read_document
from sparsebench.parts.records import Record, Result
from sparsebench.shell import item_bench


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run its benchmarks in this process."""
    return project.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


def accept(project: pytest.Pytester) -> None:
    """Make what the tiny benchmark measures its baseline.

    Of projects with the same files, the first measures, and what it wrote is copied into the others.
    """
    before = _content(project.path)
    key = frozenset(before.items())
    if item_bench.measure is MEASURE and key in _WRITTEN:
        for name, content in _WRITTEN[key].items():
            path = project.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return
    run(project, "--sparsebench-update").assert_outcomes(passed=2)
    if item_bench.measure is MEASURE:
        after = _content(project.path)
        _WRITTEN[key] = {name: after[name] for name in after if after[name] != before.get(name)}


def _content(folder: Path) -> dict[Path, bytes]:
    """The files of a project, by their paths in it."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }


_WRITTEN: dict[frozenset[tuple[Path, bytes]], dict[Path, bytes]] = {}
"""What `accept` wrote, by the files that a project had before."""


def baseline_file(project: pytest.Pytester, experiment: str = "pruning") -> Path:
    """Where its baseline has the records of an experiment that small profiles accept."""
    return project.path / "baselines" / "thesis" / f"{experiment}.json"


def edit_records(project: pytest.Pytester, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change every record of its baseline in place, as somebody's editor might."""
    for path in (project.path / "baselines" / "thesis").glob("*.json"):
        document = json.loads(path.read_text())
        for record in document["records"]:
            edit(record)
        path.write_text(json.dumps(document))


def better_by(accuracy: float) -> Callable[[dict[str, Any]], None]:
    """An edit that makes the baseline expect more than is measured."""

    def edit(record: dict[str, Any]) -> None:
        record["metrics"]["accuracy"] += accuracy

    return edit


def result(project: pytest.Pytester) -> Result:
    """What its last run wrote with `--sparsebench-json=result.json`."""
    document = read_document(project.path / "result.json")
    assert isinstance(document, Result)
    return document


def known(project: pytest.Pytester) -> list[Record]:
    """The records of its baseline; none where there is none."""
    folder = project.path / "baselines" / "thesis"
    return read_baseline(folder).records if has_baseline(folder) else []


def seeds(records: list[Record], percent: int) -> list[int]:
    """Those of the models that were pruned by a percentage, in order."""
    return sorted(
        record.case["base"]["seed"] for record in records if record.case["percent"] == percent
    )


def set_accuracies(
    monkeypatch: pytest.MonkeyPatch, accuracy: Callable[[PruningCase], float]
) -> None:
    """From now on let runs in this process measure these accuracies, of 40 strings each."""

    def measure(case: PruningCase, bench: Any) -> Record:
        record = MEASURE(case, bench)
        record.metrics["accuracy"] = accuracy(case)
        return record

    monkeypatch.setattr(item_bench, "measure", measure)


def measure_nothing(project: pytest.Pytester, accuracy: str = "0.9") -> None:
    """Let it take its accuracies, an expression about a case, from the air.

    Its workers need no torch then, which takes each of them seconds to load.
    """
    project.makeconftest(
        "from sparsebench.parts.records import Record\n"
        "from sparsebench.shell import item_bench\n"
        "from sparsebench.values.identity import canonical, digest\n"
        "def measure(case, bench):\n"
        f"    metrics = {{'accuracy': {accuracy}, 'strings': 40, 'kept': 1}}\n"
        "    where = bench.note(bench.here)\n"
        "    name, plain = digest(case), canonical(case)\n"
        "    return Record(\n"
        "        digest=name, experiment='pruning', case=plain, metrics=metrics, provenance=where\n"
        "    )\n"
        "item_bench.measure = measure\n"
    )
    source = project.path / "test_tiny.py"
    source.write_text(source.read_text().replace("    time_forward(measured)\n", ""))


def insert(project: pytest.Pytester, lines: str, before: str = "judge", asking: str = "") -> None:
    """Let its benchmark do more before it measures, or before it judges, if need be with a fixture."""
    path = project.path / "test_tiny.py"
    source = path.read_text()
    if asking:
        source = source.replace("def test_tiny(item", f"def test_tiny({asking}, item")
    (place,) = [line for line in source.splitlines(True) if f"sparsebench.{before}(" in line]
    added = "".join(f"    {line}\n" for line in lines.splitlines())
    path.write_text(source.replace(place, added + place))


def figures(project: pytest.Pytester) -> dict[str, tuple[str, dict[str, float]]]:
    """How the records of its last run ended, and what they say, by digest."""
    return {record.digest: (record.outcome, record.metrics) for record in result(project).records}


def outcomes(project: pytest.Pytester) -> dict[int, str]:
    """How the items of its last run ended, by the percentage that each prunes."""
    items = result(project).items
    return {int(item.nodeid.partition("tiny-p")[2][:2]): item.outcome for item in items}


def percents(project: pytest.Pytester) -> set[int]:
    """By how much the models of its baseline are pruned."""
    return {record.case["percent"] for record in known(project)}


MEASURE = item_bench.measure
