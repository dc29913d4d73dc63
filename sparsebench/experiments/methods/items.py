"""Items of methods: networks of one variant on one task, at one density, with their controls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase, small_base
from sparsebench.experiments.methods.profiles import WORK, MethodTask
from sparsebench.harness.items import at_least
from sparsebench.parts.methods.allocations import ByGate
from sparsebench.parts.methods.criteria import RandomScores
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.schedules import AtStart
from sparsebench.parts.tasks import name_of, slug, task_kind_of
from sparsebench.values.case import TrainedCase
from sparsebench.values.checks import instance_of, listed, one_of, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import CELL_TYPES, TARGETS, VARIANTS, Training
from sparsebench.values.tasks import Task

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Settings

CONTROLS = ("dense", "random", "small", "shuffled", "new_weights")
"""Networks beside a method's, trained for as long: dense; with random masks from the start, of the
method's allocation and pattern; small and dense, with as many weights; with the method's masks, their
places shuffled; with its masks on new weights."""

EQUAL_GATES = "gradual"
"""A method beside those that give gates unequal densities: the same, with equal ones."""

DENSE = Method()
"""At a density of 1, every method is the dense network."""


class OfMethod(ABC):
    """The shared part of items of methods: the cases of the method and of its controls."""

    name: str
    method: Method
    density: float
    controls: tuple[str, ...]
    seeds: int
    target: str
    semantics: str

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The controls' networks, one for each seed, then the method's."""
        found = self.groups(seeds).values()
        return [*dict.fromkeys(case for group in found for case in group)]

    def groups(self, seeds: Sequence[int]) -> dict[str, list[Case]]:
        """The cases of each control, and of the method itself under an empty name.

        Random masks may be their own control.
        """
        return {
            control: [self._control(control, seed) for seed in at_least(self.seeds, seeds)]
            for control in (*self.controls[::-1], "")
        }

    @property
    def random(self) -> Method:
        """Random masks from the start, of the method's allocation and pattern."""
        return replace(self.method, criterion=RandomScores(), schedule=AtStart())

    @property
    def _how(self) -> str:
        """The method, the density and the target, as ids have them."""
        kept = f"{100 * self.density:g}".replace(".", "_")
        target = "" if self.target == "both" else f"-{self.target}"
        return f"{self.name}-kept{kept}{target}"

    @abstractmethod
    def _base(self, seed: int) -> TrainedCase:
        """The dense network."""

    def _check(self, controls: Sequence[str]) -> None:
        """Refuse fields that are not allowed."""
        instance_of("name", self.name, str)
        if not self.name or self.name != slug(self.name):
            raise ValueError(
                f"name is {self.name!r}, which -k cannot choose: give small letters, digits, _ and -"
            )
        one_of("target", self.target, TARGETS)
        one_of("semantics", self.semantics, ("corrected",))
        whole_number("seeds", self.seeds, 1)
        object.__setattr__(self, "controls", listed("controls", self.controls))
        for control in self.controls:
            one_of("control", control, controls)
        case = self._case(0)  # refuses what no network can be
        if not self.method.fits(case.variant):
            raise ValueError(f"method {self.name!r} does not fit a {case.variant}: leave it out")
        if case.density != 1:
            self.method.pattern.check_density(case.density)

    def _case(self, seed: int) -> MethodCase:
        return MethodCase(self._base(seed), self.method, self.density, self.target)

    def _control(self, control: str, seed: int) -> Case:
        case = self._case(seed)
        if not control:
            return case
        if control == "dense":
            return MethodCase(case.base, DENSE, 1.0)
        if control == EQUAL_GATES:
            return replace(case, method=METHODS[EQUAL_GATES])
        if control == "random":
            return replace(case, method=self.random)
        if control == "small":
            return MethodCase(small_base(case), DENSE, 1.0)
        return MaskControlCase(case, control)


@dataclass(frozen=True)
class MethodItem(OfMethod):
    """Networks that one method makes sparse, and the controls that they are compared with.

    Attributes
    ----------
    variant, task
        The cell type, and what the networks learn.
    name, method
        The method, and its name in the item's id: small letters, digits, `_` and `-`.
    density
        The share of the recurrent weights that is left, 0-1.
    units, layers
        The size of the networks.
    training
        How all networks are trained, controls as well.
    controls
        Names in `CONTROLS`, or `EQUAL_GATES`.
    seeds
        The least number of seeds; more if the run asks for more.
    target
        What is made sparse: `i2h`, `h2h` or `both`.
    semantics
        Only `corrected`.
    """

    variant: str
    task: Task
    name: str
    method: Method
    density: float
    units: int
    training: Training
    layers: int = 1
    controls: tuple[str, ...] = CONTROLS
    seeds: int = 1
    target: str = "both"
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        task_kind_of(self.task)  # refuses an object that is not a task
        self._check((*CONTROLS, EQUAL_GATES))

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        layers = "" if self.layers == 1 else f"-layers{self.layers}"
        return f"{name_of(self.task)}-{self.variant}-{self._how}{layers}"

    def _base(self, seed: int) -> TaskCase:
        units, layers = self.units, self.layers
        return TaskCase(self.variant, self.task, seed, units, layers, training=self.training)


def method_items(
    task: Task,
    methods: Mapping[str, Method],
    densities: Iterable[float],
    variants: Iterable[str] = VARIANTS,
    *,
    units: int = 64,
    layers: int = 1,
    training: Training = Training(epochs=20, learning_rate=0.005),
    controls: Iterable[str] = CONTROLS,
    seeds: int = 1,
    target: str = "both",
) -> list[MethodItem]:
    """Make items that compare methods on a task.

    Parameters
    ----------
    task
        The task that the networks learn.
    methods
        Methods by the names that items and tables show; ours are `sparsebench.METHODS`.
    densities
        Shares of the recurrent weights that are left, 0.001-1.
    variants
        The cell types.
    units, layers
        The size of the networks.
    training
        How all networks are trained: the budget is the same for all.
    controls
        Networks to compare with: names in `CONTROLS`.
    seeds
        The least number of seeds.
    target
        What is made sparse: `i2h`, `h2h` or `both`.

    Returns
    -------
    list of MethodItem
        One for each variant, method and density.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, a value is out of bounds, or the task is not registered.
    """
    instance_of("methods", methods, Mapping)
    densities, controls = listed("densities", densities), listed("controls", controls)
    return [
        MethodItem(
            variant, task, name, method, density, units, training, layers, controls, seeds, target
        )
        for variant in listed("variants", variants)
        for name, method in methods.items()
        for density in densities
    ]


def of_profile(settings: Settings) -> list[MethodItem]:
    """The items of a run's profile."""
    return [item for work in WORK[settings.profile] for item in _items(work)]


def _items(work: MethodTask) -> list[MethodItem]:
    return [
        replace(item, controls=(*item.controls, EQUAL_GATES))
        if isinstance(item.method.allocation, ByGate) and EQUAL_GATES in work.methods
        else item
        for variant in work.variants
        for item in method_items(
            work.task,
            {name: METHODS[name] for name in work.methods if METHODS[name].fits(variant)},
            work.densities,
            [variant],
            units=work.units,
            layers=work.layers,
            training=work.training,
            controls=work.controls,
            seeds=work.seeds,
        )
    ]
