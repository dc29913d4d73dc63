"""A case is one round of one protocol; its digest covers all rounds before it."""

from dataclasses import replace

import pytest

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.iterative_pruning.cases import MOST_ROUNDS, IterativePruningCase
from sparsebench.judging.names import name_of
from sparsebench.parts.records import Record, check_depth
from sparsebench.values.case import BaseCase, origin_of
from sparsebench.values.identity import canonical, digest, restore, seedless
from sparsebench.values.protocol import Architecture, Training
from tests.experiments.iterative_pruning import tiny
from tests.harness import small

BASE = BaseCase(Architecture("gru"), 7)


def record(case):
    return Record(
        digest=digest(case), experiment="iterative_pruning", case=canonical(case), metrics={}
    )


def test_digests_are_what_they_were():
    first = IterativePruningCase(BASE, "h2h", 50)
    assert digest(first) == "815a2adce0ecbea770280d4a7ddc10da"
    assert digest(IterativePruningCase(first, "h2h", 75)) == "088ee07d7d88f4c57777852fcdd97a70"
    assert digest(replace(first, rewind=2, start="new")) == "0e992d0097fa1f2f2889d45886a49900"


def test_the_deepest_chain_is_written_and_read():
    percents = range(50, 50 + MOST_ROUNDS)
    case = tiny.rounds(*percents)
    assert case.percents == tuple(percents)
    assert case.rounds == MOST_ROUNDS
    assert restore(canonical(case)) == case
    check_depth(record(case))
    check_depth(record(FinetuningCase(case, "both", 50)))


def test_a_round_is_told_in_words_and_its_control_by_others():
    names = [
        name_of(record(each)) for each in (tiny.rounds(50, 75), tiny.rounds(50, 75, start="new"))
    ]
    assert "both p50 both p75" in names[0]
    assert names[1] == names[0].replace("p75", "p75 start new")


def test_replicates_differ_in_the_seed_of_the_first_network():
    one, other = (tiny.rounds(50, 75, network=tiny.original(seed)) for seed in (1, 2))
    assert seedless(one) == seedless(other)
    assert (one.seed, other.seed) == (1, 2)


def test_what_it_is_made_of_is_that_of_the_first_network():
    case = tiny.rounds(50, 75)
    first = tiny.original()
    assert case.original == origin_of(case) == first
    assert (case.variant, case.seed, case.semantics, case.data) == (
        first.variant,
        first.seed,
        first.semantics,
        first.data,
    )


@pytest.mark.parametrize("rewind", [0, 2])
def test_rewound_networks_are_trained_for_what_is_left_and_new_weights_for_all(rewind):
    case = tiny.rounds(50, rewind=rewind)
    assert case.early == tiny.original(training=replace(small.TRAINING, until=rewind))
    assert case.training == replace(small.TRAINING, epochs=3 - rewind)
    assert replace(case, start="new").training == small.TRAINING


def test_the_rates_of_rewound_epochs_are_those_that_the_first_network_had():
    whole = Training(6, learning_rate=0.01, final_rate=0.001)
    again = tiny.rounds(50, network=tiny.original(training=whole), rewind=2).training
    rates = [again.rate(epoch) for epoch in range(again.length)]
    assert rates == pytest.approx([whole.rate(epoch) for epoch in range(2, 6)])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tiny.rounds(50, target="h3h"), ValueError, "unknown target 'h3h'"),
        (lambda: tiny.rounds(0), ValueError, "percent is 0: .* from 1 to 99"),
        (lambda: tiny.rounds(100), ValueError, "percent is 100: .* from 1 to 99"),
        (lambda: tiny.rounds(50, 50), ValueError, "percent is 50: .* from 51 to 99"),
        (
            lambda: tiny.rounds(50, start="old"),
            ValueError,
            "unknown start 'old': choose one of rew",
        ),
        (lambda: tiny.rounds(50, rewind=3), ValueError, "rewind is 3: .* from 0 to 2"),
        (
            lambda: IterativePruningCase(tiny.rounds(50), "h2h", 75),
            ValueError,
            "target is 'both' in the round before: give a round of 'h2h'",
        ),
        (
            lambda: IterativePruningCase(tiny.rounds(50), "both", 75, rewind=1),
            ValueError,
            "rewind is 0 in the round before: give a round of 1",
        ),
        (
            lambda: IterativePruningCase(tiny.rounds(50, start="new"), "both", 75),
            ValueError,
            "start is 'new' in the round before: give a round of 'rewound'",
        ),
        (lambda: tiny.rounds(*range(50, 51 + MOST_ROUNDS)), ValueError, "this is round 13: 12 are"),
        (
            lambda: IterativePruningCase(FinetuningCase(BASE, "both", 50), "both", 75),
            TypeError,
            "network is a FinetuningCase: give a network that is trained from scratch, or that of the",
        ),
        (lambda: IterativePruningCase("gru", "both", 75), TypeError, "network is "),
        (
            lambda: tiny.rounds(50, network=tiny.original(training=Training(9, until=3))),
            ValueError,
            "the first network's training stops after epoch 3 of 9: give one without until",
        ),
    ],
)
def test_what_is_no_round_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
