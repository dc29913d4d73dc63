"""Analyses under pytest: of stored networks or none, and held to what was found before."""

import json

import pytest
import sklearn.ensemble
import sklearn.inspection
import sklearn.linear_model  # noqa: F401  (pytester would load them anew in every run)

from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.graph_statistics.items import correlation_items, prediction_items
from sparsebench.harness.profiles import PROFILES
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline, Record
from sparsebench.shell.command import main
from sparsebench.shell.unused import unused
from sparsebench.values.identity import canonical, digest
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.experiments.graph_statistics.analyses import networks
from tests.harness.settings import settings
from tests.shell import projects

ANALYSES = """
from dataclasses import dataclass

import pytest

from sparsebench import CorrelationItem
from sparsebench.experiments.graph_statistics.cases import PredictionCase


@dataclass(frozen=True)
class RidgeItem(CorrelationItem):
    def cases(self, seeds):
        return [PredictionCase(self.population, "bayesian_ridge", splits=3)]


@pytest.mark.sparsebench([CorrelationItem("gru", 10)])
def test_correlation(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench([RidgeItem("gru", 10)])
def test_prediction(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
"""


@pytest.fixture
def empty(pytester):
    """A project with two analyses of twenty networks, of which its baseline knows none."""
    pytester.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n"
        "sparsebench_json = result.json\nsparsebench_claims = off\n"
    )
    pytester.makepyfile(test_it=ANALYSES)
    return pytester


def store_networks(project, records):
    """Make some networks all that its baseline knows."""
    path = projects.baseline_file(project, "wired")
    write_document(path, Baseline(provenances={}, records=records))


@pytest.fixture
def stored(empty):
    """The same with a baseline of these networks."""
    store_networks(empty, networks(WiredPopulation("gru", 10)))
    return empty


@pytest.fixture
def accepted(stored):
    """The same with a baseline of the analyses too."""
    projects.run(stored, "--sparsebench-update-new").assert_outcomes(passed=2)
    return stored


def edit(project, experiment, change):
    """Change the records of an experiment in its baseline."""

    def edited(record):
        if record["experiment"] == experiment:
            change(record)

    projects.edit_records(project, edited)


# Networks that the baseline lacks


@pytest.mark.parametrize("known", [0, 19])
def test_without_all_networks_an_analysis_is_skipped_with_the_way_out(empty, known):
    store_networks(empty, networks(WiredPopulation("gru", 10))[:known])
    result = projects.run(empty, "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(
        [f"*baseline 'thesis' has {known} of the 20 networks of gru, published: train and accept*"]
    )
    assert not (empty.path / "result.json").exists()  # nothing was measured
    assert not (empty.path / "store").exists()  # nothing was trained


def test_without_its_networks_an_analysis_is_red_under_the_gate(empty):
    result = projects.run(empty, "--sparsebench-gate")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*Failed: baseline 'thesis' has 0 of the 20 networks*"])


def test_an_update_accepts_no_analysis_of_missing_networks(empty):
    projects.run(empty, "--sparsebench-update").assert_outcomes(skipped=2)
    assert projects.known(empty) == []


# Networks that it has


def test_an_analysis_without_a_baseline_of_its_own_is_skipped_and_red_under_the_gate(stored):
    result = projects.run(stored, "-rs")
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["*baseline 'thesis' has no records of this item*"])
    assert {each.experiment for each in projects.result(stored).records} == {
        "correlation",
        "prediction",
    }
    projects.run(stored, "--sparsebench-gate").assert_outcomes(failed=2)


def test_an_analysis_passes_against_its_own_baseline(accepted):
    assert len(projects.known(accepted)) == 22
    result = projects.run(accepted, "--sparsebench-gate")
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*asked for by no benchmark*")
    found = projects.result(accepted)
    assert [verdict.reason for verdict in found.verdicts] == [
        "1 analyses, 1 of the very same networks"
    ] * 2
    assert [verdict.statement for verdict in found.verdicts] == [
        "correlations are those of the baseline",
        "predictions are those of the baseline",
    ]
    known = {record.digest: record for record in projects.known(accepted)}
    for record in found.records:
        assert (record.tables, record.history) == (
            known[record.digest].tables,
            known[record.digest].history,
        )


def another_r(record):
    record["tables"]["pearson"]["nodes"] += 0.01


def no_interval(record):
    del record["tables"]["pearson_low"]["edges"]


def other_ranks(record):
    record["tables"]["spearman"]["diameter"] *= -1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (another_r, "pearson of nodes is 0.*, expected 0.* +- 1e-06"),
        (no_interval, "pearson_low of edges is *, expected not there"),
        (other_ranks, "spearman of diameter is *, expected *"),
    ],
)
def test_a_correlation_that_is_another_than_in_the_baseline_is_red(accepted, change, told):
    edit(accepted, "correlation", change)
    result = projects.run(accepted)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([f"*numbers   {told}*", "*again*test_correlation?gru?*"])


def another_median(record):
    record["metrics"]["r2_median"] += 0.01


