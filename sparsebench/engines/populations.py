"""What populations have in common, whichever engine runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparsebench.engines.evaluation import Evaluation
from sparsebench.parts.plan import Plan
from sparsebench.parts.strings import LabelledStrings

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's constants: PyTorch's defaults, and the thesis's."""

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
    """What a network did on the training strings while its weights moved.

    Attributes
    ----------
    losses
        (steps,) mean cross entropy of each batch, in nats; shorter if the network was stopped.
    accuracy
        The share of the strings of these batches classified right, 0-1.
    """

    losses: np.ndarray
    accuracy: float


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
        strings: int,
        batch_size: int,
    ) -> Epoch:
        """Take down what a network did.

        Parameters
        ----------
        number
            Which network.
        ending
            `FINISHED`, `LOSS` or `GRADIENT`.
        losses, correct
            (steps,) summed losses and correct strings of each batch whose step was taken.
        strings
            How many strings its order names.
        batch_size
            Strings in a batch; the last one may be short.
        """
        done = len(losses)
        self.steps[number] += done
        if ending != FINISHED:
            self.stopped[number] = Stopped(self.steps[number] + 1, _REASONS[ending])
        seen = min(done * batch_size, strings)
        sizes = np.minimum(batch_size, strings - batch_size * np.arange(done))
        return Epoch(losses / sizes, int(correct.sum()) / seen if seen else 0.0)


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
        if not low <= int(values.min()) <= int(values.max()) <= high:
            raise ValueError(
                f"a string's {what} is {int(values.min())} or {int(values.max())}: these "
                f"networks and strings allow {low} to {high}"
            )


def check_orders(
    orders: Sequence[np.ndarray], networks: int, strings: LabelledStrings
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


def judged(logits: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Correct strings and the mean cross entropy of (N, classes) logits.

    The loss is NaN or infinite where a logit is.
    """
    from scipy.special import logsumexp

    logits = logits.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        losses: Any = logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels]
    return Evaluation(int((logits.argmax(1) == labels).sum()), len(labels), float(losses.mean()))
