"""The plugin as a user meets it: options, outcomes, and the result file whatever else happens."""

import json
from pathlib import Path

import pytest

from sparsebench.parts.records import read_baseline, read_document

pytestmark = pytest.mark.filterwarnings("ignore::pytest_benchmark.logger.PytestBenchmarkWarning")


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess("-p", "no:cacheprovider", *arguments)


def accept(project: pytest.Pytester) -> None:
    run(project, "--sparsebench-update").assert_outcomes(passed=2)


def baseline_file(project: pytest.Pytester) -> Path:
    return project.path / "baselines" / "thesis.json"


def test_without_a_baseline_items_are_skipped_with_the_way_out(project):
    result = run(project, "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(
        ["*baseline 'thesis' has no records of this cell*--sparsebench-update*"]
    )


def test_what_an_update_accepted_passes_and_is_reported(project):
    result = run(project, "--sparsebench-update")
    result.stdout.fnmatch_lines(["*rewritten: 6 added, 0 moved, 0 unchanged*"])
    run(project).assert_outcomes(passed=2)


def test_a_moved_accuracy_fails_with_figures_and_the_command_that_reruns_it(project):
    accept(project)
    document = json.loads(baseline_file(project).read_text())
    for record in document["records"]:
        if record["case"]["percent"] == 50:
            record["metrics"]["accuracy"] += 0.1
    baseline_file(project).write_text(json.dumps(document))
    result = run(project)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*tiny-p50: baseline fail*", "*measured*", "*again*test_tiny?tiny-p50?*"]
    )


def test_other_masks_fail_even_where_accuracy_is_the_same(project):
    accept(project)
    document = json.loads(baseline_file(project).read_text())
    for record in document["records"]:
        record["metrics"]["kept"] -= 1
    baseline_file(project).write_text(json.dumps(document))
    run(project).assert_outcomes(failed=2)


def test_an_update_says_what_moved_and_keeps_the_rest(project):
    accept(project)
    document = json.loads(baseline_file(project).read_text())
    for record in document["records"]:
        record["metrics"]["accuracy"] += 0.1
    baseline_file(project).write_text(json.dumps(document))
    result = run(project, "--sparsebench-update", "-k", "p50")
    result.stdout.fnmatch_lines(["*0 added, 3 moved, 0 unchanged*", "*moved: pruning*expected*"])
    assert len(read_baseline(baseline_file(project)).records) == 6
    run(project).assert_outcomes(passed=1, failed=1)


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
    accept(project)
    # without pytest-benchmark in this process, the plugin must live in one that never loads it
    result = project.runpytest_subprocess("--sparsebench-json=out/result.json", *extra)
    result.assert_outcomes(passed=2)
    document = read_document(project.path / "out" / "result.json")
    assert sorted(item.outcome for item in document.items) == ["passed", "passed"]
    assert len(document.records) == 6
    assert {record.outcome for record in document.records} == {"passed"}
    assert {verdict.verdict for verdict in document.verdicts} == {"pass"}
    assert all(record.provenance in document.provenances for record in document.records)
    timed = [record for record in document.records if record.timing is not None]
    assert len(timed) == (2 if not extra else 0)


def test_our_facts_ride_in_the_json_of_pytest_benchmark(project):
    accept(project)
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
    accept(project)
    run(project, "--benchmark-only").assert_outcomes(passed=2)
    run(project, "--benchmark-skip").assert_outcomes(skipped=2)


def test_a_failing_item_marks_its_records_and_stopping_early_still_writes(project):
    accept(project)
    document = json.loads(baseline_file(project).read_text())
    for record in document["records"]:
        record["metrics"]["accuracy"] += 0.1
    baseline_file(project).write_text(json.dumps(document))
    run(project, "-x", "--sparsebench-json=result.json").assert_outcomes(failed=1)
    document = read_document(project.path / "result.json")
    assert [item.outcome for item in document.items] == ["failed"]
    assert {record.outcome for record in document.records} == {"failed"}
    assert document.run.exit_status == 1


