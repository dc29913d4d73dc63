"""Examples and the orders of an epoch on a device, where a training step reads its own batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.gpu.stacks import Batches
from sparsebench.parts.examples import VALUES, Examples

LETTERS = 8
"""Letters that occur are filled up to a multiple of this, so that parts of a data set share graphs."""


Read = tuple[np.ndarray, "np.ndarray | None"]
"""What `by_letter` makes of inputs."""


def by_letter(inputs: np.ndarray) -> Read:
    """Codes (N, T) as uint8 places among the letters that occur, and these; vectors as they are."""
    if inputs.ndim == 3:
        return inputs, None
    occurs = np.zeros(256, np.bool_)
    occurs[inputs] = True
    letters = np.flatnonzero(occurs)
    filled = np.resize(letters[-1:], -len(letters) % LETTERS)
    return (np.cumsum(occurs) - 1).astype(np.uint8)[inputs], np.concatenate([letters, filled])


@dataclass(eq=False)
class HeldExamples:
    """What the steps of an epoch read and write, in tensors that stay where they are.

    Attributes
    ----------
    inputs
        (E, T) uint8 places in `letters`, or (E, T, width) numbers.
    letters
        (U,) int64 codes of the letters that occur; None if inputs are numbers.
    lengths, answers
        (E,) int64, and what the examples ask for.
    factors
        (classes,) weights of the classes' losses.
    orders, sizes
        (S, N, B) int64 numbers of examples in each step of each network, and (S, N) how many of them
        count: 0 if a network takes no step.
    step
        (1,) int64: the step to take next.
    rate
        (1,) float64: the learning rate.
    told
        (S, 3, N) float64: summed loss, right answers and all answers of each step.
    takes
        What takes a step, by its length.
    pool
        Of its graphs.
    """

    inputs: Tensor
    letters: Tensor | None
    lengths: Tensor
    answers: Tensor
    factors: Tensor
    orders: Tensor
    sizes: Tensor
    step: Tensor
    rate: Tensor
    told: Tensor
    takes: dict[int, Callable[[], None]] = field(default_factory=dict)
    pool: Any = None
    _examples: Examples | None = None

    def has(self, examples: Examples, steps: int) -> bool:
        """Whether these examples are there, and room for the orders of so many steps."""
        return examples is self._examples and steps <= len(self.orders)

    def put(self, examples: Examples, read: Read) -> None:
        """Copy examples."""
        places, letters = read
        _copy(self.inputs, places)
        _copy(self.lengths, examples.lengths)
        _copy(self.answers, examples.answers)
        if self.letters is not None and letters is not None:
            _copy(self.letters, letters)
        factors = examples.class_weights
        _copy(self.factors, np.ones(len(self.factors)) if factors is None else factors)
        self._examples = examples

    def begin(self, rows: np.ndarray, sizes: np.ndarray, rate: float) -> None:
        """Copy the orders of an epoch, (S, N, B) and (S, N), and begin with its first step."""
        _copy(self.orders[: len(rows)], rows)
        _copy(self.sizes[: len(rows)], sizes)
        self.step.zero_()
        self.rate.fill_(rate)

    def batches(self, steps: int) -> Batches:
        """The batches of the next step, cut after some steps."""
        rows = self.orders.index_select(0, self.step)[0]  # (N, B)
        sizes = self.sizes.index_select(0, self.step)[0]
        taken = torch.arange(rows.shape[1], device=rows.device) < sizes[:, None]
        lengths = self.lengths[rows].clamp(max=steps)  # of networks that wait, too
        answers, inputs = self.answers[rows], self.inputs[:, :steps][rows]
        if answers.ndim == 3 and not answers.is_floating_point():
            answers = answers[:, :, :steps]
        return Batches(
            inputs if self.letters is None else inputs.long(),
            self.letters,
            lengths,
            (lengths * taken).amax(1).clamp(min=1),
            answers,
            taken.to(self.factors.dtype),
            self.factors,
        )


def shapes_of(examples: Examples, read: Read) -> tuple[object, ...]:
    """What examples must have in common to lie in the same tensors."""
    places, letters = read
    told = None if letters is None else len(letters)
    return places.shape, examples.answers.shape, examples.asked, told


def held_examples(
    examples: Examples,
    read: Read,
    arranged: tuple[int, ...],
    classes: int,
    device: torch.device,
    dtype: torch.dtype,
) -> HeldExamples:
    """Tensors for such examples, and for S steps of N networks with B examples each."""

    def made(*shape: int, kind: torch.dtype = torch.int64) -> Tensor:
        return torch.zeros(*shape, dtype=kind, device=device)

    places, letters = read
    count, networks, _ = arranged
    numbers = examples.asked == VALUES
    return HeldExamples(
        made(*places.shape, kind=torch.uint8 if letters is not None else dtype),
        None if letters is None else made(len(letters)),
        made(len(examples)),
        made(*examples.answers.shape, kind=dtype if numbers else torch.int64),
        made(classes, kind=dtype),
        made(*arranged),
        made(count, networks),
        made(1),
        made(1, kind=torch.float64),
        made(count, 3, networks, kind=torch.float64),
    )


def _copy(tensor: Tensor, array: np.ndarray) -> None:
    tensor.copy_(torch.from_numpy(np.ascontiguousarray(array)))
