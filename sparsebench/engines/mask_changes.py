"""Changes of masks during the training of a population, each network by its own method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np

from sparsebench.engines.derivatives import DenseNetwork, NetworkDerivatives
from sparsebench.engines.fused.changing import ChangingPopulation
from sparsebench.engines.population_training import Start, Train
from sparsebench.engines.populations import Epoch, Population, Stopped
from sparsebench.parts.examples import Examples
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.method import Method, check_density, check_masks
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.values.checks import refusal
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training
from sparsebench.values.seeding import NEW_WEIGHTS, stream

ASKED_TWICE = 2
"""Changes of a network in which scores are asked for twice: in its first, a dynamic schedule asks for
those to begin with, in its second for those by which weights go and come."""


class Changing(Protocol):
    """A population whose masks may change, on a CPU or a GPU."""

    plans: list[SparseLayout]
    stopped: dict[int, Stopped]

    def train(
        self, examples: Examples, orders: Sequence[np.ndarray], rate: float | None = None
    ) -> list[Epoch | None]:
        """See `sparsebench.engines.populations.Population`."""

    def weights(self, number: int) -> dict[str, np.ndarray]:
        """See `sparsebench.engines.populations.Population`."""

    def movements(self, number: int) -> dict[str, np.ndarray]:
        """See `sparsebench.engines.fused.changing.ChangingPopulation`."""

    def restructure(
        self,
        number: int,
        plan: SparseLayout,
        weights: Weights | None = None,
        restart: bool = False,
    ) -> None:
        """See `sparsebench.engines.fused.changing.ChangingPopulation`."""


@dataclass(frozen=True)
class Masking:
    """How a network is made sparse while it is trained.

    Attributes
    ----------
    method
        The method.
    density
        The share of the target's weights that it has in the end, 0-1.
    target
        `i2h`, `h2h` or `both`.
    seed
        Seed of the method's random numbers.
    new_weights
        Draws initial weights once more, from another seed; None: the usual ones of the layout.
    """

    method: Method
    density: float
    target: str
    seed: int
    new_weights: Callable[[], Weights] | None = None

    def trainer(
        self,
        starts: Sequence[Start],
        first: Examples,
        steps: int,
        readout: str,
        training: Training,
        device: str,
        progress: Callable[[str], None],
    ) -> tuple[Population, Train]:
        """Make a population, some of whose masks change, and do what is due before the first step.

        Parameters
        ----------
        starts
            The networks. Those whose masks change have a `Masking`.
        first
            The first training examples.
        steps
            Steps of the whole training.
        readout, training, device, progress
            As in `sparsebench.engines.population_training.train_population`.
        """
        maskings = [
            start.masking if isinstance(start.masking, Masking) else None for start in starts
        ]
        plans, weights = [start.plan for start in starts], [start.weights for start in starts]
        follows = any(each is not None and each.method.follows_movement for each in maskings)
        networks: Changing
        if device == "cpu":
            networks = ChangingPopulation(
                plans, weights, readout, training, progress=progress, follows_movement=follows
            )
        else:
            from sparsebench.engines.gpu.batched import BatchedPopulation

            networks = BatchedPopulation(
                plans, weights, readout, training, device, follows_movement=follows
            )
        changes = MaskChanges(networks, maskings, steps, readout, training)
        changes.begin(first)
        assert isinstance(networks, Population)
        return networks, changes.train


class MaskChanges:
    """Trains a population, and changes the masks of its networks when they are due.

    Parameters
    ----------
    networks
        The population.
    maskings
        How each network is made sparse; None: not at all.
    steps
        Steps of the whole training.
    readout, training
        The protocol.
    """

    def __init__(
        self,
        networks: Changing,
        maskings: Sequence[Masking | None],
        steps: int,
        readout: str,
        training: Training,
    ) -> None:
        self._networks, self._maskings, self._steps = networks, maskings, steps
        self._readout, self._training = readout, training
        self._dense: dict[Layout, DenseNetwork] = {}
        self._due = [[] if each is None else self._checked(each) for each in maskings]
        self._remembers = [
            () if each is None else each.method.schedule.remembers(steps) for each in maskings
        ]
        self._remembered: list[dict[int, Weights]] = [{} for _ in maskings]
        self._stops = {step for each in self._due for step, _ in each}.union(*self._remembers)
        self._done = 0

    def begin(self, examples: Examples) -> None:
        """Do what is due before the first step, with the first training examples."""
        self._change(examples)

    def train(
        self, examples: Examples, orders: Sequence[np.ndarray], rate: float
    ) -> list[list[Epoch | None]]:
        """Train on examples as `Population.train` does, with changes between two steps.

        Returns
        -------
        list
            For each part between two changes, the figures of each network.
        """
        size, begin = self._training.batch_size, self._done
        end = begin + -(-max(map(len, orders)) // size)
        parts = []
        for stop in sorted({end, *(each for each in self._stops if begin < each < end)}):
            places = slice((self._done - begin) * size, (stop - begin) * size)
            parts.append(self._networks.train(examples, [each[places] for each in orders], rate))
            self._done = stop
            self._change(examples)
        return parts

    def _change(self, examples: Examples) -> None:
        """Do what is due after the steps done so far."""
        if self._done not in self._stops:
            return
        for number, masking in enumerate(self._maskings):
            if masking is None or number in self._networks.stopped:
                continue
            if self._done in self._remembers[number]:
                self._remembered[number][self._done] = _frozen(self._networks.weights(number))
            due = self._due[number]
            for place, (step, _) in enumerate(due):
                if step == self._done:
                    self._change_one(number, masking, place, examples)

    def _change_one(self, number: int, masking: Masking, place: int, examples: Examples) -> None:
        """Do one of a network's changes, by its place among them."""
        due = self._due[number]
        plan, weights = self._networks.plans[number], _frozen(self._networks.weights(number))
        names = prunable(plan.layout, masking.target)
        usual = partial(initial_weights, plan.layout, masking.seed + NEW_WEIGHTS)
        context = Context(
            layout=plan.layout,
            blocks=tuple(map(tuple, names)),
            weights=weights,
            masks=_frozen(
                {
                    name: plan.masks.get(name, np.ones(weights[name].shape, np.bool_))
                    for block in names
                    for name in block
                }
            ),
            density=due[place][1],
            step=self._done,
            steps=self._steps,
            seed=masking.seed,
            derivatives=NetworkDerivatives(
                self._dense_of(plan.layout),
                weights,
                examples,
                partial(stream, "derivatives", masking.seed, self._done),
            ),
            movements=lambda: self._networks.movements(number),
            remembered=self._remembered[number],
            new_weights=masking.new_weights or usual,
            asks_twice=place < ASKED_TWICE,
        )
        schedule = masking.method.schedule
        change = schedule.change(masking.method, context)
        masks = {**plan.masks, **change.masks}
        check_masks(f"schedule {schedule}", masks, context)
        if place == len(due) - 1:
            check_density(masking.method, masks, context)
        self._networks.restructure(
            number, sparse_layout(plan.layout, masks), change.weights, change.restart
        )

    def _dense_of(self, layout: Layout) -> DenseNetwork:
        if layout not in self._dense:
            self._dense[layout] = DenseNetwork(layout, self._readout, self._training)
        return self._dense[layout]

    def _checked(self, masking: Masking) -> list[tuple[int, float]]:
        """The changes of a method, in order.

        Raises
        ------
        ValueError
            If a step is outside of the training, steps or densities are out of order, or the last
            density is not the one asked for.
        """
        schedule = masking.method.schedule
        changes = list(schedule.changes(masking.density, self._steps))
        steps, densities = [step for step, _ in changes], [density for _, density in changes]
        in_order = steps == sorted(steps) and densities == sorted(densities, reverse=True)
        inside = all(0 <= step <= self._steps for step in steps)
        if not changes or not in_order or not inside or densities[-1] != masking.density:
            raise refusal(
                ValueError(
                    f"schedule {schedule} changes masks at {changes[:5]}: give pairs of a step from 0 "
                    f"to {self._steps} and a density, steps in order, densities that do not rise, and "
                    f"{masking.density:g} at the end"
                )
            )
        return changes


def _frozen(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same arrays, which nobody can write to by these names."""
    views = {name: array.view() for name, array in arrays.items()}
    for view in views.values():
        view.setflags(write=False)
    return views
