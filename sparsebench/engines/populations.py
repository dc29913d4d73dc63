"""What populations have in common, whichever engine runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparsebench.engines.evaluation import Evaluation
from sparsebench.parts.plan import Plan
from sparsebench.parts.sequences import CLASS, VALUES, Examples, asked
from sparsebench.parts.strings import LabelledStrings
from sparsebench.values.protocol import OPTIMISERS

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's constants: PyTorch's defaults, and the thesis's."""

MOMENTUM, ADAGRAD_EPSILON, RMSPROP_DECAY = 0.9, 1e-10, 0.99
"""Those of the other optimisers: PyTorch's defaults, and the momentum that is usual."""

OPTIMISER_NUMBERS = {name: number for number, name in enumerate(OPTIMISERS)}
ADAM, NESTEROV, ADAGRAD, RMSPROP = OPTIMISER_NUMBERS.values()
"""What compiled loops know the optimisers by."""

FINISHED, LOSS, GRADIENT = 0, 1, 2
"""How a training loop ends: all steps taken, a loss that is not finite, a gradient that is not."""

_REASONS = {LOSS: "the loss is NaN or infinite", GRADIENT: "the gradient's norm is NaN or infinite"}


@dataclass(frozen=True)
class Stopped:
    """Why a network was taken out of training; its weights are those before the step.

    Attributes
    ----------
    step
        The optimiser's step that was not taken, from 1.
    reason
        What was not finite.
    """

    step: int
    reason: str


@dataclass(frozen=True)
class Epoch:
    """What a network did on the training examples while its weights moved.

    Attributes
    ----------
    losses
        (steps,) mean loss of each batch: cross entropy in nats, or squared error; shorter if the
        network was stopped.
    accuracy
        The share of the answers of these batches that were right, 0-1; 0 where numbers are asked for.
    answers
        (steps,) how many answers each batch has.
    """

    losses: np.ndarray
    accuracy: float
    answers: np.ndarray


class Progress:
    """The optimiser's steps that each network of a population has taken, and which were stopped."""

    def __init__(self, networks: int) -> None:
        self.steps = [0] * networks
        self.stopped: dict[int, Stopped] = {}

    def running(self) -> list[int]:
        """The numbers of the networks that are still trained."""
        return [number for number in range(len(self.steps)) if number not in self.stopped]

    def note(
        self,
        number: int,
        ending: int,
        losses: np.ndarray,
        correct: np.ndarray,
        answers: np.ndarray,
    ) -> Epoch:
        """Take down what a network did.

        Parameters
        ----------
        number
            Which network.
        ending
            `FINISHED`, `LOSS` or `GRADIENT`.
        losses, correct, answers
            (steps,) summed losses, right answers and all answers of each batch whose step was taken.
        """
        done = len(losses)
        self.steps[number] += done
        if ending != FINISHED:
            self.stopped[number] = Stopped(self.steps[number] + 1, _REASONS[ending])
        seen = int(answers.sum())
        return Epoch(losses / answers, int(correct.sum()) / seen if seen else 0.0, answers)


def check_alike(plans: Sequence[Plan], weights: int) -> str:
    """The variant of all networks of a population.

    Raises
    ------
    ValueError
        If there is no network, variants or numbers of classes differ, or there are not as many sets
        of weights.
    """
    kinds = sorted({(plan.layout.variant, plan.layout.classes) for plan in plans})
    if len(kinds) != 1 or len(plans) != weights:
        raise ValueError(
            f"{len(plans)} plans of variants and classes {kinds} and {weights} sets of weights: "
            "give one set for each plan, and at least one plan, of one variant and number of classes"
        )
    return kinds[0][0]


def batch_sizes(strings: int, batch_size: int, batches: int) -> np.ndarray:
    """How many strings each of the first batches has, of so many taken in order."""
    return np.minimum(batch_size, strings - batch_size * np.arange(batches))


