"""Items: a round each, with new weights and a single pruning as controls."""

import re

import pytest

from sparsebench.experiments.iterative_pruning.cases import MOST_ROUNDS
from sparsebench.experiments.iterative_pruning.items import (
    WORK,
    IterativePruningItem,
    iterative_pruning_items,
    of_profile,
)
from sparsebench.harness.profiles import PROFILES
from sparsebench.parts.records import Record
from sparsebench.shell.unused import unused
from sparsebench.values.identity import canonical, digest
from sparsebench.values.protocol import ReberStrings, Training
from tests.harness.settings import settings

ITEM = IterativePruningItem("gru", "both", (50, 75), 3)


def test_ids_can_be_chosen_with_k_and_are_unique(tmp_path):
    for profile in PROFILES:
        chosen = settings(tmp_path, profile=profile)
        items = chosen.planned(of_profile(chosen))
        ids = [item.id for item in items]
        assert len(set(ids)) == len(ids) > 0
        assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", each) for each in ids)
    assert ITEM.id == "gru-both-p75-r2"
    assert IterativePruningItem("lstm", "h2h", (50,), 9, rewind=2).id == "lstm-h2h-p50-r1-k2"


def test_a_round_has_rewound_networks_and_two_controls():
    cases = ITEM.cases(range(3))
    assert [(case.start, case.percents, case.seed) for case in cases] == [
        (start, percents, seed)
        for start, percents in (("rewound", (50, 75)), ("new", (50, 75)), ("rewound", (75,)))
        for seed in range(3)
    ]
    assert {case.original.training for case in cases} == {Training(3, 64, 0.002)}
    assert {case.data for case in cases} == {ReberStrings()}


def test_the_first_round_is_a_single_pruning_itself():
    cases = IterativePruningItem("gru", "both", (50,), 3).cases([0])
    assert [(case.start, case.rounds) for case in cases] == [("rewound", 1), ("new", 1)]


def test_every_profile_has_its_work():
    assert WORK.keys() == PROFILES.keys()
    for work in WORK.values():
        assert list(work.percents) == sorted(set(work.percents))
        assert len(work.percents) <= MOST_ROUNDS
        assert max(work.rewinds) < work.epochs


@pytest.mark.parametrize(
    ("profile", "share"), [("smoke", 1 / 2), ("quick", 1 / 2), ("thesis", 1 / 3)]
)
def test_a_round_takes_a_share_of_what_is_there(profile, share):
    gone = 0.0
    for percent in WORK[profile].percents:
        gone += share * (1 - gone)
        assert abs(percent - 100 * gone) <= 0.5


def test_what_a_profile_measures_of_any_seeds_is_asked_for(tmp_path):
    records = [
        Record(
            digest=digest(case), experiment="iterative_pruning", case=canonical(case), metrics={}
        )
        for case in ITEM.cases([2, 40])
    ]
    assert unused([[ITEM]], settings(tmp_path), records) == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: IterativePruningItem("elman", "both", (50,), 3), "unknown variant 'elman'"),
        (lambda: IterativePruningItem("gru", "h3h", (50,), 3), "unknown target 'h3h'"),
        (lambda: IterativePruningItem("gru", "both", (), 3), "percents is empty: give how much"),
        (lambda: IterativePruningItem("gru", "both", (50,), 0), "epochs is 0: .* at least 1"),
        (
            lambda: IterativePruningItem("gru", "both", (50,), 3, semantics="published"),
            "unknown semantics 'published': choose one of corrected",
        ),
        (
            lambda: iterative_pruning_items(["elman"], ["both"], [50], 3),
            "unknown variant 'elman'",
        ),
    ],
)
def test_an_unknown_choice_is_refused_before_anything_is_trained(make, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        make()
