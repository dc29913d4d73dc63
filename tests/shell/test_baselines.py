"""Updates: what they accept, what they never do, and what they say."""

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from sparsebench.experiments.graph_statistics.cases import WiredPopulation
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import model_of
from sparsebench.parts import folder_files, model_files
from sparsebench.parts.baseline_folder import BaselineFolder
from sparsebench.parts.documents import read_baseline, read_document, write_document
from sparsebench.parts.weight_files import checksum, save_weights
from sparsebench.shell import baselines
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import digest
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from tests.experiments.graph_statistics.analyses import networks
from tests.harness import small
from tests.harness.settings import settings
from tests.judging.records import forward, records
from tests.shell import projects


def test_what_an_update_accepted_passes_and_is_reported(project):
    result = projects.run(project, "--sparsebench-update")
    result.stdout.fnmatch_lines(["*rewritten: 6 added, 0 moved, 0 unchanged*"])
    projects.run(project).assert_outcomes(passed=2)


def test_an_update_says_what_moved_and_keeps_the_rest(project):
    projects.accept(project)
    projects.edit_records(project, projects.better_by(0.1))
    result = projects.run(project, "--sparsebench-update", "-k", "p50")
    result.stdout.fnmatch_lines(
        ["*0 added, 3 moved, 0 unchanged*", "*moved: pruning*: accuracy is 0.5*, expected 0.6*"]
    )
    assert len(read_baseline(projects.baseline_file(project)).records) == 6
    projects.run(project).assert_outcomes(passed=1, failed=1)


def test_a_baseline_in_one_file_is_gated_by_and_the_next_update_makes_it_a_folder(project):
    projects.accept(project)
    folder = project.path / "baselines" / "thesis"
    former = folder.with_name("thesis.json")
    write_document(former, read_baseline(folder))
    shutil.rmtree(folder)
    before = former.read_bytes()
    projects.run(project, "--sparsebench-gate").assert_outcomes(passed=2)
    result = projects.run(project, "--sparsebench-update", "-k", "p50")
    result.stdout.fnmatch_lines(
        [
            "*thesis rewritten: 0 added, 0 moved, 3 unchanged*",
            "*thesis.json is not read any more*",
        ]
    )
    assert former.read_bytes() == before
    former.unlink()
    projects.run(project, "--sparsebench-gate").assert_outcomes(passed=2)


def test_what_only_the_thesis_profile_has_accepted_is_packed_and_gates_others_too(project):
    projects.run(project, "--sparsebench-update", "--sparsebench-profile=thesis", "-k", "p50")
    projects.run(project, "--sparsebench-update", "-k", "p90")
    text = projects.baseline_file(project)
    assert {record.case["percent"] for record in read_baseline(text).records} == {90}
    rest = read_baseline(text.with_name("pruning.json.gz")).records
    assert {record.case["percent"] for record in rest} == {50}
    projects.run(project, "--sparsebench-gate").assert_outcomes(passed=2)
    result = projects.run(project, "--sparsebench-update")
    result.stdout.fnmatch_lines(["*thesis rewritten: 0 added, 0 moved, 6 unchanged*"])
    assert [path.name for path in text.parent.iterdir()] == ["pruning.json"]


def test_of_hundreds_of_trainings_a_baseline_keeps_what_is_compared(tmp_path):
    record = networks(WiredPopulation("gru", 1))[0]
    history = {"onset_loss": [0.7], "test_accuracy": [0.9], "train_loss": [0.6]}
    whole = replace(record, history=history)
    chosen = settings(tmp_path, update="all")
    baselines.update_baseline(chosen, Bench(chosen, tmp_path, print), [whole], {})
    (kept,) = read_baseline(chosen.baseline_path).records
    assert kept.history == {"onset_loss": [0.7], "test_accuracy": [0.9]}


