"""Settings: what is refused before any work, and what files a run needs."""

import os

import pytest

from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline
from sparsebench.shell import settings
from tests.shell import projects


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--sparsebench-profile=quik", "*'quik'*smoke, quick, thesis*"),
        ("--sparsebench-semantics=right", "*'right'*published, corrected, both*"),
        ("--sparsebench-device=tpu", "*'tpu'*cpu, cuda*"),
        ("--sparsebench-claims=maybe", "*'maybe'*baseline, strict, off*"),
        ("--sparsebench-seeds=0", "*'0'*whole number of at least 1*"),
        ("--sparsebench-seeds=two", "*'two'*whole number*"),
        ("--sparsebench-max-seeds=0", "*max-seeds is '0'*whole number of at least 3*"),
        ("--sparsebench-max-seeds=2", "*max-seeds is '2'*whole number of at least 3*"),
        ("--sparsebench-max-seeds=3.5", "*max-seeds is '3.5'*whole number of at least 3*"),
        ("--sparsebench-first-seed=-1", "*first-seed is '-1'*whole number of at least 0*"),
        ("--sparsebench-first-seed=x", "*first-seed is 'x'*whole number of at least 0*"),
        ("--sparsebench-seeds=1001", "*seeds is '1001'*of at most 1000; for more*"),
        (
            "--sparsebench-seeds=99999999999999999999",
            "*seeds is '99999999999999999999'*at most 1000*",
        ),
        (f"--sparsebench-seeds={'9' * 5000}", "*seeds is '999999999*5000 digits*at most 1000*"),
        ("--sparsebench-max-seeds=99999999", "*max-seeds is '99999999'*of at most 1000; for more*"),
        (
            f"--sparsebench-first-seed={2**53 - 10_000}",
            "*first-seed*of at most 9007199254730991; not*",
        ),
        (
            f"--sparsebench-first-seed={10**20}",
            "*first-seed*21 digits*at most 9007199254730991; not*",
        ),
        ("--sparsebench-graphs=1000000", "*graphs is '1000000'*of at most 10000; for more*"),
        ("--sparsebench-graphs=0", "*--sparsebench-graphs is '0'*whole number of at least 1*"),
        ("--sparsebench-graphs=x", "*--sparsebench-graphs is 'x'*whole number*"),
        ("--sparsebench-text=nowhere.txt", "*--sparsebench-text: text*no such file*declaration*"),
        ("--sparsebench-artifacts=nowhere", "*nowhere*no such folder*"),
        ("--sparsebench-baseline=mine", "*'mine'*has none*--sparsebench-update*"),
        ("--sparsebench-json=.", "*cannot write*directory*"),
        ("--sparsebench-json=test_tiny.py/result.json", "*cannot write*"),
    ],
)
def test_a_wrong_option_is_refused_before_any_work(project, option, message):
    result = projects.run(project, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert not (project.path / "store").exists()


@pytest.mark.parametrize(
    ("cores", "workers", "threads"), [(8, None, 8), (8, "2", 4), (8, "3", 2), (1, "4", 1)]
)
def test_threads_are_the_cores_that_a_worker_gets(monkeypatch, cores, workers, threads):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(cores)), raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    if workers:
        monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", workers)
    assert settings._threads() == threads


def test_threads_are_known_where_a_process_may_use_all_cores(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER_COUNT", raising=False)
    for cores, threads in ((6, 6), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert settings._threads() == threads


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sparsebench_profile = quik", "*'quik'*smoke, quick, thesis*"),
        ("sparsebench_max_seeds = many", "*max-seeds is 'many'*whole number of at least 1*"),
        (
            "sparsebench_seeds = 5\nsparsebench_max_seeds = 4",
            "*max-seeds is '4'*whole number of at least 5*",
        ),
        ("sparsebench_seeds = 99999999", "*seeds is '99999999'*of at most 1000; for more*"),
        ("sparsebench_first_seed = -1", "*first-seed is '-1'*whole number of at least 0*"),
    ],
)
def test_a_wrong_ini_option_is_a_usage_error_too(project, line, message):
    project.makeini(f"[pytest]\n{line}\n")
    result = projects.run(project)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_gpu_without_cuda_is_a_usage_error_that_says_what_torch_sees(project, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = projects.run(project, "-k", "tiny", "--gpu")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*needs a CUDA device, but torch {torch.__version__}*leave --gpu out*"]
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"schema": 99, "kind": "sparsebench-baseline"}', "*99 is newer*upgrade*"),
        ('{"schema": 1, "kind": "sparsebench-baseline"}', "*provenances*"),
        ('{"schema": 1, "kind": "sparsebench-result"}', "*"),
        ("{", "*"),
        ('{"schema": 1, "kind": "shopping-list"}', "*shopping-list*"),
    ],
)
@pytest.mark.parametrize("name", ["thesis/pruning.json", "thesis/pruning.json.gz", "thesis.json"])
def test_a_bad_baseline_file_is_refused_before_any_work(project, name, content, message):
    path = project.path / "baselines" / name
    path.parent.mkdir(parents=True)
    path.write_text(content)
    result = projects.run(project, "--sparsebench-seeds=1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{path.name}{message}"])
    assert path.read_text() == content
    assert not (project.path / "store").exists()


