"""Beside other plugins the same is measured, nothing breaks, and only what ended well is accepted."""

from importlib.metadata import PackageNotFoundError, distribution

import pytest

from tests.shell import projects

JSON = "--sparsebench-json=result.json"


@pytest.fixture(autouse=True)
def _installed() -> None:
    """They come with the extra `plugins`, which `make test` installs."""
    try:
        distribution("pytest-rerunfailures")
    except PackageNotFoundError:
        pytest.skip("the other plugins are not installed: pip install '.[plugins]'")


@pytest.fixture
def quick(quick):
    """The tiny benchmark with a baseline, its accuracies taken from the air."""
    projects.accept(quick)
    return quick


PLUGINS = {
    "check": ["check"],
    "codspeed": ["codspeed"],
    "codspeed-walltime": ["codspeed", "--codspeed", "--codspeed-max-time=0.1"],
    "cov": ["pytest_cov", "--cov=."],
    "html": ["html", "-p", "html_fixtures", "-p", "metadata", "--html=report.html"],
    "randomly": ["randomly", "--randomly-seed=7"],
    "rerunfailures": ["rerunfailures", "--reruns=2"],
    "sugar": ["sugar", "--force-sugar"],
    "timeout": ["timeout", "--timeout=300"],
    "subtests": ["subtests"],
}
"""How to load each, and to make it do its work."""


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_same_is_measured_beside_another_plugin(quick, plugin):
    projects.run(quick, JSON).assert_outcomes(passed=2)
    alone = projects.figures(quick)
    (quick.path / "result.json").unlink()
    if plugin.startswith("codspeed"):  # which leaves out what is not timed
        projects.insert(quick, "benchmark.pedantic(int)", asking="benchmark")
    result = projects.run(quick, "-p", *PLUGINS[plugin], JSON)
    assert result.ret == 0
    assert projects.figures(quick) == alone
    assert projects.outcomes(quick) == {50: "passed", 90: "passed"}
    assert len(projects.result(quick).verdicts) == 2
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


def test_the_same_is_measured_beside_all_of_them_by_workers(quick):
    projects.run(quick, JSON).assert_outcomes(passed=2)
    alone = projects.figures(quick)
    (quick.path / "result.json").unlink()
    options = [option for each in PLUGINS.values() for option in ("-p", *each)]
    options.remove("--codspeed")
    result = quick.runpytest_subprocess(*options, JSON, "-n1")
    assert result.ret == 0
    assert projects.figures(quick) == alone
    assert projects.outcomes(quick) == {50: "passed", 90: "passed"}
    assert len(projects.result(quick).verdicts) == 2


FAILS_ONCE = """
from pathlib import Path
tried = Path(f"tried-{item.percent}")
if item.percent == 90 and not tried.exists():
    tried.touch()
    measured.records[0].metrics["accuracy"] = 0.1
    assert 0
"""


