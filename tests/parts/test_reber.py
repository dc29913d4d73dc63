from __future__ import annotations

import itertools
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.reber import (
    ALTERED_EDGES,
    LONGEST,
    OTHER_LETTERS,
    REBER,
    SHORTEST,
    Diagram,
    Language,
    draw,
    lengths_collected,
)
from tests import strategies

DIAGRAMS = (REBER, *ALTERED_EDGES, *OTHER_LETTERS)
ALTERED = (*ALTERED_EDGES, *OTHER_LETTERS)


def named(diagram: Diagram) -> str:
    return diagram.name


def is_reber(string: str) -> bool:
    return re.fullmatch(strategies.REBER_REGEX, string) is not None


def every_string(diagram: Diagram, length: int) -> list[str]:
    """All strings of a length over the diagram's letters that it accepts, by trying each one."""
    letters = sorted({letter for row in diagram.edges.values() for letter in row})
    candidates = itertools.product(letters, repeat=length - 2)
    return [text for inside in candidates if diagram.accepts(text := f"B{''.join(inside)}E")]


@given(string=strategies.reber_walks)
def test_the_diagram_accepts_every_string_of_the_independent_automaton(string: str) -> None:
    assert REBER.accepts(string)


@given(string=strategies.reber_like | strategies.ascii_strings)
def test_the_diagram_accepts_only_what_the_independent_automaton_does(string: str) -> None:
    assert REBER.accepts(string) == is_reber(string)


def test_the_diagram_and_the_automaton_agree_on_every_short_string() -> None:
    for length in range(2, 9):
        for inside in itertools.product("TPSXV", repeat=length - 2):
            string = f"B{''.join(inside)}E"
            assert REBER.accepts(string) == is_reber(string), string


@pytest.mark.parametrize(
    "string",
    [
        "",
        "B",
        "E",
        "BE",
        "BTXS",
        "TXSE",
        "BTXSEE",
        "BBTXSE",
        "EBTXSB",
        "btxse",
        "BTXSE\n",
        "BTXSEB",
        "STXSE",
        "BTXSS",
    ],
)
def test_a_string_without_its_frame_is_refused(string: str) -> None:
    assert not REBER.accepts(string)


@pytest.mark.parametrize("string", ["BTXSE", "BPVVE", "BTSSXXTVVE", "BPTVPXVPXVVE"])
def test_strings_of_the_grammar_are_accepted(string: str) -> None:
    assert REBER.accepts(string)


@pytest.mark.parametrize("string", ["BPTVPXTTVVE", "BTSSXXTTVVE", "BTXXVPXTVVE", "BPTTTTVPSE"])
def test_the_true_strings_of_table_4_1_are_accepted(string: str) -> None:
    assert REBER.accepts(string)


@pytest.mark.parametrize(
    "string", ["BTTVPXTVPSE", "BPSXXTTVPSE", "BPSSSXXTVVE", "BTTTVPXTVVE", "BPSSXXTTVVE"]
)
def test_the_false_strings_of_table_4_1_are_walks_of_the_first_altered_diagram(string: str) -> None:
    assert not REBER.accepts(string)
    assert ALTERED_EDGES[0].accepts(string)


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=named)
@pytest.mark.parametrize("ungrammatical", [False, True])
def test_counts_equal_trying_every_string(diagram: Diagram, ungrammatical: bool) -> None:
    language = Language(diagram, without=REBER if ungrammatical else None)
    for length in range(2, 9):
        accepted = every_string(diagram, length)
        if ungrammatical:
            accepted = [string for string in accepted if not is_reber(string)]
        assert language.count(length) == len(accepted)


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=named)
@pytest.mark.parametrize("ungrammatical", [False, True])
def test_each_rank_is_another_string_of_the_language(diagram: Diagram, ungrammatical: bool) -> None:
    language = Language(diagram, without=REBER if ungrammatical else None)
    for length in range(2, 9):
        strings = [language.string(length, rank) for rank in range(language.count(length))]
        accepted = every_string(diagram, length)
        if ungrammatical:
            accepted = [string for string in accepted if not is_reber(string)]
        assert sorted(strings) == sorted(accepted)


@given(length=st.integers(SHORTEST, LONGEST), data=st.data())
def test_neighbouring_ranks_of_long_strings_differ(length: int, data: st.DataObject) -> None:
    language = Language(data.draw(st.sampled_from(ALTERED)), without=REBER)
    count = language.count(length)
    ranks = data.draw(st.lists(st.integers(0, count - 1), max_size=5, unique=True))
    strings = {language.string(length, rank) for rank in ranks}
    assert len(strings) == len(ranks)
    for string in strings:
        assert len(string) == length
        assert language.diagram.accepts(string)
        assert not is_reber(string)


