"""Floors: how far one gets on a task without recurrence.

A network shows memory only above what simple methods reach that see a fixed part of each sequence:
the most frequent answer, the length, which letters, pairs or triples of letters occur, the last
step, or a linear model of all steps. Classifiers are scikit-learn's logistic regression with its
default penalty. All are fitted to training examples and judged by test examples, as networks are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sparsebench.parts.examples import CLASS, CLASSES, NO_ANSWER, VALUES, Dataset, Examples

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Array = np.ndarray

MOST_EXAMPLES = 100_000
"""Training examples that floors are fitted to, the first ones of the first epoch."""

WIDEST = 10_000
"""Most numbers of a sequence, steps times width, that a linear model reads."""


@dataclass(frozen=True)
class Floor:
    """A method without recurrence.

    Attributes
    ----------
    name
        Its name in records and tables.
    fits
        Whether it applies to a task's training examples.
    answer
        Takes training examples, test examples and the number of classes (or of numbers per answer)
        to outputs as a network's: (N, classes) or (N, T, classes) log-probabilities, or (N, K)
        numbers.
    """

    name: str
    fits: Callable[[Examples], bool]
    answer: Callable[[Examples, Examples, int], Array]


def floors_of(dataset: Dataset, classes: int) -> dict[str, Array]:
    """What each method that applies to a task answers to the test examples.

    Parameters
    ----------
    dataset
        The examples.
    classes
        The task's number of classes, or of numbers per answer.

    Returns
    -------
    dict
        Name of the method -> its outputs, as in `Floor.answer`, in the order of `FLOORS`.
    """
    train = _first(dataset)
    fitting = [floor for floor in FLOORS if floor.fits(train)]
    return {floor.name: floor.answer(train, dataset.test, classes) for floor in fitting}


def judged(said: Array, test: Examples) -> dict[str, float]:
    """The figures of outputs, as a network has them.

    Parameters
    ----------
    said
        As in `Floor.answer`; of classes, any logits.
    test
        The examples that were answered.

    Returns
    -------
    dict
        `loss`, cross entropy in nats or squared error; for a class at the end `accuracy`, for a
        class after each step `letters_right`.
    """
    if test.asked == VALUES:
        return {"loss": float(np.mean((said - test.answers) ** 2.0))}
    asked = test.answers != NO_ANSWER
    logits, answers = said[asked].astype(np.float64), test.answers[asked]
    logits -= logits.max(axis=1, keepdims=True)
    right = logits[np.arange(len(answers)), answers]
    loss = float(np.mean(np.log(np.exp(logits).sum(axis=1)) - right))
    share = float(np.mean(logits.argmax(axis=1) == answers))
    return {"loss": loss, "accuracy" if test.asked == CLASS else "letters_right": share}


def _first(dataset: Dataset) -> Examples:
    """The first training examples, from as many pieces as it takes; at most `MOST_EXAMPLES`."""
    pieces: list[Examples] = []
    for piece in dataset.pieces(0):
        pieces.append(piece)
        if sum(map(len, pieces)) >= MOST_EXAMPLES:
            break
    whole = Examples(
        _joined([piece.inputs for piece in pieces]),
        _joined([piece.lengths for piece in pieces]),
        _joined([piece.answers for piece in pieces]),
    )
    return whole.part(0, MOST_EXAMPLES)


def _joined(arrays: list[Array]) -> Array:
    """Arrays one after another; steps that shorter ones lack are zeros, and nothing is asked there."""
    if len(arrays) == 1:
        return arrays[0]
    if arrays[0].ndim == 1 or len({array.shape[1] for array in arrays}) == 1:
        return np.concatenate(arrays)
    steps = max(array.shape[1] for array in arrays)
    empty = NO_ANSWER if arrays[0].dtype.kind == "i" else 0
    padded = [
        np.pad(
            array,
            [(0, 0), (0, steps - array.shape[1]), *[(0, 0)] * (array.ndim - 2)],
            constant_values=empty,
        )
        for array in arrays
    ]
    return np.concatenate(padded)


# A class at the end


def _of_class(train: Examples) -> bool:
    return train.asked == CLASS


def _most_frequent(train: Examples, test: Examples, classes: int) -> Array:
    """The share of each class in training, for every example and step."""
    counts = np.bincount(train.answers[train.answers != NO_ANSWER], minlength=classes)
    return np.broadcast_to(_log_shares(counts), (*test.answers.shape, classes))


def _by_length(train: Examples, test: Examples, classes: int) -> Array:
    """The share of each class among training sequences of the same length."""
    counts = np.zeros((max(train.lengths.max(), test.lengths.max()) + 1, classes))
    np.add.at(counts, (train.lengths, train.answers), 1)
    shares: Array = _log_shares(counts)[test.lengths]
    return shares


def _log_shares(counts: Array) -> Array:
    """Logarithms of shares along the last axis; one more of each, so that nothing is impossible."""
    more = counts + 1.0
    shares: Array = np.log(more / more.sum(axis=-1, keepdims=True))
    return shares


def _occurring(size: int) -> Callable[[Examples, Examples, int], Array]:
    """Logistic regression on which groups of `size` successive letters occur; of letters, how often."""

    def answer(train: Examples, test: Examples, classes: int) -> Array:
        base = int(max(train.inputs.max(), test.inputs.max())) + 1
        codes, present = _groups(train, size, base)
        seen = np.unique(codes[present])
        columns = [_counted(each, size, base, seen) for each in (train, test)]
        return _logistic(columns[0], train.answers, columns[1], classes)

    return answer


_UNSEEN = 20.0
"""How much less likely a class is for each group of letters that its training sequences lack."""


def _seen(size: int) -> Callable[[Examples, Examples, int], Array]:
    """The class in whose training sequences most groups of letters were seen.

    Of several, the one with the fewest different groups. Where one class has rules, as grammatical
    strings have, this asks whether they allow each group.
    """

    def answer(train: Examples, test: Examples, classes: int) -> Array:
        base = int(max(train.inputs.max(), test.inputs.max())) + 1
        codes, present = _groups(train, size, base)
        asked, within = _groups(test, size, base)
        said = np.empty((len(test), classes))
        for each in range(classes):
            of_class = train.answers == each
            seen = np.unique(codes[of_class][present[of_class]])
            unseen = (within & ~np.isin(asked, seen)).sum(axis=1)
            said[:, each] = -_UNSEEN * unseen - np.log(len(seen) + 1)
        return said

    return answer


def _by_start(size: int) -> Callable[[Examples, Examples, int], Array]:
    """The share of each class among training sequences with the same first letters."""

    def answer(train: Examples, test: Examples, classes: int) -> Array:
        base = int(max(train.inputs.max(), test.inputs.max())) + 2
        starts, asked = (_starts(each, size, base) for each in (train, test))
        seen, places = np.unique(starts, return_inverse=True)
        counts = np.zeros((len(seen) + 1, classes))
        np.add.at(counts, (places, train.answers), 1)
        counts[-1] = np.bincount(train.answers, minlength=classes)
        return _looked_up(_log_shares(counts), seen, asked)

    return answer


def _starts(examples: Examples, size: int, base: int) -> Array:
    """Codes of the first letters (N,); what a shorter sequence lacks is a letter too."""
    width = min(size, examples.inputs.shape[1])
    first = np.where(
        np.arange(width) < examples.lengths[:, None], examples.inputs[:, :width].astype(int) + 1, 0
    )
    codes: Array = first @ base ** np.arange(width)
    return codes


def _looked_up(shares: Array, seen: Array, asked: Array) -> Array:
    """The shares for each code; the last ones for codes that were not seen, which are sorted."""
    found = np.minimum(np.searchsorted(seen, asked), len(seen) - 1)
    chosen: Array = shares[np.where(seen[found] == asked, found, len(seen))]
    return chosen


def _groups(examples: Examples, size: int, base: int) -> tuple[Array, Array]:
    """Codes of groups of successive letters (N, T - size + 1), and which lie within their sequence."""
    steps = max(examples.inputs.shape[1] - size + 1, 0)
    codes = np.zeros((len(examples), steps), np.int64)
    for place in range(size):
        codes = codes * base + examples.inputs[:, place : place + steps]
    return codes, np.arange(steps) + size <= examples.lengths[:, None]


def _counted(examples: Examples, size: int, base: int, seen: Array) -> csr_matrix:
    """A column for each group that training has: its count for single letters, else 1 if it occurs."""
    from scipy.sparse import csr_matrix

    codes, present = _groups(examples, size, base)
    rows = np.broadcast_to(np.arange(len(codes))[:, None], codes.shape)[present]
    known = np.isin(codes[present], seen)
    columns = np.searchsorted(seen, codes[present][known])
    counts = csr_matrix(
        (np.ones(len(columns)), (rows[known], columns)), shape=(len(codes), len(seen))
    )
    if size > 1:
        counts.data[:] = 1.0
    return counts


def _logistic(columns: Any, answers: Array, asked: Any, classes: int) -> Array:
    """Log-probabilities of classes by logistic regression; classes without examples get the least."""
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(answers)) < 2 or columns.shape[1] == 0:
        shares = _log_shares(np.bincount(answers, minlength=classes))
        return np.broadcast_to(shares, (asked.shape[0], classes))
    model = LogisticRegression(max_iter=10_000).fit(columns, answers)
    found = model.predict_log_proba(asked)
    said = np.full((len(found), classes), min(found.min(), -np.log(len(answers))))
    said[:, model.classes_] = found
    return said


def _last_step(train: Examples, test: Examples, classes: int) -> Array:
    """Logistic regression on the vector of the last step."""
    return _logistic(_last(train), train.answers, _last(test), classes)


def _all_steps(train: Examples, test: Examples, classes: int) -> Array:
    """Logistic regression on the vectors of all steps."""
    return _logistic(*_flat(train, test, train.answers), classes)


def _last(examples: Examples) -> Array:
    last: Array = examples.inputs[np.arange(len(examples)), examples.lengths - 1]
    return last


def _flat(train: Examples, test: Examples, answers: Array) -> tuple[Array, Array, Array]:
    """All numbers of each training sequence, the answers, and all numbers of each test sequence."""
    steps = max(train.inputs.shape[1], test.inputs.shape[1])

    def rows(examples: Examples) -> Array:
        missing = steps - examples.inputs.shape[1]
        return np.pad(examples.inputs, [(0, 0), (0, missing), (0, 0)]).reshape(len(examples), -1)

    return rows(train), answers, rows(test)


# A class after each step


def _of_steps(train: Examples) -> bool:
    return train.asked == CLASSES


def _after(size: int) -> Callable[[Examples, Examples, int], Array]:
    """The share of each class after the same `size` last letters; before that, after fewer of them."""

    def answer(train: Examples, test: Examples, classes: int) -> Array:
        base = int(max(train.inputs.max(), test.inputs.max())) + 2
        codes, asked = _pasts(train, size, base), train.answers != NO_ANSWER
        seen, places = np.unique(codes[asked], return_inverse=True)
        counts = np.zeros((len(seen) + 1, classes))
        np.add.at(counts, (places, train.answers[asked]), 1)
        counts[-1] = np.bincount(train.answers[asked], minlength=classes)
        return _looked_up(_log_shares(counts), seen, _pasts(test, size, base))

    return answer


def _pasts(examples: Examples, size: int, base: int) -> Array:
    """Codes of the last letters read at each step (N, T); the start of a sequence is a letter too."""
    letters = np.pad(examples.inputs.astype(np.int64) + 1, [(0, 0), (size - 1, 0)])
    steps = examples.inputs.shape[1]
    codes = np.zeros((len(examples), steps), np.int64)
    for place in range(size):
        codes = codes * base + letters[:, place : place + steps]
    return codes


def _this_step(train: Examples, test: Examples, classes: int) -> Array:
    """Logistic regression on the vector of the same step."""
    asked = train.answers != NO_ANSWER
    rows = test.inputs.reshape(-1, test.inputs.shape[2])
    said = _logistic(train.inputs[asked], train.answers[asked], rows, classes)
    return said.reshape(*test.answers.shape, classes)


# Numbers at the end


def _of_values(train: Examples) -> bool:
    return train.asked == VALUES


def _mean(train: Examples, test: Examples, classes: int) -> Array:
    """The mean answer of training."""
    return np.broadcast_to(train.answers.mean(axis=0, dtype=np.float64), test.answers.shape)


def _last_value(train: Examples, test: Examples, classes: int) -> Array:
    """The last vector that was read."""
    return _last(test)


def _linear(train: Examples, test: Examples, classes: int) -> Array:
    """Linear regression on the vectors of all steps (of a time series: linear autoregression)."""
    from sklearn.linear_model import Ridge

    columns, answers, asked = _flat(train, test, train.answers)
    said: Array = (
        Ridge(alpha=1e-6, solver="svd")
        .fit(columns.astype(np.float64), answers)
        .predict(asked.astype(np.float64))
    )
    return said.reshape(test.answers.shape)


def _lengths_differ(train: Examples) -> bool:
    return len(np.unique(train.lengths)) > 1


def _narrow(train: Examples) -> bool:
    """Whether sequences of vectors are short enough for a linear model."""
    return not train.letters and train.inputs.shape[1] * train.inputs.shape[2] <= WIDEST


def _texts(train: Examples) -> bool:
    """Whether sequences of letters are classified."""
    return _of_class(train) and train.letters


FLOORS = (
    Floor("majority", lambda train: not _of_values(train), _most_frequent),
    Floor("length", lambda train: _of_class(train) and _lengths_differ(train), _by_length),
    Floor("first three letters", _texts, _by_start(3)),
    Floor("seen letters", _texts, _seen(1)),
    Floor("seen bigrams", _texts, _seen(2)),
    Floor("seen trigrams", _texts, _seen(3)),
    Floor("letters", _texts, _occurring(1)),
    Floor("bigrams", _texts, _occurring(2)),
    Floor("trigrams", _texts, _occurring(3)),
    Floor("last letter", lambda train: _of_steps(train) and train.letters, _after(1)),
    Floor("last two letters", lambda train: _of_steps(train) and train.letters, _after(2)),
    Floor("last three letters", lambda train: _of_steps(train) and train.letters, _after(3)),
    Floor("this step", lambda train: _of_steps(train) and not train.letters, _this_step),
    Floor("last step", lambda train: _of_class(train) and not train.letters, _last_step),
    Floor("all steps", lambda train: _of_class(train) and _narrow(train), _all_steps),
    Floor("mean", _of_values, _mean),
    Floor(
        "last value",
        lambda train: (
            _of_values(train)
            and not train.letters
            and train.inputs.shape[2] == train.answers.shape[1]
        ),
        _last_value,
    ),
    Floor("linear", lambda train: _of_values(train) and _narrow(train), _linear),
)
"""All methods, in the order of tables."""
