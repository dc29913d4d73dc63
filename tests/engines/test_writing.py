"""Writing: each letter is drawn as the network says, which has read all letters before it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.engines.writing import write
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.layout import INPUT, Block, Layout
from sparsebench.values.tasks import VALID_LETTERS

LAYOUT = Layout("rnn_relu", (7,), (Block(INPUT, 0),), width=7, symbols=7, classes=7)
SURE = 60.0
"""A logit beside which the letters of logit zero are never drawn."""


def zero() -> dict[str, np.ndarray]:
    """A network for which all letters are alike."""
    return {name: np.zeros(shape, np.float32) for name, shape in LAYOUT.shapes().items()}


def of_last_letter() -> dict[str, np.ndarray]:
    """A network of one unit for each letter, which is 1 where that letter was read last."""
    identity = np.eye(7, dtype=np.float32)
    return zero() | {"embedding": identity, "layers.0.i2h": identity}


def with_rules(rules: dict[str, str]) -> dict[str, np.ndarray]:
    """After a letter, always this one; after any other, whichever."""
    weights = of_last_letter()
    for letter, following in rules.items():
        place = VALID_LETTERS.index(following), VALID_LETTERS.index(letter)
        weights["readout.weight"][place] = SURE
    return weights


def written(
    weights: dict[str, np.ndarray],
    strings: int = 5,
    ends: int = 1,
    longest: int = 20,
    seed: int = 0,
) -> list[str]:
    random = np.random.RandomState(seed)
    return write(sparse_layout(LAYOUT), weights, VALID_LETTERS, strings, ends, longest, random)


def drawn_network(seed: int) -> dict[str, np.ndarray]:
    """Any network."""
    random = np.random.RandomState(seed)
    return {
        name: random.normal(size=shape).astype(np.float32)
        for name, shape in LAYOUT.shapes().items()
    }


@settings(max_examples=25)
@given(
    network=st.integers(0, 99),
    strings=st.integers(1, 70),
    ends=st.integers(1, 3),
    longest=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_strings_begin_with_b_and_stop_at_their_e_or_are_given_up(
    network: int, strings: int, ends: int, longest: int, seed: int
) -> None:
    found = written(drawn_network(network), strings, ends, longest, seed)
    assert len(found) == strings
    for string in found:
        assert string[0] == "B"
        assert set(string) <= set(VALID_LETTERS)
        if len(string) < longest:
            assert string.endswith("E")
            assert string.count("E") == ends
        else:
            assert len(string) == longest
            assert string[:-1].count("E") < ends


@settings(max_examples=15)
@given(network=st.integers(0, 99), seed=st.integers(0, 99))
def test_equal_seeds_write_equal_strings(network: int, seed: int) -> None:
    weights = drawn_network(network)
    assert written(weights, seed=seed) == written(weights, seed=seed)


def test_other_seeds_write_other_strings() -> None:
    assert written(zero(), seed=0) != written(zero(), seed=1)


def test_whoever_is_sure_of_every_letter_writes_one_string() -> None:
    weights = with_rules({"B": "T", "T": "X", "X": "S", "S": "E"})
    assert written(weights, 100) == ["BTXSE"] * 100


def test_whoever_never_says_e_is_given_up_at_the_longest() -> None:
    weights = with_rules({"B": "P", "P": "V", "V": "P"})
    assert written(weights, 3, longest=6) == ["BPVPVP"] * 3
    assert written(weights, 3, longest=1) == ["B"] * 3


@pytest.mark.parametrize(("ends", "string"), [(1, "BE"), (2, "BEE"), (3, "BEEE")])
def test_a_string_ends_with_the_e_that_is_asked_for(ends: int, string: str) -> None:
    assert written(with_rules({"B": "E", "E": "E"}), 3, ends) == [string] * 3


def test_a_letter_is_said_by_all_that_was_written_before_it() -> None:
    """The units count letters; `E` is said from the third T on."""
    weights = of_last_letter() | {"layers.0.h2h": np.eye(7, dtype=np.float32)}
    t, e = VALID_LETTERS.index("T"), VALID_LETTERS.index("E")
    weights["readout.weight"][e, t] = 2 * SURE
    weights["readout.bias"][t] = SURE
    weights["readout.bias"][e] = -4 * SURE
    assert written(weights, 70) == ["BTTTE"] * 70


def test_a_string_goes_on_by_itself_when_others_have_ended() -> None:
    """After `B` comes T or `E`; only whoever wrote T goes on, to V and `E`."""
    weights = with_rules({"B": "T", "T": "V", "V": "E"})
    weights["readout.weight"][VALID_LETTERS.index("E"), VALID_LETTERS.index("B")] = SURE
    counts = Counter(written(weights, 400))
    assert set(counts) == {"BE", "BTVE"}
    assert counts["BE"] == pytest.approx(200, abs=50)


def test_a_network_that_says_nothing_writes_every_letter_as_often() -> None:
    letters = "".join(string[1:] for string in written(zero(), 1000))
    counts = Counter(letters)
    assert set(counts) == set(VALID_LETTERS)
    for count in counts.values():
        assert count / len(letters) == pytest.approx(1 / 7, abs=0.02)


def test_letters_are_drawn_as_often_as_the_network_says() -> None:
    shares = dict(zip(VALID_LETTERS, (0.02, 0.4, 0.05, 0.13, 0.1, 0.1, 0.2), strict=True))
    weights = zero() | {"readout.bias": np.log([*shares.values()]).astype(np.float32)}
    letters = "".join(string[1:] for string in written(weights, 1000))
    counts = Counter(letters)
    for letter, share in shares.items():
        assert counts[letter] / len(letters) == pytest.approx(share, abs=0.02)
