"""Criteria: scores of weights; those with the lowest are removed first.

A criterion is a frozen dataclass with a kind (`sparsebench.values.kinds`) and a method `scores`. Scores
follow from the context alone, bit for bit on every processor: sums are taken in a written order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.tape import product
from sparsebench.values.checks import refusal, reproducible, whole_number
from sparsebench.values.kinds import kind

Scores = dict[str, np.ndarray]
"""Name -> real numbers in an array of the weights' shape."""


class Criterion(ABC):
    """Base class of criteria.

    Attributes
    ----------
    follows_movement
        Whether `scores` asks for `Context.movements`, which training then follows.
    takes_gradient
        Whether `scores` asks for `Context.derivatives.gradient`, whose loop a run then compiles
        before it is needed.
    of_weights_alone
        Whether scores follow from each weight alone, are not negative, and grow with its size, so that
        scores of two steps can be compared.
    """

    follows_movement: ClassVar[bool] = False
    takes_gradient: ClassVar[bool] = False
    of_weights_alone: ClassVar[bool] = False

    @abstractmethod
    def scores(self, context: Context) -> Scores:
        """Score the weights of the arrays to be made sparse.

        Parameters
        ----------
        context
            The network. Its arrays may be read, not changed.

        Returns
        -------
        dict
            For each name in `context.names`, real numbers in an array of the weights' shape, finite
            where the network has weights.
        """


def checked_scores(criterion: Criterion, context: Context, everywhere: bool = False) -> Scores:
    """A criterion's scores of the arrays to be made sparse.

    Raises
    ------
    TypeError, ValueError
        If an array is missing, has another shape, or is not finite where the network has weights, or
        `everywhere`.
    """
    scores = criterion.scores(context)
    checked = {}
    for name in context.names:
        shape, own = context.weights[name].shape, scores.get(name)
        if not isinstance(own, np.ndarray) or own.dtype.kind not in "fiub" or own.shape != shape:
            received = f"{own.dtype} {own.shape}" if isinstance(own, np.ndarray) else repr(own)
            raise refusal(
                TypeError(
                    f"criterion {criterion} gave {received} for {name}: give real numbers in an "
                    f"array {shape}"
                )
            )
        wrong = int((~np.isfinite(own if everywhere else own[context.masks[name]])).sum())
        if wrong:
            raise refusal(
                ValueError(f"criterion {criterion}: {wrong} scores of {name} are NaN or infinite")
            )
        checked[name] = own
    return checked


def reproducible_scores(
    role: str, criterion: Criterion, context: Context, everywhere: bool = False
) -> Scores:
    """A criterion's checked scores; where the context asks twice, they must repeat bit for bit.

    Parameters
    ----------
    role
        What the criterion is, for the error message: `criterion` or `growth`.
    criterion, context, everywhere
        As in `checked_scores`.

    Raises
    ------
    TypeError, ValueError
        As in `checked_scores`; or if the second call gives other scores.
    """
    if not context.asks_twice:
        return checked_scores(criterion, context, everywhere)
    return reproducible(
        f"{role} {criterion} gave two different scores for the same network",
        lambda: checked_scores(criterion, context, everywhere),
        lambda scores: tuple((name, scores[name].tobytes()) for name in scores),
    )


@kind("Magnitude")
@dataclass(frozen=True)
class Magnitude(Criterion):
    """The absolute value of each weight (Han et al. 2015; the thesis)."""

    of_weights_alone: ClassVar[bool] = True

    def scores(self, context: Context) -> Scores:
        """The absolute values."""
        return {name: np.abs(context.weights[name]) for name in context.names}


@kind("RandomScores")
@dataclass(frozen=True)
class RandomScores(Criterion):
    """Random numbers: the control of every other criterion."""

    def scores(self, context: Context) -> Scores:
        """Numbers from 0 to 1, drawn anew for each network and change."""
        random = context.random("scores")
        return {name: random.random_sample(context.weights[name].shape) for name in context.names}


@dataclass(frozen=True)
class OfExamples(Criterion):
    """A criterion that looks at training examples.

    Attributes
    ----------
    examples
        The number of training examples; fewer if there are fewer.
    """

    examples: int = 512

    def __post_init__(self) -> None:
        whole_number("examples", self.examples, 1)


@kind("Snip")
@dataclass(frozen=True)
class Snip(OfExamples):
    """By how much the loss changes if a weight is scaled (SNIP: Lee, Ajanthan and Torr 2019).

    At initialisation, with one change, it is SNIP. After training, it is the first-order criterion.
    """

    takes_gradient: ClassVar[bool] = True

    def scores(self, context: Context) -> Scores:
        """The absolute value of gradient times weight, of the mean loss."""
        gradient = context.derivatives.gradient(self.examples)
        return {name: np.abs(gradient[name] * context.weights[name]) for name in context.names}


