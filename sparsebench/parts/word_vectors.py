"""Vectors of words, computed from the words that stand beside each word.

The pointwise mutual information of each pair of words that stand near each other, where it is
positive, makes a symmetric matrix; its leading eigenvectors, each times the root of its absolute
eigenvalue, give the numbers of each word. All sums have a fixed order, so the bits are the same on
every machine; LAPACK's are not.

References
----------
Levy, O., Goldberg, Y. (2014). Neural word embedding as implicit matrix factorization.
Levy, O., Goldberg, Y., Dagan, I. (2015). Improving distributional similarity with lessons learned
from word embeddings: the root of the eigenvalues.
"""

from __future__ import annotations

import math

import numpy as np

from sparsebench.parts.draws import normal
from sparsebench.parts.elementary import log
from sparsebench.values.seeding import stream

REACH = 5
"""Words to each side that count as near."""

ITERATIONS = 6
"""Times that the eigenvectors are improved."""


def word_vectors(passages: np.ndarray, words: int, width: int) -> np.ndarray:
    """Compute a vector for each word.

    Parameters
    ----------
    passages
        (N, T) codes of words; 0 is any word without a vector.
    words
        Number of words, that without a vector included.
    width
        Numbers of a vector.

    Returns
    -------
    numpy.ndarray
        (words, width) float32; the vector of 0 is zero, and the mean square of any other is 1.
    """
    information = _information(_near(passages, words)[1:, 1:])
    basis = _orthonormal(normal(stream("word vectors"), (words - 1, width)))
    for _ in range(ITERATIONS):
        basis = _orthonormal(_product(information, basis))
    found = _product(information, basis)
    for column in found.T:
        length = _length(column)
        if length > 0:
            column /= math.sqrt(length)
    vectors = np.zeros((words, width), np.float32)
    for vector, row in zip(vectors[1:], found, strict=True):
        length = _length(row)
        if length > 0:
            vector[:] = row * (math.sqrt(width) / length)
    return vectors


def _near(passages: np.ndarray, words: int) -> np.ndarray:
    """How often each word stands near each other one: (words, words) int64."""
    counts = np.zeros((words, words), np.int64)
    for distance in range(1, min(REACH + 1, passages.shape[1])):
        np.add.at(counts, (passages[:, :-distance], passages[:, distance:]), 1)
    return counts + counts.T


def _information(counts: np.ndarray) -> np.ndarray:
    """Pointwise mutual information of pairs, where it is positive; elsewhere 0."""
    each, all_ = counts.sum(axis=1), counts.sum()
    found = np.zeros(counts.shape)
    there = np.nonzero(counts)
    expected = each[there[0]].astype(float) * each[there[1]]
    found[there] = np.maximum(log(counts[there] * float(all_) / expected), 0.0)
    return found


def _product(matrix: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """The product of two matrices, summed in the order of the first one's columns."""
    total = np.zeros((len(matrix), basis.shape[1]))
    for column, row in zip(matrix.T, basis, strict=True):
        total += column[:, None] * row
    return total


def _orthonormal(columns: np.ndarray) -> np.ndarray:
    """Columns made orthonormal from left to right, by Gram and Schmidt, twice."""
    made = columns.T.copy()
    for place, vector in enumerate(made):
        for _ in range(2):
            for other in made[:place]:
                vector -= math.fsum((other * vector).tolist()) * other
        length = _length(vector)
        if length > 0:
            vector /= length
    return np.ascontiguousarray(made.T)


def _length(vector: np.ndarray) -> float:
    return math.sqrt(math.fsum((vector * vector).tolist()))
