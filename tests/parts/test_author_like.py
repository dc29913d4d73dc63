"""Invalid strings are made as the thesis's author made his."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.author_like import AUTHOR_LIKE, languages
from sparsebench.parts.reber import END, LONGEST, SHORTEST, START, lengths_collected
from sparsebench.parts.strings import generate_strings
from sparsebench.values.protocol import ReberStrings
from tests import strategies
from validation.statistics.measure_strings import (
    Strings,
    apart_in_length,
    apart_in_letters,
    dealt,
    floors,
    theirs,
)

SIZES = (9339, 9411, 3161, 3089)

BY_HAND = {
    "entries crossed": r"B(?:PS*XA|TT*V(?:PA|V))E".replace("A", r"(?:XT*VP)*(?:S|XT*VV)"),
    "exits exchanged": r"B(?:TS*XA|PT*V(?:XA|S))E".replace("A", r"(?:PT*VX)*(?:V|PT*VS)"),
    "states 2 and 3 exchanged": r"B(?:TT*VA|PS*X(?:PA|V))E".replace("A", r"(?:XS*XP)*(?:S|XS*XV)"),
    "loops and exits exchanged": r"B(?:TX*SA|PV*T(?:PA|V))E".replace("A", r"(?:XV*TP)*(?:S|XV*TV)"),
    "letters A-L": r"B(?:AD*F-|CJ*I(?:L-|K))E".replace("-", r"(?:HJ*IL)*(?:G|HJ*IK)"),
    "letters M-Z": r"B(?:MO*Q-|NW*V(?:Z-|Y))E".replace("-", r"(?:UW*VZ)*(?:R|UW*VY)"),
    "letters M-R and A-F": r"B(?:MO*Q-|NC*A(?:F-|D))E".replace("-", r"(?:UC*AF)*(?:R|UC*AD)"),
    "letters O-R and A-F": r"B(?:QM*N-|OC*A(?:F-|D))E".replace("-", r"(?:UC*AF)*(?:R|UC*AD)"),
}
"""The tests' own automata, derived by hand."""


@pytest.fixture(scope="module")
def ours() -> Strings:
    return Strings(*generate_strings(ReberStrings(negatives="author_like")))


@pytest.fixture(scope="module")
def his(artifacts: Path) -> Strings:
    return theirs(artifacts)


def sources(strings: list[str]) -> Counter[str]:
    """How many strings each automaton by hand accepts."""
    return Counter(
        name
        for name, pattern in BY_HAND.items()
        for string in strings
        if re.fullmatch(pattern, string)
    )


def test_the_automata_by_hand_are_those_of_the_diagrams() -> None:
    """Checked for every walk of up to twelve steps."""
    assert [diagram.name for diagram, *_ in AUTHOR_LIKE] == list(BY_HAND)
    for diagram, *_ in AUTHOR_LIKE:
        pattern = re.compile(BY_HAND[diagram.name])
        for coins in product((0, 1), repeat=12):
            state, letters = START, "B"
            for coin in coins:
                letter, state = list(diagram.edges[state].items())[coin]
                letters += letter
                assert bool(pattern.fullmatch(f"{letters}E")) == (state == END)
                if state == END:
                    break


def test_the_diagrams_share_no_string_and_have_no_valid_one() -> None:
    """Checked for every string of up to 15 letters."""
    seen: dict[str, str] = {}
    for language, _ in languages(0):
        for length in range(2, 16):
            for rank in range(language.count(length)):
                string = language.string(length, rank)
                assert seen.setdefault(string, language.diagram.name) == language.diagram.name
                assert re.fullmatch(BY_HAND[language.diagram.name], string)
                assert not re.fullmatch(strategies.REBER_REGEX, string)
    assert set(seen.values()) == set(BY_HAND)


