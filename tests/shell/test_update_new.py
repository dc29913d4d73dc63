"""`--sparsebench-update-new`: adds what the baseline lacks, and keeps what it has."""

import pytest

from sparsebench.parts.documents import read_document
from sparsebench.shell import item_bench
from tests.shell import projects

UPDATES = ("--sparsebench-update", "--sparsebench-update-new")


def rounded(record):
    """What an engine measured that rounds otherwise: less than what turns an item red."""
    record["metrics"]["accuracy"] += 0.0005
    record["numerics"] = ""


def percents(project):
    return {record.case["percent"] for record in projects.known(project)}


def test_what_is_absent_is_added_and_judged_from_then_on(project):
    result = projects.run(project, "--sparsebench-update-new")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*6 added, 0 moved, 0 unchanged, 0 kept*"])
    projects.run(project, "--sparsebench-gate").assert_outcomes(passed=2)


def test_what_is_there_is_kept_even_where_something_else_was_measured(project):
    projects.run(project, "--sparsebench-update", "-k", "p50")
    projects.edit_records(project, rounded)
    before = projects.known(project)
    result = projects.run(project, "--sparsebench-update-new")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*3 added, 0 moved, 0 unchanged, 3 kept*"])
    assert percents(project) == {50, 90}
    assert [record for record in projects.known(project) if record.case["percent"] == 50] == before


def test_what_moved_is_red_and_kept(project):
    projects.run(project, "--sparsebench-update", "-k", "p50")
    projects.edit_records(project, projects.better_by(0.1))
    before = projects.known(project)
    result = projects.run(project, "--sparsebench-update-new")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*tiny-p50: baseline fail*", "*3 added, 0 moved, 0 unchanged*"])
    assert [record for record in projects.known(project) if record.case["percent"] == 50] == before


def test_where_nothing_is_new_the_file_stays_as_it_is(project):
    projects.accept(project)
    projects.edit_records(project, rounded)
    before = projects.baseline_file(project).read_bytes()
    result = projects.run(project, "--sparsebench-update-new")
    result.stdout.fnmatch_lines(["*0 added, 0 moved, 0 unchanged, 6 kept*"])
    assert projects.baseline_file(project).read_bytes() == before


def test_seeds_that_the_baseline_lacks_are_added_beside_those_it_has(project):
    projects.accept(project)
    result = projects.run(project, "--sparsebench-update-new", "--sparsebench-seeds=4")
    result.stdout.fnmatch_lines(["*2 added, 0 moved, 0 unchanged, 6 kept*"])
    assert projects.seeds(projects.known(project), 90) == [0, 1, 2, 3]


def test_both_updates_at_once_contradict_each_other(project):
    result = projects.run(project, *UPDATES)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*--sparsebench-update and --sparsebench-update-new are both given: choose one*"]
    )
    assert not (project.path / "store").exists()


def test_the_ini_file_may_ask_for_what_is_new(project):
    project.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n"
        "sparsebench_update_new = true\n"
    )
    projects.run(project).assert_outcomes(passed=2)
    assert len(projects.known(project)) == 2


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("part", ["call", "teardown"])
def test_failed_items_never_become_baselines(project, update, part):
    project.makeconftest(
        "import pytest\n"
        "@pytest.hookimpl(wrapper=True)\n"
        f"def pytest_runtest_{part}(item):\n"
        "    yield\n"
        "    assert 'p90' not in item.name\n"
    )
    result = projects.run(project, update)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert percents(project) == {50}


@pytest.mark.parametrize("update", UPDATES)
def test_interrupted_items_never_become_baselines(project, update, monkeypatch):
    def measure(case, bench):
        if case.percent == 90 and case.seed == 1:
            raise KeyboardInterrupt
        return projects.MEASURE(case, bench)

    monkeypatch.setattr(item_bench, "measure", measure)
    result = project.runpytest_inprocess(
        "-p", "no:cacheprovider", update, "--sparsebench-json=r.json", no_reraise_ctrlc=True
    )
    assert result.ret == pytest.ExitCode.INTERRUPTED
    outcomes = {
        (r.case["percent"], r.outcome) for r in read_document(project.path / "r.json").records
    }
    assert outcomes == {(50, "passed"), (90, "interrupted")}
    assert percents(project) == {50}
