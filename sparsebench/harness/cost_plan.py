"""A campaign before it is run: how many cases it has, which are finished, how long the others take.

A network is trained by one thread, after those that it is made from. So more threads shorten a run only
where it has more networks than one that can be trained at the same time.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

import msgspec

from sparsebench.harness.baseline_models import has_model
from sparsebench.harness.cache import store_of
from sparsebench.harness.context import Bench
from sparsebench.harness.registry import is_trained, measurement_of, networks_of
from sparsebench.parts.store_entries import entries
from sparsebench.parts.stored_models import StoredModel
from sparsebench.values.identity import Case, subject_of

Costs = Mapping[str, float]
"""Seconds on one core, for an epoch of a training, a split of a prediction, or the whole of others,
by `cost_of`."""

SHIPPED = Path(__file__).with_name("costs.json")


class ShippedCosts(msgspec.Struct, frozen=True):
    """Costs that came with the package, and where they were measured."""

    machine: str
    commit: str
    seconds: dict[str, float]


@dataclass
class Part:
    """Cases of a plan that are alike.

    Attributes
    ----------
    what
        What is done with them, and of which variant.
    semantics
        The name of their semantics.
    cases, finished, unknown
        How many there are, how many of these are in the store, and of how many of the others nobody
        has measured what they cost.
    left
        What the rest of the others take together on one core, in seconds.
    longest
        What of this the slowest takes, with those of this part that it is made from: one thread trains
        them one after another.
    trained
        Whether they are trainings, which threads share out; all else is done by one thread.
    """

    what: str
    semantics: str
    cases: int = 0
    finished: int = 0
    unknown: int = 0
    left: float = 0.0
    longest: float = 0.0
    trained: bool = True

    def seconds(self, threads: int) -> float:
        """How long the rest takes with some threads, each of which trains one network at a time."""
        todo = self.cases - self.finished - self.unknown
        if not self.trained or not todo:
            return self.left
        return max(self.longest, math.ceil(todo / threads) * self.left / todo)


@dataclass(frozen=True)
class CostPlan:
    """What a run would have to train and measure, and how long that takes.

    Attributes
    ----------
    parts
        Of all that is trained or measured, in the order in which it is asked for.
    longest
        What the longest chain of networks that are made from each other takes, in seconds: no number
        of threads makes a run shorter.
    """

    parts: list[Part]
    longest: float

    def seconds(self, threads: int) -> float:
        """How long a run takes with some threads of one process, which does part after part."""
        return sum(part.seconds(threads) for part in self.parts)


def plan(cases: Iterable[Case], bench: Bench) -> CostPlan:
    """What a run would have to train and measure, and how long that takes.

    Nothing is trained. Cases whose figures are not kept, because they take less than a second, are
    left out.

    Parameters
    ----------
    cases
        What is asked for; the networks that it is made from are added.
    bench
        Whose store tells what is finished and what things cost.
    """
    finished, costs = _known(bench)
    from_scratch = bench.settings.work.from_scratch
    parts: dict[tuple[str, str], Part] = {}
    seen: set[Case] = set()
    chains: dict[Case, _Chain] = {}

    def count(case: Case) -> _Chain:
        """Take a case into the plan, once; what it waits for, and takes itself."""
        known = len(seen)
        seen.add(case)  # one look instead of two: hashing is what a million cases cost most
        if len(seen) == known:
            return chains.get(case, _NOTHING)
        measurement, trained = measurement_of(case), is_trained(case)
        waits = max((count(each) for each in networks_of(case, from_scratch)), default=_NOTHING)
        found = measurement.cost(case)
        if found is None or (is_trained(case) and has_model(case, bench)):
            return _NOTHING if trained else waits
        name, units = found
        key = kind_of_cost(name), subject_of(case).semantics.name
        part = parts.get(key) or parts.setdefault(key, Part(*key, trained=trained))
        part.cases += 1
        if case in finished:
            part.finished += 1
            return _NOTHING
        seconds = costs.get(name, costs.get(key[0]))
        if seconds is None:
            part.unknown += 1
            return waits
        own = seconds * units
        chain = _Chain(waits.whole + own, own + (waits.within if waits.part is part else 0), part)
        part.left += own
        part.longest = max(part.longest, chain.within)
        if trained:
            chains[case] = chain
        return chain

    longest = max((count(case) for case in cases), default=_NOTHING)
    return CostPlan(list(parts.values()), longest.whole)


@dataclass(frozen=True)
class _Chain:
    """Cases of which each waits for the one before.

    Attributes
    ----------
    whole, within
        The seconds that they take, and those of the last ones that are in one part.
    part
        That of the last.
    """

    whole: float
    within: float = 0.0
    part: Part | None = None

    def __lt__(self, other: _Chain) -> bool:
        return self.whole < other.whole


_NOTHING = _Chain(0.0)


def kind_of_cost(what: str) -> str:
    """What is told of a plan's part: the name of a cost without its details."""
    return what.partition(",")[0]


def costs_of(models: Iterable[StoredModel]) -> dict[str, float]:
    """Costs as they were measured: the median over all that cost the same, and that of their kind."""
    measured: dict[str, list[float]] = defaultdict(list)
    for model in models:
        case = model.record.restored
        if model.seconds is not None and (found := measurement_of(case).cost(case)):
            what, units = found
            if not units:  # a training that stops before its first epoch
                continue
            for name in {what, kind_of_cost(what)}:
                measured[name].append(model.seconds / units)
    return {what: median(seconds) for what, seconds in measured.items()}


@cache
def shipped_costs() -> ShippedCosts:
    """The costs that came with the package."""
    return msgspec.json.decode(SHIPPED.read_bytes(), type=ShippedCosts)


def _known(bench: Bench) -> tuple[Collection[Case], Costs]:
    """The finished cases in a run's store, and what things cost: there, or else elsewhere."""
    models: dict[Case, StoredModel] = {}
    for entry in entries(bench.settings.store):
        if entry.model is not None:
            with suppress(TypeError, ValueError):  # of an experiment that is not installed
                case = entry.model.record.restored
                if entry.environment == store_of(case, bench).folder.name:
                    models[case] = entry.model
    return models.keys(), {**shipped_costs().seconds, **costs_of(models.values())}
