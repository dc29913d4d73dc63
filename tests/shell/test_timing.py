"""Timing rides on pytest-benchmark."""

import json

from tests.shell import projects


def test_our_facts_ride_in_the_json_of_pytest_benchmark(project):
    projects.accept(project)
    result = project.runpytest_subprocess("--benchmark-json=times.json", "-k", "p50")
    assert result.ret == 0
    document = json.loads((project.path / "times.json").read_text())
    assert document["machine_info"]["sparsebench"]["device"] == "cpu"
    (timed,) = document["benchmarks"]
    facts = timed["extra_info"]
    assert (facts["batch_size"], facts["density"], facts["sparsity"]) == (40, 0.5, 0.5)
    assert facts["steps"] >= 11
    assert facts["ratio_to_dense"] == timed["stats"]["median"] / facts["dense_median"]


def test_only_benchmarks_are_ours_too(project):
    projects.accept(project)
    projects.run(project, "--benchmark-only").assert_outcomes(passed=2)
    projects.run(project, "--benchmark-skip").assert_outcomes(skipped=2)