def test_failed_items_never_become_baselines(project):
    project.makeconftest(
        "import pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def broken(request):\n"
        "    yield\n"
        "@pytest.hookimpl(wrapper=True)\n"
        "def pytest_runtest_call(item):\n"
        "    yield\n"
        "    assert 'p90' not in item.name\n"
    )
    run(project, "--sparsebench-update").assert_outcomes(passed=1, failed=1)
    percents = {record.case["percent"] for record in read_baseline(baseline_file(project)).records}
    assert percents == {50}


def test_items_that_fail_in_teardown_never_become_baselines(project):
    project.makeconftest(
        "import pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def broken(request):\n"
        "    yield\n"
        "    assert 'p90' not in request.node.name\n"
    )
    run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    percents = {record.case["percent"] for record in read_baseline(baseline_file(project)).records}
    assert percents == {50}
    document = read_document(project.path / "result.json")
    assert [item.outcome for item in document.items] == ["passed", "error"]
    assert {(r.case["percent"], r.outcome) for r in document.records} == {
        (50, "passed"),
        (90, "error"),
    }


def test_items_that_fail_in_set_up_are_in_the_result_file(project):
    accept(project)
    project.makeconftest(
        "import pytest\n@pytest.fixture(autouse=True)\ndef broken(request):\n    assert 0\n"
    )
    run(project, "--sparsebench-json=result.json").assert_outcomes(errors=2)
    document = read_document(project.path / "result.json")
    assert [item.outcome for item in document.items] == ["error", "error"]
    assert document.run.exit_status == 1


def test_a_run_that_chooses_nothing_leaves_files_alone(project):
    run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    before = (project.path / "result.json").read_bytes(), baseline_file(project).read_bytes()
    result = run(project, "-k", "zzz", "--sparsebench-update", "--sparsebench-json=result.json")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert before == (
        (project.path / "result.json").read_bytes(),
        baseline_file(project).read_bytes(),
    )


def test_a_baseline_that_cannot_be_written_costs_neither_result_nor_tables(project, monkeypatch):
    from sparsebench.shell import run as module

    def full(settings, bench, measured):
        raise OSError("no space left on device")

    monkeypatch.setattr(module, "update_baseline", full)
    result = run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT WRITTEN: no space left on device*"])
    assert len(read_document(project.path / "result.json").records) == 6


def test_everything_that_one_item_measures_is_kept(project):
    source = (project.path / "test_tiny.py").read_text()
    (project.path / "test_tiny.py").write_text(
        source
        + "\n@pytest.mark.sparsebench([TinyCell(60)])\n"
        + "def test_two(cell, sparsebench):\n"
        + "    for each in (cell, TinyCell(70)):\n"
        + "        sparsebench.judge(sparsebench.measure(each))\n"
    )
    run(project, "-k", "two", "--sparsebench-update", "--sparsebench-json=r.json")
    percents = {record.case["percent"] for record in read_document(project.path / "r.json").records}
    assert percents == {60, 70}
    assert len(read_baseline(baseline_file(project)).records) == 6


def test_records_that_a_test_keeps_are_reported_and_never_accepted(project):
    project.makepyfile(
        test_tiny=(project.path / "test_tiny.py").read_text()
        + "\n@pytest.mark.sparsebench([TinyCell(60)])\n"
        + "def test_kept(cell, sparsebench):\n"
        + "    from sparsebench.experiments.measuring import measure\n"
        + "    sparsebench.keep(measure(cell.cases([0])[0], sparsebench.bench))\n"
    )
    run(project, "-k", "kept", "--sparsebench-update", "--sparsebench-json=r.json")
    assert len(read_document(project.path / "r.json").records) == 1
    assert not baseline_file(project).exists()


