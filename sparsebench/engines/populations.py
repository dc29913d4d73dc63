"""Populations: independent networks that an engine trains and evaluates together."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sparsebench.engines.evaluation import Evaluation
from sparsebench.parts.elementary import exp, log
from sparsebench.parts.examples import CLASS, VALUES, Examples, check_class_weights
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import OPTIMISERS, Training
from sparsebench.values.semantics import CHOICES

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's constants: PyTorch's defaults, and the thesis's."""

MOMENTUM, ADAGRAD_EPSILON, RMSPROP_DECAY = 0.9, 1e-10, 0.99
"""Constants of the other optimisers: PyTorch's defaults, and the usual momentum."""

OPTIMISER_NUMBERS = {name: number for number, name in enumerate(OPTIMISERS)}
ADAM, NESTEROV, ADAGRAD, RMSPROP = OPTIMISER_NUMBERS.values()
"""The numbers of the optimisers in compiled loops."""

FINISHED, LOSS, GRADIENT = 0, 1, 2
"""How a training loop ends: all steps done, a loss not finite, a gradient not finite."""

_REASONS = {LOSS: "the loss is NaN or infinite", GRADIENT: "the gradient's norm is NaN or infinite"}


@dataclass(frozen=True)
class Stopped:
    """Why training of a network stopped; its weights are those before the step.

    Attributes
    ----------
    step
        The optimiser's step that was not done, counted from 1.
    reason
        What was not finite.
    """

    step: int
    reason: str


@dataclass(frozen=True)
class Epoch:
    """The figures of a network on the training examples, while its weights change.

    Attributes
    ----------
    losses
        (steps,) mean loss of each batch: cross entropy in nats, or squared error; shorter if
        training stopped.
    accuracy
        The share of right answers in these batches, 0-1; 0 if numbers are asked for.
    answers
        (steps,) number of answers in each batch.
    """

    losses: np.ndarray
    accuracy: float
    answers: np.ndarray


@dataclass(frozen=True, eq=False)
class Steps:
    """The results of a training loop for one network.

    Attributes
    ----------
    ending
        `FINISHED`, `LOSS` or `GRADIENT`.
    losses, correct, answers
        (steps,) summed loss, right answers and all answers of each batch whose step was done.
    """

    ending: int
    losses: np.ndarray
    correct: np.ndarray
    answers: np.ndarray


