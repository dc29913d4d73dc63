"""Timing rides on pytest-benchmark."""

import json

import pytest

from tests.shell import projects


def test_our_facts_ride_in_the_json_of_pytest_benchmark(project):
    projects.accept(project)
    result = project.runpytest_subprocess("--benchmark-json=times.json", "-k", "p50")
    assert result.ret == 0
    document = json.loads((project.path / "times.json").read_text())
    machine = document["machine_info"]["sparsebench"]
    assert machine["device"] == "cpu"
    assert machine.keys() == {"cpu", "gpu", "driver", "device", "torch", "numpy"}
    assert document["sparsebench"] == machine | document["sparsebench"]
    assert {"created", "commit", "code"} < document["sparsebench"].keys()
    (timed,) = document["benchmarks"]
    facts = timed["extra_info"]
    assert (facts["batch_size"], facts["density"], facts["sparsity"]) == (40, 0.5, 0.5)
    assert facts["steps"] >= 11
    assert facts["ratio_to_dense"] == timed["stats"]["median"] / facts["dense_median"]


@pytest.fixture
def saved(quick):
    """A project with a saved run of pytest-benchmark."""
    projects.insert(quick, "benchmark.pedantic(int)", asking="benchmark")
    projects.accept(quick)
    projects.run(quick, "--benchmark-autosave").assert_outcomes(passed=2)
    return quick


def edit_saved(project, edit):
    """Change what the saved run knew of the machine."""
    (path,) = (project.path / ".benchmarks").glob("*/*.json")
    document = json.loads(path.read_text())
    edit(document["machine_info"])
    path.write_text(json.dumps(document))


def warned(project, recwarn, *options):
    """Whether pytest-benchmark says, when it loads the saved run, that the machine is another one."""
    result = projects.run(project, "--benchmark-compare", *options)
    assert any("Comparing against" in line for line in result.stderr.lines)
    return any("machine_info is different" in str(each.message) for each in recwarn)


BEFORE_AND_AFTER = pytest.mark.parametrize("options", [["--sparsebench-profile=quick"], []])
"""Saved runs are loaded before or after it is known that this run is ours."""


@BEFORE_AND_AFTER
def test_a_saved_run_of_the_same_machine_is_compared_without_a_warning(saved, recwarn, options):
    assert not warned(saved, recwarn, *options)


@BEFORE_AND_AFTER
def test_a_saved_run_of_another_machine_is_compared_with_a_warning(saved, recwarn, options):
    edit_saved(saved, lambda machine: machine["sparsebench"].update(cpu="abacus"))
    assert warned(saved, recwarn, *options)


def test_a_saved_run_without_our_facts_is_compared_without_them(saved, recwarn):
    edit_saved(saved, lambda machine: machine.pop("sparsebench"))
    assert not warned(saved, recwarn, "--sparsebench-profile=quick")


def test_only_benchmarks_are_ours_too(project):
    projects.accept(project)
    projects.run(project, "--benchmark-only").assert_outcomes(passed=2)
    projects.run(project, "--benchmark-skip").assert_outcomes(skipped=2)