def test_ctrl_c_keeps_what_was_finished_and_marks_what_was_not(project):
    project.makeconftest(
        "import pytest\n"
        "from sparsebench.experiments import measuring\n"
        "from sparsebench.shell import run\n"
        "def interrupted(case, bench):\n"
        "    if case.percent == 90 and case.seed == 1:\n"
        "        raise KeyboardInterrupt\n"
        "    return measuring.measure(case, bench)\n"
        "run.measure = interrupted\n"
    )
    result = project.runpytest_subprocess("--sparsebench-json=result.json", "--sparsebench-update")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    document = read_document(project.path / "result.json")
    outcomes = {(record.case["percent"], record.outcome) for record in document.records}
    assert outcomes == {(50, "passed"), (90, "interrupted")}
    kept = read_baseline(baseline_file(project)).records
    assert {record.case["percent"] for record in kept} == {50}


def test_trained_models_survive_the_run_that_trained_them(project, monkeypatch):
    run(project)
    from sparsebench.engines import training

    monkeypatch.setattr(training, "train", lambda *arguments: pytest.fail("trained again"))
    run(project).assert_outcomes(skipped=2)


def test_both_semantics_make_two_items_of_a_cell(project):
    result = run(project, "--sparsebench-semantics=both", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["*tiny-p50]", "*tiny-p90]", "*p50-corrected]", "*p90-corrected]"])


def test_ini_options_are_twins_of_the_command_line(project):
    project.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_seeds = 2\nsparsebench_json = a/b.json\n"
    )
    run(project)
    document = read_document(project.path / "a" / "b.json")
    assert (document.run.seeds, len(document.records)) == (2, 4)
    run(project, "--sparsebench-seeds=1")
    assert read_document(project.path / "a" / "b.json").run.seeds == 1


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--sparsebench-profile=quik", "*'quik'*smoke, quick, thesis*"),
        ("--sparsebench-semantics=right", "*'right'*published, corrected, both*"),
        ("--sparsebench-device=tpu", "*'tpu'*cpu, cuda*"),
        ("--sparsebench-claims=maybe", "*'maybe'*baseline, strict, off*"),
        ("--sparsebench-seeds=0", "*'0'*whole number of at least 1*"),
        ("--sparsebench-seeds=two", "*'two'*whole number*"),
        ("--sparsebench-artifacts=nowhere", "*nowhere*no such folder*"),
        ("--sparsebench-baseline=mine", "*'mine'*has none*--sparsebench-update*"),
        ("--sparsebench-json=.", "*cannot write*directory*"),
        ("--sparsebench-json=test_tiny.py/result.json", "*cannot write*"),
    ],
)
def test_a_wrong_option_is_refused_before_any_work(project, option, message):
    result = run(project, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert not (project.path / "store").exists()


def test_gpu_without_cuda_is_a_usage_error_that_says_what_torch_sees(project, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = run(project, "-k", "tiny", "--gpu")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*needs a CUDA device, but torch {torch.__version__}*leave --gpu out*"]
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"schema": 99, "kind": "sparsebench-baseline"}', "*thesis.json*99 is newer*upgrade*"),
        ('{"schema": 1, "kind": "sparsebench-baseline"}', "*thesis.json*provenances*"),
        ('{"schema": 1, "kind": "sparsebench-result"}', "*thesis.json*"),
        ("{", "*thesis.json*"),
        ('{"schema": 1, "kind": "shopping-list"}', "*thesis.json*shopping-list*"),
    ],
)
def test_a_bad_baseline_file_is_refused_before_any_work(project, content, message):
    (project.path / "baselines").mkdir()
    baseline_file(project).write_text(content)
    result = run(project, "--sparsebench-seeds=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert baseline_file(project).read_text() == content


def test_models_trained_anew_are_judged_by_the_difference_of_means(project):
    accept(project)
    document = json.loads(baseline_file(project).read_text())
    for record in document["records"]:
        record["weights"] = "another training"
        record["metrics"]["accuracy"] += 0.01  # more than rounding, less than the spread of seeds
    baseline_file(project).write_text(json.dumps(document))
    run(project, "--sparsebench-json=result.json").assert_outcomes(passed=2)
    document = read_document(project.path / "result.json")
    assert all("trained anew" in verdict.reason for verdict in document.verdicts)


def test_the_command_in_a_failure_reruns_the_item_under_the_same_options(project):
    accept(project)
    run(project, "--sparsebench-update", "--sparsebench-semantics=corrected")
    document = json.loads(baseline_file(project).read_text())
    for record in document["records"]:
        record["metrics"]["accuracy"] += 0.1
    baseline_file(project).write_text(json.dumps(document))
    result = run(project, "--sparsebench-semantics=corrected", "-k", "p50")
    result.stdout.fnmatch_lines(
        ["*again*test_tiny?tiny-p50-corrected?' --sparsebench-semantics=corrected*"]
    )


def test_a_wrong_ini_option_is_a_usage_error_too(project):
    project.makeini("[pytest]\nsparsebench_profile = quik\n")
    result = run(project)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'quik'*smoke, quick, thesis*"])


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.sparsebench([])\ndef test_it(sparsebench): pass",
        "@pytest.mark.sparsebench\ndef test_it(cell, sparsebench): pass",
    ],
)
def test_a_marker_without_cells_or_argument_is_explained(pytester, source):
    pytester.makepyfile(f"import pytest\n{source}")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*write @pytest.mark.sparsebench(cells)*argument named cell*"])


