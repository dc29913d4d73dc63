"""Strategies for methods, and for networks that a method makes sparse."""

from __future__ import annotations

from hypothesis import strategies as st

from sparsebench.experiments.methods.cases import (
    CONTROLS,
    MaskControlCase,
    MethodCase,
)
from sparsebench.parts.methods.allocations import ByGate, ByName, Erk, Global, Uniform
from sparsebench.parts.methods.criteria import (
    Criterion,
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
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.patterns import Blocks, NOfM, Unstructured, WholeUnits
from sparsebench.parts.methods.schedules import (
    AfterTraining,
    AtStart,
    Dynamic,
    Gradual,
    Iterative,
    RampedThreshold,
    Schedule,
)
from sparsebench.values.checks import LEAST_DENSITY
from tests.strategies import names, targets, task_cases

_counts = st.integers(1, 999)
_shares = st.floats(0, 1)
_positive = st.floats(0.01, 100)
_in_order = st.tuples(_shares, _shares, _shares).map(sorted)

criteria = st.one_of(
    st.sampled_from([Magnitude(), RandomScores(), MovementScores(), SynFlow()]),
    st.builds(Snip, _counts),
    st.builds(Grasp, _counts),
    st.builds(GradientSize, _counts),
    st.builds(Taylor, _counts, _counts),
    st.builds(JacobianScores, _counts, _counts),
)
allocations = st.one_of(
    st.sampled_from([Global(), Uniform(), Erk()]),
    st.builds(ByGate, st.sampled_from([1, 3, 4]).flatmap(lambda n: st.tuples(*[_positive] * n))),
    st.builds(ByName, st.lists(st.tuples(names, _positive), min_size=1, max_size=3).map(tuple)),
)
patterns = st.one_of(
    st.sampled_from([Unstructured(), WholeUnits()]),
    st.builds(Blocks, _counts, _counts),
    st.integers(2, 9).flatmap(lambda m: st.builds(NOfM, st.integers(1, m - 1), st.just(m))),
)
still_schedules = st.one_of(
    st.builds(AtStart, _counts),
    st.builds(AfterTraining, _shares),
    _in_order.flatmap(lambda at: st.builds(Gradual, st.just(at[0]), st.just(at[2]), _counts)),
    st.builds(Iterative, _counts, _shares, st.sampled_from(["rewound", "new"])),
)
ramped_schedules = _in_order.flatmap(
    lambda at: st.builds(RampedThreshold, *map(st.just, at), _counts)
)
moving_schedules = st.builds(
    Dynamic,
    criteria,
    criteria.filter(lambda criterion: not criterion.follows_movement),
    _counts,
    _shares,
    _shares,
    st.booleans(),
)


def _go_together(parts: tuple[Criterion, Schedule]) -> bool:
    criterion, schedule = parts
    return not (schedule.before_training and criterion.follows_movement)


methods = st.one_of(
    st.sampled_from(list(METHODS.values())),
    st.tuples(criteria, still_schedules)
    .filter(_go_together)
    .flatmap(
        lambda parts: st.builds(Method, st.just(parts[0]), allocations, patterns, st.just(parts[1]))
    ),
    st.builds(Method, criteria, allocations, schedule=moving_schedules),
    st.builds(Method, st.just(Magnitude()), allocations, schedule=ramped_schedules),
)
"""Methods of any parts of ours that go together."""

method_cases = st.builds(MethodCase, task_cases, methods, st.floats(LEAST_DENSITY, 1), targets)
cases_of_methods = method_cases | st.builds(
    MaskControlCase, method_cases, st.sampled_from(CONTROLS)
)
