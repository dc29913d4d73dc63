"""The result file is written whatever else happens, and left alone by runs that measured nothing."""

import pytest

from tests.shell import projects

JSON = "--sparsebench-json=result.json"


@pytest.fixture
def quick(quick):
    """The tiny benchmark with a baseline, its accuracies taken from the air."""
    projects.accept(quick)
    return quick


def hook(project, source):
    """Add a hook to its conftest.py."""
    conftest = project.path / "conftest.py"
    conftest.write_text(f"{conftest.read_text()}\nimport pytest\n{source}")


AT_THE_END = {
    "first": "@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish(session):\n    {}\n",
    "before": "@pytest.hookimpl(wrapper=True)\ndef pytest_sessionfinish(session):\n    {}\n    yield\n",
    "after": "@pytest.hookimpl(wrapper=True)\ndef pytest_sessionfinish(session):\n    yield\n    {}\n",
    "summary": "def pytest_terminal_summary():\n    {}\n",
}
"""Where another plugin does something when a run ends."""


@pytest.mark.parametrize("place", AT_THE_END)
@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("OSError('no space')", 1),
        ("pytest.UsageError('no')", 4),
        ("pytest.exit.Exception('enough', returncode=9)", 9),
        ("pytest.exit.Exception('enough')", 0),
    ],
)
def test_what_other_plugins_raise_at_the_end_is_the_exit_status(quick, place, error, status):
    hook(quick, AT_THE_END[place].format(f"raise {error}"))
    projects.run(quick, JSON)
    document = projects.result(quick)
    assert (len(document.records), document.run.exit_status) == (6, status)


@pytest.mark.parametrize("place", ["first", "before", "after"])
def test_the_exit_status_that_other_plugins_choose_is_written(quick, place):
    hook(quick, AT_THE_END[place].format("session.exitstatus = 7"))
    result = projects.run(quick, JSON)
    assert result.ret == projects.result(quick).run.exit_status == 7


@pytest.mark.parametrize("place", ["first", "before"])
def test_a_baseline_is_rewritten_whatever_other_plugins_raise(quick, place):
    projects.baseline_file(quick).unlink()
    hook(quick, AT_THE_END[place].format("raise OSError('no space')"))
    projects.run(quick, "--sparsebench-update")
    assert len(projects.known(quick)) == 6


def test_it_is_there_where_another_plugin_ends_the_process(quick):
    hook(quick, AT_THE_END["first"].format("import os; os._exit(3)"))
    quick.runpytest_subprocess(JSON)
    assert len(projects.result(quick).records) == 6


def test_it_is_written_where_pytest_benchmark_cannot_save(quick):
    projects.insert(quick, "benchmark.pedantic(int)", asking="benchmark")
    (quick.path / "file").touch()
    given = ("--benchmark-autosave", "--benchmark-storage=file://file", JSON)
    result = quick.runpytest_subprocess(*given)
    document = projects.result(quick)
    assert (len(document.records), document.run.exit_status) == (6, 1)
    assert result.ret == 1


def test_times_that_pytest_benchmark_calls_slower_are_the_exit_status(quick):
    projects.insert(quick, "from time import sleep\nbenchmark(sleep, 1e-5)", asking="benchmark")
    projects.run(quick, "--benchmark-autosave").assert_outcomes(passed=2)
    path = quick.path / "test_tiny.py"
    path.write_text(path.read_text().replace("sleep, 1e-5", "sleep, 1e-2"))
    given = ("--benchmark-compare", "--benchmark-compare-fail=min:5%", JSON)
    result = quick.runpytest_subprocess(*given)
    document = projects.result(quick)
    assert result.ret == document.run.exit_status == 1
    assert {item.outcome for item in document.items} == {"passed"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--collect-only"],
        ["--setup-plan"],
        ["--setup-only"],
        ["-k", "nothing"],
        ["--deselect", "test_tiny.py"],
        ["-k", "foreign"],
        ["-k", "broken"],
        ["--sparsebench-plan"],
        ["--fixtures"],
        ["--benchmark-skip", "--sparsebench-claims=off"],
        ["absent.py"],
    ],
    ids=" ".join,
)
def test_a_run_that_measured_nothing_leaves_it_alone(quick, arguments):
    quick.makepyfile(test_foreign="def test_foreign(): pass\ndef test_broken(): assert 0\n")
    projects.run(quick, JSON, "-k", "tiny").assert_outcomes(passed=2)
    before = (quick.path / "result.json").read_bytes()
    result = projects.run(quick, JSON, *arguments)
    assert (quick.path / "result.json").read_bytes() == before
    result.stdout.no_fnmatch_line("result  *result.json*")


def test_a_run_that_is_cut_short_before_it_measured_leaves_it_alone(quick):
    projects.run(quick, JSON)
    before = (quick.path / "result.json").read_bytes()
    hook(quick, "def pytest_runtest_call():\n    raise KeyboardInterrupt\n")
    quick.runpytest_inprocess("-p", "no:cacheprovider", JSON, no_reraise_ctrlc=True)
    assert (quick.path / "result.json").read_bytes() == before


def test_items_that_fail_before_they_measure_are_written(quick):
    projects.run(quick, JSON)
    hook(quick, "def pytest_runtest_call():\n    assert 0\n")
    projects.run(quick, JSON)
    assert projects.outcomes(quick) == {50: "failed", 90: "failed"}


def test_where_it_cannot_be_written_the_run_fails_and_names_no_file(quick):
    hook(
        quick,
        "def pytest_runtestloop(session):\n"
        "    from sparsebench.shell import run\n"
        "    def full(path, document):\n"
        "        raise OSError('no space')\n"
        "    run.write_document = full\n",
    )
    result = quick.runpytest_subprocess(JSON)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT WRITTEN: no space*"])
    result.stdout.no_fnmatch_line("result  *result.json*")
