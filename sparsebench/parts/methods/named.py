"""Methods by the names that tables and item ids give them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass

from sparsebench.parts.methods.allocations import ByGate, Erk, Uniform
from sparsebench.parts.methods.criteria import (
    GradientSize,
    Grasp,
    Magnitude,
    MovementScores,
    RandomScores,
    Snip,
    SynFlow,
    Taylor,
)
from sparsebench.parts.methods.jacobian import JacobianScores
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.patterns import Blocks, NOfM, WholeUnits
from sparsebench.parts.methods.schedules import (
    AtStart,
    Dynamic,
    Gradual,
    Iterative,
    RampedThreshold,
)
from sparsebench.values.checks import instance_of, listed, one_of

METHODS: dict[str, Method] = {
    "random": Method(RandomScores(), schedule=AtStart()),
    "random_erk": Method(RandomScores(), Erk(), schedule=AtStart()),
    "snip": Method(Snip(), schedule=AtStart()),
    "grasp": Method(Grasp(), schedule=AtStart()),
    "synflow": Method(SynFlow(), schedule=AtStart(rounds=100)),
    "jacobian": Method(JacobianScores(), schedule=AtStart()),
    "magnitude": Method(Magnitude()),
    "magnitude_uniform": Method(allocation=Uniform()),
    "taylor": Method(Taylor()),
    "movement": Method(MovementScores()),
    "gradual": Method(schedule=Gradual()),
    "ramped": Method(schedule=RampedThreshold()),
    "lottery": Method(schedule=Iterative()),
    "lottery_new": Method(schedule=Iterative(start="new")),
    "set": Method(allocation=Erk(), schedule=Dynamic()),
    "rigl": Method(allocation=Erk(), schedule=Dynamic(growth=GradientSize())),
    "selfish": Method(allocation=Uniform(), schedule=Dynamic(redistributes=True)),
    "blocks": Method(pattern=Blocks(16, 1), schedule=Gradual()),
    "units": Method(pattern=WholeUnits(), schedule=Gradual()),
    "gates_gru": Method(allocation=ByGate((1, 1, 4)), schedule=Gradual()),
    "gates_lstm": Method(allocation=ByGate((0.25, 1, 1, 1)), schedule=Gradual()),
    "two_of_four": Method(pattern=NOfM(2, 4)),
}
"""In `gates_gru` the candidate is four times as dense as the gates, in `gates_lstm` the input gate is a
quarter as dense as the others: of one gate four times denser or sparser, these were best on a
validation part of the digits, in permuted order, at 5 % (`validation/statistics/measure_gates.py`)."""


def methods_named(given: Mapping[str, Method] | Iterable[str], variant: str) -> dict[str, Method]:
    """Methods by name, from some that have names already, or from names in `METHODS`.

    Parameters
    ----------
    given
        The methods, or names.
    variant
        The cell type that they are for.

    Raises
    ------
    TypeError, ValueError
        If a name is unknown, or a method does not fit the cell type.
    """
    if not isinstance(given, Mapping):
        names = listed("methods", given)
        for name in names:
            one_of("method", name, METHODS)
        given = {name: METHODS[name] for name in names}
    for name, method in given.items():
        instance_of(f"method {name}", method, Method)
        if not method.fits(variant):
            raise ValueError(f"method {name!r} does not fit a {variant}: leave it out")
    return dict(given)


def title_of(method: Method) -> str:
    """The name of a method in tables: ours, or its parts that differ from the default's, in words."""
    for name, known in METHODS.items():
        if known == method:
            return name
    plain = Method()
    random = isinstance(method.criterion, RandomScores) and method.schedule == AtStart()
    names = ("allocation", "pattern") if random else _PARTS
    own = [
        _words(getattr(method, name))
        for name in names
        if getattr(method, name) != getattr(plain, name)
    ]
    return " ".join(["random", *own] if random else own)


def _words(part: object) -> str:
    """The name of a part's class, and its attributes that are not the usual ones."""
    if not is_dataclass(part):
        return f"{part:g}" if isinstance(part, float) else str(part)
    own = [
        f"{field.name}={_words(getattr(part, field.name))}"
        for field in fields(part)
        if getattr(part, field.name) != field.default
    ]
    return type(part).__name__ + (f"({', '.join(own)})" if own else "")


_PARTS = ("criterion", "allocation", "pattern", "schedule")
