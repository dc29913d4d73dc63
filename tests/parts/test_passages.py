"""Passages: twelve words in a row of a book, the same ones however they are read."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest

from sparsebench.parts.books import words_of
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.passages import passages, split, words
from sparsebench.parts.tasks import dataset
from sparsebench.parts.word_vectors import word_vectors
from sparsebench.values.tasks import Validation
from sparsebench.values.text_tasks import AUTHORS, READ, WORD_LETTERS, Passages

SMALL = {read: Passages(read, 400, 100) for read in READ}
TRAIN, TEST = split(SMALL["letters"])


@cache
def made_of(read: str) -> Halves:
    """Small passages, as they are read."""
    return passages(SMALL[read])


def halves(made: Halves) -> tuple[Examples, Examples]:
    return made.train, made.test


def test_all_passages_are_twelve_words_in_a_row_and_none_comes_twice() -> None:
    train, test = split(Passages(train=6000, test=1000))
    assert Counter(author for _, author in (*train, *test)) == dict.fromkeys(range(4), 1750)
    for number, author in enumerate(AUTHORS):
        read = words_of(author)[: 1750 * 12]
        expected = Counter(tuple(read[place : place + 12]) for place in range(0, len(read), 12))
        assert Counter(text for text, whose in (*train, *test) if whose == number) == expected


def test_letters_spell_the_words() -> None:
    for examples, chosen in zip(halves(made_of("letters")), (TRAIN, TEST), strict=True):
        for row, length, answer, (read, author) in zip(
            examples.inputs, examples.lengths, examples.answers, chosen, strict=True
        ):
            assert "".join(WORD_LETTERS[code] for code in row[:length]) == " ".join(read)
            assert not row[length:].any()
            assert answer == author


def test_symbols_are_the_most_frequent_words_of_training() -> None:
    counts = Counter(word for read, _ in TRAIN for word in read)
    found: dict[int, set[str]] = {}
    for examples, chosen in zip(halves(made_of("words")), (TRAIN, TEST), strict=True):
        for row, answer, (read, author) in zip(
            examples.inputs, examples.answers, chosen, strict=True
        ):
            assert answer == author
            for code, word in zip(row.tolist(), read, strict=True):
                found.setdefault(code, set()).add(word)
    others = found.pop(0)
    known = {code: word for code, (word,) in found.items()}  # one word each
    assert len(known) == 255
    assert not others & {*known.values()}
    assert max(counts[word] for word in others) <= min(counts[word] for word in known.values())
    frequencies = [counts[word] for _, word in sorted(known.items())]
    assert frequencies == sorted(frequencies, reverse=True)


def test_vectors_are_those_of_the_training_words() -> None:
    train, test = halves(made_of("vectors"))
    table: dict[str, bytes] = {}
    for examples, chosen in ((train, TRAIN), (test, TEST)):
        for row, (read, _) in zip(examples.inputs, chosen, strict=True):
            for vector, word in zip(row, read, strict=True):
                assert table.setdefault(word, vector.tobytes()) == vector.tobytes()
    counts = Counter(word for read, _ in TRAIN for word in read)
    known = [
        word for word, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:1000]
    ]
    numbers = {word: code for code, word in enumerate(known, 1)}
    codes = np.array([[numbers.get(word, 0) for word in read] for read, _ in TRAIN])
    vectors = word_vectors(codes, 1001, 32)
    assert all(table[word] == vectors[code].tobytes() for word, code in numbers.items())
    unknown = {word for read, _ in TEST for word in read} - {*known}
    assert {table[word] for word in unknown} == {bytes(4 * 32)}


def test_all_ways_of_reading_have_the_same_passages_in_the_same_order() -> None:
    for made in map(made_of, READ):
        for examples, other in zip(halves(made), halves(made_of("letters")), strict=True):
            assert np.array_equal(examples.answers, other.answers)


@pytest.mark.parametrize("read", READ)
def test_examples_are_divided_into_the_words_that_can_be_told_apart(read: str) -> None:
    found = words(SMALL[read])(made_of(read).test)
    spelt: dict[bytes, set[str]] = {}
    for row, (expected, _) in zip(found, TEST, strict=True):
        for word, text in zip(row, expected, strict=True):
            spelt.setdefault(word, set()).add(text)
    shared = [texts for texts in spelt.values() if len(texts) > 1]
    assert len(shared) == (0 if read == "letters" else 1)  # all words without a code of their own


@pytest.mark.parametrize("read", READ)
def test_what_is_held_out_tells_nothing_about_words(read: str) -> None:
    """Examples of the rest are those of a task with only these passages."""
    task = SMALL[read]
    made, whole = dataset(Validation(task, 0.25, 3)), made_of(read)
    assert (len(made.train), len(made.test)) == (300, 100)  # type: ignore[attr-defined]
    texts = [
        words(Passages())(each)
        for each in halves(dataset(Validation(SMALL["letters"], 0.25, 3)))  # type: ignore[arg-type]
    ]
    assert sorted([*texts[0], *texts[1]]) == sorted(words(Passages())(made_of("letters").train))
    if read == "words":
        counts = Counter(word for text in texts[0] for word in text)
        likely = [word for word, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
        (first,) = {
            word
            for row, text in zip(made.train.inputs, texts[0], strict=True)  # type: ignore[attr-defined]
            for code, word in zip(row.tolist(), text, strict=True)
            if code == 100
        }
        assert first == likely[99]
    if read == "vectors":
        assert not np.array_equal(np.unique(made.train.inputs), np.unique(whole.train.inputs))  # type: ignore[attr-defined]


def test_a_share_that_leaves_no_passage_is_refused() -> None:
    with pytest.raises(ValueError, match=r"share is 0\.1 of 4 training passages: give a share"):
        dataset(Validation(Passages(train=4, test=2)))


def test_another_seed_is_another_split_and_fewer_leave_the_test_passages_as_they_are() -> None:
    assert split(Passages(train=50, test=20, seed=1))[1] != split(Passages(train=50, test=20))[1]
    few, many = split(Passages(train=50, test=20)), split(Passages(train=500, test=20))
    assert few[1] == many[1]
    assert few[0] == many[0][:50]


def test_the_shares_of_known_words_are_those_in_the_docs() -> None:
    task = Passages()
    train, _ = split(task)
    counts = Counter(word for read, _ in train for word in read)
    largest = sorted(counts.values(), reverse=True)
    shares = [round(100 * sum(largest[:most]) / counts.total()) for most in (255, 1000)]
    assert shares == [65, 81]
    whole = halves(passages(task))
    lengths = np.concatenate([examples.lengths for examples in whole])
    assert (round(lengths.mean()), lengths.max()) == (62, 92)
