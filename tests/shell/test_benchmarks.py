"""The shipped benchmarks, run as a user runs them: real models, real strings, real claims."""

import re
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pytest

from sparsebench.parts.documents import read_document
from sparsebench.shell.plugin import run_of
from sparsebench.shell.run import is_benchmark, requested_cases
from sparsebench.values.identity import digest
from tests.author_files import WiredCheckout
from tests.shell import projects

ROOT = Path(__file__).parents[2]
STORED = "test_pruning and gru-both-p10 and not p100"
AUTHOR = "benchmarks/test_author_strings.py::test_author_strings"
CONFORMANCE = "test_conformance and gru-both-p90"


@pytest.fixture
def shipped(pytester: pytest.Pytester) -> pytest.Pytester:
    """A copy of the benchmarks and their baselines."""
    for folder in ("benchmarks", "baselines"):
        shutil.copytree(ROOT / folder, pytester.path / folder)
    pytester.makeini("[pytest]\nsparsebench_store = store\nsparsebench_json = result.json\n")
    return pytester


def run(shipped, *arguments):
    return shipped.runpytest_inprocess("-p", "no:cacheprovider", "benchmarks", *arguments)


def test_k_chooses_the_items_of_a_variant(shipped):
    result = run(shipped, "-k", "lstm", "--collect-only", "-q")
    chosen = [line for line in result.stdout.lines if "::" in line]
    assert all("lstm" in line for line in chosen)
    functions = Counter(line.partition("[")[0].rpartition("::")[2] for line in chosen)
    assert (functions["test_base"], functions["test_pruning"]) == (1, 30)
    assert (functions["test_wired"], functions["test_families"]) == (2, 1)
    assert (functions["test_wired_pruning"], functions["test_four_ways"]) == (6, 0)


def test_the_readmes_first_command_selects_what_it_shows(shipped):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^pytest benchmarks/(test_pruning.py .*)$", page, re.MULTILINE)
    file, *options = shlex.split(command)
    result = shipped.runpytest_inprocess(
        "-p", "no:cacheprovider", f"benchmarks/{file}", *options, "--collect-only", "-qq"
    )
    found = sum("::" in line for line in result.stdout.lines)
    seeds = int(re.findall(r"--sparsebench-seeds=(\d+)", command)[0])
    assert f"ran       {found} items, {found * seeds} records" in page
    assert f"baseline  thesis, {found} comparisons: {found} as before" in page


@pytest.mark.parametrize(("options", "items"), [((), 1), (("--sparsebench-judge-speed",), 4)])
def test_the_smoke_profile_times_forward_passes_only_where_they_are_judged(shipped, options, items):
    profile = "--sparsebench-profile=smoke"
    result = run(shipped, "-k", "test_speed", profile, *options, "--collect-only", "-q")
    found = [line for line in result.stdout.lines if "test_speed[" in line]
    assert len(found) == items
    assert any("[none]" in line for line in found) == (not options)


def test_graphs_of_each_variant_and_family_are_as_many_as_asked_for(shipped):
    result = run(shipped, "-k", "test_wired", "--sparsebench-graphs=2", "--collect-only", "-q")
    chosen = {
        line.partition("[")[2]
        for line in result.stdout.lines
        if line.startswith("benchmarks/test_wired.py::test_wired[")
    }
    assert len(chosen) == 16
    assert {"gru-watts_strogatz-s0]", "gru-watts_strogatz-s1]"} < chosen


def test_a_stored_model_prunes_to_its_baseline_and_the_table_shows_it(shipped):
    result = run(shipped, "-v", "-k", "test_pruning and gru and both and (p90 or p10)")
    assert result.ret in (0, 5)
    result.stdout.fnmatch_lines(
        ["both pruned, published*", "variant*dense*10 %*90 %*", "gru *100.0*"]
    )
    document = read_document(shipped.path / "result.json")
    assert {item.outcome for item in document.items} == {"passed"}
    assert all(record.trained != record.provenance for record in document.records)


@pytest.mark.long
def test_a_claim_that_our_models_contradict_is_expected_to_fail_with_both_figures(shipped):
    item = "test_pruning and lstm-both-p70"
    result = run(shipped, "-k", item, "-rx")
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(["*thesis, fig 6.9: accuracy falls sharply below 0.99*ours: *"])
    run(shipped, "-k", item, "--sparsebench-claims=strict").assert_outcomes(failed=1)
    run(shipped, "-k", item, "--sparsebench-claims=off").assert_outcomes(passed=1)


def test_a_claim_that_twelve_seeds_do_not_decide_is_open_and_fails_nothing(shipped):
    result = run(shipped, "-v", "-k", "rnn_relu-both-p70", "--sparsebench-claims=strict")
    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r"rnn_relu +magnitude +[0-9.]+ +[0-9.]+\?"])


class Unrecorded:
    """A plugin that notes the items of which the baseline has no record that they ask for."""

    def __init__(self, records):
        self.known = {record.digest for record in records}
        self.asked = 0
        self.missing = set()

    def pytest_collection_finish(self, session):
        chosen = run_of(session.config).settings
        for item in filter(is_benchmark, session.items):
            cases = requested_cases(item, chosen)
            self.asked += len(cases)
            if not all(digest(case) in self.known for case in cases):
                self.missing.add(item.originalname)


