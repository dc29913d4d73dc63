"""`--sparsebench-plan` and `--sparsebench-scheduler` on the command line."""

from importlib.util import find_spec

import pytest

from tests.shell import projects


def test_a_plan_says_what_is_to_be_done_and_does_nothing(project):
    result = projects.run(project, "--sparsebench-plan", "--sparsebench-json=result.json")
    result.stdout.fnmatch_lines(
        [
            "*what is to be done*",
            "*training rnn_tanh*published*3*0*",
            "*pruning rnn_tanh*published*6*0*",
            "*all*9*0*",
            "with * here: about *. One thread trains a network*",
            "on a cluster: all of it divided by its threads, and at least *",
            "costs: the medians of what the store holds*",
        ]
    )
    assert result.ret == 0
    assert result.parseoutcomes().get("passed", 0) == 0
    assert not (project.path / "store").exists()
    assert not (project.path / "result.json").exists()


def test_what_is_finished_is_counted(project):
    projects.run(project, "-k", "p50")
    result = projects.run(project, "--sparsebench-plan")
    result.stdout.fnmatch_lines(["*pruning rnn_tanh*published*6*3*", "*all*9*6*"])


def test_a_plan_is_of_what_is_selected(project):
    result = projects.run(project, "--sparsebench-plan", "-k", "p50", "--sparsebench-seeds=1")
    result.stdout.fnmatch_lines(["*all*2*0*"])


@pytest.mark.parametrize(
    "options",
    [
        ["-n", "2"],
        ["-n", "2", "--dist", "loadfile"],
        ["--dist", "load", "--tx", "2*popen"],
        ["-d", "--tx", "2*popen"],
        ["-p", "no:xdist"],
        ["-p", "no:benchmark"],
        ["--co", "-q"],
        ["-x", "--pdb"],
        ["--setup-plan"],
        ["--sparsebench-update"],
        ["--sparsebench-gate"],
    ],
    ids=" ".join,
)
def test_options_that_say_how_a_run_goes_leave_its_plan_as_it_is(project, options):
    result = projects.run(project, "--sparsebench-plan", *options)
    result.stdout.fnmatch_lines(["*all*9*0*"])
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
    assert "xdist plugin is active" not in result.stdout.str() + result.stderr.str()
    assert result.ret == 0
    assert not (project.path / "store").exists()
    assert projects.known(project) == []


def test_a_plan_that_cannot_be_shown_is_refused(project):
    result = projects.run(project, "--sparsebench-plan", "-p", "no:terminal")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--sparsebench-plan writes to the terminal*leave one out*"])


@pytest.mark.parametrize(
    ("options", "tests"),
    [(["test_other.py"], 1), (["-k", "other"], 1), (["-k", "nothing"], 0), (["empty"], 0)],
)
def test_where_there_are_no_benchmarks_it_is_said_instead_of_a_table(project, options, tests):
    project.makepyfile(test_other="def test_other(): assert 0")
    project.mkdir("empty")
    result = projects.run(project, "--sparsebench-plan", *options)
    result.stdout.fnmatch_lines([f"no benchmarks among {tests} test*: benchmarks are tests with *"])
    result.stdout.no_fnmatch_line("*what is to be done*")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_where_nothing_can_be_collected_there_is_no_plan(project):
    result = projects.run(project, "--sparsebench-plan", "absent")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.no_fnmatch_line("*sparsebench =*")


@pytest.mark.parametrize(
    ("cases", "reason"),
    [("1 / 0", "ZeroDivisionError: *"), ("[7]", "TypeError: its item's cases() lists a int: *")],
)
def test_benchmarks_that_cannot_be_planned_are_named(project, cases, reason):
    """They used to be left out in silence."""
    project.makepyfile(
        test_wrong="from dataclasses import dataclass\n"
        "import pytest\n"
        "@dataclass(frozen=True)\n"
        "class Wrong:\n"
        "    id: str = 'wrong'\n"
        "    semantics: str = 'published'\n"
        "    def cases(self, seeds):\n"
        f"        return {cases}\n"
        "@pytest.mark.sparsebench([Wrong()])\n"
        "def test_wrong(item, sparsebench):\n"
        "    sparsebench.measure(item)\n"
    )
    result = projects.run(project, "--sparsebench-plan")
    result.stdout.fnmatch_lines(
        [
            "*all*9*0*",
            "1 of the benchmarks are not in the plan*",
            f"  test_wrong.py::test_wrong?wrong?: {reason}",
        ]
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_file_that_cannot_be_imported_is_an_error_beside_the_plan_of_the_rest(project):
    project.makepyfile(test_broken="import nothing_of_this_name")
    result = projects.run(project, "--sparsebench-plan")
    result.stdout.fnmatch_lines(["*nothing_of_this_name*", "*all*9*0*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("address", ["10.0.0.1:8786", "tcp://", "://x"])
def test_an_address_that_is_none_is_refused(project, address):
    result = projects.run(project, f"--sparsebench-scheduler={address}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*--sparsebench-scheduler is '{address}': give the address that*"]
    )


def test_without_dask_it_is_said_what_to_install(project, monkeypatch):
    monkeypatch.setattr("sparsebench.shell.settings.find_spec", lambda name: None)
    result = projects.run(project, "--sparsebench-scheduler=tcp://127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pip install 'sparsebench?dask?', here and on the workers*"])


def test_a_scheduler_that_does_not_answer_ends_the_run(project):
    """In a process of its own: Dask's libraries do not bear being loaded twice."""
    if find_spec("distributed") is None:  # not importorskip, which loads it here
        pytest.skip("Dask is not installed")
    source = (
        "from sparsebench.harness import executors as workers\nworkers._SECONDS_TO_CONNECT = 1\n"
    )
    project.makeconftest(source)
    result = project.runpytest_subprocess("--sparsebench-scheduler=tcp://127.0.0.1:9")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no Dask scheduler answers at tcp://127.0.0.1:9*"])
