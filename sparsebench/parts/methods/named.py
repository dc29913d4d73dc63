"""Methods by the names that tables and item ids give them."""

from __future__ import annotations

from sparsebench.parts.methods.allocations import Erk, Uniform
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
from sparsebench.parts.methods.patterns import Blocks, WholeUnits
from sparsebench.parts.methods.schedules import (
    AtStart,
    Dynamic,
    Gradual,
    Iterative,
    RampedThreshold,
)

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
}
"""Every method trains for the same number of steps."""


def title_of(method: Method) -> str:
    """The name of a method in tables: ours, or those of its parts that differ from the default's."""
    for name, known in METHODS.items():
        if known == method:
            return name
    plain = Method()
    names = ("criterion", "allocation", "pattern", "schedule")
    own = [
        type(getattr(method, name)).__name__
        for name in names
        if getattr(method, name) != getattr(plain, name)
    ]
    return " ".join(own)
