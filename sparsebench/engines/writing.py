"""Generation of strings by networks that predict the next letter: each letter is sampled."""

from __future__ import annotations

import numpy as np

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.parts.elementary import exp
from sparsebench.parts.examples import NO_ANSWER, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

_TOGETHER = 64
"""Strings that are generated side by side."""


def write(
    plan: SparseLayout,
    weights: Weights,
    alphabet: str,
    strings: int,
    ends: int,
    longest: int,
    random: np.random.RandomState,
) -> list[str]:
    """Generate strings that begin with `B`, until their last `E` or the limit of length.

    For every letter, the whole beginning of the string is read again: strings are short, and this
    needs only the engine that trains.

    Parameters
    ----------
    plan, weights
        A network that reads letters of the alphabet and has an output after every step.
    alphabet
        The letters, in the order of their codes.
    strings
        Number of strings.
    ends
        The `E` at which a string ends, counted from 1.
    longest
        Most letters; a string without its end is cut there.
    random
        The generator of letters.

    Returns
    -------
    list of str
        The strings.
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
