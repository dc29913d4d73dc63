"""Items of networks that store random labels: numbers of parameters, and samples per parameter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.task_items import (
    FAMILY,
    FEWEST_VERTICES,
    VERTICES,
    OfTask,
    each_way,
    pruned,
)
from sparsebench.harness.task_profiles import TaskWork
from sparsebench.values.checks import listed
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import Case
from sparsebench.values.layout import Layout
from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.tasks import RandomLabels


def parameters_of(layout: Layout) -> int:
    """The number of parameters that a dense network trains."""
    return sum(math.prod(shape) for shape in layout.shapes().values())


@cache
def units_for(case: TaskCase, parameters: int) -> TaskCase:
    """The network with the most units per layer (at least one) that stays within the parameters."""
    best = replace(case, hidden_size=1)
    while True:
        wider = replace(best, hidden_size=(best.hidden_size or 0) + 1)
        if parameters_of(wider.layout) > parameters:
            return best
        best = wider


def left_of(layout: Layout, percent: int) -> int:
    """Parameters left after a percentage of input and hidden weights is pruned in each layer."""
    shapes = layout.shapes()
    gone = 0
    for block in layout.blocks:
        total = sum(math.prod(shapes[f"{block.name}.{kind}"]) for kind in ("i2h", "h2h"))
        gone += round(percent * total / 100)
    return parameters_of(layout) - gone


@cache
def wired_within(case: TaskCase, parameters: int) -> tuple[TaskCase, int]:
    """The largest wired network within a number of parameters, and how many it has."""
    from sparsebench.experiments.capacity.network import task_network
    from sparsebench.parts.weights import parameters as count

    best: tuple[TaskCase, int] | None = None
    for vertices in range(FEWEST_VERTICES, 10 * VERTICES):
        wider = replace(case, hidden_size=None, graph=GraphSpec(FAMILY, case.seed, vertices))
        network = task_network(wider)
        found = count(network.layout, network.masks)
        if best is not None and found > parameters:
            break
        best = wider, found
    assert best is not None
    return best


@dataclass(frozen=True)
class CapacityItem(OfTask):
    """Networks of one variant that store random labels: stored bits by parameters and samples.

    Attributes
    ----------
    variant, layers, initialisation
        The networks.
    percent
        Percentage of input and hidden weights that is pruned, 0-100.
    parameters
        Upper bounds on the number of parameters; one network for each bound.
    ratios
        Samples per parameter left after pruning; the best ratio counts.
    epochs
        Epochs of training, and of fine-tuning if something is pruned.
    wired
        Whether the networks are wired by a graph; otherwise their layers are fully connected.
    semantics
        Only `corrected`.
    """

    variant: str
    layers: int
    parameters: tuple[int, ...]
    ratios: tuple[int, ...]
    epochs: int
    percent: int = 0
    initialisation: str | None = None
    wired: bool = False
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        drawn = f"-{self.initialisation}" if self.initialisation else ""
        return f"{self.variant}{drawn}-l{self.layers}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each size with each number of samples, for each seed."""
        cases: list[Case] = []
        training = Training(self.epochs, 64, 0.01, final_rate=0.0001)
        for most in self.parameters:
            blank = TaskCase(
                self.variant,
                RandomLabels(1),
                0,
                1,
                self.layers,
                initialisation=self.initialisation,
                training=training,
            )
            for seed in seeds:
                if self.wired:
                    sized, left = wired_within(replace(blank, seed=seed), most)
                else:
                    sized = units_for(replace(blank, seed=seed), most)
                    left = left_of(sized.layout, self.percent)
                cases += [
                    pruned(replace(sized, task=RandomLabels(ratio * left)), self.percent)
                    for ratio in self.ratios
                ]
        return cases


@dataclass(frozen=True)
class CapacityVariantsItem:
    """The networks of several capacity items together, to compare their variants.

    Attributes
    ----------
    items
        One for each variant, and one for ReLU networks with identity initialisation.
    semantics
        Only `corrected`.
    """

    items: tuple[CapacityItem, ...]
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"l{self.items[0].layers}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The cases of all items."""
        return [case for item in self.items for case in item.cases(seeds)]


def capacity_items(work: TaskWork, variants: Iterable[str] = VARIANTS) -> list[CapacityItem]:
    """Make the items on bits per parameter (report, IV.A and IV.B).

    There is one for each variant, and one for ReLU networks with identity initialisation.

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    variants
        The cell types.

    Returns
    -------
    list of CapacityItem
        For one layer also pruned and wired networks.

    Raises
    ------
    TypeError, ValueError
        If the variants are not a list, or one of them does not exist.
    """
    variants, items = listed("variants", variants), []
    for layers in work.label_layers:
        sizes = (layers, work.label_parameters, work.label_ratios, work.label_epochs)
        for variant in variants:
            make = partial(_capacity_item, variant, sizes)
            items += each_way(work, variant, make) if layers == 1 else [make(0, False)]
        if "rnn_relu" in variants:
            items.append(CapacityItem("rnn_relu", *sizes, initialisation="identity"))
    return items


def _capacity_item(
    variant: str,
    sizes: tuple[int, tuple[int, ...], tuple[int, ...], int],
    percent: int,
    wired: bool,
) -> CapacityItem:
    return CapacityItem(variant, *sizes, percent=percent, wired=wired)


def capacity_variants_items(work: TaskWork) -> list[CapacityVariantsItem]:
    """Make the items that compare the unpruned networks of all variants: one per number of layers.

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.

    Returns
    -------
    list of CapacityVariantsItem
        One for each number of layers.
    """
    whole = [item for item in capacity_items(work) if item.plain]
    return [
        CapacityVariantsItem(tuple(item for item in whole if item.layers == layers))
        for layers in work.label_layers
    ]