def test_the_altered_diagrams_share_no_ungrammatical_string() -> None:
    """Checked for every string of up to 16 letters."""
    seen: dict[str, str] = {}
    for diagram in ALTERED:
        language = Language(diagram, without=REBER)
        for length in range(2, 17):
            for rank in range(language.count(length)):
                string = language.string(length, rank)
                assert seen.setdefault(string, diagram.name) == diagram.name
    assert set(seen.values()) == {diagram.name for diagram in ALTERED}


def test_diagrams_with_altered_edges_use_the_reber_letters_and_the_others_leave_them() -> None:
    for diagram in ALTERED_EDGES:
        assert {letter for row in diagram.edges.values() for letter in row} == set("TPSXV")
    for diagram in OTHER_LETTERS:
        language = Language(diagram)
        for rank in range(language.count(SHORTEST)):
            assert set(language.string(SHORTEST, rank)) - set("BTPSXVE")


def test_the_diagrams_together_use_the_whole_alphabet() -> None:
    letters = {letter for each in DIAGRAMS for row in each.edges.values() for letter in row}
    assert letters | {"B", "E"} == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@pytest.mark.parametrize(
    "altered",
    [
        {5: {"V": 6}},
        {5: {"P": 4, "V": 6, "T": 1}},
        {5: {}},
    ],
)
def test_a_diagram_whose_state_does_not_offer_two_letters_is_refused(
    altered: dict[int, dict[str, int]],
) -> None:
    with pytest.raises(ValueError, match=r"^diagram 'odd': state 5 must offer two letters$"):
        Diagram("odd", {**REBER.edges, **altered})


def test_relabelling_replaces_letters_and_nothing_else() -> None:
    relabelled = REBER.relabelled("numbers", "12345")
    assert relabelled.name == "numbers"
    assert relabelled.accepts("B1334155E") == REBER.accepts("BTSSXTVVE")
    language, original = Language(relabelled), Language(REBER)
    table = str.maketrans("TPSXV", "12345")
    for length in range(2, 12):
        assert [language.string(length, rank) for rank in range(language.count(length))] == [
            original.string(length, rank).translate(table) for rank in range(original.count(length))
        ]


@given(
    diagram=st.sampled_from(DIAGRAMS),
    wanted=st.one_of(st.integers(0, 50), st.integers(0, 20_000), st.integers(0, 10**9)),
)
def test_quotas_add_up_and_ask_for_no_more_strings_than_there_are(
    diagram: Diagram, wanted: int
) -> None:
    language = Language(diagram)
    quotas = lengths_collected(language, wanted)
    assert sum(quotas.values()) == wanted
    assert list(quotas) == list(range(SHORTEST, LONGEST + 1))
    assert all(0 <= quota <= language.count(length) for length, quota in quotas.items())


def test_collecting_more_takes_every_short_string_before_many_long_ones() -> None:
    language = Language(REBER)
    quotas = lengths_collected(language, 12_500)
    assert quotas[SHORTEST] == language.count(SHORTEST)
    assert 0 < quotas[40] < language.count(40) / 1000


def test_asking_for_more_strings_than_exist_is_told_the_number_that_do() -> None:
    language = Language(REBER)
    exist = sum(language.count(length) for length in range(SHORTEST, LONGEST + 1))
    with pytest.raises(
        ValueError, match=f"^{exist + 1} strings wanted, .* only {exist} of 11 to 64"
    ):
        lengths_collected(language, exist + 1)


@given(diagram=st.sampled_from(ALTERED), wanted=st.integers(1, 300), seed=st.integers(0, 99))
def test_drawn_strings_are_distinct_and_have_the_quotas_of_their_lengths(
    diagram: Diagram, wanted: int, seed: int
) -> None:
    language = Language(diagram, without=REBER)
    strings = draw(language, wanted, np.random.RandomState(seed))
    quotas = {
        length: quota for length, quota in lengths_collected(language, wanted).items() if quota
    }
    assert len(set(strings)) == wanted
    assert Counter(map(len, strings)) == quotas
    assert not any(map(is_reber, strings))


def test_the_same_state_draws_the_same_strings_and_another_draws_others() -> None:
    language = Language(REBER)
    one, again, other = (draw(language, 200, np.random.RandomState(seed)) for seed in (1, 1, 2))
    assert one == again
    assert set(one) != set(other)