def test_a_file_that_no_selected_item_needs_does_not_matter_unless_it_is_cut_short(project):
    other = project.path / "baselines" / "thesis" / "wired.json"
    other.parent.mkdir(parents=True)
    other.write_text('{"schema": 1, "kind": "sparsebench-baseline"}')
    projects.run(project, "--sparsebench-seeds=1").assert_outcomes(skipped=2)
    other.write_text('{"schema": 1, "kind"')
    result = projects.run(project, "--co")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*wired.json*"])


def test_workers_refuse_a_bad_file_before_any_work(project):
    projects.measure_nothing(project)
    projects.baseline_file(project).parent.mkdir(parents=True)
    projects.baseline_file(project).write_text('{"schema": 1, "kind": "sparsebench-baseline"}')
    result = projects.run(project, "-n1")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*ValueError: *pruning.json: not a sparsebench document*"])
    assert not (project.path / "store").exists()


@pytest.mark.parametrize("name", ["models", "times"])
def test_a_baseline_is_not_called_as_the_folders_beside_it(project, name):
    result = projects.run(project, f"--sparsebench-baseline={name}", "--sparsebench-update")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*is there for other files; choose another name*"])


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("typo", "*--sparsebench-baselines is *typo, which does not exist: give the folder*"),
        (
            "store",
            "*--sparsebench-baselines is *store, which has no thesis: give the folder*",
        ),
        ("test_tiny.py", "*--sparsebench-baselines is *test_tiny.py: give the folder that*"),
    ],
)
def test_a_folder_without_a_baseline_is_refused_before_any_work(project, folder, message):
    (project.path / "store").mkdir()
    result = projects.run(project, f"--sparsebench-baselines={folder}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert not list((project.path / "store").iterdir())


def test_a_folder_that_an_update_fills_may_be_new(project):
    result = projects.run(project, "--sparsebench-baselines=mine", "--sparsebench-update-new")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["sparsebench: a new baseline will be made: *mine?thesis"])
    result = projects.run(project, "--sparsebench-baselines=mine")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("sparsebench: *baseline*")


def test_a_folder_that_holds_times_alone_is_a_folder_of_baselines(project):
    (project.path / "mine" / "times").mkdir(parents=True)
    write_document(project.path / "mine/times/abacus.json", Baseline(provenances={}, records=[]))
    result = projects.run(project, "--sparsebench-baselines=mine", "--co", "-q")
    assert result.ret == pytest.ExitCode.OK


MISSING = "sparsebench: no baseline: *baselines?thesis does not exist (there is no folder *)*"


@pytest.mark.parametrize("options", [(), ("-q",), ("--sparsebench-seeds=1",)])
def test_a_missing_baseline_is_told_once_before_anything_is_measured(project, options):
    result = projects.run(project, *options)
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines([MISSING, "*ss*"])
    assert sum("no baseline:" in line for line in result.stdout.lines) == 1


@pytest.mark.parametrize("options", [(), ("--sparsebench-seeds=1",)])
def test_beside_other_workers_a_missing_baseline_is_told_once_too(project, options):
    projects.measure_nothing(project)
    result = project.runpytest_subprocess("-n", "2", *options)
    told = [line for line in [*result.outlines, *result.errlines] if "no baseline:" in line]
    assert len(told) == 1
    assert "thesis does not exist" in told[0]


def test_where_no_benchmark_is_selected_no_baseline_is_missed(project):
    project.makepyfile(test_other="def test_other(): pass")
    result = projects.run(project, "-k", "other")
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*no baseline*")


@pytest.mark.parametrize("name", ["models", "times", ".lock", "thesis"])
@pytest.mark.parametrize("update", ["--sparsebench-update", "--sparsebench-update-new"])
def test_every_place_that_an_update_writes_to_is_tried_before_any_work(project, name, update):
    (project.path / "baselines").mkdir()
    (project.path / "baselines" / name).touch()
    result = projects.run(project, update)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{update}: cannot write *baselines?{name}?*not a directory*"])
    assert not (project.path / "store").exists()


