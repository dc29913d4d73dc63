"""Updates: what they accept, what they never do, and what they say."""

import json

import pytest

from sparsebench.parts.documents import read_baseline, read_document
from tests.shell import projects


def test_what_an_update_accepted_passes_and_is_reported(project):
    result = projects.run(project, "--sparsebench-update")
    result.stdout.fnmatch_lines(["*rewritten: 6 added, 0 moved, 0 unchanged*"])
    projects.run(project).assert_outcomes(passed=2)


def test_an_update_says_what_moved_and_keeps_the_rest(project):
    projects.accept(project)
    projects.edit_records(project, projects.better_by(0.1))
    result = projects.run(project, "--sparsebench-update", "-k", "p50")
    result.stdout.fnmatch_lines(["*0 added, 3 moved, 0 unchanged*", "*moved: pruning*expected*"])
    assert len(read_baseline(projects.baseline_file(project)).records) == 6
    projects.run(project).assert_outcomes(passed=1, failed=1)


def test_workers_measure_and_the_controller_accepts(project):
    result = project.runpytest_subprocess("-n", "2", "--sparsebench-update")
    result.stdout.fnmatch_lines(["*rewritten: 6 added, 0 moved, 0 unchanged*"])
    projects.run(project).assert_outcomes(passed=2)


def test_failed_items_never_become_baselines(project):
    project.makeconftest(
        "import pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def broken(request):\n"
        "    yield\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_call(item):\n"
        "    yield\n"
        "    assert 'p90' not in item.name\n"
    )
    projects.run(project, "--sparsebench-update").assert_outcomes(passed=1, failed=1)
    percents = {
        record.case["percent"] for record in read_baseline(projects.baseline_file(project)).records
    }
    assert percents == {50}


def test_items_that_fail_in_teardown_never_become_baselines(project):
    project.makeconftest(
        "import pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def broken(request):\n"
        "    yield\n"
        "    assert 'p90' not in request.node.name\n"
    )
    projects.run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    percents = {
        record.case["percent"] for record in read_baseline(projects.baseline_file(project)).records
    }
    assert percents == {50}
    document = read_document(project.path / "result.json")
    assert [item.outcome for item in document.items] == ["passed", "error"]
    assert {(r.case["percent"], r.outcome) for r in document.records} == {
        (50, "passed"),
        (90, "error"),
    }


def test_records_that_a_test_keeps_are_reported_and_never_accepted(project):
    project.makepyfile(
        test_tiny=(project.path / "test_tiny.py").read_text()
        + "\n@pytest.mark.sparsebench([TinyCell(60)])\n"
        + "def test_kept(cell, sparsebench):\n"
        + "    from sparsebench.experiments.measuring import measure\n"
        + "    sparsebench.keep(measure(cell.cases([0])[0], sparsebench.bench))\n"
    )
    projects.run(project, "-k", "kept", "--sparsebench-update", "--sparsebench-json=r.json")
    assert len(read_document(project.path / "r.json").records) == 1
    assert not projects.baseline_file(project).exists()


def test_base_models_and_what_is_pruned_from_them_are_accepted_together(project):
    projects.accept(project)
    document = json.loads(projects.baseline_file(project).read_text())
    base = json.loads(json.dumps(document["records"][0]))
    from sparsebench.values.identity import digest, restore

    base["case"] = base["case"]["base"]
    base["digest"] = digest(restore(base["case"]))
    base["experiment"], base["weights"] = "base", "of another training"
    document["records"].append(base)
    projects.baseline_file(project).write_text(json.dumps(document))
    before = projects.baseline_file(project).read_bytes()
    result = projects.run(project, "--sparsebench-update", "--sparsebench-profile=thesis")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT WRITTEN: the baseline was not rewritten*in one run*"])
    assert projects.baseline_file(project).read_bytes() == before


def test_a_baseline_that_cannot_be_written_costs_neither_result_nor_tables(project, monkeypatch):
    from sparsebench.shell import run as module

    def full(settings, bench, measured, provenances):
        raise OSError("no space left on device")

    monkeypatch.setattr(module, "update_baseline", full)
    result = projects.run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT WRITTEN: no space left on device*"])
    assert len(read_document(project.path / "result.json").records) == 6


def test_a_run_that_chooses_nothing_leaves_files_alone(project):
    projects.run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    before = (
        (project.path / "result.json").read_bytes(),
        projects.baseline_file(project).read_bytes(),
    )
    result = projects.run(
        project, "-k", "zzz", "--sparsebench-update", "--sparsebench-json=result.json"
    )
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert before == (
        (project.path / "result.json").read_bytes(),
        projects.baseline_file(project).read_bytes(),
    )
