"""More seeds where the usual ones decide nothing, and others where a run trains its own models."""

import pytest

from sparsebench.harness import claims as claims_of_items
from sparsebench.judging.claims import Claim
from tests.shell import projects

JSON = "--sparsebench-json=result.json"
OTHERS = ("--sparsebench-profile=thesis", "--sparsebench-first-seed=3")
SIX = "--sparsebench-seeds=6"
OTHERS_OF_SIX = ("--sparsebench-profile=thesis", "--sparsebench-first-seed=6", SIX)


@pytest.fixture
def claimed(monkeypatch):
    """The thesis claims at least so much of what is pruned by a percentage."""

    def claim(percent, low):
        def claims(item):
            return (Claim("it is as good", low, 1, "fig 1"),) if item.percent == percent else ()

        monkeypatch.setattr(claims_of_items, "claims", claims)

    return claim


@pytest.fixture
def contradicted(project, monkeypatch, claimed):
    """A project whose baseline contradicts a claim of the thesis: six seeds of six do."""
    projects.set_accuracies(monkeypatch, lambda case: 0.5 if case.percent == 90 else 0.9)
    projects.run(project, SIX, "--sparsebench-update").assert_outcomes(passed=2)
    claimed(90, low=0.8)
    return project


def measured_seeds(project):
    records = projects.result(project).records
    return projects.seeds(records, 50), projects.seeds(records, 90)


def test_seeds_are_added_until_they_decide_a_claim(project, monkeypatch, claimed):
    projects.set_accuracies(monkeypatch, lambda case: 0.9 if case.seed else 0.3)
    claimed(90, low=0.35)  # five seeds of six tell nothing, eleven of twelve do
    projects.run(project, "--sparsebench-max-seeds=24", JSON).assert_outcomes(skipped=2)
    assert measured_seeds(project) == ([0, 1, 2], [*range(12)])
    document = projects.result(project)
    (verdict,) = document.verdicts
    assert (verdict.verdict, len(verdict.measured)) == ("pass", 12)
    assert "98.75 % interval" in verdict.reason  # each of four looks may decide
    digests = {item.nodeid[-4:-1]: item.digests for item in document.items}
    assert {name: len(known) for name, known in digests.items()} == {"p50": 3, "p90": 12}


def test_no_more_seeds_are_added_than_allowed(project, monkeypatch, claimed):
    projects.set_accuracies(monkeypatch, lambda case: 0.9 if case.seed % 2 else 0.3)
    claimed(90, low=0.6)
    projects.run(project, "--sparsebench-max-seeds=5", JSON)
    assert measured_seeds(project) == ([0, 1, 2], [0, 1, 2, 3, 4])
    document = projects.result(project)
    assert [verdict.verdict for verdict in document.verdicts] == ["inconclusive"]
    assert document.run.seeds == 3
    assert document.run.seed_policy == (
        "seeds 0 to 2 in every item, up to 5 where they decide nothing"
    )


@pytest.mark.parametrize("more", [[], ["--sparsebench-max-seeds=12", "--sparsebench-claims=off"]])
def test_seeds_are_as_many_as_ever_where_nobody_asks(project, monkeypatch, claimed, more):
    projects.set_accuracies(monkeypatch, lambda case: 0.9 if case.seed % 2 else 0.3)
    claimed(90, low=0.6)
    projects.run(project, JSON, *more)
    assert measured_seeds(project) == ([0, 1, 2], [0, 1, 2])


def test_the_ini_file_may_allow_more_seeds(project, monkeypatch, claimed):
    project.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_seeds = 3\nsparsebench_max_seeds = 4\n"
    )
    projects.set_accuracies(monkeypatch, lambda case: 0.9 if case.seed % 2 else 0.3)
    claimed(50, low=0.6)
    projects.run(project, JSON)
    assert measured_seeds(project) == ([0, 1, 2, 3], [0, 1, 2])


def test_seeds_that_were_added_are_accepted_and_judged_again(project, monkeypatch, claimed):
    projects.set_accuracies(monkeypatch, lambda case: 0.9 if case.seed % 2 else 0.3)
    claimed(90, low=0.6)
    more = "--sparsebench-max-seeds=4"
    projects.run(project, more, "--sparsebench-update").assert_outcomes(passed=2)
    assert projects.seeds(projects.known(project), 90) == [0, 1, 2, 3]
    projects.run(project, more, JSON, "--sparsebench-gate").assert_outcomes(passed=2)
    assert measured_seeds(project) == ([0, 1, 2], [0, 1, 2, 3])


def test_workers_add_seeds_and_the_controller_accepts_them(project):
    projects.measure_nothing(project, accuracy="0.9 if case.seed % 2 else 0.3")
    conftest = project.path / "conftest.py"
    conftest.write_text(
        conftest.read_text()
        + "\nfrom sparsebench.harness import claims\n"
        + "from sparsebench.judging.claims import Claim\n"
        + "claim = Claim('it is as good', 0.6, 1, 'fig 1')\n"
        + "claims.claims = lambda item: (claim,) if item.percent == 90 else ()\n"
    )
    more = ("--sparsebench-max-seeds=4", "--sparsebench-update-new", JSON)
    project.runpytest_subprocess("-n", "1", *more).assert_outcomes(passed=2)
    assert measured_seeds(project) == ([0, 1, 2], [0, 1, 2, 3])
    assert projects.seeds(projects.known(project), 90) == [0, 1, 2, 3]


