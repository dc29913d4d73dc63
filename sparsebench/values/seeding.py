"""Random streams that mean the same on every platform and in every version of numpy."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(*key: str | int) -> np.random.RandomState:
    """A generator for one named purpose, independent of every other key's.

    `RandomState` is chosen because numpy promises its streams forever (NEP 19); the streams of
    `Generator` may change between releases, and with them every stored baseline.

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
        If a text holds a slash.
    """
    if any("/" in part for part in key if isinstance(part, str)):
        raise ValueError(f"stream key {key!r}: leave out '/', which separates its parts")
    text = "/".join(f"{type(part).__name__}:{part}" for part in key)
    words = np.frombuffer(hashlib.sha256(text.encode("utf-8")).digest(), dtype="<u4")
    return np.random.RandomState(words)