@given(invalid=st.integers(0, 10**6))
def test_the_shares_hold_for_any_number_of_strings(invalid: int) -> None:
    counts = [count for _, count in languages(invalid)]
    assert sum(counts) == invalid
    for count, (*_, share) in zip(counts, AUTHOR_LIKE, strict=True):
        assert abs(count - invalid * share / 25) < 1


def test_the_default_has_round_numbers_of_each_diagram(ours: Strings) -> None:
    counts = [count for _, count in languages(12_500)]
    assert counts == [1500, 1500, 2000, 500, 2000, 2000, 1500, 1500]
    accepted = sources(ours.of(0))
    alone = [accepted[name] for name in BY_HAND if name != "letters M-R and A-F"]
    assert alone == [*counts[:6], counts[7]]


def test_lengths_are_the_mean_of_those_of_collected_walks() -> None:
    """A derivation without any counting: 40 collections of walks with even odds."""
    (language, _), *_ = languages(0)
    wanted = 500
    random = np.random.RandomState(0)
    pairs = {state: list(row.values()) for state, row in language.diagram.edges.items()}
    letters = {state: list(row) for state, row in language.diagram.edges.items()}
    found = []
    for _ in range(40):
        strings: set[str] = set()
        while len(strings) < wanted:
            state, string = START, "B"
            for coin in random.randint(0, 2, size=LONGEST).tolist():
                string += letters[state][coin]
                state = pairs[state][coin]
                if state == END:
                    break
            if len(string) + 1 >= SHORTEST and state == END:
                strings.add(f"{string}E")
        found.append(Counter(map(len, strings)))
    for length, quota in lengths_collected(language, wanted).items():
        drawn = [each[length] for each in found]
        error = np.std(drawn, ddof=1) / np.sqrt(len(drawn))
        assert abs(np.mean(drawn) - quota) <= 1 + 4 * error


def test_the_author_s_strings_are_walks_of_these_diagrams_in_these_numbers(his: Strings) -> None:
    """Each is a walk of one diagram, but 17 of two; of these, eight are there twice."""
    invalid = his.of(0)
    shared = re.compile(BY_HAND["letters M-Z"]), re.compile(BY_HAND["letters M-R and A-F"])
    of_two = [text for text in invalid if all(each.fullmatch(text) for each in shared)]
    once = sorted(text for text, times in Counter(of_two).items() if times == 1)
    assert (len(of_two), len(once), len(set(invalid))) == (17, 1, len(invalid) - 8)
    accepted = sources(invalid)
    assert sum(accepted.values()) == len(invalid) + len(of_two)
    assert list(accepted.values()) == [1500, 1500, 2000, 500, 2000, 2008, 1509, 1500]


@pytest.mark.parametrize(
    ("distance", "label", "most"),
    [
        (apart_in_length, None, 0.01),
        (apart_in_length, 1, 0.01),
        (apart_in_length, 0, 0.0148),
        (apart_in_letters, 1, 0.01),
        (apart_in_letters, 0, 0.01),
    ],
)
def test_lengths_and_letters_are_the_author_s(
    ours: Strings,
    his: Strings,
    distance: Callable[[list[str], list[str]], float],
    label: int | None,
    most: float,
) -> None:
    """Within a point; the lengths of invalid strings within what two draws as he made them are
    apart on average (docs/reference/strings.md)."""
    assert distance(ours.of(label), his.of(label)) <= most


def test_floors_are_the_author_s_within_a_point(his: Strings) -> None:
    """Means over three data sets each; his strings are dealt out anew."""
    specs = [ReberStrings(seed=seed, negatives="author_like") for seed in range(3)]
    own = [floors(Strings(*generate_strings(spec))) for spec in specs]
    anew = [floors(dealt(his.of(1), his.of(0), SIZES, seed)) for seed in range(3)]
    assert len(own[0]) == 9
    for name in own[0]:
        one, other = (np.mean([each[name] for each in sets]) for sets in (own, anew))
        assert abs(one - other) <= 0.01, name
