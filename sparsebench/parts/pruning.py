"""Which weights a pruning keeps: pure functions from weights to masks (thesis, section 5.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Masks, Weights, check_mask
from sparsebench.values.semantics import Semantics

Criterion = Callable[[Weights, str], np.ndarray]
"""Scores one named array: an array of its shape; the weights with the lowest scores go first."""


def magnitude(weights: Weights, name: str) -> np.ndarray:
    """The absolute value of each weight."""
    return np.abs(weights[name])


CRITERIA: dict[str, Criterion] = {"magnitude": magnitude}
"""Criteria by name. A project's own go in here, from its conftest.py."""


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
        How much to prune, 0-100.
    semantics
        `threshold_scope` says whether all layers or each layer share a threshold, `prune_count`
        whether that is a percentile or a rank.
    criterion
        A name in `CRITERIA`.
    present
        Masks of the weights that the network has, where it does not have all: the others are neither
        counted nor kept.

    Returns
    -------
    dict
        For each named array, a boolean mask of its shape, true where the weight is kept.

    Raises
    ------
    ValueError
        If the percentage or the criterion is not allowed, or the scores that share a threshold are
        none, all the same or not finite.
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
        pooled = np.concatenate([np.empty(0), *(scores[name][there[name]] for name in scores)])
        kept = keep(_checked(pooled, names), percent)
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
    """Choose the weights to keep when all with a score below a threshold go (slides, section 5.1).

    Parameters
    ----------
    weights, layers, criterion, present
        As of `prune`.
    threshold
        A score; for magnitude, in units of weights.

    Returns
    -------
    dict
        For each named array, a boolean mask of its shape, true where the weight is kept.

    Raises
    ------
    ValueError
        If the criterion is not allowed, or a score is not finite.
    """
    one_of("criterion", criterion, CRITERIA)
    names = [name for layer in layers for name in layer]
    masks = {}
    for name, score in _scores(weights, names, criterion).items():
        there = _present(present or {}, name, score)
        _check_finite(score[there], [name])
        masks[name] = there & ~(score < threshold)
    return masks


def keep_by_percentile(scores: np.ndarray, percent: int) -> np.ndarray:
    """Keep what is not below the percentile (linear interpolation): ties with it stay.

    At 0 % everything stays; at 100 % only the largest score does, or all that tie with it.

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
    """Drop exactly round(percent / 100 * n) weights, lowest score first, ties by position.

    Parameters
    ----------
    scores
        (n,) finite scores.
    percent
        How much to drop, 0-100.

    Returns
    -------
    numpy.ndarray
        (n,) bool, true where the weight is kept.
    """
    kept = np.ones(scores.size, dtype=np.bool_)
    kept[np.argsort(scores, kind="stable")[: round(percent * scores.size / 100)]] = False
    return kept


def _scores(weights: Weights, names: Sequence[str], criterion: str) -> dict[str, np.ndarray]:
    """The criterion's scores of some arrays, which it can read and not write."""
    readable = {name: _read_only(array) for name, array in weights.items()}
    scores = {name: CRITERIA[criterion](readable, name) for name in names}
    for name, score in scores.items():
        if score.shape != weights[name].shape:
            raise ValueError(
                f"criterion {criterion!r} scored {name} with shape {score.shape}: "
                f"give one score per weight, shape {weights[name].shape}"
            )
    return scores


def _present(present: Masks, name: str, scores: np.ndarray) -> np.ndarray:
    if name not in present:
        return np.ones(scores.shape, np.bool_)
    check_mask(name, present[name], scores.shape)
    return present[name]


def _read_only(array: np.ndarray) -> np.ndarray:
    """A view that a criterion cannot write through: other cells prune the same weights."""
    view = array.view()
    view.setflags(write=False)
    return view


_RULES = {"percentile": keep_by_percentile, "rank": keep_by_rank}


def _checked(scores: np.ndarray, names: Sequence[str]) -> np.ndarray:
    if scores.size == 0:
        raise ValueError(f"no weights to prune in {list(names)}: name arrays that are not empty")
    _check_finite(scores, names)
    if scores.size > 1 and scores.min() == scores.max():
        raise ValueError(
            f"all {scores.size} scores of {', '.join(names)} are {scores.min()}: there is no smallest "
            "weight to prune; was the network initialised?"
        )
    return scores


def _check_finite(scores: np.ndarray, names: Sequence[str]) -> None:
    if not np.isfinite(scores).all():
        raise ValueError(
            f"{int((~np.isfinite(scores)).sum())} of {scores.size} scores of {', '.join(names)} are "
            "NaN or infinite: prune weights that training has left finite"
        )
