"""States of a streaming network in PyTorch's shapes: h, or (h, c) of an LSTM, for a batch of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sparsebench.parts.own_forward import State as TorchState

Blocks = list[np.ndarray]
"""(units,) of each block."""


def blocks_of(
    state: Any, stacks: Sequence[Sequence[int]], lstm: bool
) -> tuple[Blocks, Blocks | None]:
    """The hidden values of each block, and the cells of an LSTM, from a state in PyTorch's shapes.

    Parameters
    ----------
    state
        h, or (h, c) of an LSTM, each (layers, 1, units) or (layers, units), arrays or tensors without
        gradients; for several stacks, a sequence of these.
    stacks
        The units of each layer, by stack.
    lstm
        Whether there are cells.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    given = [state] if len(stacks) == 1 else list(state)
    if len(given) != len(stacks):
        raise ValueError(f"a state of {len(given)} stacks: give one for each of {len(stacks)}")
    parts: tuple[Blocks, ...] = ([], []) if lstm else ([],)
    for own, sizes in zip(given, stacks, strict=True):
        arrays = [np.asarray(each) for each in (own if isinstance(own, tuple | list) else (own,))]
        shape = (len(sizes), 1, sizes[0])
        fits = all(each.shape in (shape, (shape[0], shape[2])) for each in arrays)
        if len(arrays) != len(parts) or not fits:
            wanted = f"(h, c), each {shape}" if lstm else f"h {shape}"
            raise ValueError(
                f"a state of shapes {', '.join(str(each.shape) for each in arrays)}: give {wanted}, "
                "of a batch of one"
            )
        for part, array in zip(parts, arrays, strict=True):
            part += [*array.reshape(len(sizes), -1)]
    return parts[0], (parts[1] if lstm else None)


def torch_state_of(
    hidden: Sequence[np.ndarray],
    cells: Sequence[np.ndarray],
    stacks: Sequence[Sequence[int]],
    lstm: bool,
) -> TorchState:
    """The inverse of `blocks_of`, float32."""
    result: list[Any] = []
    first = 0
    for sizes in stacks:
        own = slice(first, first + len(sizes))
        first += len(sizes)
        h, c = (np.stack(part[own])[:, None] for part in (hidden, cells))
        result.append((h, c) if lstm else h)
    return result[0] if len(result) == 1 else tuple(result)
