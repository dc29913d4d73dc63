"""Methods without recurrence, beside independent definitions."""

from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.engines.floors import FLOORS, MOST_EXAMPLES, floors_of, judged
from sparsebench.parts.examples import NO_ANSWER, Examples, Halves

LETTERS = 4


def strings(rows, answers):
    """Examples of strings of letter codes with a class each."""
    lengths = np.array([len(row) for row in rows], np.int64)
    inputs = np.zeros((len(rows), lengths.max()), np.uint8)
    for row, string in zip(inputs, rows, strict=True):
        row[: len(string)] = string
    return Examples(inputs, lengths, np.array(answers, np.int64))


def steps(rows, classes):
    """Examples of strings of letter codes with a class after each step."""
    whole = strings(rows, [0] * len(rows))
    answers = np.full(whole.inputs.shape, NO_ANSWER, np.int64)
    for row, found in zip(answers, classes, strict=True):
        row[: len(found)] = found
    return Examples(whole.inputs, whole.lengths, answers)


def vectors(count, steps, width, answers):
    numbers = np.random.RandomState(0).standard_normal((count, steps, width)).astype(np.float32)
    return Examples(numbers, np.full(count, steps, np.int64), answers)


def said(name, train, test, classes):
    (floor,) = (floor for floor in FLOORS if floor.name == name)
    return floor.answer(train, test, classes)


def labelled(pairs):
    return strings([string for string, _ in pairs], [answer for _, answer in pairs])


STRING = st.lists(st.integers(0, LETTERS - 1), min_size=1, max_size=6)
LABELLED = st.lists(st.tuples(STRING, st.integers(0, 2)), min_size=2, max_size=12)
STEPS = st.lists(
    st.lists(st.tuples(st.integers(0, LETTERS - 1), st.integers(0, 2)), min_size=1, max_size=6),
    min_size=1,
    max_size=8,
)


def groups(string, size):
    return {tuple(string[place : place + size]) for place in range(len(string) - size + 1)}


@pytest.mark.parametrize(("name", "size"), [("letters", 1), ("bigrams", 2), ("trigrams", 3)])
@given(train=LABELLED, test=LABELLED)
def test_seen_groups_are_counted_for_each_class(name, size, train, test):
    seen = defaultdict(set)
    for string, answer in train:
        seen[answer] |= groups(string, size)
    found = said(f"seen {name}", labelled(train), labelled(test), 3)
    for row, (string, _) in zip(found, test, strict=True):
        codes = [tuple(string[place : place + size]) for place in range(len(string) - size + 1)]
        for answer in range(3):
            unseen = sum(code not in seen[answer] for code in codes)
            assert row[answer] == pytest.approx(-20 * unseen - np.log(len(seen[answer]) + 1))


@pytest.mark.parametrize("size", [1, 2, 3])
@given(train=STEPS, test=STEPS)
def test_the_next_class_follows_from_the_last_letters(size, train, test):
    counts, whole = defaultdict(Counter), Counter()

    def past(row, place):
        letters = [letter for letter, _ in row[: place + 1]]
        return tuple([None] * size + letters)[-size:]

    for row in train:
        for place, (_, answer) in enumerate(row):
            counts[past(row, place)][answer] += 1
            whole[answer] += 1
    name = {1: "last letter", 2: "last two letters", 3: "last three letters"}[size]
    examples = [
        steps(
            [[letter for letter, _ in row] for row in rows], [[a for _, a in row] for row in rows]
        )
        for rows in (train, test)
    ]
    found = said(name, *examples, 3)
    for row, out in zip(test, found, strict=True):
        for place in range(len(row)):
            one = counts.get(past(row, place), whole)
            shares = [(one[answer] + 1) / (sum(one.values()) + 3) for answer in range(3)]
            assert np.exp(out[place]) == pytest.approx(shares)


@given(train=LABELLED, test=LABELLED)
def test_lengths_and_first_letters_have_the_shares_of_their_classes(train, test):
    keys = {"length": len, "first three letters": lambda string: tuple(string[:3])}
    whole = Counter(answer for _, answer in train)
    for name in keys:
        outputs = said(name, labelled(train), labelled(test), 3)
        counts = defaultdict(Counter)
        for string, answer in train:
            counts[keys[name](string)][answer] += 1
        for row, (string, _) in zip(outputs, test, strict=True):
            unknown = whole if name == "first three letters" else Counter()
            one = counts.get(keys[name](string), unknown)
            shares = [(one[answer] + 1) / (sum(one.values()) + 3) for answer in range(3)]
            assert np.exp(row) == pytest.approx(shares)


def test_a_rule_on_pairs_of_letters_is_learned_from_pairs_and_not_from_letters():
    """Class 1: somewhere, letter 0 is followed by letter 1."""
    random = np.random.RandomState(1)
    rows = [list(random.randint(0, LETTERS, 8)) for _ in range(600)]
    answers = [int((0, 1) in groups(row, 2)) for row in rows]
    train, test = strings(rows[:400], answers[:400]), strings(rows[400:], answers[400:])
    shares = {
        name: judged(said(name, train, test, 2), test)["accuracy"]
        for name in ("majority", "letters", "bigrams")
    }
    assert shares["bigrams"] == 1
    assert shares["majority"] <= shares["letters"] < 0.9


