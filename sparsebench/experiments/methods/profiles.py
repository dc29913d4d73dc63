"""Work of each profile on the comparison of methods."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.parts.methods.named import METHODS
from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.sequence_tasks import Mnist1D, SequentialDigits
from sparsebench.values.tasks import Task


@dataclass(frozen=True)
class MethodTask:
    """An amount of work on one task.

    Attributes
    ----------
    task, units, layers, training
        The task, the size of the networks, and how they are trained.
    variants, methods, densities
        What is compared.
    controls
        Networks beside each method's (`sparsebench.experiments.methods.items.CONTROLS`).
    seeds
        The least number of seeds.
    """

    task: Task
    units: int
    training: Training
    variants: tuple[str, ...]
    methods: tuple[str, ...]
    densities: tuple[float, ...]
    controls: tuple[str, ...]
    seeds: int
    layers: int = 1


_EVERY = tuple(name for name in METHODS if name != "two_of_four")
"""All but the method that fits one density alone."""

_DENSITIES = (0.5, 0.2, 0.1, 0.05, 0.01)


_SHARED = ("dense", "random", "small")
"""Controls of several methods at a time."""

_OWN = ("shuffled", "new_weights")
"""Controls of one method each, so that they are twice as many networks as the methods are."""

_OF_EACH_KIND = ("snip", "magnitude", "gradual", "lottery", "rigl")
"""Methods that choose places before training, after, during it, by rewinding, and again and again."""

_Part = tuple[tuple[str, ...], tuple[float, ...], tuple[str, ...]]


def _parts(task: Task) -> list[_Part]:
    """Parts that together are the whole table, by methods, densities and controls; the one with all
    controls is first."""
    if task == SequentialDigits("rows"):
        return [(_EVERY, _DENSITIES, (*_SHARED, *_OWN))]
    others = tuple(name for name in _EVERY if name not in _OF_EACH_KIND)
    return [
        (_OF_EACH_KIND, (0.05,), (*_SHARED, *_OWN)),
        (_OF_EACH_KIND, tuple(each for each in _DENSITIES if each != 0.05), _SHARED),
        (others, _DENSITIES, _SHARED),
    ]


WORK: dict[str, tuple[MethodTask, ...]] = {
    "smoke": (
        MethodTask(
            SequentialDigits("rows", train=128, test=64),
            16,
            Training(40, 32, 0.01),
            ("gru",),
            ("magnitude", "rigl"),
            (0.2,),
            ("dense", "shuffled"),
            1,
        ),
    ),
    "quick": (
        MethodTask(
            SequentialDigits("rows"),
            24,
            Training(10, 32, 0.01),
            ("gru",),
            _EVERY,
            (0.1,),
            ("dense", "small", "shuffled", "new_weights"),
            1,
        ),
        MethodTask(
            SequentialDigits("rows"),
            24,
            Training(10, 32, 0.01),
            ("rnn_tanh", "rnn_relu", "lstm"),
            ("magnitude", "snip", "jacobian", "rigl", "gates_lstm"),
            (0.1,),
            ("dense",),
            1,
        ),
        MethodTask(
            SequentialDigits("rows"),
            24,
            Training(10, 32, 0.01),
            ("gru",),
            ("two_of_four",),
            (0.5,),
            (),
            1,
        ),
        MethodTask(
            SequentialDigits("rows"),
            24,
            Training(10, 32, 0.01),
            ("gru",),
            ("synflow", "units"),  # in one layer, no weight's flow leads through another's
            (0.1,),
            (),
            1,
            layers=2,
        ),
    ),
    "thesis": (
        *(
            MethodTask(task, 64, training, VARIANTS, methods, densities, controls, 10)
            for task, training in (
                (SequentialDigits("rows"), Training(30, 32, 0.005)),
                (SequentialDigits("permuted"), Training(20, 32, 0.005)),
                (Mnist1D(), Training(15, 32, 0.005)),
            )
            for methods, densities, controls in _parts(task)
        ),
        MethodTask(
            SequentialDigits("rows"),
            64,
            Training(30, 32, 0.005),
            VARIANTS,
            ("two_of_four",),
            (0.5,),
            ("dense", "random"),
            10,
        ),
    ),
}
"""Work by profile. All networks of a task have the same budget of epochs."""
