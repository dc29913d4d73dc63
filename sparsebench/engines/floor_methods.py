"""Methods without recurrence: each takes training examples, test examples and a number of classes
to outputs as a network's (`sparsebench.engines.floors.Floor.answer`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sparsebench.parts.examples import NO_ANSWER, Examples

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import Ridge

Array = np.ndarray

Words = Sequence[Sequence[bytes]]
"""The words of each sequence (`sparsebench.parts.task_kind.TaskKind.words`)."""

# A class at the end


def most_frequent(train: Examples, test: Examples, classes: int) -> Array:
    """The share of each class in training, for every example and step."""
    counts = np.bincount(train.answers[train.answers != NO_ANSWER], minlength=classes)
    return np.broadcast_to(_log_shares(counts), (*test.answers.shape, classes))


def by_length(train: Examples, test: Examples, classes: int) -> Array:
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


def occurring(size: int) -> Callable[[Examples, Examples, int], Array]:
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


def seen(size: int) -> Callable[[Examples, Examples, int], Array]:
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


def by_start(size: int) -> Callable[[Examples, Examples, int], Array]:
    """The share of each class among training sequences with the same first letters."""

    def answer(train: Examples, test: Examples, classes: int) -> Array:
        base = int(max(train.inputs.max(), test.inputs.max())) + 2
        starts, asked = (_starts(each, size, base) for each in (train, test))
        return _by_code(starts, train.answers, asked, classes)

    return answer


def _starts(examples: Examples, size: int, base: int) -> Array:
    """Codes of the first letters (N,); what a shorter sequence lacks is a letter too."""
    width = min(size, examples.inputs.shape[1])
    first = np.where(
        np.arange(width) < examples.lengths[:, None], examples.inputs[:, :width].astype(int) + 1, 0
    )
    codes: Array = first @ base ** np.arange(width)
    return codes


def _by_code(codes: Array, answers: Array, asked: Array, classes: int) -> Array:
    """The share of each class among the answers to a code; to codes not seen, among all answers."""
    seen, places = np.unique(codes, return_inverse=True)
    counts = np.zeros((len(seen) + 1, classes))
    np.add.at(counts, (places, answers), 1)
    counts[-1] = np.bincount(answers, minlength=classes)
    found = np.minimum(np.searchsorted(seen, asked), len(seen) - 1)
    shares: Array = _log_shares(counts)[np.where(seen[found] == asked, found, len(seen))]
    return shares


def _groups(examples: Examples, size: int, base: int) -> tuple[Array, Array]:
    """Codes of groups of successive letters (N, T - size + 1), and which lie within their sequence."""
    codes = _successive(examples.inputs, size, base)
    return codes, np.arange(codes.shape[1]) + size <= examples.lengths[:, None]


def _successive(letters: Array, size: int, base: int) -> Array:
    """Codes of `size` successive letters from each place on: (N, T - size + 1) int64."""
    steps = max(letters.shape[1] - size + 1, 0)
    codes = np.zeros((len(letters), steps), np.int64)
    for place in range(size):
        codes = codes * base + letters[:, place : place + steps]
    return codes


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
    from threadpoolctl import threadpool_limits

    if len(np.unique(answers)) < 2 or columns.shape[1] == 0:
        shares = _log_shares(np.bincount(answers, minlength=classes))
        return np.broadcast_to(shares, (asked.shape[0], classes))
    with threadpool_limits(1, user_api="blas"):  # vectors are short; threads wait for each other
        model = LogisticRegression(max_iter=10_000).fit(columns, answers)
        found = model.predict_log_proba(asked)
    said = np.full((len(found), classes), min(found.min(), -np.log(len(answers))))
    said[:, model.classes_] = found
    return said


def last_step(train: Examples, test: Examples, classes: int) -> Array:
    """Logistic regression on the vector of the last step."""
    return _logistic(_last(train), train.answers, _last(test), classes)


def all_steps(train: Examples, test: Examples, classes: int) -> Array:
    """Logistic regression on the vectors of all steps."""
    steps = max(train.inputs.shape[1], test.inputs.shape[1])
    return _logistic(_flat(train, steps), train.answers, _flat(test, steps), classes)


def _last(examples: Examples) -> Array:
    last: Array = examples.inputs[np.arange(len(examples)), examples.lengths - 1]
    return last


def _flat(examples: Examples, steps: int) -> Array:
    """All numbers of each sequence, with zeros up to a number of steps."""
    missing = steps - examples.inputs.shape[1]
    return np.pad(examples.inputs, [(0, 0), (0, missing), (0, 0)]).reshape(len(examples), -1)


# A class at the end, of sequences of words


def bag_of_words(train: Words, test: Words, answers: Array, classes: int) -> Array:
    """Logistic regression on how often each word occurs."""
    from sklearn.feature_extraction.text import CountVectorizer

    counts = CountVectorizer(analyzer=list)
    return _logistic(counts.fit_transform(train), answers, counts.transform(test), classes)


def tf_idf(train: Words, test: Words, answers: Array, classes: int) -> Array:
    """Logistic regression on these counts, each larger the fewer sequences have the word.

    The squares of a sequence's numbers add up to 1.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    weights = TfidfVectorizer(analyzer=list)
    return _logistic(weights.fit_transform(train), answers, weights.transform(test), classes)


