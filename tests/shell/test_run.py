"""Runs: outcomes of items, and the result file whatever else happens."""

import atexit
import gc

import pytest

from sparsebench.parts.documents import read_baseline, read_document
from sparsebench.shell import item_bench
from sparsebench.shell import run as shell_run
from tests.shell import projects


def test_without_a_baseline_items_are_skipped_with_the_way_out(project):
    result = projects.run(project, "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(
        ["*baseline 'thesis' has no records of this item*--sparsebench-update*"]
    )


def test_a_moved_accuracy_fails_with_figures_and_the_command_that_reruns_it(project):
    projects.accept(project)

    def edit(record):
        if record["case"]["percent"] == 50:
            record["metrics"]["accuracy"] += 0.1

    projects.edit_records(project, edit)
    result = projects.run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*tiny-p50: baseline fail*", "*measured*", "*again*test_tiny?tiny-p50?*"]
    )


def test_the_command_in_a_failure_reruns_the_item_under_the_same_options(project):
    projects.accept(project)
    projects.run(project, "--sparsebench-update", "--sparsebench-semantics=corrected")
    projects.edit_records(project, projects.better_by(0.1))
    result = projects.run(project, "--sparsebench-semantics=corrected", "-k", "p50")
    result.stdout.fnmatch_lines(
        ["*again*test_tiny?tiny-p50-corrected?' --sparsebench-semantics=corrected*"]
    )


def test_other_masks_fail_even_where_accuracy_is_the_same(project):
    projects.accept(project)

    def edit(record):
        record["metrics"]["kept"] -= 1

    projects.edit_records(project, edit)
    projects.run(project).assert_outcomes(failed=2)


def test_models_of_another_arithmetic_are_judged_by_the_difference_of_means(project, monkeypatch):
    projects.set_accuracies(monkeypatch, lambda case: 0.7 + 0.1 * case.seed)
    projects.accept(project)

    def edit(record):
        record["weights"], record["numerics"] = "another training", "0"
        record["metrics"]["accuracy"] += 0.01  # more than rounding, less than the spread of seeds
        if record["case"]["percent"] == 90:
            record["metrics"]["accuracy"] = 0.99

    projects.edit_records(project, edit)
    projects.set_accuracies(
        monkeypatch, lambda case: 0.6 if case.percent == 90 else 0.7 + 0.1 * case.seed
    )
    result = projects.run(project, "--sparsebench-json=result.json")
    result.assert_outcomes(passed=1, failed=1)
    document = read_document(project.path / "result.json")
    assert [verdict.verdict for verdict in document.verdicts] == ["inconclusive", "fail"]
    assert all("trained anew" in verdict.reason for verdict in document.verdicts)


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param([], id="plain"),
        pytest.param(["--benchmark-disable"], id="benchmark-disable"),
        pytest.param(["-p", "no:benchmark"], id="no-benchmark"),
        pytest.param(["-n", "2"], id="xdist"),
    ],
)
def test_the_result_file_holds_every_record_and_outcome(project, extra):
    projects.accept(project)
    json = "--sparsebench-json=out/result.json"
    if "-p" in extra or "-n" in extra:  # a process that never loads pytest-benchmark, or workers
        result = project.runpytest_subprocess(json, *extra)
    else:
        result = projects.run(project, json, *extra)
    result.assert_outcomes(passed=2)
    document = read_document(project.path / "out" / "result.json")
    assert sorted(item.outcome for item in document.items) == ["passed", "passed"]
    assert len(document.records) == 6
    assert {record.outcome for record in document.records} == {"passed"}
    assert {verdict.verdict for verdict in document.verdicts} == {"pass"}
    assert all(record.provenance in document.provenances for record in document.records)
    timed = [record for record in document.records if record.timing is not None]
    assert len(timed) == (2 if not extra else 0)


def test_a_failing_item_marks_its_records_and_stopping_early_still_writes(project):
    projects.accept(project)
    projects.edit_records(project, projects.better_by(0.1))
    projects.run(project, "-x", "--sparsebench-json=result.json").assert_outcomes(failed=1)
    document = read_document(project.path / "result.json")
    assert [item.outcome for item in document.items] == ["failed", "not run"]
    assert {record.outcome for record in document.records} == {"failed"}
    assert document.run.exit_status == 1


