"""Vectors of words: leading eigenvectors of the information of pairs, beside numpy's."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import word_vectors as module
from sparsebench.parts.word_vectors import word_vectors

WORDS = 9


def information(passages: np.ndarray) -> np.ndarray:
    """Of all pairs at most five steps apart, counted one by one, by the C library's logarithm."""
    pairs: Counter[tuple[int, int]] = Counter()
    for row in passages.tolist():
        for one, other in combinations(range(len(row)), 2):
            if other - one <= 5 and row[one] and row[other]:
                pairs[row[one], row[other]] += 1
                pairs[row[other], row[one]] += 1
    single: Counter[int] = Counter()
    for (one, _), count in pairs.items():
        single[one] += count
    found = np.zeros((WORDS - 1, WORDS - 1))
    for (one, other), count in pairs.items():
        share = count * pairs.total() / (single[one] * single[other])
        found[one - 1, other - 1] = max(np.log(share), 0)
    return found


@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_information_is_that_of_pairs_near_each_other(seed: int, steps: int) -> None:
    passages = np.random.RandomState(seed).randint(0, WORDS, (20, steps))
    counts = module._near(passages, WORDS)[1:, 1:]
    assert module._information(counts) == pytest.approx(information(passages), abs=1e-12)


def topics(seed: int) -> np.ndarray:
    """Passages of words 1 to 4, or of 5 to 8, which the leading eigenvectors tell apart."""
    random = np.random.RandomState(seed)
    return random.randint(1, 5, (200, 12)) + 4 * random.randint(0, 2, (200, 1))


def test_vectors_are_the_leading_eigenvectors_times_the_root_of_their_eigenvalues(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ITERATIONS", 200)
    passages = topics(0)
    values, axes = np.linalg.eigh(information(passages))
    leading = np.argsort(-np.abs(values))[:2]
    expected = axes[:, leading] * np.sqrt(np.abs(values[leading]))
    expected *= np.sqrt(2) / np.linalg.norm(expected, axis=1, keepdims=True)
    found = word_vectors(passages, WORDS, 2)[1:]
    assert found @ found.T == pytest.approx(expected @ expected.T, abs=1e-3)


def test_words_of_one_topic_are_alike_and_unknown_ones_are_zero() -> None:
    vectors = word_vectors(topics(1), WORDS, 2)
    assert not vectors[0].any()
    assert (vectors[1:] ** 2).mean(axis=1) == pytest.approx(np.ones(WORDS - 1), rel=1e-5)
    alike = vectors[1:] @ vectors[1:].T / 2
    assert alike[:4, :4].min() > alike[:4, 4:].max()
    assert alike[4:, 4:].min() > alike[4:, :4].max()


def test_words_that_never_stand_beside_another_are_zero_too() -> None:
    vectors = word_vectors(np.array([[1, 2, 0, 0, 0, 0, 0, 0, 0, 3]] * 3), 4, 2)
    assert vectors.shape == (4, 2)
    assert not vectors[3].any()
    assert np.isfinite(vectors).all()
