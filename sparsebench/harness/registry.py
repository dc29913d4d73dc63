"""The registry of experiments: ours, a line each, and those of other projects.

An experiment of another project is registered by `register` in its conftest.py, or by an entry point in
the group `sparsebench.experiments`, which lets the command line know it too.
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
from sparsebench.values.identity import Case

OURS = (
    "base",
    "pruning",
    "finetuning",
    "iterative_pruning",
    "random_wiring",
    "equal_parameters",
    "graph_statistics",
    "capacity",
    "language_modelling",
    "forward_time",
    "conformance",
)
"""Folders of `sparsebench.experiments`, in the order in which tables and reports show them."""

GROUP = "sparsebench.experiments"
"""The group of entry points by which other packages bring experiments."""


@dataclass(frozen=True, eq=False)
class _Known:
    """All experiments, and their measurements by the class of a case and by the name of a record."""

    experiments: dict[str, Experiment]

    @cached_property
    def by_case(self) -> dict[type, list[Measurement]]:
        """Those that have others of the same class beside them say which cases are theirs."""
        found: dict[type, list[Measurement]] = {}
        for each in self.measurements:
            found.setdefault(each.case, []).append(each)
        return {case: sorted(group, key=_is_for_all) for case, group in found.items()}

    @cached_property
    def by_name(self) -> dict[str, tuple[Experiment, Measurement]]:
        """With the experiment that each belongs to."""
        return {
            measurement.name: (experiment, measurement)
            for experiment in self.experiments.values()
            for measurement in experiment.measurements
        }

    @cached_property
    def kinds_of_networks(self) -> dict[type, NetworkKind]:
        """By the class of their cases."""
        return {kind.case: kind for each in self.experiments.values() for kind in each.networks}

    @cached_property
    def items(self) -> dict[type, Items]:
        """By the class of the items."""
        return {items.item: items for each in self.experiments.values() for items in each.items}

    @property
    def measurements(self) -> list[Measurement]:
        """Of all experiments, in order."""
        return [each for one in self.experiments.values() for each in one.measurements]


def _is_for_all(measurement: Measurement) -> bool:
    return measurement.of is None


_registered: dict[str, Experiment] = {}


def register(experiment: Experiment) -> None:
    """Add an experiment; one that is defined anew takes the place of the old.

    Raises
    ------
    TypeError
        If it is no `Experiment`.
    ValueError
        If its name, or the name of one of its measurements, is that of another experiment.
    """
    if not isinstance(experiment, Experiment):
        raise TypeError(
            f"{experiment!r} is no experiment: give an Experiment with a name and measurements"
        )
    if experiment.name in _installed():
        raise ValueError(f"experiment {experiment.name!r} is there already: choose another name")
    for measurement in experiment.measurements:
        other, _ = _known().by_name.get(measurement.name, (experiment, measurement))
        if other.name != experiment.name:
            raise ValueError(
                f"measurement {measurement.name!r} of experiment {experiment.name!r} is one of "
                f"{other.name!r} too: choose another name"
            )
    _registered[experiment.name] = experiment
    _known.cache_clear()


def experiments() -> list[Experiment]:
    """All experiments: ours, those of other packages, then those that were registered here."""
    return list(_known().experiments.values())


def measurements() -> list[Measurement]:
    """What all experiments measure, in their order."""
    return _known().measurements


def measurement_of(case: Case) -> Measurement:
    """The measurement that a case is a case of.

    Raises
    ------
    TypeError
        If there is none.
    """
    for measurement in _known().by_case.get(type(case), ()):
        if measurement.of is None or measurement.of(case):
            return measurement
    known = ", ".join(sorted(each.__name__ for each in _known().by_case))
    raise TypeError(
        f"no experiment measures a {type(case).__name__}: register one that does, with "
        f"sparsebench.register, or give one of {known}"
    )


def measurement_named(name: str) -> Measurement | None:
    """The measurement whose records have a name; None if no experiment that is known has it."""
    found = _known().by_name.get(name)
    return found[1] if found else None


def needs_of(name: str) -> Needs:
    """What records with a name always have; nothing if no experiment that is known has it."""
    found = measurement_named(name)
    return Needs(found.metrics, found.series, found.tables) if found else Needs()


def measurement_names() -> list[str]:
    """What records may say in `experiment`, in the order of the experiments."""
    return list(_known().by_name)


def cases_of(experiment: str) -> tuple[type, ...]:
    """The classes of the cases whose records have this `experiment`; none if it is not known here."""
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
        raise TypeError(
            f"no experiment trains the network of a {type(case).__name__}: register one that does, "
            "with sparsebench.register, or give one of "
            f"{', '.join(sorted(each.__name__ for each in kinds))}"
        )
    return kinds[type(case)]


def networks_of(case: Case, from_scratch: bool) -> Sequence[Case]:
    """The cases of the trained networks that a case needs.

    Parameters
    ----------
    case
        What is measured.
    from_scratch
        Whether the run trains those too that it would otherwise take from the baseline.

    Raises
    ------
    TypeError
        If no experiment measures it.
    """
    networks = measurement_of(case).networks
    if networks is not None:
        return networks(case, from_scratch)
    return network_kind_of(case).made_from(case) if is_trained(case) else ()


def is_trained(case: Case) -> TypeGuard[TrainedCase]:
    """Whether a case is that of a trained network."""
    return type(case) in _known().kinds_of_networks


def items_of(item: BenchmarkItem) -> Items | None:
    """What is known of items of this class; None if no experiment has it."""
    return _known().items.get(type(item))


def experiment_of(record: Record) -> Experiment | None:
    """The experiment that a record is of; None if it is not known here."""
    found = _known().by_name.get(record.experiment)
    return found[0] if found else None


@cache
def _known() -> _Known:
    return _Known({**_installed(), **_registered})


@cache
def _installed() -> dict[str, Experiment]:
    """Our experiments, and those of other packages; one that cannot be loaded stops nothing."""
    found = [
        import_module(f"sparsebench.experiments.{name}.descriptor").EXPERIMENT for name in OURS
    ]
    for point in entry_points(group=GROUP):
        try:
            experiment = point.load()
            if not isinstance(experiment, Experiment):
                raise TypeError(f"{experiment!r} is no Experiment")
        except Exception as error:
            warnings.warn(f"experiment {point.value} cannot be loaded: {error}", stacklevel=2)
        else:
            found.append(experiment)
    return {each.name: each for each in found}
