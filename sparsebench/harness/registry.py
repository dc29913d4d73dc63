"""The registry of experiments: ours, one line each, and those of other projects.

Another project registers an experiment with `register` in its conftest.py, or with an entry point
in the group `sparsebench.experiments`; only the entry point makes it known to the command line too.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import entry_points
from typing import TypeGuard

from sparsebench.harness.experiment import Experiment, Items, Measurement
from sparsebench.harness.networks import NetworkKind
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Needs, Record
from sparsebench.values.case import TrainedCase
from sparsebench.values.checks import refusal
from sparsebench.values.identity import Case

OURS = (
    "base",
    "pruning",
    "finetuning",
    "iterative_pruning",
    "methods",
    "own_model",
    "random_wiring",
    "weight_distributions",
    "equal_parameters",
    "graph_statistics",
    "capacity",
    "language_modelling",
    "floors",
    "string_statistics",
    "forward_time",
    "timed_pairs",
    "conformance",
)
"""Folders of `sparsebench.experiments`, in the order in which tables and reports show them."""

GROUP = "sparsebench.experiments"
"""The group of entry points by which other packages add experiments."""


@dataclass(frozen=True, eq=False)
class _Known:
    """All experiments, with lookups by the class of a case and by the name of a record."""

    experiments: dict[str, Experiment]

    @cached_property
    def by_case(self) -> dict[type, list[Measurement]]:
        """Measurements by the class of their cases; first those that take only some of its cases."""
        found: dict[type, list[Measurement]] = {}
        for each in self.measurements:
            found.setdefault(each.case, []).append(each)
        return {case: sorted(group, key=_is_for_all) for case, group in found.items()}

    @cached_property
    def by_name(self) -> dict[str, tuple[Experiment, Measurement]]:
        """Each measurement with its experiment, by the `experiment` field of its records."""
        return {
            measurement.name: (experiment, measurement)
            for experiment in self.experiments.values()
            for measurement in experiment.measurements
        }

    @cached_property
    def kinds_of_networks(self) -> dict[type, NetworkKind]:
        """Kinds of networks, by the class of their cases."""
        return {kind.case: kind for each in self.experiments.values() for kind in each.networks}

    @cached_property
    def items(self) -> dict[type, Items]:
        """Items, by their class."""
        return {items.item: items for each in self.experiments.values() for items in each.items}

    @property
    def measurements(self) -> list[Measurement]:
        """The measurements of all experiments, in order."""
        return [each for one in self.experiments.values() for each in one.measurements]


def _is_for_all(measurement: Measurement) -> bool:
    return measurement.of is None


_registered: dict[str, Experiment] = {}


def register(experiment: Experiment) -> None:
    """Add an experiment, or replace one that was registered under the same name.

    Parameters
    ----------
    experiment
        Its descriptor.

    Raises
    ------
    TypeError
        If it is not an `Experiment`.
    ValueError
        If its name is that of an installed experiment, or the name of one of its measurements
        belongs to another experiment.
    """
    if not isinstance(experiment, Experiment):
        raise TypeError(
            f"{experiment!r} is not an Experiment: give one with a name and measurements"
        )
    if experiment.name in _installed():
        raise ValueError(f"experiment {experiment.name!r} exists already: choose another name")
    for measurement in experiment.measurements:
        other, _ = _known().by_name.get(measurement.name, (experiment, measurement))
        if other.name != experiment.name:
            raise ValueError(
                f"measurement {measurement.name!r} of experiment {experiment.name!r} is also one of "
                f"experiment {other.name!r}: choose another name"
            )
    _registered[experiment.name] = experiment
    _known.cache_clear()


def experiments() -> list[Experiment]:
    """All experiments: ours, those of installed packages, then registered ones."""
    return list(_known().experiments.values())


def measurements() -> list[Measurement]:
    """The measurements of all experiments, in order."""
    return _known().measurements


def measurement_of(case: Case) -> Measurement:
    """The measurement that a case belongs to.

    Raises
    ------
    TypeError
        If no experiment measures the case.
    """
    for measurement in _known().by_case.get(type(case), ()):
        if measurement.of is None or measurement.of(case):
            return measurement
    known = ", ".join(sorted(each.__name__ for each in _known().by_case))
    raise refusal(
        TypeError(
            f"no experiment measures a {type(case).__name__}: register one that does, with "
            f"sparsebench.register, or give one of {known}"
        )
    )


def measurement_named(name: str) -> Measurement | None:
    """The measurement whose records have this name; None if no known experiment has it."""
    found = _known().by_name.get(name)
    return found[1] if found else None


def needs_of(name: str) -> Needs:
    """What records of this name always contain; nothing if no known experiment has it."""
    found = measurement_named(name)
    return Needs(found.metrics, found.series, found.tables) if found else Needs()


def measurement_names() -> list[str]:
    """All values of a record's `experiment`, in the order of the experiments."""
    return list(_known().by_name)


def cases_of(experiment: str) -> tuple[type, ...]:
    """The classes of cases whose records have this `experiment`; empty if it is unknown here."""
    return tuple(each.case for each in _known().measurements if each.name == experiment)


def network_kind_of(case: TrainedCase) -> NetworkKind:
    """How a case's network is made.

    Raises
    ------
    TypeError
        If no experiment trains such networks.
    """
    kinds = _known().kinds_of_networks
    if type(case) not in kinds:
        raise refusal(
            TypeError(
                f"no experiment trains the network of a {type(case).__name__}: register one that "
                "does, with sparsebench.register, or give one of "
                f"{', '.join(sorted(each.__name__ for each in kinds))}"
            )
        )
    return kinds[type(case)]


def networks_of(case: Case, from_scratch: bool) -> Sequence[Case]:
    """The cases of the trained networks that a case needs.

    Parameters
    ----------
    case
        The case to measure.
    from_scratch
        Whether the run also trains the networks that it would otherwise load from the baseline.

    Raises
    ------
    TypeError
        If no experiment measures the case.
    """
    networks = measurement_of(case).networks
    if networks is not None:
        return networks(case, from_scratch)
    return network_kind_of(case).made_from(case) if is_trained(case) else ()


def is_trained(case: Case) -> TypeGuard[TrainedCase]:
    """Whether a case describes a trained network."""
    return type(case) in _known().kinds_of_networks


def items_of(item: BenchmarkItem) -> Items | None:
    """The descriptor of an item's class; None if no experiment has it."""
    return _known().items.get(type(item))


def experiment_of(record: Record) -> Experiment | None:
    """The experiment that a record belongs to; None if it is unknown here."""
    found = _known().by_name.get(record.experiment)
    return found[0] if found else None


@cache
def _known() -> _Known:
    return _Known({**_installed(), **_registered})


@cache
def _installed() -> dict[str, Experiment]:
    """Our experiments and those of other packages; one that cannot be loaded only gives a warning."""
    found = [
        import_module(f"sparsebench.experiments.{name}.descriptor").EXPERIMENT for name in OURS
    ]
    for point in entry_points(group=GROUP):
        try:
            experiment = point.load()
            if not isinstance(experiment, Experiment):
                raise TypeError(f"{experiment!r} is not an Experiment")
        except Exception as error:
            warnings.warn(f"experiment {point.value} cannot be loaded: {error}", stacklevel=2)
        else:
            found.append(experiment)
    return {each.name: each for each in found}
