"""Networks on tasks under pytest: accepted, gated green, and red where the baseline says otherwise."""

import json

import pytest

from sparsebench.harness.context import circumstances
from tests.shell import projects

TASK = """
from dataclasses import dataclass

import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.values.protocol import Training
from sparsebench.values.tasks import NextLetters


@dataclass(frozen=True)
class Writers:
    semantics: str = "corrected"

    @property
    def id(self):
        return "writers"

    def cases(self, seeds):
        training = Training(epochs=2, batch_size=4)
        task = NextLetters(train=8, test=6)
        networks = [TaskCase("rnn_tanh", task, seed, 4, training=training) for seed in seeds]
        return [*networks, *(GenerationCase(network, strings=9) for network in networks)]


@pytest.mark.sparsebench([Writers()])
def test_writers(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
"""


@pytest.fixture
def writers(pytester):
    pytester.makeini("[pytest]\nsparsebench_store = store\n")
    pytester.makepyfile(test_writers=TASK)
    projects.run(pytester, "--sparsebench-update").assert_outcomes(passed=1)
    return pytester


def test_what_was_accepted_passes_the_gate(writers):
    result = projects.run(writers, "-v", "--sparsebench-gate", "--sparsebench-json=result.json")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["Bits per letter that comes next*", "Strings written*"])
    document = projects.result(writers)
    assert sorted({record.experiment for record in document.records}) == ["generation", "task"]
    assert {verdict.verdict for verdict in document.verdicts} == {"pass"}


@pytest.mark.parametrize(
    ("experiment", "metric", "value", "message"),
    [
        ("task", "kept", 1, "*weights kept*expected 1*"),
        ("task", "loss", 0.9, "*loss is*expected 0.9*"),
        ("task", "bits_per_letter", 0.9, "*bits_per_letter is*expected 0.9*"),
        ("generation", "grammatical", 0.9, "*grammatical is*expected 0.9*"),
    ],
)
def test_a_baseline_that_says_otherwise_turns_it_red(writers, experiment, metric, value, message):
    def edit(record):
        if record["experiment"] == experiment:
            record["metrics"][metric] = value

    projects.edit_records(writers, edit)
    result = projects.run(writers, "--sparsebench-gate")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message])


def test_other_weights_from_the_same_arithmetic_turn_it_red_whatever_they_do(writers):
    def edit(record):
        if record["experiment"] == "task":
            record["weights"] = record["weights"][::-1]

    projects.edit_records(writers, edit)
    result = projects.run(writers, "--sparsebench-gate")
    result.assert_outcomes(failed=1)
    told = "*not the same bit for bit*weights are *as good or better: exactly as before*"
    result.stdout.fnmatch_lines([told])


def test_what_a_baseline_lacks_of_them_turns_the_gate_red_alone(writers):
    projects.baseline_file(writers, "generation").unlink()
    result = projects.run(writers, "--sparsebench-gate")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*generation*"])


def test_wired_networks_on_tasks_are_skipped_on_a_gpu(pytester, monkeypatch):
    pytester.makepyfile(
        test_writers=TASK.replace(
            'TaskCase("rnn_tanh", task, seed, 4, training',
            'TaskCase("rnn_tanh", task, seed, graph=GraphSpec("watts_strogatz", seed, 10), training',
        ).replace(
            "import pytest\n", "import pytest\nfrom sparsebench.values.graphs import GraphSpec\n"
        )
    )
    here = circumstances(pytester.path, "cpu")
    monkeypatch.setattr("sparsebench.shell.settings._check_cuda", lambda: None)
    monkeypatch.setattr("sparsebench.harness.context.circumstances", lambda *where: here)
    result = projects.run(pytester, "--sparsebench-device=cuda", "-rs", "-p", "no:benchmark")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*NextLetters are trained on the CPU alone*leave out --gpu*"])


READERS = """
import pytest

from sparsebench import corpus_task, labels_items, letters_items, text_task


def items(settings):
    work = settings.work.tasks
    texts = [text_task(text, window=10) for text in settings.texts[1:]]
    corpora = [corpus_task(corpus) for corpus in settings.corpora[1:]]
    return [*letters_items(work, texts, ["lstm"]), *labels_items(work, corpora, ["lstm"])]


@pytest.mark.sparsebench(items=items)
def test_reading(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
"""