@pytest.mark.parametrize("workers", [[], ["-n1"]])
def test_of_an_item_that_was_run_again_the_last_try_counts(quick, workers):
    projects.run(quick, JSON)
    alone = projects.figures(quick)
    projects.baseline_file(quick).unlink()
    projects.insert(quick, FAILS_ONCE)
    rerun = ("-p", "rerunfailures", "--reruns=1", "--sparsebench-update", JSON, *workers)
    result = projects.run(quick, *rerun)
    result.stdout.fnmatch_lines(["*2 passed*1 rerun*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    assert projects.figures(quick) == alone
    assert projects.outcomes(quick) == {50: "passed", 90: "passed"}
    assert len(projects.known(quick)) == 6


def test_verdicts_and_estimates_of_an_earlier_try_do_not_stay(quick):
    projects.insert(
        quick, FAILS_ONCE.replace("assert 0", "sparsebench.judge(measured)\n    assert 0")
    )
    rerun = ("-p", "rerunfailures", "--reruns=1", JSON)
    projects.run(quick, *rerun).stdout.fnmatch_lines(["*2 passed*1 rerun*"])
    document = projects.result(quick)
    assert [verdict.verdict for verdict in document.verdicts] == ["pass", "pass"]
    assert {figure for verdict in document.verdicts for figure in verdict.measured} == {0.9}
    assert [estimate.accuracy for estimate in document.estimates] == pytest.approx([0.9, 0.9])


@pytest.mark.parametrize("inside", ["", "with subtests.test('one'): "])
def test_an_item_that_fails_every_time_is_no_baseline(quick, inside):
    projects.baseline_file(quick).unlink()
    projects.insert(quick, f"{inside}assert item.percent == 50", asking="subtests")
    projects.run(quick, "-p", "rerunfailures", "--reruns=2", "--sparsebench-update-new", JSON)
    assert projects.outcomes(quick) == {50: "passed", 90: "failed"}
    assert projects.percents(quick) == {50}


def test_a_subtest_that_fails_once_is_forgotten_with_its_try(quick):
    projects.baseline_file(quick).unlink()
    lines = "with subtests.test('one'):\n" + "".join(
        f"    {line}\n" for line in FAILS_ONCE.strip().splitlines()
    )
    projects.insert(quick, lines, asking="subtests")
    projects.run(quick, "-p", "rerunfailures", "--reruns=1", "--sparsebench-update", JSON)
    assert projects.outcomes(quick) == {50: "passed", 90: "passed"}
    assert {record.metrics["accuracy"] for record in projects.known(quick)} == {0.9}


def test_a_worker_that_dies_once_is_forgotten_too(quick):
    projects.insert(quick, FAILS_ONCE.replace("assert 0", "import os; os._exit(1)"))
    projects.run(quick, "-p", "rerunfailures", "--reruns=1", "-n1", JSON)
    assert projects.outcomes(quick) == {50: "passed", 90: "passed"}
    assert {record.metrics["accuracy"] for record in projects.result(quick).records} == {0.9}


def test_a_run_that_fails_on_flaky_items_says_so_in_the_result_file(quick):
    projects.insert(quick, FAILS_ONCE)
    rerun = ("-p", "rerunfailures", "--reruns=1", "--fail-on-flaky", JSON)
    result = projects.run(quick, *rerun)
    assert result.ret == projects.result(quick).run.exit_status == 7


def test_what_is_checked_softly_fails_and_is_no_baseline(quick):
    projects.baseline_file(quick).unlink()
    projects.insert(quick, "check.equal(item.percent, 50)", asking="check")
    projects.run(quick, "-p", "check", "--sparsebench-update", JSON)
    assert projects.outcomes(quick) == {50: "passed", 90: "failed"}
    assert projects.percents(quick) == {50}


def test_what_is_repeated_is_recorded_and_judged_once(quick):
    projects.run(quick, JSON)
    alone = projects.figures(quick)
    repeat = ("-p", "repeat", "--count=3", JSON)
    projects.run(quick, *repeat).assert_outcomes(passed=6)
    document = projects.result(quick)
    assert projects.figures(quick) == alone
    assert len(document.items) == 6
    assert (len(document.verdicts), len(document.estimates)) == (2, 2)


def test_what_fails_in_one_of_its_repetitions_is_no_baseline(quick):
    projects.baseline_file(quick).unlink()
    projects.insert(quick, FAILS_ONCE)
    projects.run(quick, "-p", "repeat", "--count=3", "--sparsebench-update", JSON)
    assert projects.percents(quick) == {50}


def test_an_item_that_takes_too_long_is_red_and_no_baseline(quick):
    projects.baseline_file(quick).unlink()
    lines = "import time\nif item.percent == 90:\n    time.sleep(60)"
    projects.insert(quick, lines)
    timeout = ("-p", "timeout", "--timeout=2", "--timeout-method=signal")
    projects.run(quick, *timeout, "--sparsebench-update", JSON)
    assert projects.outcomes(quick) == {50: "passed", 90: "failed"}
    assert projects.percents(quick) == {50}


def test_too_little_coverage_is_the_exit_status_of_the_result_file_too(quick):
    (quick.path / "unused.py").write_text("def unused():\n    return 1\n")
    cover = ("-p", "pytest_cov", "--cov=.", "--cov-fail-under=100", JSON)
    result = projects.run(quick, *cover)
    assert result.ret == projects.result(quick).run.exit_status == pytest.ExitCode.TESTS_FAILED


def test_items_in_any_order_begin_with_those_that_want_a_young_process(quick):
    source = (quick.path / "test_tiny.py").read_text()
    young = source.replace("class TinyItem:", "class TinyItem:\n    in_young_process = True")
    quick.makepyfile(test_others="def test_one(): pass\ndef test_two(): pass\n", test_young=young)
    (quick.path / "test_tiny.py").unlink()
    for seed in range(3):
        order = ("-p", "randomly", f"--randomly-seed={seed}", "--collect-only", "-q")
        names = [line for line in projects.run(quick, *order).stdout.lines if "::" in line]
        assert ["young" in name for name in names] == [True, True, False, False]


@pytest.mark.parametrize("fixture", ["time_forward", "time_together"])
@pytest.mark.long
def test_codspeed_may_take_over_what_is_timed(project, fixture):
    source = project.path / "test_tiny.py"
    source.write_text(source.read_text().replace("time_forward", fixture))
    projects.accept(project)
    options = ("-p", "codspeed", "--codspeed", "--codspeed-max-time=0.1", "--codspeed-max-rounds=3")
    projects.run(project, *options, JSON).assert_outcomes(passed=2)
    assert {record.timing for record in projects.result(project).records} == {None}
