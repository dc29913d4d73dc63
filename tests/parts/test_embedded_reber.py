"""The embedded grammar has a Reber string between two letters that agree, and none other."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.embedded_reber import EmbeddedLanguage, accepts, legal_next
from sparsebench.parts.reber import LONGEST, REBER, SHORTEST, Language, draw
from sparsebench.values.tasks import GRAMMARS, VALID_LETTERS
from tests import strategies

LANGUAGE = EmbeddedLanguage()
AUTOMATA = {"reber": strategies.REBER_REGEX, "embedded_reber": strategies.EMBEDDED_REGEX}
letters = st.sampled_from(VALID_LETTERS)


def in_grammar(string: str, grammar: str = "embedded_reber") -> bool:
    return re.fullmatch(AUTOMATA[grammar], string) is not None


def every_string(length: int) -> list[str]:
    """All strings of a length with `B` and `E` in their places that the automaton has."""
    inside = map("".join, itertools.product("TPSXV", repeat=length - 6))
    candidates = (
        f"B{first}B{walk}E{last}E"
        for walk in inside
        for first, last in itertools.product(VALID_LETTERS, repeat=2)
    )
    return [string for string in candidates if in_grammar(string)]


def followers(grammar: str, longest: int) -> dict[str, set[str]]:
    """Every beginning of the strings of up to a length -> the letters that come after it."""
    language = Language(REBER) if grammar == "reber" else LANGUAGE
    found: dict[str, set[str]] = {}
    for length in range(longest + 1):
        for rank in range(language.count(length)):
            string = language.string(length, rank)
            assert in_grammar(string, grammar)
            for place, letter in enumerate(string):
                found.setdefault(string[:place], set()).add(letter)
    return found


@given(string=strategies.embedded_walks)
def test_every_string_of_the_independent_automaton_is_accepted(string: str) -> None:
    assert accepts(string)
    assert string[1] == string[-2]
    assert REBER.accepts(string[2:-2])


@given(string=strategies.embedded_walks, data=st.data())
def test_with_one_letter_replaced_only_what_the_automaton_has_is_accepted(
    string: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(string) - 1))
    other = string[:place] + data.draw(letters) + string[place + 1 :]
    assert accepts(other) == in_grammar(other)


@given(inside=strategies.reber_walks | strategies.reber_like, frame=st.text("TPB", max_size=2))
def test_framed_strings_are_accepted_as_the_automaton_has_it(inside: str, frame: str) -> None:
    string = f"B{frame[:1]}{inside}{frame[1:]}E"
    assert accepts(string) == in_grammar(string)


@given(string=strategies.ascii_strings | strategies.reber_walks | st.text(VALID_LETTERS))
def test_other_strings_are_accepted_as_the_automaton_has_it(string: str) -> None:
    assert accepts(string) == in_grammar(string)


@pytest.mark.parametrize(
    "string",
    [
        "",
        "B",
        "BE",
        "BTTE",
        "BTETE",
        "BTXSE",
        "BTBTXSEPE",
        "BPBTXSETE",
        "BSBTXSESE",
        "BTBTXSET",
        "TBTXSETE",
        "BTBTXSETE\n",
        "BTBTXSETEE",
        "btbtxsete",
    ],
)
def test_a_string_whose_envelope_is_not_whole_is_refused(string: str) -> None:
    assert not accepts(string)


@pytest.mark.parametrize("length", range(6, 12))
def test_each_rank_is_another_string_and_together_they_are_all(length: int) -> None:
    strings = [LANGUAGE.string(length, rank) for rank in range(LANGUAGE.count(length))]
    assert sorted(strings) == sorted(every_string(length))


@given(length=st.integers(-3, 200))
def test_there_are_two_envelopes_for_every_reber_string(length: int) -> None:
    assert LANGUAGE.count(length) == 2 * Language(REBER).count(length - 4)
    assert bool(LANGUAGE.count(length)) == (length >= 9)


@given(length=st.integers(9, LONGEST), data=st.data())
def test_neighbouring_ranks_of_long_strings_differ(length: int, data: st.DataObject) -> None:
    ranks = st.integers(0, LANGUAGE.count(length) - 1)
    drawn = data.draw(st.lists(ranks, max_size=5, unique=True))
    strings = {LANGUAGE.string(length, rank) for rank in drawn}
    assert len(strings) == len(drawn)
    assert all(len(string) == length and in_grammar(string) for string in strings)


@pytest.mark.parametrize(("length", "rank"), [(8, 0), (9, -1), (9, 4), (12, 999)])
def test_a_string_that_is_not_there_is_refused(length: int, rank: int) -> None:
    message = f"^string {rank} of length {length}: .* has {LANGUAGE.count(length)}, counted from 0$"
    with pytest.raises(IndexError, match=message):
        LANGUAGE.string(length, rank)


@given(wanted=st.integers(1, 200), seed=st.integers(0, 99))
def test_every_drawn_string_is_accepted_and_drawn_once(wanted: int, seed: int) -> None:
    strings = draw(LANGUAGE, wanted, np.random.RandomState(seed))
    assert len(set(strings)) == wanted
    for string in strings:
        assert SHORTEST <= len(string) <= LONGEST
        assert accepts(string)
        assert in_grammar(string)


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_a_letter_is_legal_where_some_string_of_the_grammar_goes_on_with_it(grammar: str) -> None:
    """Six letters bring any beginning to its end, so strings of 17 show all that follows ten."""
    following = followers(grammar, longest=17)
    short = [prefix for prefix in following if len(prefix) <= 10]
    wrong = [prefix + letter for prefix in short for letter in VALID_LETTERS]
    wrong += [prefix + letter for prefix in wrong for letter in VALID_LETTERS]
    for prefix in {*short, *(each for each in wrong if len(each) <= 10)}:
        assert set(legal_next(prefix, grammar)) == following.get(prefix, set()), prefix


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_letters_that_are_legal_come_once_and_in_the_order_of_the_alphabet(grammar: str) -> None:
    for prefix in followers(grammar, longest=14):
        offered = legal_next(prefix, grammar)
        assert offered == "".join(letter for letter in VALID_LETTERS if letter in offered)


@pytest.mark.parametrize("grammar", GRAMMARS)
@given(data=st.data())
def test_a_string_of_the_grammar_is_legal_letter_by_letter_and_then_complete(
    grammar: str, data: st.DataObject
) -> None:
    string = data.draw(st.from_regex(AUTOMATA[grammar], fullmatch=True))
    for place, letter in enumerate(string):
        assert letter in legal_next(string[:place], grammar)
    assert legal_next(string, grammar) == ""


@pytest.mark.parametrize("grammar", GRAMMARS)
@given(choices=st.lists(st.integers(0, 1), max_size=60))
def test_whoever_writes_only_legal_letters_writes_a_string_of_the_grammar(
    grammar: str, choices: list[int]
) -> None:
    string = ""
    for choice in itertools.chain(choices, itertools.repeat(1)):
        offered = legal_next(string, grammar)
        if not offered:
            break
        string += offered[choice % len(offered)]
    assert in_grammar(string, grammar)


@pytest.mark.parametrize("grammar", GRAMMARS)
@given(prefix=strategies.ascii_strings | st.text(VALID_LETTERS, max_size=9), more=letters)
def test_nothing_is_legal_any_more_after_a_letter_that_was_not(
    grammar: str, prefix: str, more: str
) -> None:
    if more not in legal_next(prefix, grammar):
        assert legal_next(prefix + more, grammar) == ""


def test_the_last_letter_but_one_must_be_the_second() -> None:
    for string in ("BTBTXSE", "BPBPVVE"):
        assert legal_next(string, "embedded_reber") == string[1]
        assert legal_next(string + string[1], "embedded_reber") == "E"
        assert legal_next(string + "TP"[string[1] == "T"], "embedded_reber") == ""


def test_a_grammar_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"grammar.*'rebar'.*reber"):
        legal_next("B", "rebar")
