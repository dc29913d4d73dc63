"""The gate: an item that the baseline knows nothing of is red, and says what to do."""

import shlex
from xml.etree import ElementTree

import pytest

from tests.shell import projects


def test_without_a_baseline_the_gate_is_red_with_the_way_out(project):
    result = projects.run(project, "--sparsebench-gate", "--sparsebench-json=result.json")
    result.assert_outcomes(failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*tiny-p50: baseline 'thesis' has no records*--sparsebench-update-new*commit*"]
    )
    assert {record.outcome for record in projects.result(project).records} == {"failed"}


def test_junit_xml_names_the_items_that_the_gate_fails_and_says_why(project):
    projects.run(project, "--sparsebench-gate", "--junitxml=junit.xml")
    cases = list(ElementTree.parse(project.path / "junit.xml").iter("testcase"))
    assert [case.get("name") for case in cases] == ["test_tiny[tiny-p50]", "test_tiny[tiny-p90]"]
    for case in cases:
        message = case.find("failure").get("message")
        assert "baseline 'thesis' has no records of this item" in message
        assert "--sparsebench-update-new" in message


def test_without_the_gate_junit_xml_counts_the_same_items_as_skipped(project):
    result = projects.run(project, "--junitxml=junit.xml")
    assert result.ret == pytest.ExitCode.OK
    cases = list(ElementTree.parse(project.path / "junit.xml").iter("testcase"))
    assert ["--sparsebench-update" in case.find("skipped").get("message") for case in cases] == [
        True,
        True,
    ]
    assert all(case.find("failure") is None for case in cases)


def test_with_a_baseline_the_gate_is_green(project):
    projects.accept(project)
    result = projects.run(project, "--sparsebench-gate")
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.OK


def test_the_gate_asks_for_every_item_and_not_for_every_seed(project):
    projects.run(project, "--sparsebench-update", "-k", "p50").assert_outcomes(passed=1)
    result = projects.run(project, "--sparsebench-gate", "--sparsebench-seeds=4")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED *tiny-p90*"])


def test_a_moved_accuracy_is_red_under_the_gate_too(project):
    projects.accept(project)
    projects.edit_records(project, projects.better_by(0.1))
    result = projects.run(project, "--sparsebench-gate")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*tiny-p50: baseline fail*"])


@pytest.mark.parametrize("update", ["--sparsebench-update", "--sparsebench-update-new"])
def test_a_gate_that_is_given_a_baseline_is_green(project, update):
    projects.run(project, "--sparsebench-gate", update).assert_outcomes(passed=2)
    assert len(projects.known(project)) == 6


def test_the_ini_file_may_close_the_gate(project):
    project.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n"
        "sparsebench_gate = true\n"
    )
    projects.run(project).assert_outcomes(failed=2)


def test_workers_close_the_gate_too(project):
    projects.measure_nothing(project)
    result = projects.run(project, "-n1", "--sparsebench-gate", "--junitxml=junit.xml")
    result.assert_outcomes(failed=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    cases = ElementTree.parse(project.path / "junit.xml").iter("testcase")
    failures = {case.get("name"): case.find("failure").get("message") for case in cases}
    assert failures.keys() == {"test_tiny[tiny-p50]", "test_tiny[tiny-p90]"}
    assert all("--sparsebench-update-new" in message for message in failures.values())


@pytest.fixture
def never_judged(project):
    """A project whose benchmark measures, has a baseline, and forgets to judge."""
    projects.accept(project)
    source = project.path / "test_tiny.py"
    source.write_text(source.read_text().replace("    sparsebench.judge(measured)", ""))
    return project


def test_what_was_measured_and_never_judged_is_red_under_the_gate(never_judged):
    result = projects.run(never_judged, "--sparsebench-gate")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*tiny-p50: measured and never judged: end with *judge(measured)*"]
    )


