"""Networks that say which letter comes next, writing: each letter is drawn as they say."""

from __future__ import annotations

import numpy as np

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.parts.elementary import exp
from sparsebench.parts.examples import NO_ANSWER, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

_TOGETHER = 64
"""Strings that are written side by side."""


def write(
    plan: SparseLayout,
    weights: Weights,
    alphabet: str,
    strings: int,
    ends: int,
    longest: int,
    random: np.random.RandomState,
) -> list[str]:
    """Write strings that begin with `B` and end with an `E`, or are given up.

    What was written is read again from its beginning for every letter: strings are short, and so
    nothing but the engine that trains is needed.

    Parameters
    ----------
    plan, weights
        A network that reads letters of the alphabet and answers after every step.
    alphabet
        The letters, in the order of their codes.
    strings
        How many to write.
    ends
        With which `E` a string ends, counted from 1.
    longest
        Letters after which one that does not end is given up.
    random
        Where the letters are drawn from.

    Returns
    -------
    list of str
        What was written.
    """
    network = CpuPopulation([plan], [weights], "last_step", Training(batch_size=_TOGETHER))
    start, end = alphabet.index("B"), alphabet.index("E")
    codes = np.full((strings, longest), start, np.uint8)
    lengths = np.full(strings, longest)
    unfinished = np.arange(strings)
    for place in range(1, longest):
        read = codes[unfinished, :place]
        asked = np.full(read.shape, NO_ANSWER)
        asked[:, -1] = 0
        examples = Examples(read, np.full(len(read), place, np.int64), asked)
        (said,) = network.logits(examples, _TOGETHER)
        logits = said.reshape(*read.shape, -1)[:, -1].astype(np.float64)
        shares = exp(logits - logits.max(1, keepdims=True)).cumsum(1)
        drawn = random.random_sample((len(read), 1)) * shares[:, -1:]
        codes[unfinished, place] = np.minimum((shares < drawn).sum(1), len(alphabet) - 1)
        done = (codes[unfinished, : place + 1] == end).sum(1) == ends
        lengths[unfinished[done]] = place + 1
        unfinished = unfinished[~done]
        if not len(unfinished):
            break
    return [
        "".join(alphabet[code] for code in row[:length])
        for row, length in zip(codes, lengths, strict=True)
    ]
