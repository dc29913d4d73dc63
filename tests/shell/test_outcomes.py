"""How pytest itself says in the end that an item ended: only what ended well becomes a baseline."""

import pytest

from sparsebench.parts.documents import read_document
from tests.shell import projects

JSON = "--sparsebench-json=result.json"
UPDATES = ("--sparsebench-update", "--sparsebench-update-new")
HERE, THERE = pytest.param([], id="one-process"), pytest.param(["-n1"], id="xdist")


def hook(project, source):
    """Add a hook to its conftest.py."""
    conftest = project.path / "conftest.py"
    conftest.write_text(f"{conftest.read_text()}\n{source}")


@pytest.mark.parametrize("workers", [HERE, THERE])
def test_an_item_with_a_failed_subtest_never_becomes_a_baseline(quick, workers):
    lines = "with subtests.test('one'):\n    assert item.percent == 50"
    projects.insert(quick, lines, asking="subtests")
    result = projects.run(quick, "--sparsebench-update-new", JSON, *workers)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert projects.percents(quick) == {50}
    assert projects.outcomes(quick) == {50: "passed", 90: "failed"}
    records = projects.result(quick).records
    assert {(each.case["percent"], each.outcome) for each in records} == {
        (50, "passed"),
        (90, "failed"),
    }


@pytest.mark.parametrize("terminal", [[], ["-p", "no:terminal"]])
def test_a_failed_subtest_counts_where_nobody_reports_too(quick, terminal):
    projects.insert(quick, "with subtests.test('one'):\n    assert 0", asking="subtests")
    projects.run(quick, *UPDATES[:1], *terminal)
    assert projects.known(quick) == []


@pytest.mark.parametrize("inside", ["pass", "assert 0", "pytest.skip('not this')"])
def test_what_is_judged_after_a_subtest_is_in_the_result_file(quick, inside):
    projects.accept(quick)
    projects.insert(quick, f"with subtests.test('one'):\n    {inside}", asking="subtests")
    projects.run(quick, JSON)
    document = projects.result(quick)
    assert len(document.records) == 6
    assert [verdict.verdict for verdict in document.verdicts] == ["pass", "pass"]
    assert all(len(item.digests) == 3 for item in document.items)


@pytest.mark.parametrize("verbose", [[], ["-vv"]])
@pytest.mark.parametrize("inside", ["pass", "pytest.skip('not this')", "pytest.xfail('not yet')"])
def test_subtests_that_do_not_fail_change_nothing(quick, inside, verbose):
    projects.insert(quick, f"with subtests.test('one'):\n    {inside}", asking="subtests")
    projects.run(quick, "--sparsebench-update", JSON, *verbose)
    assert projects.outcomes(quick) == {50: "passed", 90: "passed"}
    assert projects.percents(quick) == {50, 90}


def test_what_is_measured_in_subtests_is_judged_once(quick):
    lines = "with subtests.test('one'):\n    sparsebench.judge(measured)"
    projects.accept(quick)
    projects.insert(quick, lines, asking="subtests")
    projects.run(quick, JSON)
    assert len(projects.result(quick).verdicts) == 2


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("line", ["pytest.skip('not today')", "pytest.xfail('not yet')"])
def test_what_the_test_itself_ends_is_accepted_only_after_its_judgement(quick, update, line):
    projects.insert(quick, f"if item.percent == 90:\n    {line}")
    projects.run(quick, update)
    assert projects.percents(quick) == {50}


@pytest.mark.parametrize("update", UPDATES)
def test_failures_that_a_marker_expects_are_failures(quick, update):
    source = (quick.path / "test_tiny.py").read_text()
    expected = source.replace("@pytest.mark.sparse", "@pytest.mark.xfail\n@pytest.mark.sparse")
    (quick.path / "test_tiny.py").write_text(expected + "\n    assert item.percent == 50\n")
    projects.run(quick, update, JSON).assert_outcomes(xpassed=1, xfailed=1)
    assert projects.outcomes(quick) == {50: "xpassed", 90: "xfailed"}
    assert projects.known(quick) == []


@pytest.mark.parametrize("update", UPDATES)
def test_what_nobody_judged_is_not_accepted(quick, update):
    source = (quick.path / "test_tiny.py").read_text()
    (quick.path / "test_tiny.py").write_text(source.replace("    sparsebench.judge(measured)", ""))
    projects.run(quick, update, JSON).assert_outcomes(passed=2)
    assert len(projects.result(quick).records) == 6
    assert projects.known(quick) == []


CHANGES = {
    "report": "def pytest_runtest_makereport(item, call):\n    report = yield\n    spoil(report)\n"
    "    return report",
    "log": "def pytest_runtest_logreport(report):\n    spoil(report)\n    return (yield)",
    "late log": "def pytest_runtest_logreport(report):\n    yield\n    spoil(report)",
    "status": "def pytest_report_teststatus(report):\n    bad = spoils(report)\n    status = yield\n"
    "    return ('failed', 'F', 'SPOILT') if bad else status",
}
"""Where plugins change how an item ended."""


@pytest.mark.parametrize(
    ("where", "workers"), [(where, []) for where in CHANGES] + [("report", ["-n1"])]
)
def test_whoever_changes_how_an_item_ended_is_heard(quick, where, workers):
    hook(
        quick,
        "import pytest\n"
        "def spoils(report):\n"
        "    return report.when == 'call' and 'p90' in report.nodeid\n"
        "def spoil(report):\n"
        "    if spoils(report):\n"
        "        report.outcome = 'failed'\n"
        f"@pytest.hookimpl(wrapper=True, tryfirst=True)\n{CHANGES[where]}\n",
    )
    projects.run(quick, "--sparsebench-update", JSON, *workers)
    assert projects.outcomes(quick) == {50: "passed", 90: "failed"}
    assert projects.percents(quick) == {50}


