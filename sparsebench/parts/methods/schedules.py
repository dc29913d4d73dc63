"""Schedules: when a network's masks change during its training, and how.

A schedule is a frozen dataclass with a kind (`sparsebench.values.kinds`). `changes` says when, within a
fixed number of steps that is the same for all methods; `change` says how, and by default removes
weights by the method's criterion.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import Criterion, RandomScores, reproducible_scores
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.masks import Masks, Weights

if TYPE_CHECKING:
    from sparsebench.parts.methods.method import Method


@dataclass(frozen=True, eq=False)
class Change:
    """What becomes of a network between two steps.

    Attributes
    ----------
    masks
        For each array to be made sparse, which weights it has from now on.
    weights
        Its new weights; None: weights that stay keep their values, and new ones begin at zero.
    restart
        Whether the optimiser starts anew; otherwise weights that stay keep its state.
    """

    masks: Masks
    weights: Weights | None = None
    restart: bool = False


class Schedule(ABC):
    """Base class of schedules.

    Attributes
    ----------
    moves_single_weights
        Whether `change` chooses weights one by one, so that no pattern but `Unstructured` would last.
    compares_scores
        Whether `change` compares scores of one step with those of another; the criterion must then be
        `of_weights_alone`.
    before_training
        Whether the method's criterion chooses weights before the first step.
    """

    moves_single_weights: ClassVar[bool] = False
    compares_scores: ClassVar[bool] = False
    before_training: ClassVar[bool] = False

    @abstractmethod
    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        """When masks change.

        Parameters
        ----------
        density
            The share of weights that the network is to have in the end, 0-1.
        steps
            The steps of its training.

        Returns
        -------
        list of (int, float)
            In order: after how many steps, 0 to `steps`, and which density the network has from then
            on. Steps may repeat. The last density is the given one.
        """

    def remembers(self, steps: int) -> tuple[int, ...]:
        """Steps after which the weights are stored, for `Context.remembered`."""
        return ()

    def change(self, method: Method, context: Context) -> Change:
        """Change a network; by default, remove weights by the method down to `context.density`.

        Parameters
        ----------
        method
            The method, for its criterion, allocation and pattern.
        context
            The network.
        """
        return Change(method.masks(context))


def fraction(what: str, received: float, low: float = 0.0) -> float:
    """Return a share of the training as a float; refuse what is not between `low` and 1."""
    if isinstance(received, bool) or not isinstance(received, int | float):
        raise TypeError(f"{what} is {received!r} ({type(received).__name__}): give a number")
    if not low <= received <= 1:
        raise ValueError(f"{what} is {received}: give a share, {low:g} to 1")
    return float(received)


@kind("AtStart")
@dataclass(frozen=True)
class AtStart(Schedule):
    """All weights that go are removed before the first step.

    Attributes
    ----------
    rounds
        In how many changes, each of which removes the same share of what is left: 1 for SNIP and
        GraSP, 100 for SynFlow.
    """

    before_training: ClassVar[bool] = True

    rounds: int = 1

    def __post_init__(self) -> None:
        whole_number("rounds", self.rounds, 1)

    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        """At step 0, `rounds` times."""
        middle = [density ** (done / self.rounds) for done in range(1, self.rounds)]
        return [(0, each) for each in (*middle, density)]


@kind("AfterTraining")
@dataclass(frozen=True)
class AfterTraining(Schedule):
    """A dense network is trained, pruned once, and fine-tuned for the rest of the steps.

    Attributes
    ----------
    at
        The share of the steps before pruning.
    """

    at: float = 0.6

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", fraction("at", self.at))

    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        """Once."""
        return [(round(self.at * steps), density)]


@kind("Gradual")
@dataclass(frozen=True)
class Gradual(Schedule):
    """Weights are removed little by little, fewer and fewer (Zhu and Gupta 2017).

    Attributes
    ----------
    begin, end
        Shares of the steps between which weights are removed.
    every
        Steps between two changes.
    power
        At a share x of the way, the density is d + (1 - d) * (1 - x)^power.
    """

    begin: float = 0.1
    end: float = 0.7
    every: int = 100
    power: int = 3

    def __post_init__(self) -> None:
        object.__setattr__(self, "begin", fraction("begin", self.begin))
        object.__setattr__(self, "end", fraction("end", self.end, self.begin))
        whole_number("every", self.every, 1)
        whole_number("power", self.power, 1)

    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        """Every `every` steps, and at the end."""
        first, last = round(self.begin * steps), round(self.end * steps)
        result = []
        for step in range(first + self.every, last, self.every):
            left = 1 - (step - first) / (last - first)
            result.append((step, density + (1 - density) * left**self.power))
        return [*result, (last, density)]


@kind("RampedThreshold")
@dataclass(frozen=True)
class RampedThreshold(Schedule):
    """All weights below a threshold go, and it rises in two slopes (Narang et al. 2017).

    The slopes follow, as in their paper, from the score q below which the weights lie that are to go,
    here that of the network at the begin: the threshold rises by `slope` a step up to `ramp`, then 1.5
    times as fast, and reaches q at the end. The last change removes by rank what is still too much, and
    no change removes more than the density allows.

    Attributes
    ----------
    begin, ramp, end
        Shares of the steps at which the threshold begins to rise, rises faster, and stops.
    every
        Steps between two changes.
    """

    moves_single_weights: ClassVar[bool] = True
    compares_scores: ClassVar[bool] = True

    begin: float = 0.1
    ramp: float = 0.3
    end: float = 0.7
    every: int = 100

    def __post_init__(self) -> None:
        object.__setattr__(self, "begin", fraction("begin", self.begin))
        object.__setattr__(self, "ramp", fraction("ramp", self.ramp, self.begin))
        object.__setattr__(self, "end", fraction("end", self.end, self.ramp))
        whole_number("every", self.every, 1)

    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        """Every `every` steps, and at the end."""
        first, last = round(self.begin * steps), round(self.end * steps)
        return [(step, density) for step in (*range(first + self.every, last, self.every), last)]

    def remembers(self, steps: int) -> tuple[int, ...]:
        """The step at which the threshold begins to rise."""
        return (round(self.begin * steps),)

    def change(self, method: Method, context: Context) -> Change:
        """Remove what scores below the threshold of this step."""
        target = method.masks(context)  # what the density allows
        if context.step >= round(self.end * context.steps):
            return Change(target)
        threshold = self._threshold(method, context)
        scores = method.scores(context)
        return Change(
            {
                name: context.masks[name] & (target[name] | (scores[name] >= threshold))
                for name in context.names
            }
        )

    def _threshold(self, method: Method, context: Context) -> float:
        begin, ramp, end = (round(at * context.steps) for at in (self.begin, self.ramp, self.end))
        early = replace(context, weights=context.remembered[begin])
        scores = method.criterion.scores(early)
        pooled = np.sort(np.concatenate([scores[name].ravel() for name in context.names]))
        highest = float(pooled[min(round((1 - context.density) * pooled.size), pooled.size - 1)])
        whole = (ramp - begin) + 1.5 * (end - ramp)
        risen = min(context.step, ramp) - begin + 1.5 * max(0, context.step - ramp)
        return highest * risen / whole


@kind("Iterative")
@dataclass(frozen=True)
class Iterative(Schedule):
    """Train, prune, rewind, train again (lottery tickets: Frankle and Carbin 2019).

    The steps are divided equally among the trainings: one more than there are rounds of pruning. Each
    round removes the same share of the weights that are left. The optimiser starts anew.

    Attributes
    ----------
    rounds
        Rounds of pruning.
    rewind
        To the weights after this share of the first training; 0: to the initial weights.
    start
        `rewound`, or `new`: other random weights, the control.
    """

    rounds: int = 3
    rewind: float = 0.0
    start: str = "rewound"

    def __post_init__(self) -> None:
        whole_number("rounds", self.rounds, 1)
        object.__setattr__(self, "rewind", fraction("rewind", self.rewind))
        one_of("start", self.start, ("rewound", "new"))

    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        """After each training but the last."""
        parts = self.rounds + 1
        middle = [density ** (done / self.rounds) for done in range(1, self.rounds)]
        ends = [round(done * steps / parts) for done in range(1, parts)]
        return list(zip(ends, (*middle, density), strict=True))

    def remembers(self, steps: int) -> tuple[int, ...]:
        """The step that the network is rewound to."""
        return (self._rewound_to(steps),)

    def change(self, method: Method, context: Context) -> Change:
        """Prune by the trained weights, and restore earlier ones."""
        masks = method.masks(context)
        if self.start == "new":
            return Change(masks, context.new_weights(), restart=True)
        return Change(masks, context.remembered[self._rewound_to(context.steps)], restart=True)

    def _rewound_to(self, steps: int) -> int:
        return round(self.rewind * steps / (self.rounds + 1))


@kind("Dynamic")
@dataclass(frozen=True)
class Dynamic(Schedule):
    """A network is sparse from the start, and its weights move: some go, as many others are added.

    In each matrix, the share `moved`, which falls to zero by a cosine, goes by the method's criterion;
    weights with the highest `growth` scores are added, and begin at zero. With random growth it is SET
    (Mocanu et al. 2018); with the size of the gradient, RigL (Evci et al. 2020).

    Attributes
    ----------
    growth
        Scores of weights to be added.
    start
        Scores of weights to begin with.
    every
        Steps between two changes.
    moved
        The share of a matrix's weights that the first change moves.
    until
        The share of the steps after which nothing moves.
    redistributes
        Whether weights are added to the gates of a matrix in proportion to those that are left there,
        as in Selfish-RNN (Liu et al. 2021); otherwise anywhere in the matrix.
    """

    moves_single_weights: ClassVar[bool] = True

    growth: Criterion = RandomScores()
    start: Criterion = RandomScores()
    every: int = 100
    moved: float = 0.3
    until: float = 0.75
    redistributes: bool = False

    def __post_init__(self) -> None:
        instance_of("growth", self.growth, Criterion)
        instance_of("start", self.start, Criterion)
        if self.start.follows_movement:
            raise ValueError(
                f"start is {self.start}: before training has moved any weight, give a criterion that "
                "does not follow them"
            )
        whole_number("every", self.every, 1)
        object.__setattr__(self, "moved", fraction("moved", self.moved))
        object.__setattr__(self, "until", fraction("until", self.until))
        instance_of("redistributes", self.redistributes, bool)

    def changes(self, density: float, steps: int) -> list[tuple[int, float]]:
        """Before the first step, and every `every` steps after that."""
        moves = range(self.every, round(self.until * steps) + 1, self.every)
        return [(step, density) for step in (0, *moves)]

    def change(self, method: Method, context: Context) -> Change:
        """The first masks, or the next ones."""
        if context.step == 0:
            return Change(replace(method, criterion=self.start).masks(context))
        gone = method.scores(context)
        added = reproducible_scores("growth", self.growth, context, everywhere=True)
        share = (
            self.moved / 2 * (1 + math.cos(math.pi * context.step / (self.until * context.steps)))
        )
        masks = {}
        for name in context.names:
            mask = context.masks[name]
            count = math.floor(share * int(mask.sum()))
            left = _highest(gone[name], mask, int(mask.sum()) - count)
            masks[name] = left | self._grown(name, left, added[name], count, context)
        return Change(masks)

    def _grown(
        self, name: str, left: np.ndarray, scores: np.ndarray, count: int, context: Context
    ) -> np.ndarray:
        """The weights that are added to an array."""
        if not self.redistributes:
            return _highest(scores, ~left, count)
        grown = np.zeros(left.shape, np.bool_)
        gates = context.gates(name)
        for rows, more in zip(gates, shares(left, gates, count), strict=True):
            grown[rows] = _highest(scores[rows], ~left[rows], more)
        return grown


def shares(left: np.ndarray, gates: list[slice], count: int) -> list[int]:
    """How many of `count` new weights each gate gets: in proportion to those that it has left."""
    have = [int(left[rows].sum()) for rows in gates]
    free = [left[rows].size - own for rows, own in zip(gates, have, strict=True)]
    total = sum(have)
    given = [
        min(count * own // total if total else 0, room)
        for own, room in zip(have, free, strict=True)
    ]
    for place in sorted(range(len(gates)), key=lambda gate: -have[gate]):
        rest = min(count - sum(given), free[place] - given[place])
        given[place] += rest
    return given


def _highest(scores: np.ndarray, among: np.ndarray, count: int) -> np.ndarray:
    """A mask of the `count` places with the highest scores; of equal ones, the last by position."""
    mask = np.zeros(among.size, np.bool_)
    places = np.flatnonzero(among)
    if count:
        values = scores.ravel()[places]
        least = np.partition(values, len(values) - count)[len(values) - count]
        above, equal = places[values > least], places[values == least]
        mask[above] = True
        mask[equal[len(equal) - (count - len(above)) :]] = True
    return mask.reshape(among.shape)
