"""What is left of a case without its seeds names the population that all seeds are drawn from."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.conformance.cases import ConformanceCase, WiredConformanceCase
from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.case import BaseCase
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import Case, canonical, digest, seedless, without_seeds
from sparsebench.values.kinds import UnknownKind
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import CORRECTED
from tests import strategies

BASE = BaseCase(Architecture("lstm"), seed=3)
WIRED = WiredCase("gru", GraphSpec("watts_strogatz", 17, 20, "seed"), seed=18)
RETRAINING = FinetuningCase(BASE, "h2h", 90, order=7)


def seeds_in(value: Any) -> list[int]:
    """Every seed in a case but that of its strings, and of every order of strings."""
    if not is_dataclass(value) or isinstance(value, ReberStrings):
        return []
    inside = [seed for item in fields(value) for seed in seeds_in(getattr(value, item.name))]
    own = [getattr(value, item.name) for item in fields(value) if item.name in ("seed", "first")]
    orders = [value.order] if isinstance(value, FinetuningCase) and value.order is not None else []
    return [*own, *orders, *inside]


def with_seeds(value: Any, seed: int) -> Any:
    """The same case of another seed, trained again in another order."""
    if not is_dataclass(value) or isinstance(value, ReberStrings):
        return value
    parts = {item.name: with_seeds(getattr(value, item.name), seed) for item in fields(value)}
    parts |= {name: seed for name in ("seed", "first") if name in parts}
    if isinstance(value, FinetuningCase):
        parts["order"] = seed
    return type(value)(**parts)


@given(case=strategies.cases)
def test_taking_the_seeds_away_twice_changes_nothing_more(case: Case) -> None:
    once = seedless(case)
    assert seedless(once) == once
    assert type(once) is type(case)


@given(one=strategies.cases, other=strategies.cases, seed=st.integers(0, 9))
def test_canonical_forms_without_seeds_are_equal_where_seedless_cases_are(
    one: Case, other: Case, seed: int
) -> None:
    plain = without_seeds(canonical(one))
    assert plain == without_seeds(canonical(with_seeds(one, seed)))
    assert plain == without_seeds(canonical(seedless(one)))
    assert (plain == without_seeds(canonical(other))) == (seedless(one) == seedless(other))


def test_a_case_of_an_unknown_kind_has_no_form_without_seeds() -> None:
    for plain in ({"kind": "MyCase"}, {"seed": 1}, {**canonical(BASE), "data": {"kind": "Mine"}}):
        with pytest.raises(UnknownKind):
            without_seeds(plain)


@given(case=strategies.cases)
def test_no_seed_is_left_but_that_of_the_strings(case: Case) -> None:
    assert not any(seeds_in(seedless(case)))


@given(case=strategies.cases, seed=strategies.seeds)
def test_cases_of_other_seeds_are_equal_without_them(case: Case, seed: int) -> None:
    assert seedless(with_seeds(case, seed)) == seedless(case)


@given(case=strategies.cases)
def test_nothing_but_seeds_is_taken_away(case: Case) -> None:
    """With the seeds of the case put back in, it is the case again."""
    assert with_seeds(seedless(case), 5) == with_seeds(case, 5)


@given(
    case=st.one_of(
        st.builds(PruningCase, strategies.base_cases, strategies.targets, strategies.percents),
        st.builds(FinetuningCase, strategies.base_cases, strategies.targets, strategies.percents),
        st.builds(ForwardCase, strategies.wired_cases, strategies.percents),
    ),
    percent=strategies.percents,
)
def test_cases_of_other_percentages_are_never_equal(
    case: PruningCase | FinetuningCase | ForwardCase, percent: int
) -> None:
    other = replace(case, percent=percent)
    assert (seedless(other) == seedless(case)) == (percent == case.percent)
    assert (digest(seedless(other)) == digest(seedless(case))) == (percent == case.percent)


@pytest.mark.parametrize(
    ("case", "changed"),
    [
        (BASE, {"architecture": Architecture("gru")}),
        (BASE, {"semantics": CORRECTED}),
        (BASE, {"training": Training(epochs=49)}),
        (BASE, {"data": ReberStrings(seed=1)}),
        (WIRED, {"graph": GraphSpec("barabasi_albert", 17, 20, "seed")}),
        (WIRED, {"graph": GraphSpec("watts_strogatz", 17, 21, "seed")}),
        (WIRED, {"graph": GraphSpec("watts_strogatz", 17, 20)}),
        (RETRAINING, {"target": "i2h"}),
        (RETRAINING, {"percent": None, "threshold": 0.01}),
        (RETRAINING, {"network": WIRED}),
        (FourWaysCase("dense", WIRED, 50), {"way": "wired"}),
        (WiredConformanceCase("gru", "watts_strogatz", 1, "g", "w", "s"), {"number": 2}),
        (ConformanceCase("gru", "both", 10, "w", "s"), {"weights": "v"}),
    ],
)
def test_what_is_no_seed_tells_populations_apart(case: Case, changed: dict[str, Any]) -> None:
    assert seedless(replace(case, **changed)) != seedless(case)


def test_the_kind_of_a_case_tells_populations_apart() -> None:
    kinds = [BASE, LossTraceCase(BASE), PruningCase(BASE, "both", 50), ForwardCase(BASE, 50), WIRED]
    assert len({digest(seedless(case)) for case in kinds}) == len(kinds)


def test_the_order_of_a_graph_s_vertices_stays_and_that_of_strings_goes() -> None:
    assert seedless(WIRED) == WiredCase("gru", GraphSpec("watts_strogatz", 0, 20, "seed"), 0)
    assert seedless(RETRAINING) == FinetuningCase(replace(BASE, seed=0), "h2h", 90)
