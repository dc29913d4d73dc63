"""Books of the package: the texts that were published, without what is not their authors'."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sparsebench.parts import books
from sparsebench.parts.books import BOOKS, text_of, words_of
from sparsebench.values.text_tasks import ALICE, ALICE_LENGTH, AUTHORS

BEGINNINGS = {
    "austen": "It is a truth universally acknowledged, that a single man in possession\n",
    "carroll": "\n\n\n\n                ALICE'S ADVENTURES IN WONDERLAND\n\n",
    "milton": "Of Man's first disobedience, and the fruit\nOf that forbidden tree",
    "shakespeare": "As I remember, Adam, it was upon this fashion\n",
}
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "texts.md"


@pytest.mark.parametrize("author", AUTHORS)
def test_a_text_begins_as_its_book_and_has_no_foreign_letters(author: str) -> None:
    text = text_of(author)
    assert text.startswith(BEGINNINGS[author])
    assert text.endswith("\n")
    assert {*text} <= {*map(chr, range(32, 127)), "\n"}


def test_each_author_has_a_book_whose_checksum_is_in_the_docs() -> None:
    assert [*BOOKS] == [*AUTHORS]
    page = PAGE.read_text(encoding="utf-8")
    for book in BOOKS.values():
        assert book.file in page
        assert book.sha256 in page


def test_alice_is_that_of_the_canterbury_corpus_but_for_its_line_ends() -> None:
    """Its 152,089 bytes have a carriage return in each of 3,608 lines, and Ctrl-Z at the end."""
    text = text_of("carroll")
    assert len(text) == ALICE_LENGTH
    assert text.count("\n") == 3608
    assert len(text) + 3608 + 1 == 152_089
    assert {*text} == {*ALICE}


@pytest.mark.parametrize("author", AUTHORS)
def test_words_are_those_of_the_text_in_order(author: str) -> None:
    """Letter after letter, instead of by a pattern."""
    found, word = [], ""
    lines = [line for line in text_of(author).split("\n") if line[:8].strip() or not line]
    for letter in "\n".join([*lines, ""]).lower():
        if "a" <= letter <= "z" or (letter == "'" and word):
            word += letter
        elif word:
            found += [each for each in re.split("'+$|''+", word) if each]
            word = ""
    assert words_of(author) == found
    assert 21_000 <= len(found) <= 28_000


@pytest.mark.parametrize(
    ("author", "foreign"),
    [
        ("austen", {"chapter"}),
        ("carroll", {"chapter", "millennium", "fulcrum", "lewis"}),
        ("milton", {"gutenberg", "etext", "book"}),
        ("shakespeare", {"exeunt", "scene", "song", "dramatis"}),
    ],
)
def test_what_is_not_the_authors_is_left_out(author: str, foreign: set[str]) -> None:
    lines = text_of(author).split("\n")
    headings = {
        line.strip().lower().split()[0]
        for line in lines
        if line.strip() and not line.startswith(books.INDENTED) and len(line.split()) <= 2
    }
    assert not headings & foreign


def test_a_changed_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "alice.txt").write_text("Alice was beginning")
    monkeypatch.setattr(books, "FOLDER", tmp_path)
    text_of.cache_clear()
    with pytest.raises(
        ValueError, match=r"alice\.txt has the SHA-256 .*, expected 99e53cbb0aeb2743"
    ):
        text_of("carroll")
    text_of.cache_clear()
