"""Cases of networks that a method makes sparse, and of the controls that have its masks."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.parts.methods.method import Method
from sparsebench.parts.weights import prunable, recurrent_weights
from sparsebench.values.case import OfNetwork, TrainedCase
from sparsebench.values.checks import density_in_reason, instance_of, one_of, with_article
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import TARGETS, Training
from sparsebench.values.semantics import Semantics
from sparsebench.values.tasks import Task

CONTROLS = ("same", "shuffled", "new_weights")
"""What a control does with the masks that a method found, before it trains from the beginning."""


@kind("MethodCase")
@dataclass(frozen=True)
class MethodCase(TrainedCase):
    """Train a network from scratch while a method makes it sparse.

    Attributes
    ----------
    base
        The dense network, trained from scratch for as many epochs.
    method
        The method.
    density
        The share of the target's weights that is left in the end, 0.001-1. A density of 1 is the
        dense network itself, whatever the method.
    target
        `i2h`, `h2h` or `both`.
    """

    base: TrainedCase
    method: Method
    density: float
    target: str = "both"

    def __post_init__(self) -> None:
        instance_of("base", self.base, TrainedCase)
        if hasattr(self.base, "network") or hasattr(self.base, "base"):
            raise TypeError(
                f"base is {with_article(type(self.base))}: give the case of a network that is trained "
                "from scratch"
            )
        instance_of("method", self.method, Method)
        density_in_reason(self.density)
        object.__setattr__(self, "density", float(self.density))
        one_of("target", self.target, TARGETS)

    @property
    def variant(self) -> str:
        """The cell type."""
        return self.base.variant

    @property
    def seed(self) -> int:
        """Seed of the initial weights, of the orders of examples and of the method."""
        return self.base.seed

    @property
    def semantics(self) -> Semantics:
        """How the network is read out."""
        return self.base.semantics

    @property
    def training(self) -> Training:
        """How it is trained, in all."""
        return self.base.training

    @property
    def data(self) -> Task:
        """What it is trained on."""
        return self.base.data


@kind("MaskControlCase")
@dataclass(frozen=True)
class MaskControlCase(OfNetwork, TrainedCase):
    """Train a network from the beginning, with masks that a method has found.

    Attributes
    ----------
    network
        The network that the method has made sparse.
    control
        `same`: its masks and its initial weights. `shuffled`: in each matrix, as many weights at
        random places. `new_weights`: its masks, and initial weights of another seed.
    """

    network: MethodCase
    control: str

    def __post_init__(self) -> None:
        instance_of("network", self.network, MethodCase)
        one_of("control", self.control, CONTROLS)

    @property
    def training(self) -> Training:
        """The whole training of the method's network."""
        return self.network.training


@cache
def units_of_small(case: MethodCase) -> int:
    """Units per layer of the dense network whose recurrent weights come nearest to those left.

    Raises
    ------
    TypeError
        If the method's network is not that of a `TaskCase`, whose size can be chosen.
    """
    base = case.base
    if not isinstance(base, TaskCase) or base.hidden_size is None:
        raise TypeError(
            f"the size of a {type(base).__name__} cannot be chosen: give a TaskCase with hidden_size"
        )
    shapes = base.layout.shapes()
    target = sum(
        math.prod(shapes[name]) for block in prunable(base.layout, case.target) for name in block
    )
    left = _weights(base) - target + round(case.density * target)
    return min(
        range(1, base.hidden_size + 1),
        key=lambda units: abs(_weights(replace(base, hidden_size=units)) - left),
    )


def small_base(case: MethodCase) -> TaskCase:
    """The small dense network of as many recurrent weights as those left.

    Raises
    ------
    TypeError
        As `units_of_small`.
    """
    units = units_of_small(case)
    assert isinstance(case.base, TaskCase)
    return replace(case.base, hidden_size=units)


def _weights(base: TaskCase) -> int:
    return recurrent_weights(base.layout, {})[1]
