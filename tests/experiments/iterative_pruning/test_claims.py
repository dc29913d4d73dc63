"""What Frankle and Carbin say is held against pairs of networks of one seed."""

from sparsebench.harness.claims import claims, contrasts, judge_claims
from tests.experiments.iterative_pruning.records import FIRST, SECOND, of_round, two_rounds


def test_both_statements_are_judged_within_seeds():
    found = judge_claims(SECOND, two_rounds()[6:])
    assert [(each.statement, each.verdict) for each in found] == [
        ("rewound weights do better than new random ones under the same masks", "inconclusive"),
        ("several prunings do better than one of as many weights", "inconclusive"),
    ]
    assert [[round(value, 2) for value in each.measured] for each in found] == [
        [0.06, 0.06, 0.06],
        [0.04, 0, 0],
    ]
    assert {each.source for each in found} == {"Frankle and Carbin (2019), section 1"}


def test_what_does_worse_contradicts_them():
    measured = of_round(SECOND, {"rewound": [0.8] * 6, "new": [0.9] * 6, "once": [0.95] * 6})
    assert [each.verdict for each in judge_claims(SECOND, measured)] == ["fail", "fail"]


def test_the_first_round_is_held_against_new_weights_alone():
    assert claims(FIRST) == ()
    assert [each.worse for each in contrasts(FIRST)] == [("new", False)]
    (verdict,) = judge_claims(FIRST, two_rounds()[:6])
    assert verdict.verdict == "inconclusive"
