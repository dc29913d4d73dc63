"""`--sparsebench-plan` and `--sparsebench-scheduler` on the command line."""

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
            "with * here: about *; on a cluster, divide by its threads.*",
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


@pytest.mark.parametrize("address", ["10.0.0.1:8786", "tcp://", "://x"])
def test_an_address_that_is_none_is_refused(project, address):
    result = projects.run(project, f"--sparsebench-scheduler={address}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*--sparsebench-scheduler is '{address}': give the address that*"]
    )


def test_without_dask_it_is_said_what_to_install(project, monkeypatch):
    monkeypatch.setattr("sparsebench.shell.options.find_spec", lambda name: None)
    result = projects.run(project, "--sparsebench-scheduler=tcp://127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pip install 'sparsebench?dask?', here and on the workers*"])


def test_a_scheduler_that_does_not_answer_ends_the_run(project):
    """In a process of its own: Dask's libraries do not bear being loaded twice."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    source = "from sparsebench.experiments import workers\nworkers._SECONDS_TO_CONNECT = 1\n"
    project.makeconftest(source)
    result = project.runpytest_subprocess("--sparsebench-scheduler=tcp://127.0.0.1:9")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no Dask scheduler answers at tcp://127.0.0.1:9*"])