# A class after each step


def after(size: int) -> Callable[[Examples, Examples, int], Array]:
    """The share of each class after the same `size` last letters; before that, after fewer of them."""

    def answer(train: Examples, test: Examples, classes: int) -> Array:
        base = int(max(train.inputs.max(), test.inputs.max())) + 2
        codes, asked = _pasts(train, size, base), train.answers != NO_ANSWER
        return _by_code(codes[asked], train.answers[asked], _pasts(test, size, base), classes)

    return answer


def _pasts(examples: Examples, size: int, base: int) -> Array:
    """Codes of the last letters read at each step (N, T); the start of a sequence is a letter too."""
    if size == 0:
        return np.zeros(examples.inputs.shape, np.int64)
    letters = np.pad(examples.inputs.astype(np.int64) + 1, [(0, 0), (size - 1, 0)])
    return _successive(letters, size, base)


def mixed(size: int) -> Callable[[Examples, Examples, int], Array]:
    """The share of each class after the last `size` letters, mixed with those after fewer.

    The share after fewer letters counts as many times as there are different answers after those of
    the longer past (Witten and Bell's method C); the first of all shares are equal.

    References
    ----------
    Witten, I. H., Bell, T. C. (1991). The zero-frequency problem.
    """

    def answer(train: Examples, test: Examples, classes: int) -> Array:
        base = int(max(train.inputs.max(), test.inputs.max())) + 2
        asked = train.answers != NO_ANSWER
        shares = np.full((*test.answers.shape, classes), 1 / classes)
        for letters in range(size + 1):
            pasts = _pasts(train, letters, base)[asked]
            seen, places = np.unique(_pasts(test, letters, base), return_inverse=True)
            found = np.minimum(np.searchsorted(seen, pasts), len(seen) - 1)
            known = seen[found] == pasts
            counts = np.zeros((len(seen), classes))
            np.add.at(counts, (found[known], train.answers[asked][known]), 1)
            weights = np.maximum((counts > 0).sum(axis=1), 1)
            total = (counts.sum(axis=1) + weights)[:, None]
            places = places.reshape(test.answers.shape)
            shares = (counts / total)[places] + (weights[:, None] / total)[places] * shares
        said: Array = np.log(shares)
        return said

    return answer


def this_step(train: Examples, test: Examples, classes: int) -> Array:
    """Logistic regression on the vector of the same step."""
    asked = train.answers != NO_ANSWER
    rows = test.inputs.reshape(-1, test.inputs.shape[2])
    said = _logistic(train.inputs[asked], train.answers[asked], rows, classes)
    return said.reshape(*test.answers.shape, classes)


# Numbers at the end


def mean(train: Examples, test: Examples, classes: int) -> Array:
    """The mean answer of training."""
    return np.broadcast_to(train.answers.mean(axis=0, dtype=np.float64), test.answers.shape)


def last_value(train: Examples, test: Examples, classes: int) -> Array:
    """The last vector that was read."""
    return _last(test)


def linear(train: Examples, test: Examples, classes: int) -> Array:
    """Linear regression on the vectors of all steps (of a time series: linear autoregression)."""
    steps = max(train.inputs.shape[1], test.inputs.shape[1])
    said: Array = _ridge(train, steps).predict(_flat(test, steps).astype(np.float64))
    return said.reshape(test.answers.shape)


@lru_cache(maxsize=1)
def _ridge(train: Examples, steps: int) -> Ridge:
    """The linear model of some training examples, the last ones: a forecast asks it at every step."""
    from sklearn.linear_model import Ridge

    columns = _flat(train, steps).astype(np.float64)
    return Ridge(alpha=1e-6, solver="svd").fit(columns, train.answers)