class Population(ABC):
    """Networks of one variant and any structure, each with its own weights and optimiser.

    A network's figures are the same bit for bit in any population: each network has its own order
    of examples, clipping norm and optimiser state, and sums are always taken in the same order.
    Engines for CPUs and GPUs derive from this class. Arguments are checked here, because compiled
    loops check nothing. Methods must not be called from two threads at once.

    Parameters
    ----------
    plans
        The sparse layout of each network.
    weights
        The named arrays of each network.
    readout
        `padded` or `last_step`, see `sparsebench.values.semantics.Semantics`.
    training
        Batch size, optimiser, learning rate and clipping norm.

    Attributes
    ----------
    plans
        The sparse layout of each network.
    stopped
        Number of a network -> why its training stopped.
    between_steps
        Called while a CPU trains or evaluates, between two batches every tenth of a second or so,
        by the thread that does it. It may wait; an exception from it ends what is under way.

    Raises
    ------
    ValueError
        If there is no network, if variants or numbers of classes differ, or if the number of sets
        of weights differs from that of layouts.
    """

    def __init__(
        self,
        plans: Sequence[SparseLayout],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
    ) -> None:
        self._variant = _variant_of(plans, len(weights))
        one_of("semantics switch readout", readout, CHOICES["readout"])
        self.plans = list(plans)
        self.stopped: dict[int, Stopped] = {}
        self.between_steps: Callable[[], None] = lambda: None
        self._readout, self._training = readout, training
        self._steps = [0] * len(plans)
        """Optimiser steps that each network has done."""

    def train(
        self, examples: Examples, orders: Sequence[np.ndarray], rate: float | None = None
    ) -> list[Epoch | None]:
        """Train every network on batches of examples, each in its own order.

        Parameters
        ----------
        examples
            The training examples.
        orders
            For each network, the numbers of the examples to take, batch by batch.
        rate
            The learning rate; None: that of the first epoch.

        Returns
        -------
        list
            The figures of each network; None for those that had stopped before.

        Raises
        ------
        ValueError
            If an order names an example that does not exist, or the networks cannot read or answer
            an example.
        """
        check_examples(self.plans, examples)
        checked = check_orders(orders, len(self.plans), examples)
        epochs: list[Epoch | None] = [None] * len(self.plans)
        running = [number for number in range(len(self.plans)) if number not in self.stopped]
        if running:
            rate = self._training.learning_rate if rate is None else rate
            for number, taken in self._take_steps(examples, checked, running, rate).items():
                epochs[number] = self._epoch(number, taken)
        return epochs

    def logits(self, examples: Examples, batch_size: int) -> np.ndarray:
        """The outputs of every network for some examples, in batches taken in order.

        Returns
        -------
        numpy.ndarray
            (networks, N, classes), or (networks, N, T * classes) if each step has an answer; zero
            after a batch's end.

        Raises
        ------
        ValueError
            If the networks cannot read or answer an example.
        """
        whole_number("batch_size", batch_size, 1)
        check_examples(self.plans, examples)
        return self._say(examples, batch_size)

    def evaluate(self, examples: Examples, batch_size: int) -> list[Evaluation]:
        """Accuracy and mean loss of every network; a loss is NaN or infinite if a logit is."""
        return [_judged(said, examples) for said in self.logits(examples, batch_size)]

    def weights(self, number: int, pruned: Weights | None = None) -> dict[str, np.ndarray]:
        """The named arrays of a network; see `SparseLayout.unpack` for `pruned`."""
        return self.plans[number].unpack(self._parameters(number), pruned)

    @abstractmethod
    def _take_steps(
        self, examples: Examples, orders: list[np.ndarray], running: list[int], rate: float
    ) -> dict[int, Steps]:
        """Train the networks whose numbers are in `running`; return results by number.

        `orders` has one entry for every network of the population.
        """

    @abstractmethod
    def _say(self, examples: Examples, batch_size: int) -> np.ndarray:
        """See `logits`."""

    @abstractmethod
    def _parameters(self, number: int) -> np.ndarray:
        """(size,) parameters of a network, in the order of its sparse layout."""

    def _epoch(self, number: int, taken: Steps) -> Epoch:
        """Record the steps of a network, and that it stopped if they ended early."""
        self._steps[number] += len(taken.losses)
        if taken.ending != FINISHED:
            self.stopped[number] = Stopped(self._steps[number] + 1, _REASONS[taken.ending])
        answers = int(taken.answers.sum())
        accuracy = int(taken.correct.sum()) / answers if answers else 0.0
        return Epoch(taken.losses / taken.answers, accuracy, taken.answers)


def _variant_of(plans: Sequence[SparseLayout], weights: int) -> str:
    """The variant of all networks of a population.

    Raises
    ------
    ValueError
        If there is no network, if variants or numbers of classes differ, or if the number of sets
        of weights differs from that of layouts.
    """
    kinds = sorted({(plan.layout.variant, plan.layout.classes) for plan in plans})
    if len(kinds) != 1 or len(plans) != weights:
        raise ValueError(
            f"{len(plans)} plans of variants and classes {kinds} and {weights} sets of weights: "
            "give one set for each plan, and at least one plan, of one variant and number of classes"
        )
    return kinds[0][0]