@pytest.mark.parametrize(("profile", "untimed"), [("quick", {"test_speed"}), ("smoke", set())])
def test_every_item_has_its_baseline_under_both_semantics(
    pytester, thesis_baseline, profile, untimed
):
    """But for times, whose records are of one machine each."""
    noted = Unrecorded(thesis_baseline.records)
    options = f"--sparsebench-profile={profile}", "--sparsebench-semantics=both"
    folders = ROOT / "benchmarks", f"--rootdir={ROOT}"
    pytester.inline_run(*folders, *options, "--collect-only", "-q", plugins=[noted])
    assert noted.asked > 100
    assert noted.missing == untimed


def edit(shipped, target, percent, **changes):
    def retrained(record):
        case = record["case"]
        if (
            record["experiment"] == "pruning"
            and (case["target"], case["percent"]) == (target, percent)
            and case["base"]["architecture"]["variant"] == "gru"
        ):
            record["weights"] = "retrained since"
            record["metrics"].update(changes)

    projects.edit_records(shipped, retrained)


def test_an_accuracy_that_is_another_is_red_and_both_are_told(shipped):
    edit(shipped, "both", 10, accuracy=0.5)
    result = run(shipped, "-k", STORED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*baseline fail*", "*expected *0.5000*"])


def test_models_and_records_of_different_trainings_are_refused(shipped):
    def replaced(record):
        if record["experiment"] == "base":
            record["weights"] = "0" * 32

    projects.edit_records(shipped, replaced)
    result = run(shipped, "-k", STORED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*these weights differ from those that*thesis was measured with*"])


def test_a_truncated_model_is_refused_by_name(shipped):
    for path in (shipped.path / "baselines" / "models").iterdir():
        path.write_bytes(path.read_bytes()[:-10])
    result = run(shipped, "-k", STORED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*safetensors: not a whole safetensors file*"])


def test_a_missing_model_is_refused_by_name_and_never_trained_anew(shipped):
    shutil.rmtree(shipped.path / "baselines" / "models")
    result = run(shipped, "-k", STORED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*safetensors is missing*restore both from version control*"])
    assert not (shipped.path / "store").exists()


def test_conformance_is_skipped_with_the_way_to_run_it(shipped):
    result = run(shipped, "-k", "test_conformance", "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["*needs --sparsebench-artifacts DIR*"])


def test_author_s_strings_are_skipped_with_the_way_to_train_on_them(shipped):
    result = run(shipped, "-k", "test_author_strings", "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["*needs --sparsebench-artifacts DIR*--sparsebench-profile=thesis*"]
    )


def test_author_s_strings_are_asked_for_with_every_claim_about_them(shipped, artifacts):
    options = (f"--sparsebench-artifacts={artifacts}", "--sparsebench-profile=thesis", "-q")
    result = run(shipped, "-k", "test_author_strings and gru", "--collect-only", *options)
    chosen = [line for line in result.stdout.lines if "::" in line]
    assert f"{AUTHOR}[gru]" in chosen
    assert f"{AUTHOR}[gru-h2h-p90]" in chosen
    assert len(chosen) == 31


def test_conformance_shows_measured_published_and_difference(shipped, artifacts):
    result = run(shipped, "-v", f"--sparsebench-artifacts={artifacts}", "-k", CONFORMANCE)
    result.stdout.fnmatch_lines(["*the author's models*", "*measured*55.*", "*published*55.12*"])
    document = read_document(shipped.path / "result.json")
    (record,) = [each for each in document.records if each.experiment == "conformance"]
    assert record.metrics["published"] == 0.5512


def test_wired_conformance_says_how_far_the_accuracies_are(shipped, artifacts):
    chosen = "test_wired_conformance and rnn_tanh"
    result = run(shipped, "-v", f"--sparsebench-artifacts={artifacts}", "-k", chosen)
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(
        ["the author's wired networks: 5 run, 5 beside his accuracy, in %: 0.*", "*at the most*"]
    )
    records = read_document(shipped.path / "result.json").records
    assert {each.case["kind"] for each in records} == {"WiredConformanceCase"}
    assert all(abs(each.metrics["accuracy"] - each.metrics["published"]) < 0.02 for each in records)


def test_what_is_wrong_in_a_wired_checkout_is_red_and_named(shipped):
    checkout = WiredCheckout(shipped.path / "theirs")
    checkout.write_row(layers=99)
    checkout.graph_path.with_name("notes.gpickle").touch()
    chosen = ("--sparsebench-artifacts=theirs", "benchmarks/test_wired_conformance.py")
    result = shipped.runpytest_inprocess("-p", "no:cacheprovider", *chosen)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        ["*gru-watts_strogatz-12*", "*layers: measured *, published 99, *", "*notes.gpickle: not*"]
    )
    checkout.graph_path.write_bytes(b"torn")
    result = shipped.runpytest_inprocess("-p", "no:cacheprovider", *chosen, "-rs")
    result.assert_outcomes(failed=2, skipped=1)
    result.stdout.fnmatch_lines(["*watts_strogatz_12.gpickle: *: give a networkx.Graph*"])