def test_linear_methods_find_what_is_linear_in_all_steps_and_not_in_the_last():
    count = 400
    whole = vectors(count, 5, 2, np.zeros(count, np.int64))
    total = whole.inputs.sum(axis=(1, 2))
    classes = Examples(whole.inputs, whole.lengths, (total > 0).astype(np.int64))
    train, test = classes.part(0, 300), classes.part(300, count)
    found = floors_of(Halves(train, test), 2)
    assert judged(found["all steps"], test)["accuracy"] > 0.95
    assert judged(found["last step"], test)["accuracy"] < 0.8
    values = Examples(whole.inputs, whole.lengths, whole.inputs.sum(axis=1))
    train, test = values.part(0, 300), values.part(300, count)
    found = floors_of(Halves(train, test), 2)
    assert judged(found["linear"], test)["loss"] < 1e-9
    assert judged(found["mean"], test)["loss"] == pytest.approx(5, rel=0.3)
    assert np.array_equal(found["last value"], test.inputs[:, -1])


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_outputs_are_judged_as_torch_does(seed, every_step):
    random = np.random.RandomState(seed)
    shape = (5, 4) if every_step else (5,)
    answers = random.randint(0, 3, shape)
    if every_step:
        answers[random.random_sample(shape) < 0.3] = NO_ANSWER
        answers[0, 0] = 2
    out = random.standard_normal((*shape, 3)) * 5
    test = Examples(np.zeros((5, 4), np.uint8), np.full(5, 4), answers)
    found = judged(out, test)
    flat, expected = torch.from_numpy(out.reshape(-1, 3)), torch.from_numpy(answers.reshape(-1))
    loss = torch.nn.functional.cross_entropy(flat, expected, ignore_index=NO_ANSWER)
    assert found["loss"] == pytest.approx(float(loss))
    asked = expected != NO_ANSWER
    right = (flat.argmax(1) == expected)[asked].double().mean()
    assert found["letters_right" if every_step else "accuracy"] == pytest.approx(float(right))


def test_numbers_are_judged_by_their_squared_error():
    test = vectors(6, 3, 1, np.ones((6, 2), np.float32))
    assert judged(np.zeros((6, 2)), test) == {"loss": 1.0}


def test_each_task_has_the_floors_that_apply_to_it():
    texts = strings([[0, 1], [1, 0, 2]], [0, 1])
    assert list(floors_of(Halves(texts, texts), 2)) == [
        "majority",
        "length",
        "first three letters",
        *("letters", "bigrams", "trigrams"),
        *(f"seen {name}" for name in ("letters", "bigrams", "trigrams")),
    ]
    next_letter = steps([[0, 1]], [[1, 2]])
    assert list(floors_of(Halves(next_letter, next_letter), 3)) == [
        "majority",
        *("last letter", "last two letters", "last three letters"),
    ]
    classes = vectors(6, 3, 2, np.array([0, 1] * 3))
    assert list(floors_of(Halves(classes, classes), 2)) == ["majority", "last step", "all steps"]
    values = vectors(6, 3, 2, np.ones((6, 1), np.float32))
    assert list(floors_of(Halves(values, values), 1)) == ["mean", "linear"]
    each_step = vectors(6, 3, 2, np.tile([0, 1, NO_ANSWER], (6, 1)))
    assert list(floors_of(Halves(each_step, each_step), 2)) == ["majority", "this step"]
    assert len({floor.name for floor in FLOORS}) == len(FLOORS)


class Pieces:
    """Training examples in pieces of different lengths."""

    def __init__(self, *pieces):
        self._pieces, self.test, self.read = pieces, pieces[0], 0

    def pieces(self, epoch):
        for piece in self._pieces:
            self.read += 1
            yield piece


def test_pieces_are_joined():
    one, other = steps([[0, 1]], [[1, 2]]), steps([[0, 1, 2]], [[1, 1, 1]])
    found = floors_of(Pieces(one, other), 3)["majority"]
    assert np.exp(found[0, 0]) == pytest.approx(np.array([1, 5, 2]) / 8)


def test_no_more_pieces_are_read_than_are_used():
    piece = vectors(MOST_EXAMPLES // 2, 1, 1, np.zeros((MOST_EXAMPLES // 2, 1), np.float32))
    data = Pieces(piece, piece, piece)
    floors_of(data, 1)
    assert data.read == 2


def test_classes_that_training_lacks_are_unlikely_and_possible():
    train, test = strings([[0, 1], [2, 1], [0, 0]], [0, 1, 0]), strings([[0, 1]], [2])
    for name in ("letters", "bigrams", "majority", "length"):
        outputs = floors_of(Halves(strings([[0], [2, 1], [0, 0]], [0, 1, 0]), test), 3)
        assert np.isfinite(outputs[name]).all()
        assert outputs[name][0].argmax() < 2
    assert judged(said("bigrams", train, test, 3), test)["accuracy"] == 0