def another_split(record):
    record["history"]["r2"][1] += 0.01


@pytest.mark.parametrize(
    ("change", "told"), [(another_median, "r2_median is *"), (another_split, "r2 1 is *")]
)
def test_a_prediction_that_is_another_than_in_the_baseline_is_red(accepted, change, told):
    edit(accepted, "prediction", change)
    result = projects.run(accepted)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([f"*numbers   {told}*", "*again*test_prediction?gru?*"])


def test_a_damaged_analysis_is_refused_by_name(accepted):
    edit(accepted, "correlation", lambda record: record["tables"].pop("pearson"))
    result = projects.run(accepted)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*thesis?correlation.json*record * lacks table of pearson*"])


def test_networks_that_were_trained_anew_may_differ_a_little_and_not_much(accepted):
    def a_little(record):
        record["metrics"]["accuracy"] += 0.0001 * (record["case"]["seed"] % 3)

    edit(accepted, "wired", a_little)
    projects.run(accepted).assert_outcomes(passed=2)
    reasons = {verdict.reason for verdict in projects.result(accepted).verdicts}
    assert reasons == {"1 analyses, 0 of the very same networks"}

    def the_other_way(record):
        record["metrics"]["accuracy"] = 1 - record["metrics"]["accuracy"]

    edit(accepted, "wired", the_other_way)
    result = projects.run(accepted, "-k", "correlation")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*numbers   pearson of * is -0.*, expected 0.*"])


def test_claims_are_judged_unless_they_are_switched_off(stored):
    projects.run(stored, "--sparsebench-claims=baseline", "-k", "correlation")
    statements = [each.statement for each in projects.result(stored).verdicts]
    assert "nodes: accuracy goes up with it" in statements
    projects.run(stored, "-k", "correlation")
    assert projects.result(stored).verdicts == []


# Files


def test_files_of_analyses_are_compared(accepted, capsys):
    before = str(accepted.path / "before.json")
    projects.run(accepted, f"--sparsebench-json={before}")
    now = str(accepted.path / "now.json")
    capsys.readouterr()
    document = json.loads((accepted.path / "before.json").read_text())
    for record in document["records"]:
        if record["experiment"] == "correlation":
            another_r(record)
    (accepted.path / "now.json").write_text(json.dumps(document))
    assert main(["compare", "--markdown", "--all", before, now]) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    changed, unchanged = (line for line in lines if line.startswith(("| changed", "| unchanged")))
    assert title == "**sparsebench** before.json -> now.json: 1 changed, 1 unchanged"
    assert changed.startswith(
        r"| changed | test_correlation\[gru\]: correlation gru 10 graphs | mean \|r\| 0."
    )
    assert any("correlation gru 10 graphs: pearson of nodes is " in line for line in lines)
    assert unchanged.startswith(
        r"| unchanged | test_prediction\[gru\]: prediction gru 10 graphs bayes"
    )


def test_analyses_that_no_benchmark_asks_for_any_more_are_listed(accepted):
    source = accepted.path / "test_it.py"
    source.write_text(source.read_text().replace('[RidgeItem("gru", 10)]', "[]"))
    accepted.makepyfile(test_other="def test_other(): pass")
    result = projects.run(accepted, "-o", "empty_parameter_set_mark=skip")
    # the networks are still analysed
    line = "unused    1 record of baselines?thesis (1 prediction) asked for by no benchmark*"
    result.stdout.fnmatch_lines([line])


def analyses(graphs, first=0, semantics=PUBLISHED, variant="gru"):
    """A correlation, and the predictions that the profiles ask for."""
    population = WiredPopulation(variant, graphs, semantics, first)
    cases = [CorrelationCase(population)]
    for work in PROFILES.values():
        cases.append(PredictionCase(population, "random_forest", "variances", work.splits))
    names = {CorrelationCase: "correlation", PredictionCase: "prediction"}
    return [
        Record(digest=digest(case), experiment=names[type(case)], case=canonical(case), metrics={})
        for case in cases
    ]


def shipped(chosen):
    """What the shipped benchmark asks for."""
    graphs, first = chosen.analysed
    items = [*correlation_items(graphs, first=first)]
    items += prediction_items(chosen.work.splits, graphs, first=first)
    return chosen.planned(items)


def test_analyses_of_any_profile_and_of_any_number_of_networks_are_asked_for(tmp_path):
    asked = [
        *analyses(100),
        *analyses(100, semantics=CORRECTED),
        *analyses(40, semantics=CORRECTED),
        *analyses(30, first=1000),
        *networks(WiredPopulation("gru", 3)),
    ]
    gone = [
        Record(digest=digest(case), experiment="correlation", case=canonical(case), metrics={})
        for case in (
            CorrelationCase(WiredPopulation("gru"), resamples=999),
            PredictionCase(WiredPopulation("gru"), "ada_boost", "variances", 10),
            PredictionCase(WiredPopulation("gru"), "ada_boost", "all", 11),
        )
    ]
    found = unused([shipped], settings(tmp_path), [*asked, *gone])
    assert found == gone
