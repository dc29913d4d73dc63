"""Methods without recurrence, beside independent definitions."""

from collections import Counter, defaultdict

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from sparsebench.engines import floor_methods as methods
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


@pytest.mark.parametrize(("name", "size"), [("two", 2), ("four", 4)])
@given(train=STEPS, test=STEPS)
def test_shares_after_long_and_short_pasts_are_mixed_as_by_witten_and_bell(name, size, train, test):
    """Their method C as a recursion over one past: so often as it was seen, so often something new."""

    def past(row, place, length):
        letters = [letter for letter, _ in row[: place + 1]]
        return tuple([None] * length + letters)[len(letters) :][-length:] if length else ()

    counts = defaultdict(Counter)
    for row in train:
        for place, (_, answer) in enumerate(row):
            for length in range(size + 1):
                counts[length, past(row, place, length)][answer] += 1

    def share(row, place, length, answer):
        if length < 0:
            return 1 / 3
        seen = counts.get((length, past(row, place, length)), Counter())
        shorter = share(row, place, length - 1, answer)
        if not seen:
            return shorter
        return (seen[answer] + len(seen) * shorter) / (sum(seen.values()) + len(seen))

    examples = [
        steps([[one for one, _ in row] for row in rows], [[two for _, two in row] for row in rows])
        for rows in (train, test)
    ]
    found = said(f"last {name} letters, mixed", *examples, 3)
    for row, out in zip(test, found, strict=True):
        for place in range(len(row)):
            shares = [share(row, place, size, answer) for answer in range(3)]
            assert np.exp(out[place]) == pytest.approx(shares)
            assert sum(shares) == pytest.approx(1)


def test_words_are_counted_and_weighed_by_how_few_sequences_have_them():
    """Columns made by hand: counts; and counts times log((1 + n) / (1 + n with the word)) + 1."""
    words = [b"a a b", b"b c", b"c c c", b"a c", b"b b a", b"d"]
    train, answers = [each.split() for each in words], np.array([0, 1, 1, 1, 0, 0])
    test = [[b"a", b"d", b"e"], [b"c"]]
    known = sorted({word for each in train for word in each})

    def counted(rows):
        return np.array([[each.count(word) for word in known] for each in rows], float)

    with_word = (counted(train) > 0).sum(axis=0)
    weights = np.log((1 + len(train)) / (1 + with_word)) + 1

    def weighed(rows):
        found = counted(rows) * weights
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    for method, columns in ((methods.bag_of_words, counted), (methods.tf_idf, weighed)):
        model = LogisticRegression(max_iter=10_000).fit(columns(train), answers)
        found = method(train, test, answers, 2)
        assert found == pytest.approx(model.predict_log_proba(columns(test)), abs=1e-3)
        assert found.argmax(axis=1).tolist() == [0, 1]


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
        *("last two letters, mixed", "last four letters, mixed"),
    ]
    classes = vectors(6, 3, 2, np.array([0, 1] * 3))
    assert list(floors_of(Halves(classes, classes), 2)) == ["majority", "last step", "all steps"]
    values = vectors(6, 3, 2, np.ones((6, 1), np.float32))
    assert list(floors_of(Halves(values, values), 1)) == ["mean", "linear"]
    assert list(floors_of(Halves(values, values), 1, ())) == ["mean", "linear"]
    found = floors_of(Halves(values, values), 1, [1])
    assert list(found) == ["mean", "last value", "linear"]
    assert np.array_equal(found["last value"], values.inputs[:, -1, 1:])
    both = vectors(6, 3, 2, np.ones((6, 2), np.float32))
    assert np.array_equal(
        floors_of(Halves(both, both), 2)["last value"],
        floors_of(Halves(both, both), 2, [1, 0])["last value"][:, ::-1],
    )
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
