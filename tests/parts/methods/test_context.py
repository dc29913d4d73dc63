"""What the parts of a method see: names, gates by rows, and random numbers of one change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparsebench.values.protocol import Architecture
from tests.parts.methods.contexts import context_of

LSTM = Architecture("lstm", layers=2, hidden_size=3).layout


@pytest.mark.parametrize(
    ("target", "names", "total"),
    [
        ("i2h", ("layers.0.i2h", "layers.1.i2h"), 72),
        ("both", ("layers.0.i2h", "layers.0.h2h", "layers.1.i2h", "layers.1.h2h"), 144),
    ],
)
def test_names_come_block_by_block_and_the_total_is_that_of_their_weights(
    target: str, names: tuple[str, ...], total: int
) -> None:
    context = context_of(LSTM, target=target)
    assert context.names == names
    assert context.total == total


@pytest.mark.parametrize(("variant", "gates"), [("rnn_tanh", 1), ("gru", 3), ("lstm", 4)])
def test_gates_are_the_rows_of_one_unit_after_the_other(variant: str, gates: int) -> None:
    context = context_of(Architecture(variant, layers=1, hidden_size=3).layout)
    rows = [range(3 * gates)[each] for each in context.gates("layers.0.h2h")]
    assert rows == [range(3 * gate, 3 * gate + 3) for gate in range(gates)]


def test_random_numbers_follow_from_purpose_seed_and_step_alone() -> None:
    context = context_of(LSTM)
    drawn = context.random("scores").random_sample()
    assert replace(context, density=0.1).random("scores").random_sample() == drawn
    others = [
        context.random("growth"),
        replace(context, seed=4).random("scores"),
        replace(context, step=1).random("scores"),
    ]
    assert len({drawn, *(each.random_sample() for each in others)}) == 4
