"""Pruning: pure functions from weights to masks of the weights to keep (thesis, section 5.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from sparsebench.parts.files import shown
from sparsebench.values.checks import one_of, refusal, reproducible, whole_number
from sparsebench.values.masks import Masks, Weights, check_mask
from sparsebench.values.semantics import Semantics


def magnitude(weights: Weights, name: str) -> np.ndarray:
    """The absolute value of each weight."""
    return np.abs(weights[name])


CRITERIA: dict[str, Callable[[Weights, str], np.ndarray]] = {"magnitude": magnitude}
"""Criteria of pruned models by name; a project adds its own in its conftest.py. Each scores one named
array: it returns real numbers in an array of its shape, of which the lowest are pruned first. Equal
weights must get equal scores: a random criterion draws from a generator that it seeds itself
(`sparsebench.values.seeding.stream`). Criteria of methods, which see more than weights, are in
`sparsebench.parts.methods.criteria`."""


def prune(
    weights: Weights,
    layers: Sequence[Sequence[str]],
    percent: int,
    semantics: Semantics,
    criterion: str = "magnitude",
    present: Masks | None = None,
) -> dict[str, np.ndarray]:
    """Choose the weights to keep when a percentage of them is pruned.

    Parameters
    ----------
    weights
        A network's named arrays.
    layers
        The names of the arrays to prune, layer by layer (`sparsebench.parts.weights.prunable`).
    percent
        Percentage of the weights to prune, 0-100.
    semantics
        `threshold_scope`: whether all layers or each layer have a threshold; `prune_count`: whether
        it is a percentile or a rank.
    criterion
        A name in `CRITERIA`.
    present
        Masks of the weights that the network has, if not all: other weights are neither counted nor
        kept.

    Returns
    -------
    dict
        For each named array, a boolean mask of its shape, true where the weight is kept.

    Raises
    ------
    TypeError
        If the criterion does not return an array of real numbers.
    ValueError
        If the percentage or the criterion is not allowed, there are no weights to prune, or the
        scores under one threshold are all equal, not finite, or different in a second call.
    """
    whole_number("percent", percent, 0, 100)
    one_of("criterion", criterion, CRITERIA)
    keep = _RULES[semantics.prune_count]
    groups = list(layers) or [[]]
    if semantics.threshold_scope == "model":
        groups = [[name for layer in layers for name in layer]]
    masks: dict[str, np.ndarray] = {}
    for names in groups:
        scores = _scores(weights, names, criterion)
        there = {name: _present(present or {}, name, score) for name, score in scores.items()}
        for name, score in scores.items():
            _check_finite(score[there[name]], weights[name][there[name]], name, criterion)
        pooled = np.concatenate([np.empty(0), *(scores[name][there[name]] for name in scores)])
        _check_differ(pooled, names, criterion)
        kept = keep(pooled, percent)
        ends = np.cumsum([mask.sum() for mask in there.values()])
        for (name, mask), part in zip(there.items(), np.split(kept, ends[:-1]), strict=True):
            masks[name] = np.zeros(mask.shape, np.bool_)
            masks[name][mask] = part
    return masks


def prune_below(
    weights: Weights,
    layers: Sequence[Sequence[str]],
    threshold: float,
    criterion: str = "magnitude",
    present: Masks | None = None,
) -> dict[str, np.ndarray]:
    """Choose the weights to keep when those that score below a threshold go (slides, section 5.1).

    Parameters
    ----------
    weights, layers, criterion, present
        As in `prune`.
    threshold
        A score; for magnitude, in the unit of the weights.

    Returns
    -------
    dict
        For each named array, a boolean mask of its shape, true where the weight is kept.

    Raises
    ------
    TypeError, ValueError
        If the criterion or its scores are not allowed, as in `prune`; the scores may all be equal.
    """
    one_of("criterion", criterion, CRITERIA)
    names = [name for layer in layers for name in layer]
    masks = {}
    for name, score in _scores(weights, names, criterion).items():
        there = _present(present or {}, name, score)
        _check_finite(score[there], weights[name][there], name, criterion)
        masks[name] = there & ~(score < threshold)
    return masks


def keep_by_percentile(scores: np.ndarray, percent: int) -> np.ndarray:
    """Keep scores that are not below the percentile (linear interpolation); ties with it are kept.

    At 0 % everything is kept; at 100 % only the largest score, with all that tie with it.

    Parameters
    ----------
    scores
        (n,) finite scores.
    percent
        The percentile, 0-100.

    Returns
    -------
    numpy.ndarray
        (n,) bool, true where the weight is kept.
    """
    return ~(scores < np.percentile(scores, percent))


def keep_by_rank(scores: np.ndarray, percent: int) -> np.ndarray:
    """Drop exactly round(percent / 100 * n) weights, lowest scores first, ties by position.

    Parameters
    ----------
    scores
        (n,) finite scores.
    percent
        Percentage of the weights to drop, 0-100.

    Returns
    -------
    numpy.ndarray
        (n,) bool, true where the weight is kept.
    """
    kept = np.ones(scores.size, dtype=np.bool_)
    kept[np.argsort(scores, kind="stable")[: round(percent * scores.size / 100)]] = False
    return kept


def _scores(weights: Weights, names: Sequence[str], criterion: str) -> dict[str, np.ndarray]:
    """The criterion's scores of some arrays, which it may read but not change."""
    readable = {name: _read_only(array) for name, array in weights.items()}
    return {
        name: reproducible(
            f"criterion {criterion!r} gave two different scores of {name} for the same weights",
            partial(_scored, readable, name, criterion),
            lambda scores: (scores.dtype, scores.tobytes()),
        )
        for name in names
    }


