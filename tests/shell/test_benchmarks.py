"""The shipped benchmarks, run as a user runs them: real models, real strings, real claims."""

import shutil
from pathlib import Path

import pytest

from sparsebench.parts.records import read_document
from tests.shell import projects

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shipped(pytester: pytest.Pytester) -> pytest.Pytester:
    """A copy of the benchmarks and their baselines."""
    for folder in ("benchmarks", "baselines"):
        shutil.copytree(ROOT / folder, pytester.path / folder)
    pytester.makeini("[pytest]\nsparsebench_store = store\nsparsebench_json = result.json\n")
    return pytester


def run(shipped, *arguments):
    return shipped.runpytest_inprocess("-p", "no:cacheprovider", "benchmarks", *arguments)


def test_k_chooses_the_cells_of_a_variant(shipped):
    result = run(shipped, "-k", "lstm", "--collect-only", "-q")
    chosen = [line for line in result.stdout.lines if "::" in line]
    assert sum("test_engine" not in line for line in chosen) == 31
    assert all("lstm" in line for line in chosen)


def test_a_stored_model_prunes_to_its_baseline_and_the_table_shows_it(shipped):
    result = run(shipped, "-k", "gru and both and (p90 or p10)")
    assert result.ret in (0, 5)
    result.stdout.fnmatch_lines(["*both pruned, published*", "*variant*10 %*90 %*", "*gru*100.0*"])
    document = read_document(shipped.path / "result.json")
    assert {item.outcome for item in document.items} == {"passed"}
    assert all(record.trained != record.provenance for record in document.records)


def test_a_claim_that_our_models_contradict_is_expected_to_fail_with_both_figures(shipped):
    result = run(shipped, "-k", "rnn_relu-both-p70", "-rx")
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(
        ["*thesis, fig 6.7: accuracy holds at 0.90 or more; ours: mean 0.6*"]
    )
    run(shipped, "-k", "rnn_relu-both-p70", "--sparsebench-claims=strict").assert_outcomes(failed=1)
    run(shipped, "-k", "rnn_relu-both-p70", "--sparsebench-claims=off").assert_outcomes(passed=1)


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


def test_a_claim_that_comes_to_hold_is_red_until_the_baseline_says_so_too(shipped):
    edit(shipped, "both", 10, accuracy=0.5)
    result = run(shipped, "-k", "gru-both-p10 and not p100")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*claim pass*", "*fig 6.11*", "*accept that it holds*"])


def test_models_and_records_of_different_trainings_are_refused(shipped):
    def replaced(record):
        if record["experiment"] == "base":
            record["weights"] = "0" * 32

    projects.edit_records(shipped, replaced)
    result = run(shipped, "-k", "gru-both-p10 and not p100")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*these are not the weights that*thesis.json was measured with*"])


def test_a_truncated_model_is_refused_by_name(shipped):
    for path in (shipped.path / "baselines" / "models").iterdir():
        path.write_bytes(path.read_bytes()[:-10])
    result = run(shipped, "-k", "gru-both-p10 and not p100")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*safetensors: not a whole safetensors file*"])


def test_a_missing_model_is_refused_by_name_and_never_trained_anew(shipped):
    shutil.rmtree(shipped.path / "baselines" / "models")
    result = run(shipped, "-k", "gru-both-p10 and not p100")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*safetensors is not there*restore both from version control*"])
    assert not (shipped.path / "store").exists()


def test_conformance_is_skipped_with_the_way_to_run_it(shipped):
    result = run(shipped, "-k", "conformance", "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["*needs --sparsebench-artifacts DIR*"])


def test_conformance_shows_measured_published_and_difference(shipped, artifacts):
    result = run(shipped, f"--sparsebench-artifacts={artifacts}", "-k", "gru-both-p90")
    result.stdout.fnmatch_lines(["*the author's models*", "*measured*55.*", "*published*55.12*"])
    document = read_document(shipped.path / "result.json")
    (record,) = [each for each in document.records if each.experiment == "conformance"]
    assert record.metrics["published"] == 0.5512