def check_examples(plans: Sequence[SparseLayout], examples: Examples) -> None:
    """Refuse examples that some network cannot read or answer; compiled loops check nothing.

    Raises
    ------
    ValueError
        If there is no example, or one has a letter, a width, an answer or a length that is not
        allowed.
    """
    inputs, lengths, answers = examples.inputs, examples.lengths, examples.answers
    if len(examples) == 0 or inputs.size == 0:
        raise ValueError("no examples: give at least one, of one step or more")
    letters = inputs.ndim == 2 and inputs.dtype == np.uint8
    vectors = inputs.ndim == 3 and inputs.dtype == np.float32
    numbers = answers.dtype == np.float32 and answers.ndim == 2
    classes = answers.dtype.kind in "iu" and answers.shape in (inputs.shape[:1], inputs.shape[:2])
    whole = lengths.dtype.kind in "iu" and inputs.shape[:1] == lengths.shape == answers.shape[:1]
    if not whole or not (letters or vectors) or not (numbers or classes):
        raise ValueError(
            f"examples of inputs {inputs.dtype} {inputs.shape}, lengths {lengths.dtype} "
            f"{lengths.shape} and answers {answers.dtype} {answers.shape}: give uint8 letters (N, T) "
            "or float32 vectors (N, T, width), whole numbers (N,) for lengths, and for answers "
            "classes, whole numbers (N,) or (N, T), or float32 numbers (N, K)"
        )
    symbols = {plan.layout.symbols for plan in plans}
    said, widths = plans[0].layout.classes, {plan.layout.width for plan in plans}
    if letters != all(symbols) or letters != any(symbols):
        raise ValueError(
            f"examples of {'letters' if letters else 'vectors'}, but networks with embeddings of "
            f"{sorted(symbols)} symbols: those with none read vectors, the others letters"
        )
    if vectors and widths != {inputs.shape[2]}:
        raise ValueError(f"vectors of {inputs.shape[2]}, but networks read {sorted(widths)}")
    if numbers and answers.shape[1] != said:
        raise ValueError(f"{answers.shape[1]} numbers asked for, but networks say {said}")
    ranges = [("length", lengths, 1, inputs.shape[1])]
    if letters:
        ranges.append(("letter code", inputs, 0, min(symbols) - 1))
    if classes:
        ranges.append(("class", answers, 0 if answers.ndim == 1 else -1, said - 1))
    for what, values, low, high in ranges:
        _check_range(what, values, low, high)
    for what, reals in (("inputs", inputs), ("answers", answers)):
        if reals.dtype.kind == "f" and not np.isfinite(reals).all():
            raise ValueError(f"some of the {what} are NaN or infinite: give finite numbers")
    check_class_weights(examples, said)
    if classes and answers.ndim == 2 and not (answers >= 0).any():
        raise ValueError("no example has an answer after any step: give one or more")


def _check_range(what: str, values: np.ndarray, low: int, high: int) -> None:
    if not low <= int(values.min()) <= int(values.max()) <= high:
        raise ValueError(
            f"an example's {what} is {int(values.min())} or {int(values.max())}: these "
            f"networks and examples allow {low} to {high}"
        )


def check_orders(
    orders: Sequence[np.ndarray], networks: int, examples: Examples
) -> list[np.ndarray]:
    """The orders as int64 arrays.

    Raises
    ------
    ValueError
        If there is not one for each network, or one is not a row of numbers of existing examples.
    """
    if len(orders) != networks:
        raise ValueError(f"{len(orders)} orders for {networks} networks: give one for each")
    for order in orders:
        kind = np.asarray(order).dtype.kind
        if np.ndim(order) != 1 or (kind not in "iu" and len(order)):
            raise ValueError(
                f"an order is {np.asarray(order).dtype} {np.shape(order)}: give the numbers of the "
                "examples, one after the other"
            )
    checked = [np.ascontiguousarray(order, np.int64) for order in orders]
    for order in checked:
        absent = order[(order < 0) | (order >= len(examples))]
        if absent.size:
            raise ValueError(f"an order names example {absent[0]} of {len(examples)}")
    return checked


def _judged(said: np.ndarray, examples: Examples) -> Evaluation:
    """Evaluate (N, outputs) of a network: right answers, all answers, and the mean loss."""
    answers = examples.answers
    if examples.asked == CLASS:
        return _classified(said, answers)
    if examples.asked == VALUES:
        errors = (said.astype(np.float64) - answers).reshape(-1)
        return Evaluation(0, answers.size, _mean(errors * errors))
    steps = np.arange(answers.shape[1])
    there = (answers >= 0) & (steps < examples.lengths[:, None])
    return _classified(said.reshape(*answers.shape, -1)[there], answers[there])


def _classified(logits: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Right answers and mean cross entropy of (N, classes) logits.

    The loss is NaN or infinite if a logit is.
    """
    logits = logits.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        below = logits - logits.max(1, keepdims=True)
        total = np.zeros(len(below))
        for shares in exp(below).T:
            total += shares
        losses = log(total) - below[np.arange(len(labels)), labels]
    return Evaluation(int((logits.argmax(1) == labels).sum()), len(labels), _mean(losses))


def _mean(values: np.ndarray) -> float:
    """The mean of some numbers, rounded once; NaN or infinite if one of them is."""
    try:
        return math.fsum(values.tolist()) / len(values)
    except (OverflowError, ValueError):  # infinities of both signs, or a sum beyond float64
        return math.nan