TEXT = "all work and no play makes jack a dull boy " * 9
LABELLED = {
    f"{label}/{number}.txt": f"{label} it was, {number}"
    for label in ("good", "bad")
    for number in "1234"
}


def put(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


@pytest.fixture
def readers(pytester):
    pytester.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_profile = smoke\n"
        "sparsebench_json = result.json\n"
    )
    pytester.makepyfile(test_readers=READERS)
    return pytester


def written_down(project):
    """Whatever a run has left: names of files and what is in them, but for how it was called."""
    for path in [*project.path.glob("store/**/*"), *project.path.glob("baselines/**/*")]:
        yield path.relative_to(project.path).as_posix().encode()
        yield path.read_bytes() if path.is_file() else b""
    document = json.loads((project.path / "result.json").read_bytes())
    del document["run"]["command"]
    yield json.dumps(document).encode()


@pytest.mark.parametrize(
    ("files", "here", "there", "name"),
    [
        ({"mine.txt": TEXT}, "here/mine.txt", "there/mine.txt", "mine"),
        ({"mine.txt": TEXT, "other.txt": TEXT}, "here/mine.txt", "there/other.txt", "other"),
        ({"mine.txt": TEXT}, "novel=here/mine.txt", "novel=there/mine.txt", "novel"),
        (LABELLED, "here", "there", "there"),
        (LABELLED, "mail=here", "mail=there", "mail"),
    ],
    ids=["text", "renamed", "named", "labelled", "named-labelled"],
)
def test_the_same_text_elsewhere_is_the_same_benchmark_and_no_path_is_written_down(
    readers, monkeypatch, files, here, there, name
):
    secret, other = readers.path / "alice", readers.path / "ci"
    put(secret / "here", files)
    put(other / "there", files)
    first, _, place = here.rpartition("=")
    projects.run(
        readers,
        "--sparsebench-update",
        f"--sparsebench-text={first}{'=' * bool(first)}alice/{place}",
    ).assert_outcomes(passed=1)
    for content in written_down(readers):
        assert b"alice" not in content
        assert str(readers.path).encode() not in content
    monkeypatch.setattr(
        "sparsebench.engines.population_training.train_population",
        lambda *arguments: pytest.fail("trained anew"),
    )
    first, _, place = there.rpartition("=")
    given = f"--sparsebench-text={first}{'=' * bool(first)}{other / place}"
    result = projects.run(readers, "-v", "--sparsebench-gate", given)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*test_reading?{name}-lstm-p0? PASSED*"])


def test_another_text_of_the_same_name_is_another_benchmark(readers):
    put(readers.path, {"mine.txt": TEXT})
    given = ["--sparsebench-text=novel=mine.txt", "--sparsebench-gate"]
    projects.run(readers, "--sparsebench-update", given[0]).assert_outcomes(passed=1)
    projects.run(readers, *given).assert_outcomes(passed=1)
    put(readers.path, {"mine.txt": TEXT[:-1]})
    import sparsebench.parts.texts

    sparsebench.parts.texts.text_task.cache_clear()
    projects.run(readers, *given).assert_outcomes(failed=1)


def test_workers_of_xdist_read_the_same_text(readers):
    readers.makeconftest(
        "from sparsebench.parts.records import Record\n"
        "from sparsebench.shell import item_bench\n"
        "from sparsebench.values.identity import canonical, digest\n"
        "def measure(case, bench):\n"
        "    names = 'loss', 'loss_before', 'parameters', 'kept', 'density', 'bits_per_letter'\n"
        "    metrics, where = dict.fromkeys(names, 1.0), bench.note(bench.here)\n"
        "    name, plain = digest(case), canonical(case)\n"
        "    return Record(\n"
        "        digest=name, experiment='task', case=plain, metrics=metrics, provenance=where\n"
        "    )\n"
        "item_bench.measure = measure\n"
    )
    put(readers.path / "here", {"mine.txt": TEXT})
    put(readers.path / "there", {"mine.txt": TEXT})
    result = projects.run(readers, "--sparsebench-text=here/mine.txt", "-n1")
    result.assert_outcomes(skipped=1)
    records = projects.result(readers).records
    projects.run(readers, "--sparsebench-text=there/mine.txt").assert_outcomes(skipped=1)
    assert [each.digest for each in projects.result(readers).records] == [records[0].digest]
    assert records[0].case["task"]["text"] == ""