def check_examples(plans: Sequence[Plan], examples: Examples) -> None:
    """Refuse examples that some network cannot read or answer, because compiled loops check nothing.

    Raises
    ------
    ValueError
        If there is none, one has a letter, a width or an answer that the networks do not know, or a
        length that its row does not have.
    """
    if isinstance(examples, LabelledStrings):
        check_strings(plans, examples)
        return
    inputs, lengths, answers = examples.inputs, examples.lengths, examples.answers
    if len(examples) == 0 or inputs.size == 0:
        raise ValueError("no sequences: give at least one, of one step or more")
    letters = inputs.ndim == 2 and inputs.dtype == np.uint8
    vectors = inputs.ndim == 3 and inputs.dtype == np.float32
    numbers = answers.dtype == np.float32 and answers.ndim == 2
    classes = answers.dtype == np.int64 and answers.shape in (inputs.shape[:1], inputs.shape[:2])
    whole = lengths.dtype.kind in "iu" and inputs.shape[:1] == lengths.shape == answers.shape[:1]
    if not whole or not (letters or vectors) or not (numbers or classes):
        raise ValueError(
            f"sequences of inputs {inputs.dtype} {inputs.shape}, lengths {lengths.dtype} "
            f"{lengths.shape} and answers {answers.dtype} {answers.shape}: give uint8 letters (N, T) "
            "or float32 vectors (N, T, width), whole numbers (N,) for lengths, and int64 classes (N,) "
            "or (N, T) or float32 numbers (N, K) for answers"
        )
    symbols = {plan.layout.symbols for plan in plans}
    said, widths = plans[0].layout.classes, {plan.layout.width for plan in plans}
    if letters != all(symbols) or letters != any(symbols):
        raise ValueError(
            f"sequences of {'letters' if letters else 'vectors'}, but networks with embeddings of "
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
    if classes and answers.ndim == 2 and not (answers >= 0).any():
        raise ValueError("no sequence has an answer after any step: give one or more")


def _check_range(what: str, values: np.ndarray, low: int, high: int) -> None:
    if not low <= int(values.min()) <= int(values.max()) <= high:
        raise ValueError(
            f"a string's {what} is {int(values.min())} or {int(values.max())}: these "
            f"networks and strings allow {low} to {high}"
        )


def check_strings(plans: Sequence[Plan], strings: LabelledStrings) -> None:
    """Refuse strings that some network cannot read, because compiled loops check nothing.

    Raises
    ------
    ValueError
        If there is no string, or one has a letter or a label that the networks do not know, or a
        length that its row does not have.
    """
    codes, lengths, labels = strings.codes, strings.lengths, strings.labels
    if len(strings) == 0 or codes.size == 0:
        raise ValueError("no strings: give at least one, of one letter or more")
    whole = codes.dtype == np.uint8 and lengths.dtype.kind in "iu" and labels.dtype.kind in "iu"
    if not whole or codes.ndim != 2 or not codes.shape[:1] == lengths.shape == labels.shape:
        raise ValueError(
            f"strings of codes {codes.dtype} {codes.shape}, lengths {lengths.dtype} "
            f"{lengths.shape} and labels {labels.dtype} {labels.shape}: give uint8 codes (N, T), "
            "and whole numbers (N,) for lengths and labels"
        )
    for what, values, low, high in (
        ("letter code", strings.codes, 0, min(plan.layout.symbols for plan in plans) - 1),
        ("label", strings.labels, 0, min(plan.layout.classes for plan in plans) - 1),
        ("length", strings.lengths, 1, strings.codes.shape[1]),
    ):
        _check_range(what, values, low, high)


def check_orders(
    orders: Sequence[np.ndarray], networks: int, strings: Examples
) -> list[np.ndarray]:
    """The orders as int64 arrays.

    Raises
    ------
    ValueError
        If there is not one for each network, one is no row of whole numbers, or names a string that
        is not there.
    """
    if len(orders) != networks:
        raise ValueError(f"{len(orders)} orders for {networks} networks: give one for each")
    for order in orders:
        kind = np.asarray(order).dtype.kind
        if np.ndim(order) != 1 or (kind not in "iu" and len(order)):
            raise ValueError(
                f"an order is {np.asarray(order).dtype} {np.shape(order)}: give the numbers of the "
                "strings, one after the other"
            )
    checked = [np.ascontiguousarray(order, np.int64) for order in orders]
    for order in checked:
        absent = order[(order < 0) | (order >= len(strings))]
        if absent.size:
            raise ValueError(f"an order names string {absent[0]} of {len(strings)}")
    return checked


def judged_examples(said: np.ndarray, examples: Examples) -> Evaluation:
    """What networks' words, (N, outputs), are worth: answers right, all answers, and the mean loss."""
    wanted, answers = asked(examples), examples.answers
    if wanted == CLASS:
        return judged(said, answers)
    if wanted == VALUES:
        errors = said.astype(np.float64) - answers
        return Evaluation(0, answers.size, float((errors**2).mean()))
    steps = np.arange(answers.shape[1])
    there = (answers >= 0) & (steps < examples.lengths[:, None])
    return judged(said.reshape(*answers.shape, -1)[there], answers[there])


def judged(logits: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Correct strings and the mean cross entropy of (N, classes) logits.

    The loss is NaN or infinite where a logit is.
    """
    from scipy.special import logsumexp

    logits = logits.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        losses: Any = logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]
    return Evaluation(int((logits.argmax(1) == labels).sum()), len(labels), float(losses.mean()))