def _scored(weights: Weights, name: str, criterion: str) -> np.ndarray:
    """A copy of the criterion's scores of one array, checked."""
    scores, shape = CRITERIA[criterion](weights, name), weights[name].shape
    real = isinstance(scores, np.ndarray) and scores.dtype.kind in "biuf"
    if not real:
        given = f"an array of {scores.dtype}" if isinstance(scores, np.ndarray) else shown(scores)
        raise refusal(
            TypeError(
                f"criterion {criterion!r} returned {given} for {name}: return one score per weight, a "
                f"numpy array of real numbers of shape {shape}"
            )
        )
    if scores.shape != shape:
        raise refusal(
            ValueError(
                f"criterion {criterion!r} scored {name} with shape {scores.shape}: "
                f"give one score per weight, shape {shape}"
            )
        )
    return np.array(scores)


def _present(present: Masks, name: str, scores: np.ndarray) -> np.ndarray:
    if name not in present:
        return np.ones(scores.shape, np.bool_)
    check_mask(name, present[name], scores.shape)
    return present[name]


def _read_only(array: np.ndarray) -> np.ndarray:
    """A view that a criterion cannot write to, because other items prune the same weights."""
    view = array.view()
    view.setflags(write=False)
    return view


_RULES = {"percentile": keep_by_percentile, "rank": keep_by_rank}


def _check_differ(scores: np.ndarray, names: Sequence[str], criterion: str) -> None:
    if scores.size == 0:
        raise ValueError(f"no weights to prune in {list(names)}: name arrays that are not empty")
    if scores.size > 1 and scores.min() == scores.max():
        raise refusal(
            ValueError(
                f"all {scores.size} scores of {', '.join(names)} are {scores.min()}: there is no "
                f"smallest weight to prune by criterion {criterion!r}; was the network initialised?"
            )
        )


def _check_finite(scores: np.ndarray, weights: np.ndarray, name: str, criterion: str) -> None:
    wrong = int((~np.isfinite(scores)).sum())
    if wrong:
        remedy = "prune weights that training has left finite"
        if np.isfinite(weights).all():
            remedy = "the weights are finite, so its scores must be"
        raise refusal(
            ValueError(
                f"criterion {criterion!r}: {wrong} of {scores.size} scores of {name} are NaN or "
                f"infinite: {remedy}"
            )
        )