def test_workers_measure_and_the_controller_accepts(project):
    result = projects.run(project, "-n2", "--sparsebench-update")
    result.stdout.fnmatch_lines(["*rewritten: 6 added, 0 moved, 0 unchanged*"])
    projects.run(project).assert_outcomes(passed=2)


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
    projects.run(project, "--sparsebench-update").assert_outcomes(passed=1, failed=1)
    percents = {
        record.case["percent"] for record in read_baseline(projects.baseline_file(project)).records
    }
    assert percents == {50}


def test_items_that_fail_in_teardown_never_become_baselines(project):
    project.makeconftest(
        "import pytest\n"
        "@pytest.fixture(autouse=True)\n"
        "def broken(request):\n"
        "    yield\n"
        "    assert 'p90' not in request.node.name\n"
    )
    projects.run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    percents = {
        record.case["percent"] for record in read_baseline(projects.baseline_file(project)).records
    }
    assert percents == {50}
    document = read_document(project.path / "result.json")
    assert [item.outcome for item in document.items] == ["passed", "error"]
    assert {(r.case["percent"], r.outcome) for r in document.records} == {
        (50, "passed"),
        (90, "error"),
    }


def test_records_that_a_test_keeps_are_reported_and_never_accepted(project):
    project.makepyfile(
        test_tiny=(project.path / "test_tiny.py").read_text()
        + "\n@pytest.mark.sparsebench([TinyItem(60)])\n"
        + "def test_kept(item, sparsebench):\n"
        + "    from sparsebench.harness.measuring import measure\n"
        + "    sparsebench.keep(measure(item.cases([0])[0], sparsebench.bench))\n"
    )
    projects.run(project, "-k", "kept", "--sparsebench-update", "--sparsebench-json=r.json")
    assert len(read_document(project.path / "r.json").records) == 1
    assert not projects.baseline_file(project).exists()


def test_base_models_and_what_is_pruned_from_them_are_accepted_together(project):
    projects.accept(project)
    document = json.loads(projects.baseline_file(project).read_text())
    base = json.loads(json.dumps(document["records"][0]))
    from sparsebench.values.identity import restore

    base["case"] = base["case"]["base"]
    base["digest"] = digest(restore(base["case"]))
    base["experiment"], base["weights"] = "base", "of another training"
    document["records"] = [base]
    projects.baseline_file(project, "base").write_text(json.dumps(document))
    before = projects.baseline_file(project).read_bytes()
    result = projects.run(project, "--sparsebench-update", "--sparsebench-profile=thesis")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT WRITTEN: the baseline was not rewritten*in one run*"])
    assert projects.baseline_file(project).read_bytes() == before


def test_a_baseline_that_cannot_be_written_costs_neither_result_nor_tables(project, monkeypatch):
    from sparsebench.shell import run as module

    def full(settings, bench, measured, provenances):
        raise OSError("no space left on device")

    monkeypatch.setattr(module, "update_baseline", full)
    result = projects.run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*NOT WRITTEN: no space left on device*"])
    assert len(read_document(project.path / "result.json").records) == 6


def test_a_run_that_chooses_nothing_leaves_files_alone(project):
    projects.run(project, "--sparsebench-update", "--sparsebench-json=result.json")
    before = (
        (project.path / "result.json").read_bytes(),
        projects.baseline_file(project).read_bytes(),
    )
    result = projects.run(
        project, "-k", "zzz", "--sparsebench-update", "--sparsebench-json=result.json"
    )
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert before == (
        (project.path / "result.json").read_bytes(),
        projects.baseline_file(project).read_bytes(),
    )


@pytest.fixture
def slow_to_write(monkeypatch):
    """Let every part of a baseline be written a while after it was read."""
    write, rewrite = baselines.write_document, BaselineFolder.rewrite

    def slowly(do):
        def after_a_while(*arguments):
            time.sleep(0.05)
            return do(*arguments)

        return after_a_while

    monkeypatch.setattr(baselines, "write_document", slowly(write))
    monkeypatch.setattr(BaselineFolder, "rewrite", slowly(rewrite))


