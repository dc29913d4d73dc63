"""Records of a baseline that no benchmark asks for any more, under any profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import pytest

from sparsebench.harness.experiment import Measurement
from sparsebench.harness.profiles import PROFILES, Settings
from sparsebench.harness.registry import measurement_of
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record
from sparsebench.values.identity import Case, digest, restore, seedless
from sparsebench.values.kinds import UnknownKind
from sparsebench.values.semantics import SEMANTICS

Asked = Iterable[BenchmarkItem] | Callable[[Settings], Iterable[BenchmarkItem]]
"""What the marker of a benchmark has: its items, or a function from settings to them."""


def is_whole(config: pytest.Config) -> bool:
    """Whether a run collected whole folders and chose all that is in them.

    Under xdist the workers collect, and this process cannot tell what they were asked for.
    """
    option = config.option
    chosen = [option.keyword, option.markexpr, option.deselect]
    narrowing = ("lf", "stepwise", "ignore", "ignore_glob", "continue_on_collection_errors")
    chosen += [getattr(option, name, None) for name in narrowing]
    folders = all((config.invocation_params.dir / each).is_dir() for each in config.args)
    return folders and not any(chosen)


def unused(asked: Sequence[Asked], settings: Settings, baseline: Iterable[Record]) -> list[Record]:
    """The records that none of some benchmarks asks for, under any profile and semantics.

    Parameters
    ----------
    asked
        The items of each benchmark.
    settings
        The run's.
    baseline
        Records, with any seeds and number of graphs.
    """
    asked_for: set[Case] = set()
    for name, work in PROFILES.items():
        every = replace(
            settings,
            profile=name,
            graphs=max(settings.graphs, work.graphs),
            semantics=tuple(SEMANTICS),
        )
        for items in asked:
            for item in items(every) if callable(items) else every.planned(items):
                asked_for.update(item.cases(range(settings.seeds)))
    analysed = {
        network
        for case in asked_for
        if (measurement := _measurement_of(case)) is not None
        for network in measurement.analysed(case)
    }
    used = {*map(_alike, asked_for), *map(_alike, analysed)}
    return [record for record in baseline if _is_unused(record, used)]


def _is_unused(record: Record, used: set[str]) -> bool:
    """Whether a record is of a known kind, and none of those that are used."""
    try:
        case = restore(record.case)
    except UnknownKind:  # of an experiment that is not installed
        return False
    return _alike(case) not in used


def _alike(case: Case) -> str:
    """What is the same of a case however many networks a run asks for, and whatever its seeds."""
    measurement = _measurement_of(case)
    return digest(seedless(case) if measurement is None else measurement.alike(case))


def _measurement_of(case: Case) -> Measurement | None:
    """The measurement of a case; None where its benchmark makes its records."""
    try:
        return measurement_of(case)
    except TypeError:
        return None