def test_stored_models_keep_their_seeds_whatever_the_first_is(project):
    projects.accept(project)
    projects.run(project, "--sparsebench-first-seed=3", JSON).assert_outcomes(passed=2)
    assert measured_seeds(project) == ([0, 1, 2], [0, 1, 2])
    assert projects.result(project).run.seed_policy == (
        "seeds 0 to 2 in every item; networks that the run trains have seeds from 3 on"
    )


def test_models_that_the_run_trains_begin_at_the_first_seed(project):
    projects.run(project, *OTHERS, JSON)
    assert measured_seeds(project) == ([3, 4, 5], [3, 4, 5])
    assert projects.result(project).run.seed_policy == "seeds 3 to 5 in every item"


def test_the_ini_file_may_choose_the_first_seed(project):
    project.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_first_seed = 4\n"
        "sparsebench_profile = thesis\nsparsebench_seeds = 1\n"
    )
    projects.run(project, JSON)
    assert measured_seeds(project) == ([4], [4])


def test_other_seeds_are_judged_as_a_population_against_the_baselines(project, monkeypatch):
    projects.set_accuracies(monkeypatch, lambda case: 0.9)
    projects.accept(project)
    projects.set_accuracies(monkeypatch, lambda case: 0.3 if case.percent == 90 else 0.9)
    result = projects.run(project, *OTHERS, JSON, "--sparsebench-gate")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*tiny-p90: baseline fail*", "*mean accuracy 0.3000*before 0.9000*margin*"]
    )
    assert measured_seeds(project) == ([3, 4, 5], [3, 4, 5])
    verdicts = {verdict.item: verdict for verdict in projects.result(project).verdicts}
    assert verdicts["tiny-p50"].verdict == "pass"
    assert verdicts["tiny-p50"].expected == [0.9, 0.9, 0.9]


def test_seeds_are_added_where_populations_cannot_be_told_apart(project, monkeypatch):
    projects.set_accuracies(monkeypatch, lambda case: 0.9 if case.seed % 2 else 0.8)
    projects.accept(project)
    projects.set_accuracies(
        monkeypatch,
        lambda case: 0.3 if case.percent == 90 else 0.9 if case.seed % 2 else 0.8,
    )
    projects.run(project, *OTHERS, "--sparsebench-max-seeds=6", JSON)
    assert measured_seeds(project) == ([3, 4, 5, 6, 7, 8], [3, 4, 5])
    assert projects.result(project).run.seed_policy == (
        "seeds 3 to 5 in every item, up to 6 where they decide nothing"
    )


def test_a_contradiction_that_the_baseline_knows_is_expected(contradicted):
    projects.run(contradicted, SIX).assert_outcomes(passed=1, xfailed=1)


def test_a_contradiction_is_known_of_other_seeds_of_the_baseline_too(contradicted):
    projects.run(contradicted, *OTHERS_OF_SIX).assert_outcomes(passed=1, xfailed=1)


def test_that_other_seeds_do_not_share_a_contradiction_is_no_news(contradicted, monkeypatch):
    projects.set_accuracies(monkeypatch, lambda case: 0.95)
    result = projects.run(contradicted, *OTHERS_OF_SIX, JSON)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*accept that it holds*")
    claims = [each for each in projects.result(contradicted).verdicts if each.kind == "claim"]
    assert [(claim.item, claim.verdict) for claim in claims] == [("tiny-p90", "inconclusive")]


def test_that_the_same_seeds_lose_a_contradiction_is_red_until_it_is_accepted(
    contradicted, monkeypatch
):
    def better(record):
        record["weights"], record["numerics"] = "trained since", "0"

    projects.edit_records(contradicted, better)
    projects.set_accuracies(monkeypatch, lambda case: 0.95)
    result = projects.run(contradicted, SIX)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*accept that it holds*"])
    projects.run(contradicted, SIX, "--sparsebench-update").assert_outcomes(passed=2)
    projects.run(contradicted, SIX).assert_outcomes(passed=2)


def test_the_result_file_estimates_accuracies_with_intervals(project, monkeypatch):
    projects.set_accuracies(monkeypatch, lambda case: 0.9 if case.seed else 0.8)
    projects.run(project, JSON)
    estimates = projects.result(project).estimates
    assert [estimate.item for estimate in estimates] == ["tiny-p50", "tiny-p90"]
    for estimate in estimates:
        assert estimate.accuracy == pytest.approx(2.6 / 3)
        assert 0 <= estimate.low < estimate.accuracy < estimate.high <= 1
        assert (estimate.seeds, estimate.strings, len(estimate.digests)) == (3, 40, 3)
        assert "Wilson" in estimate.method
        assert "Student" in estimate.method
    projects.run(project, "--sparsebench-seeds=1", JSON)
    assert {estimate.seeds for estimate in projects.result(project).estimates} == {1}
    assert all("one seed" in each.method for each in projects.result(project).estimates)
