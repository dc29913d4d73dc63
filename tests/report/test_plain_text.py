"""Text of unknown origin has a bounded length and no characters that cannot be seen."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.report.plain_text import LONGEST, plain


@given(st.text(st.characters(codec="utf-8")))
def test_nothing_unseen_is_left(text):
    assert not {unicodedata.category(each) for each in plain(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(min_size=1, max_size=60), st.integers(2, 40))
def test_a_text_is_cut_where_it_is_too_long(text, longest):
    cut = plain(text, longest)
    assert len(cut) == min(len(text), longest)


@given(st.text(st.characters(categories=("L", "N", "P", "S")), max_size=LONGEST))
def test_words_stay_what_they_are(text):
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", "a b c"),
        ("a\0b", "a\ufffdb"),
        ("exe\u202egpj", "exe\ufffdgpj"),
        ("\ud800", "\ufffd"),
        ("<script>&\"'$x$", "<script>&\"'$x$"),
    ],
)
def test_what_becomes_of_single_characters(text, shown):
    assert plain(text) == shown