@kind("GradientSize")
@dataclass(frozen=True)
class GradientSize(OfExamples):
    """The size of the gradient, also of weights that the network does not have (RigL's growth).

    By default of as many examples as are in a batch of the thesis: RigL takes one batch's gradient.
    """

    takes_gradient: ClassVar[bool] = True

    examples: int = 32

    def scores(self, context: Context) -> Scores:
        """The absolute value of the gradient of the mean loss."""
        gradient = context.derivatives.gradient(self.examples)
        return {name: np.abs(gradient[name]) for name in context.names}


@kind("Taylor")
@dataclass(frozen=True)
class Taylor(OfExamples):
    """The mean over batches of the squared first-order change of the loss (Molchanov et al. 2019).

    Attributes
    ----------
    examples
        As in `Snip`.
    batch
        Examples in a batch.
    """

    takes_gradient: ClassVar[bool] = True

    batch: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("batch", self.batch, 1)

    def scores(self, context: Context) -> Scores:
        """The sum over batches of the square of gradient times weight, in float64."""
        total = {name: np.zeros(context.weights[name].shape) for name in context.names}
        for gradient in context.derivatives.gradients(self.examples, self.batch):
            for name, sums in total.items():
                change = gradient[name].astype(np.float64) * context.weights[name]
                sums += change * change
        return total


@kind("Grasp")
@dataclass(frozen=True)
class Grasp(OfExamples):
    """What a weight contributes to the flow of gradients (GraSP: Wang, Zhang and Grosse 2020).

    The softmax has no temperature here.
    """

    takes_gradient: ClassVar[bool] = True

    def scores(self, context: Context) -> Scores:
        """Weight times (Hessian times gradient): without low values the gradient stays large."""
        gradient = context.derivatives.gradient(self.examples)
        product = context.derivatives.product(self.examples, gradient)
        return {name: context.weights[name] * product[name] for name in context.names}


@kind("MovementScores")
@dataclass(frozen=True)
class MovementScores(Criterion):
    """How far training has moved a weight away from zero (Sanh, Wolf and Rush 2020)."""

    follows_movement: ClassVar[bool] = True

    def scores(self, context: Context) -> Scores:
        """The sum over all steps of -(clipped gradient) times weight."""
        moved = context.movements()
        return {name: moved[name] for name in context.names}


@kind("SynFlow")
@dataclass(frozen=True)
class SynFlow(Criterion):
    """What flows through a weight if all are positive and nothing saturates (Tanaka et al. 2020).

    The network is made linear: each weight is replaced by its absolute value, activations and gates
    are left out, the sums of a unit's gates are added. It takes one step from an input and a state of
    ones, without biases. The flow is the sum of its outputs.
    """

    def scores(self, context: Context) -> Scores:
        """Each absolute value times the derivative of the flow by it, in float64."""
        size = {name: np.abs(array.astype(np.float64)) for name, array in context.weights.items()}
        layout = context.layout
        flow: list[np.ndarray] = []  # of each layer's units
        reads: dict[str, np.ndarray] = {}
        for block in layout.blocks:
            source = np.ones(layout.width) if block.source < 0 else flow[block.source]
            reads[block.name] = source
            sums = _times(size[f"{block.name}.i2h"], source)
            sums += _times(size[f"{block.name}.h2h"], np.ones(layout.sizes[block.target]))
            out = _folded(sums, layout.sizes[block.target])
            if block.target == len(flow):
                flow.append(out)
            else:
                flow[block.target] = flow[block.target] + out
        back = [np.zeros(units) for units in layout.sizes]
        back[-1] += _times(size["readout.weight"].T, np.ones(layout.classes))
        scores = {}
        for block in reversed(layout.blocks):
            i2h, h2h = size[f"{block.name}.i2h"], size[f"{block.name}.h2h"]
            deltas = np.tile(back[block.target], len(i2h) // layout.sizes[block.target])
            scores[f"{block.name}.i2h"] = i2h * deltas[:, None] * reads[block.name]
            scores[f"{block.name}.h2h"] = h2h * deltas[:, None]
            if block.source >= 0:
                back[block.source] += _times(i2h.T, deltas)
        return {name: scores[name] for name in context.names}


def _times(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return product(matrix, vector[None])[:, 0]


def _folded(sums: np.ndarray, units: int) -> np.ndarray:
    """The sums of each unit's gates, added in order."""
    total = np.zeros(units)
    for gate in range(0, len(sums), units):
        total += sums[gate : gate + units]
    return total
