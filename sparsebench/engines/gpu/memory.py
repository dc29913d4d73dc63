"""Arrays for the kernels, on a device."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from sparsebench.engines.evaluation import padded_lengths
from sparsebench.parts.examples import Examples


class State(NamedTuple):
    """The flat parameters of all networks, one after another, and Adam's two moments of them."""

    parameters: Any
    means: Any
    squares: Any


class Strings(NamedTuple):
    """Strings, and the letters that occur in them.

    Attributes
    ----------
    codes
        (T, N) uint8, by time step.
    lengths, labels
        (N,) int32.
    letters
        (L,) int32: the codes that occur, including padding.
    """

    codes: Any
    lengths: Any
    labels: Any
    letters: Any


class Orders(NamedTuple):
    """The strings that every network takes in one call, all int32.

    Attributes
    ----------
    strings
        The networks' orders, one after another.
    firsts
        (networks + 1,) where each order begins, and where the last one ends.
    steps
        (networks, batches) the padded length of each batch.
    taken
        (networks,) optimiser steps of earlier calls.
    """

    strings: Any
    firsts: Any
    steps: Any
    taken: Any


class Results(NamedTuple):
    """The results of one call.

    Attributes
    ----------
    tile_losses, tile_correct
        (networks, tiles) float64 and int32, of the step in progress.
    losses, correct
        (networks, batches) float64 and int32: summed over the strings of a batch.
    done
        (networks,) int32: steps done.
    stopped
        (networks,) int32: why training of a network stopped; 0 if it did not.
    """

    tile_losses: Any
    tile_correct: Any
    losses: Any
    correct: Any
    done: Any
    stopped: Any


class Pieces(NamedTuple):
    """Tiles of batches taken in order: first string, number of strings, padded length; int32."""

    firsts: Any
    counts: Any
    steps: Any


def strings_arrays(examples: Examples) -> Strings:
    """Letters with one class each, for the kernels."""
    codes = np.ascontiguousarray(examples.inputs.T, np.uint8)
    lengths, labels = examples.lengths.astype(np.int32), examples.answers.astype(np.int32)
    return Strings(codes, lengths, labels, np.unique(codes).astype(np.int32))


def orders_arrays(
    orders: list[np.ndarray], lengths: np.ndarray, batch_size: int, taken: list[int]
) -> Orders:
    """Orders for the kernels; `lengths` (N,) are those of the strings."""
    firsts = np.cumsum([0, *map(len, orders)])
    if firsts[-1] > np.iinfo(np.int32).max:
        raise ValueError(f"orders name {firsts[-1]} strings together: split the population")
    batches = -(-max(map(len, orders)) // batch_size)
    steps = np.zeros((len(orders), batches), np.int32)
    for row, order in zip(steps, orders, strict=True):
        if len(order):
            longest = np.maximum.reduceat(lengths[order], np.arange(0, len(order), batch_size))
            row[: len(longest)] = longest
    return Orders(
        np.concatenate(orders).astype(np.int32), firsts.astype(np.int32), steps,
        np.array(taken, np.int32),
    )  # fmt: skip


def results_arrays(networks: int, tiles: int, batches: int) -> Results:
    """Arrays for the kernels' results."""
    return Results(
        tile_losses=np.zeros((networks, tiles)),
        tile_correct=np.zeros((networks, tiles), np.int32),
        losses=np.zeros((networks, batches)),
        correct=np.zeros((networks, batches), np.int32),
        done=np.zeros(networks, np.int32),
        stopped=np.zeros(networks, np.int32),
    )


def pieces_arrays(lengths: np.ndarray, batch_size: int, lanes: int) -> Pieces:
    """The tiles of all batches of strings, taken in order."""
    starts = np.arange(0, len(lengths), batch_size)
    ends = np.minimum(starts + batch_size, len(lengths))
    pairs = list(zip(starts, ends, strict=True))
    firsts = np.concatenate([np.arange(start, end, lanes) for start, end in pairs])
    end = np.concatenate([np.full(-(-(end - start) // lanes), end) for start, end in pairs])
    steps = padded_lengths(lengths, batch_size)[firsts]
    return Pieces(*(a.astype(np.int32) for a in (firsts, np.minimum(end - firsts, lanes), steps)))


def to_device(arrays: Any, device: torch.device) -> Any:
    """The same named tuple, with copies of its arrays on a device."""
    return type(arrays)(*(torch.tensor(array, device=device) for array in arrays))
