from __future__ import annotations

import csv
import hashlib
import re
import time
from collections import Counter
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given

from sparsebench.parts.strings import PADDING, decode, encode, generate, generate_strings
from sparsebench.values.protocol import ReberStrings
from tests import strategies

Half = list[tuple[str, int]]


@pytest.fixture(scope="module")
def thesis_sized() -> tuple[Half, Half]:
    """The data of the thesis's size, which every benchmark trains on."""
    return generate_strings(ReberStrings())


def of_class(label: int, *halves: Half) -> list[str]:
    return [string for string, its_label in chain(*halves) if its_label == label]


@given(spec=strategies.reber_strings)
@example(spec=ReberStrings(1, 1, 1, 1))
def test_the_halves_have_the_asked_sizes_and_share_no_string(spec: ReberStrings) -> None:
    train, test = generate_strings(spec)
    assert len({string for string, _ in train + test}) == spec.valid + spec.invalid
    assert Counter(label for _, label in train) == {1: spec.train_valid, 0: spec.train_invalid}
    assert Counter(label for _, label in test) == {1: spec.test_valid, 0: spec.test_invalid}


@given(spec=strategies.reber_strings)
def test_the_label_is_the_verdict_of_an_independent_automaton(spec: ReberStrings) -> None:
    for string, label in chain(*generate_strings(spec)):
        assert (re.fullmatch(strategies.REBER_REGEX, string) is not None) == bool(label)


def test_all_labels_of_the_thesis_sized_data_are_the_automatons(
    thesis_sized: tuple[Half, Half],
) -> None:
    grammar = re.compile(strategies.REBER_REGEX)
    train, test = thesis_sized
    assert all((grammar.fullmatch(string) is not None) == label for string, label in train + test)
    assert (len(train), len(test)) == (18_750, 6_250)
    assert len({string for string, _ in train + test}) == 25_000


def test_strings_have_at_least_eleven_letters_and_run_from_b_to_e(
    thesis_sized: tuple[Half, Half],
) -> None:
    strings = [string for string, _ in chain(*thesis_sized)]
    assert min(map(len, strings)) == 11
    assert all(re.fullmatch(r"B[A-Z]+E", string) for string in strings)


def test_forty_four_percent_of_the_invalid_strings_use_the_seven_letters_alone(
    thesis_sized: tuple[Half, Half],
) -> None:
    invalid = of_class(0, *thesis_sized)
    seven = [string for string in invalid if set(string) <= set("BTPSXVE")]
    assert len(seven) / len(invalid) == 0.44


def test_both_halves_mix_the_classes_and_the_lengths(thesis_sized: tuple[Half, Half]) -> None:
    for half in thesis_sized:
        quarters = np.array_split(np.array([(label, len(string)) for string, label in half]), 4)
        means = np.array([quarter.mean(axis=0) for quarter in quarters])
        assert np.ptp(means[:, 0]) < 0.06
        assert np.ptp(means[:, 1]) < 1


@pytest.mark.parametrize("label", [0, 1], ids=["invalid", "valid"])
def test_lengths_are_distributed_as_in_the_authors_files(
    thesis_sized: tuple[Half, Half], artifacts: Path, label: int
) -> None:
    """The total variation distance is 0.05 at most."""
    theirs = []
    for name in ("train_data.csv", "test_data.csv"):
        path = artifacts / "Implementations" / "dataset" / name
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        theirs += [row["string"] for row in rows if row["valid"] == str(label)]
    ours = of_class(label, *thesis_sized)
    one, other = (Counter(map(len, strings)) for strings in (ours, theirs))
    lengths = set(one) | set(other)
    distance = sum(abs(one[n] / len(ours) - other[n] / len(theirs)) for n in lengths) / 2
    assert distance <= 0.05


def test_the_same_seed_gives_the_same_strings_on_every_platform(
    thesis_sized: tuple[Half, Half],
) -> None:
    text = "\n".join(f"{string},{label}" for string, label in chain(*thesis_sized))
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "b7be94e632cada4580334750fbf6f8e29a0ef9a1682f07094ef8aade9bed07b9"
    )


def test_author_like_strings_have_the_same_valid_ones_in_the_same_halves(
    thesis_sized: tuple[Half, Half],
) -> None:
    others = generate_strings(ReberStrings(negatives="author_like"))
    for half, other in zip(thesis_sized, others, strict=True):
        assert len(half) == len(other)
        assert set(of_class(1, half)) == set(of_class(1, other))
    text = "\n".join(f"{string},{label}" for string, label in chain(*others))
    assert hashlib.sha256(text.encode()).hexdigest() == (
        "99782a91fb64d55695b86f46e1bdfd006283cedcfeacceacc26ee84a754b62cf"
    )


@pytest.mark.parametrize("label", [0, 1], ids=["invalid", "valid"])
def test_another_seed_gives_other_strings_of_each_class(label: int) -> None:
    one, other = (generate_strings(ReberStrings(300, 300, 9, 9, seed=seed)) for seed in (0, 1))
    assert set(of_class(label, *one)) != set(of_class(label, *other))


def test_generating_and_encoding_the_thesis_sized_data_takes_less_than_two_seconds() -> None:
    """Once in three tries: the machine may be busy, the code may not be slow."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        generate(ReberStrings())
        seconds.append(time.process_time() - start)
        if seconds[-1] < 2:
            break
    assert min(seconds) < 2


@given(spec=strategies.reber_strings)
def test_generated_data_are_the_generated_strings_encoded(spec: ReberStrings) -> None:
    dataset = generate(spec)
    for encoded, half in zip((dataset.train, dataset.test), generate_strings(spec), strict=True):
        assert list(zip(decode(encoded), encoded.answers.tolist(), strict=True)) == half


@given(rows=strategies.labelled)
def test_decoding_gives_back_what_was_encoded(rows: Half) -> None:
    strings, labels = zip(*rows, strict=True)
    encoded = encode(strings, labels)
    assert decode(encoded) == list(strings)
    assert encoded.answers.tolist() == list(labels)
    assert len(encoded) == len(rows)


@given(rows=strategies.labelled)
def test_codes_are_ascii_and_padded_on_the_right_only(rows: Half) -> None:
    strings, labels = zip(*rows, strict=True)
    encoded = encode(strings, labels)
    assert (encoded.inputs.dtype, encoded.lengths.dtype) == (np.uint8, np.int64)
    assert encoded.inputs.shape == (len(rows), max(map(len, strings)))
    for codes, string in zip(encoded.inputs, strings, strict=True):
        assert codes[: len(string)].tolist() == [ord(letter) for letter in string]
        assert (codes[len(string) :] == PADDING).all()


@pytest.mark.parametrize(
    ("strings", "labels", "message"),
    [
        ([], [], "^no strings to encode"),
        (["BTXSE"], [], "^1 strings but 0 labels"),
        (["BTXSE"], [1, 0], "^1 strings but 2 labels"),
        (["BTXSE", ""], [1, 0], "^string 1 is ''"),
        ([""], [1], "^string 0 is ''"),
        (["BÉ"], [1], "^string 0 is 'BÉ'"),
        (["B\0E"], [1], "^string 0 is 'B.x00E'"),
    ],
)
def test_what_cannot_be_encoded_is_refused_with_its_place(
    strings: list[str], labels: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        encode(strings, labels)
