"""Random streams that are the same on every platform and with every version of numpy."""

from __future__ import annotations

import hashlib

import numpy as np

NEW_WEIGHTS = 2_000_000
"""Added to the seed of a method's network for new initial weights; larger than any seed of a run."""


def stream(*key: str | int) -> np.random.RandomState:
    """A generator for one named purpose, independent of those of all other keys.

    It is a `RandomState`, because numpy guarantees its streams forever (NEP 19); streams of
    `Generator` may change between releases, and all stored baselines with them.

    Parameters
    ----------
    *key
        The purpose and its numbers, such as `("shuffle", seed, epoch)`.

    Returns
    -------
    numpy.random.RandomState
        A fresh generator; equal keys give equal streams.

    Raises
    ------
    ValueError
        If a text contains a slash.
    """
    if any("/" in part for part in key if isinstance(part, str)):
        raise ValueError(f"stream key {key!r}: leave out '/', which separates its parts")
    text = "/".join(f"{type(part).__name__}:{part}" for part in key)
    words = np.frombuffer(hashlib.sha256(text.encode("utf-8")).digest(), dtype="<u4")
    return np.random.RandomState(words)