def test_items_that_fail_in_set_up_are_in_the_result_file(project):
    projects.accept(project)
    project.makeconftest(
        "import pytest\n@pytest.fixture(autouse=True)\ndef broken(request):\n    assert 0\n"
    )
    projects.run(project, "--sparsebench-json=result.json").assert_outcomes(errors=2)
    document = read_document(project.path / "result.json")
    assert [item.outcome for item in document.items] == ["error", "error"]
    assert document.run.exit_status == 1


def test_everything_that_one_item_measures_is_kept(project):
    source = (project.path / "test_tiny.py").read_text()
    (project.path / "test_tiny.py").write_text(
        source
        + "\n@pytest.mark.sparsebench([TinyItem(60)])\n"
        + "def test_two(item, sparsebench):\n"
        + "    for each in (item, TinyItem(70)):\n"
        + "        sparsebench.judge(sparsebench.measure(each))\n"
    )
    projects.run(project, "-k", "two", "--sparsebench-update", "--sparsebench-json=r.json")
    percents = {record.case["percent"] for record in read_document(project.path / "r.json").records}
    assert percents == {60, 70}
    assert len(read_baseline(projects.baseline_file(project)).records) == 6


def test_ctrl_c_keeps_what_was_finished_and_marks_what_was_not(project):
    project.makeconftest(
        "import pytest\n"
        "from sparsebench.harness import measuring\n"
        "from sparsebench.shell import item_bench\n"
        "def interrupted(case, bench):\n"
        "    if case.percent == 90 and case.seed == 1:\n"
        "        raise KeyboardInterrupt\n"
        "    return measuring.measure(case, bench)\n"
        "item_bench.measure = interrupted\n"
    )
    result = project.runpytest_subprocess("--sparsebench-json=result.json", "--sparsebench-update")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    document = read_document(project.path / "result.json")
    outcomes = {(record.case["percent"], record.outcome) for record in document.records}
    assert outcomes == {(50, "passed"), (90, "interrupted")}
    kept = read_baseline(projects.baseline_file(project)).records
    assert {record.case["percent"] for record in kept} == {50}


def test_the_end_of_the_process_looks_for_no_cycles_of_objects(project, monkeypatch):
    """That took longer than a run of few items; within the process, they are still collected."""
    register, at_the_end = atexit.register, []

    def noting(function, *arguments, **named):
        at_the_end.append(function)
        return register(function, *arguments, **named)

    monkeypatch.setattr(atexit, "register", noting)
    projects.run(project)
    assert gc.freeze in at_the_end
    assert gc.get_freeze_count() == 0


def test_an_item_that_kills_its_worker_is_in_the_result_file(project):
    projects.accept(project)
    projects.measure_nothing(project)
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text()
        + "\nimport os\n"
        + "def pytest_runtest_call(item):\n"
        + "    if 'p90' in item.name:\n"
        + "        os._exit(1)\n"
    )
    project.runpytest_subprocess("-n", "2", "--sparsebench-json=result.json")
    document = read_document(project.path / "result.json")
    assert sorted(item.outcome for item in document.items) == ["error", "passed"]


def test_trained_models_survive_the_run_that_trained_them(project, monkeypatch):
    projects.run(project)
    from sparsebench.engines import population_training

    monkeypatch.setattr(
        population_training, "train_population", lambda *arguments: pytest.fail("trained again")
    )
    projects.run(project).assert_outcomes(skipped=2)


def test_what_is_wrong_with_an_item_is_said_by_its_own_test(project, monkeypatch):
    """Not at the end of the collection, where it would end the run of all."""

    def refuse(cases, bench):
        raise ValueError("no such network")

    for module in (shell_run, item_bench):
        monkeypatch.setattr(module, "request", refuse)
    result = projects.run(project)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*ValueError: no such network*"])


def test_an_item_that_draws_its_cases_fails_before_anything_is_trained(project, monkeypatch):
    from sparsebench.engines import population_training

    monkeypatch.setattr(
        population_training, "train_population", lambda *arguments: pytest.fail("trained")
    )
    source = project.path / "test_tiny.py"
    drawn = source.read_text().replace(
        "for seed in seeds", "for seed in random.sample(range(99), 9)"
    )
    source.write_text(f"import random\n{drawn}")
    result = projects.run(project)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*item tiny-p50: cases(seeds) returned two different lists for the same*"]
    )