@pytest.mark.parametrize(
    ("files", "given", "message"),
    [
        ({"short.txt": "too short"}, "short.txt", "*short.txt: 9 characters*200 or more*"),
        ({"reviews/good/one.txt": "fine"}, "reviews", "*reviews: 1 labels to learn*give 2*"),
        ({"reviews/one.txt": "fine"}, "reviews", "*has no label*folder of its label*"),
        ({"tweets.csv": "text\nfine\n"}, "tweets.csv", "*no column label*"),
        ({"tweets.csv": "text,label\nfine,\n"}, "tweets.csv", "*line 2: label is empty*"),
        ({"tweets.csv": "text,label\n"}, "tweets.csv", "*tweets.csv: 0 labels to learn*give 2*"),
        ({"tweets.csv": "text,label\nx,a\nxx,b\n"}, "tweets.csv", "*all texts are of one letter*"),
        (
            {"tweets.csv": "text,label\nxy,a\nx,b\n"},
            "tweets.csv",
            "*has 2 texts: give more*",
        ),
        ({"empty.txt": ""}, "empty.txt", "*empty.txt: 0 characters*200 or more*"),
        ({"reviews/good/one.txt": ""}, "reviews", "*one.txt is empty: fill it in*"),
        ({}, "tweets.CSV", "*text: corpus*no such file or folder*messages*"),
    ],
)
def test_a_text_that_cannot_be_learned_from_is_refused_before_any_work(
    project, files, given, message
):
    for name, content in files.items():
        path = project.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    result = projects.run(project, f"--sparsebench-text={given}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR:*{message}"])


def test_a_text_and_labelled_texts_of_a_users_join_the_packages(project):
    (project.path / "mine.txt").write_text("all work and no play " * 20)
    for label in ("good", "bad"):
        (project.path / "reviews" / label).mkdir(parents=True)
        for number in "12":
            path = project.path / "reviews" / label / f"{number}.txt"
            path.write_text(f"{label} it was, {number}")
    for source in (project.path / "mine.txt", f"novel={project.path / 'mine.txt'}"):
        texts = settings._texts(str(source))
        assert texts == {"texts": ("declaration", str(source)), "corpora": ("messages",)}
    for source in (project.path / "reviews", f"mail={project.path / 'reviews'}"):
        corpora = settings._texts(str(source))
        assert corpora == {"texts": ("declaration",), "corpora": ("messages", str(source))}
    assert settings._texts("") == {}


@pytest.mark.parametrize("name", ["My", "my novel", "", "declaration"])
def test_a_name_of_a_text_that_is_none_is_refused_before_any_work(project, name):
    (project.path / "mine.txt").write_text("all work and no play " * 20)
    result = projects.run(project, f"--sparsebench-text={name}=mine.txt")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: --sparsebench-text: name *: give one of lower-case letters*"]
    )


# Files that cannot be written, or need not be


UNWRITABLE = f"--sparsebench-json={os.devnull}/results/latest.json"
"""Not even root makes a folder there."""


@pytest.mark.parametrize("switch", ["--co", "--setup-plan", "--sparsebench-plan", "-k=nothing"])
def test_what_measures_nothing_neither_needs_nor_makes_the_results_folder(project, switch):
    result = projects.run(project, switch, UNWRITABLE)
    assert result.ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    projects.run(project, switch, "--sparsebench-json=results/latest.json")
    assert not (project.path / "results").exists()


@pytest.mark.parametrize("switch", ["--sparsebench-update", "--sparsebench-update-new"])
def test_what_measures_nothing_does_not_need_the_baselines_folder(project, switch):
    folder = f"--sparsebench-baselines={os.devnull}/baselines"
    assert projects.run(project, "--co", switch, folder).ret == pytest.ExitCode.OK
    result = projects.run(project, switch, folder)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {switch}: cannot write {os.devnull}/baselines/*"])


def test_help_makes_no_results_folder(project):
    projects.run(project, "--help", "--sparsebench-json=results/latest.json")
    projects.run(project, "--markers", "--sparsebench-json=results/latest.json")
    assert not (project.path / "results").exists()


def test_tests_that_are_no_benchmarks_run_where_results_cannot_be_written(project):
    ini = (project.path / "tox.ini").read_text("utf-8")
    project.makeini(f"{ini}\nsparsebench_json = {os.devnull}/results/latest.json\n")
    project.makepyfile(test_other="def test_other(): pass")
    project.runpytest_inprocess("test_other.py").assert_outcomes(passed=1)
    result = project.runpytest_inprocess("test_other.py", "test_tiny.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --sparsebench-json: cannot write *"])
    assert "NOT WRITTEN" not in result.stdout.str()


def test_a_benchmark_without_the_marker_is_not_begun_where_results_cannot_be_written(project):
    project.makepyfile(test_tiny="def test_own(sparsebench): open('begun', 'w')")
    result = projects.run(project, UNWRITABLE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert not (project.path / "begun").exists()


def test_xdist_does_not_begin_where_results_cannot_be_written(project):
    result = projects.run(project, "-n1", UNWRITABLE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --sparsebench-json: cannot write *"])
    result.stdout.no_fnmatch_line("created: 1/1 worker*")
    assert projects.run(project, "-n1", "--co", UNWRITABLE).ret == pytest.ExitCode.OK