@pytest.mark.usefixtures("slow_to_write")
@pytest.mark.parametrize("extent", ["all", "new"])
def test_updates_at_once_lose_nothing_of_each_other_s(tmp_path, extent):
    chosen = settings(tmp_path, update=extent)
    benches = [Bench(chosen, tmp_path, print) for _ in range(3)]
    times = forward([1.0] * 3)
    found = [
        [*records(PruningItem("gru", "i2h", percent), [0.9]), timed]
        for percent, timed in zip((10, 50, 100), times, strict=True)
    ]

    def update(bench, measured):
        return baselines.update_baseline(chosen, bench, measured, {})

    with ThreadPoolExecutor(3) as pool:
        updates = list(pool.map(update, benches, found))
    assert [each.added for each in updates] == [2, 2, 2]
    percents = [each.case["percent"] for each in read_baseline(chosen.baseline_path).records]
    assert sorted(percents) == [10, 50, 100]
    assert len(read_baseline(benches[0].baseline.times_path).records) == 3


class Disk(Exception):
    """What happens in the middle of an update."""


@pytest.fixture
def base(tmp_path):
    """A base model small enough to be trained in a test, its bench, and what an update would accept."""
    data = ReberStrings(40, 40, 20, 20)
    shape = Architecture("rnn_tanh", layers=1, hidden_size=4)
    case = BaseCase(shape, 0, training=Training(epochs=1), data=data)
    bench = Bench(settings(tmp_path / "b", store=tmp_path / "s", update="all"), tmp_path, print)
    model = model_of(case, bench)
    record = replace(model.training, provenance=bench.note(bench.here))
    return case, bench, type(model)(model.weights, record, model.trained, model.fresh)


@pytest.mark.parametrize(
    ("place", "broken", "lasts"),
    [
        (folder_files.os, "fsync", False),
        (folder_files, "settle", False),
        (folder_files, "replace_file", True),
        (baselines, "settle_models", True),
    ],
)
def test_an_update_that_is_cut_short_leaves_records_and_models_that_belong_together(
    tmp_path, base, monkeypatch, place, broken, lasts
):
    case, bench, model = base
    chosen, record = bench.settings, model.training
    baselines.update_baseline(chosen, bench, [record], bench.provenances)
    moved = {name: array + 1 for name, array in model.weights.items()}
    other = Bench(chosen, tmp_path, print)
    other.once(
        ("baseline model", case), lambda: type(model)(moved, record, model.trained, fresh=True)
    )
    again = replace(record, weights=checksum(moved))

    def cut(*arguments):
        raise Disk

    monkeypatch.setattr(place, broken, cut)
    with pytest.raises(Disk):
        baselines.update_baseline(chosen, other, [again], bench.provenances)
    monkeypatch.undo()
    later = Bench(chosen, tmp_path, print)
    known = later.baseline.of(case)
    assert known.weights == (again if lasts else record).weights
    assert checksum(model_of(case, later).weights) == known.weights


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_an_update_keeps_the_models_of_three_seeds_and_the_records_of_all(tmp_path, seed):
    case, bench = small.base(seed), small.bench(tmp_path, update="all")
    record = replace(model_of(case, bench).training, provenance=bench.note(bench.here))
    baselines.update_baseline(bench.settings, bench, [record], bench.provenances)
    assert Bench(bench.settings, tmp_path, print).baseline.of(case) == record
    assert model_files.model_path(bench.settings.models, record).exists() == (seed < 3)


def test_the_next_update_puts_models_into_their_places(tmp_path, base):
    case, bench, model = base
    record = model.training
    baselines.update_baseline(bench.settings, bench, [record], bench.provenances)
    folder = bench.settings.models
    save_weights(folder / f"{record.digest}.safetensors", {})
    model_files.stage_model(folder, record, model.weights)  # a run was killed before it moved this
    found = records(PruningItem("gru", "i2h", 50), [0.9])
    baselines.update_baseline(bench.settings, bench, found, bench.provenances)
    assert [path.name for path in folder.iterdir()] == [f"{record.digest}.safetensors"]
    model = model_of(case, Bench(bench.settings, tmp_path, print))
    assert checksum(model.weights) == record.weights