def test_what_was_never_measured_is_red_under_the_gate(never_judged):
    source = never_judged.path / "test_tiny.py"
    head, _, _ = source.read_text().partition("    measured = ")
    source.write_text(f"{head}    pass\n")
    result = projects.run(never_judged, "--sparsebench-gate")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*tiny-p50: never measured: measure it with *"])


@pytest.mark.parametrize("switch", ["--benchmark-skip", "--benchmark-only"])
def test_a_gate_that_would_not_see_what_is_skipped_is_refused(project, switch):
    result = projects.run(project, "--sparsebench-gate", switch)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --sparsebench-gate and {switch} are both given*"])
    assert projects.run(project, switch, "--co").ret == pytest.ExitCode.OK


def test_without_the_gate_a_warning_names_what_was_never_judged(never_judged):
    result = projects.run(never_judged, "-k", "p50")
    assert result.parseoutcomes() == {"passed": 1, "warnings": 1, "deselected": 1}
    result.stdout.fnmatch_lines(["*NotJudged: tiny-p50: measured and never judged*"])


def test_an_item_without_the_marker_that_measures_must_judge_too(project):
    source = project.path / "test_tiny.py"
    source.write_text(
        source.read_text().partition("@pytest.mark")[0]
        + "def test_mine(sparsebench):\n"
        + "    sparsebench.measure(TinyItem(50))\n"
    )
    projects.run(project, "--sparsebench-gate").assert_outcomes(failed=1)


def test_items_that_fail_or_skip_themselves_need_not_judge(project):
    source = project.path / "test_tiny.py"
    text = source.read_text()
    source.write_text(text.replace("sparsebench.judge(measured)", "pytest.skip('not today')"))
    projects.run(project, "--sparsebench-gate").assert_outcomes(skipped=2)
    source.write_text(text.replace("sparsebench.judge(measured)", "assert measured is None"))
    result = projects.run(project, "--sparsebench-gate")
    result.assert_outcomes(failed=2)
    result.stdout.no_fnmatch_line("*never judged*")


@pytest.mark.parametrize("options", [[], ["--sparsebench-gate"]])
def test_a_item_without_cases_is_never_green(project, options):
    source = project.path / "test_tiny.py"
    text = source.read_text().replace("    time_forward(measured)\n", "")
    source.write_text(text.replace("for seed in seeds\n", "for seed in seeds[:0]\n"))
    result = projects.run(project, *options)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*tiny-p50: nothing was measured*at least one case*"])


@pytest.mark.parametrize(
    ("options", "outcome"), [([], "skipped"), (["--sparsebench-gate"], "failed")]
)
def test_what_cannot_be_measured_on_this_device_is_red_under_the_gate(project, options, outcome):
    project.makeconftest(
        "from sparsebench.harness.experiment import NotMeasurable\n"
        "from sparsebench.shell import item_bench\n"
        "def measure(case, bench):\n"
        "    raise NotMeasurable('trained on the CPU alone: leave out --gpu')\n"
        "item_bench.measure = measure\n"
    )
    result = project.runpytest_subprocess("-rsf", *options)
    result.assert_outcomes(**{outcome: 2})
    result.stdout.fnmatch_lines(["*leave out --gpu*"])


@pytest.mark.parametrize("options", [[], ["--sparsebench-gate"]])
def test_the_command_in_a_failure_can_be_given_as_it_stands(project, options):
    projects.accept(project)
    projects.edit_records(project, projects.better_by(0.1))
    result = projects.run(project, "-k", "p90", *options)
    # Where the environment says CI, pytest prints the whole message a second time, in its summary.
    (line,) = {line.removeprefix("E").strip() for line in result.stdout.lines if "again  " in line}
    again = shlex.split(line.partition("again")[2])
    seeds = "--sparsebench-seeds=3"  # as the ini file says
    assert again == ["pytest", "test_tiny.py::test_tiny[tiny-p90]", seeds, *options]
    projects.run(project, *again[1:]).assert_outcomes(failed=1)
