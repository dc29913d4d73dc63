"""Japanese vowels, from the data that sktime brings along."""

from __future__ import annotations

import hashlib

import numpy as np

from sparsebench.parts.examples import Examples, Halves
from sparsebench.values.sequence_tasks import JapaneseVowels

PACKAGE = "sktime"
"""The package that has the recordings; its extra is called `series`."""

CHECKSUM = "0a519a363bc16a69"
"""Of all examples: recordings that another version of the package changed would be another task."""


def japanese_vowels(task: JapaneseVowels) -> Halves:
    """The recordings in their order, as single precision and without scaling.

    Raises
    ------
    ImportError
        If sktime is not installed.
    ValueError
        If it has other recordings.
    """
    made = Halves(*(_half(task, split) for split in ("train", "test")))
    found = hashlib.sha256()
    for examples in (made.train, made.test):
        for array in (examples.inputs, examples.lengths, examples.answers):
            found.update(array.tobytes())
    if (checksum := found.hexdigest()[:16]) != CHECKSUM:
        raise ValueError(
            f"the Japanese vowels of this version of {PACKAGE} have the checksum {checksum}, not "
            f"{CHECKSUM}: install version 1.2"
        )
    return made


def _half(task: JapaneseVowels, split: str) -> Examples:
    from sktime.datasets import load_japanese_vowels

    series, labels = load_japanese_vowels(split, return_type="df-list")
    lengths = np.array([len(each) for each in series], np.int64)
    inputs = np.zeros((len(series), lengths.max(), task.width), np.float32)
    for row, each in zip(inputs, series, strict=True):
        row[: len(each)] = each.to_numpy()
    return Examples(inputs, lengths, np.asarray(labels, np.int64) - 1)
