"""Criteria: a project's own prunes by its scores, and is refused by name if they are none."""

from __future__ import annotations

import re

import numpy as np
import pytest

from sparsebench.parts.pruning import CRITERIA, prune, prune_below
from sparsebench.values.checks import NotReproducible
from sparsebench.values.masks import Masks
from sparsebench.values.seeding import stream
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from tests.parts.pruning_by_hand import EXAMPLE, flat


def test_an_unknown_criterion_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown criterion 'size': choose one of magnitude$"):
        prune({"w": EXAMPLE}, [["w"]], 10, PUBLISHED, "size")


def test_a_criterion_of_ones_own_scores_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CRITERIA, "signed", lambda weights, name: weights[name])
    masks = prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "signed")
    assert np.argwhere(~masks["w"]).tolist() == [[0, 0]]


def test_a_criterion_that_scores_another_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CRITERIA, "rows", lambda weights, name: weights[name].sum(axis=1))
    message = re.escape("criterion 'rows' scored w with shape (3,): give one score per weight")
    with pytest.raises(ValueError, match=message):
        prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "rows")


def test_a_criterion_cannot_write_into_the_weights(monkeypatch):
    def careless(weights, name):
        return np.abs(weights[name], out=weights[name])

    monkeypatch.setitem(CRITERIA, "careless", careless)
    weights = {"layers.0.i2h": np.linspace(-1, 1, 6, dtype=np.float32)}
    with pytest.raises(ValueError, match="read-only"):
        prune(weights, [["layers.0.i2h"]], 50, PUBLISHED, "careless")
    assert weights["layers.0.i2h"].min() == -1


@pytest.mark.parametrize("percent", [0, 50, 100])
def test_a_criterion_that_draws_without_a_seed_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, percent: int
) -> None:
    monkeypatch.setitem(CRITERIA, "dice", lambda weights, name: np.random.rand(3, 3))
    message = (
        "^criterion 'dice' gave two different scores of w for the same weights: let it draw from"
    )
    with pytest.raises(NotReproducible, match=message):
        prune({"w": EXAMPLE}, [["w"]], percent, PUBLISHED, "dice")
    with pytest.raises(NotReproducible, match=message):
        prune_below({"w": EXAMPLE}, [["w"]], 0.5, "dice")


def test_a_criterion_that_draws_by_a_seed_of_its_own_is_as_good_as_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def seeded(weights: Masks, name: str) -> np.ndarray:
        return stream("mine", name).random_sample(weights[name].shape)

    monkeypatch.setitem(CRITERIA, "seeded", seeded)
    one, other = (prune({"w": EXAMPLE}, [["w"]], 50, CORRECTED, "seeded") for _ in range(2))
    assert flat(one) == flat(other)


@pytest.mark.parametrize(
    ("scores", "given"),
    [
        (None, "None"),
        (0.5, "float"),
        (np.float64(0.5), "float64"),
        ([[1.0] * 3] * 3, "list"),
        (np.ones((3, 3), complex), "an array of complex128"),
        (np.full((3, 3), "a"), "an array of <U1"),
        (np.full((3, 3), None), "an array of object"),
    ],
    ids=["none", "number", "scalar", "list", "complex", "texts", "objects"],
)
def test_a_criterion_that_returns_no_array_of_real_numbers_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, scores: object, given: str
) -> None:
    monkeypatch.setitem(CRITERIA, "odd", lambda weights, name: scores)
    message = re.escape(
        f"criterion 'odd' returned {given} for w: return one score per weight, a numpy array of real "
        "numbers of shape (3, 3)"
    )
    with pytest.raises(TypeError, match=f"^{message}$"):
        prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "odd")
    with pytest.raises(TypeError, match=f"^{message}$"):
        prune_below({"w": EXAMPLE}, [["w"]], 0.5, "odd")


@pytest.mark.parametrize(
    ("weight", "remedy"),
    [
        (1.0, "the weights are finite, so its scores must be"),
        (np.inf, "prune weights that training"),
    ],
)
def test_scores_that_are_not_finite_are_told_with_the_criterion_and_whose_fault_they_are(
    monkeypatch: pytest.MonkeyPatch, weight: float, remedy: str
) -> None:
    scores = np.array([np.nan, 1.0, 2.0])
    monkeypatch.setitem(CRITERIA, "odd", lambda weights, name: scores)
    weights = {"w": np.array([weight, 2.0, 3.0])}
    message = f"^criterion 'odd': 1 of 3 scores of w are NaN or infinite: {remedy}"
    with pytest.raises(ValueError, match=message):
        prune(weights, [["w"]], 10, CORRECTED, "odd")
    with pytest.raises(ValueError, match=message):
        prune_below(weights, [["w"]], 0.5, "odd")


def test_scores_that_are_all_the_same_are_told_with_the_criterion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(CRITERIA, "flat", lambda weights, name: np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"^all 9 scores of w are 0\.0: .* by criterion 'flat'"):
        prune({"w": EXAMPLE}, [["w"]], 10, CORRECTED, "flat")


@pytest.mark.parametrize("kind", [np.bool_, np.int8, np.uint64, np.float16, np.float64])
def test_a_criterion_may_count_or_say_yes_and_no(
    monkeypatch: pytest.MonkeyPatch, kind: type
) -> None:
    monkeypatch.setitem(CRITERIA, "counted", lambda weights, name: (weights[name] > 0).astype(kind))
    masks = prune({"w": EXAMPLE}, [["w"]], 10, PUBLISHED, "counted")
    assert masks["w"].shape == EXAMPLE.shape