@pytest.mark.parametrize("word", ["rerun", "quarantined", "failed softly"])
def test_an_outcome_that_nobody_knows_is_kept_and_never_accepted(quick, word):
    hook(
        quick,
        "def pytest_runtest_logreport(report):\n"
        "    if report.when == 'call' and 'p90' in report.nodeid:\n"
        f"        report.outcome = {word!r}\n"
        "def pytest_report_teststatus(report):\n"
        f"    if report.outcome == {word!r}:\n"
        f"        return {word!r}, '?', 'UNKNOWN'\n",
    )
    result = projects.run(quick, "--sparsebench-update", JSON)
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    assert projects.outcomes(quick) == {50: "passed", 90: word}
    assert projects.percents(quick) == {50}


def test_an_item_that_is_cut_short_in_its_tear_down_has_not_passed(quick):
    hook(
        quick,
        "def pytest_runtest_teardown(item):\n"
        "    if 'p90' in item.name:\n"
        "        raise KeyboardInterrupt\n",
    )
    quick.runpytest_inprocess(
        "-p", "no:cacheprovider", "--sparsebench-update", JSON, no_reraise_ctrlc=True
    )
    assert projects.outcomes(quick) == {50: "passed", 90: "interrupted"}
    assert projects.percents(quick) == {50}


AROUND = """
@pytest.fixture
def around(item, sparsebench):
    {before}
    yield
    {after}


@pytest.mark.sparsebench([TinyItem(50)])
def test_around(item, around):
    pass
"""
MEASURING = "sparsebench.judge(sparsebench.measure(item))"


@pytest.mark.parametrize(
    "parts", [{"before": MEASURING, "after": "pass"}, {"before": "pass", "after": MEASURING}]
)
def test_what_a_fixture_measures_before_or_after_its_test_counts(quick, parts):
    path = quick.path / "test_tiny.py"
    path.write_text(path.read_text() + AROUND.format(**parts))
    projects.run(quick, "--sparsebench-update", JSON, "-k", "around").assert_outcomes(passed=1)
    assert [item.outcome for item in projects.result(quick).items] == ["passed"]
    assert projects.percents(quick) == {50}


def test_the_fixture_can_be_used_without_the_marker(quick):
    path = quick.path / "test_tiny.py"
    path.write_text(
        path.read_text()
        + "\ndef test_unmarked(sparsebench):\n"
        + "    sparsebench.judge(sparsebench.measure(TinyItem(60)))\n"
    )
    projects.run(quick, "--sparsebench-update", JSON, "-k", "unmarked").assert_outcomes(passed=1)
    document = projects.result(quick)
    assert [item.outcome for item in document.items] == ["passed"]
    assert {record.outcome for record in document.records} == {"passed"}
    assert projects.percents(quick) == {60}


def test_an_unmarked_item_that_fails_is_no_baseline(quick):
    path = quick.path / "test_tiny.py"
    path.write_text(
        path.read_text()
        + "\ndef test_unmarked(sparsebench):\n"
        + "    sparsebench.judge(sparsebench.measure(TinyItem(60)))\n"
        + "    assert 0\n"
    )
    projects.run(quick, "--sparsebench-update", JSON, "-k", "unmarked").assert_outcomes(failed=1)
    assert [item.outcome for item in projects.result(quick).items] == ["failed"]
    assert projects.known(quick) == []


def test_items_that_no_worker_came_to_are_in_the_result_file(quick):
    hook(
        quick,
        "import os\ndef pytest_runtest_call(item):\n    os._exit(1)\n",
    )
    result = quick.runpytest_subprocess("-n", "1", "--max-worker-restart=0", JSON)
    assert result.ret != 0
    assert sorted(projects.outcomes(quick).values()) == ["error", "not run"]


@pytest.mark.parametrize("workers", [HERE, THERE])
def test_items_behind_the_last_failure_allowed_are_in_the_result_file(quick, workers):
    hook(quick, "def pytest_runtest_call(item):\n    assert 'p50' not in item.name\n")
    if workers:  # one takes two items at the least
        path = quick.path / "test_tiny.py"
        items = ", ".join(f"TinyItem({percent})" for percent in range(50, 60))
        path.write_text(path.read_text().replace("TinyItem(50), TinyItem(90)", items))
    projects.run(quick, "--maxfail=1", JSON, *workers)
    found = projects.outcomes(quick)
    assert len(found) == (10 if workers else 2)
    assert found[50] == "failed"
    assert "not run" in found.values()


def test_repeated_items_leave_one_verdict_for_each_item(quick):
    """As pytest-repeat and others make of one test."""
    projects.accept(quick)
    source = (quick.path / "test_tiny.py").read_text()
    twice = source.replace(
        "@pytest.mark.sp", "@pytest.mark.parametrize('n', [1, 2])\n@pytest.mark.sp"
    )
    (quick.path / "test_tiny.py").write_text(twice.replace("(item,", "(n, item,"))
    projects.run(quick, JSON).assert_outcomes(passed=4)
    document = read_document(quick.path / "result.json")
    assert len(document.items) == 4
    assert (len(document.records), len(document.verdicts), len(document.estimates)) == (6, 2, 2)