def test_a_project_may_have_a_gpu_option_of_its_own(pytester):
    pytester.makeconftest(
        "def pytest_addoption(parser):\n    parser.addoption('--gpu', action='store_true')\n"
    )
    pytester.makepyfile("def test_it(pytestconfig): assert pytestconfig.getoption('gpu')")
    pytester.runpytest_inprocess("--gpu").assert_outcomes(passed=1)


def test_relative_paths_start_where_pytest_was_called(project, monkeypatch):
    (project.path / "sub").mkdir()
    monkeypatch.chdir(project.path / "sub")
    run(project, "..", "--rootdir=..", "--sparsebench-json=here.json", "-k", "p50")
    assert (project.path / "sub" / "here.json").exists()


def test_base_models_and_what_is_pruned_from_them_are_accepted_together(project):
    accept(project)
    document = json.loads(baseline_file(project).read_text())
    base = json.loads(json.dumps(document["records"][0]))
    from sparsebench.values.case import digest, restore

    base["case"] = base["case"]["base"]
    base["digest"] = digest(restore(base["case"]))
    base["experiment"], base["weights"] = "base", "of another training"
    document["records"].append(base)
    baseline_file(project).write_text(json.dumps(document))
    before = baseline_file(project).read_bytes()
    result = run(project, "--sparsebench-update", "--sparsebench-profile=thesis")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT WRITTEN: the baseline was not rewritten*in one run*"])
    assert baseline_file(project).read_bytes() == before


def test_unrelated_projects_see_and_load_nothing_of_the_plugin(pytester):
    pytester.makepyfile("def test_one(): pass")
    pytester.makeconftest(
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    loaded = [name for name in sys.modules if name.startswith('sparsebench.')]\n"
        "    assert sorted(loaded) == [\n"
        "        'sparsebench.shell', 'sparsebench.shell.options', 'sparsebench.shell.plugin'\n"
        "    ]\n"
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    result.stdout.no_fnmatch_line("*sparsebench*===*")


def test_collecting_loads_none_of_the_heavy_libraries(project):
    project.makeconftest(
        "import sys\n"
        "def pytest_collection_finish(session):\n"
        "    assert len(session.items) == 2\n"
        "    assert not {'torch', 'scipy', 'pandas'} & set(sys.modules)\n"
    )
    result = project.runpytest_subprocess("--collect-only", "-q")
    assert result.ret == 0
