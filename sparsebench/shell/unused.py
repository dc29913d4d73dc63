"""Records of a baseline that no benchmark of its project measures, under any profile.

Nothing is reported for a baseline elsewhere, or if not all benchmarks of the project were
collected: the authors of those records may have benchmarks for them.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sparsebench.harness.experiment import Measurement
from sparsebench.harness.profiles import PROFILES, Settings
from sparsebench.harness.registry import measurement_of
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import is_available, is_task
from sparsebench.values.identity import Case, digest, seedless
from sparsebench.values.kinds import UnknownKind
from sparsebench.values.semantics import SEMANTICS

Asked = Iterable[BenchmarkItem] | Callable[[Settings], Iterable[BenchmarkItem]]
"""The marker's argument: the items of a benchmark, or a function from settings to items."""


def is_whole(config: pytest.Config, baselines: Path) -> bool:
    """Whether a run collected all benchmarks of the project that a baseline belongs to.

    Under xdist the workers collect, and this process cannot know their items.

    Parameters
    ----------
    config
        Pytest's configuration.
    baselines
        The folder of the baseline.
    """
    option = config.option
    chosen = [option.keyword, option.markexpr, option.deselect, option.pyargs]
    narrowing = ("lf", "stepwise", "ignore", "ignore_glob", "continue_on_collection_errors")
    chosen += [getattr(option, name, None) for name in narrowing]
    if any(chosen) or not baselines.resolve().is_relative_to(config.rootpath.resolve()):
        return False
    folders = [config.invocation_params.dir / each for each in config.args]
    return all(map(Path.is_dir, folders)) and not any(_benchmarks_beside(folders, config))


def _benchmarks_beside(folders: Sequence[Path], config: pytest.Config) -> Iterator[Path]:
    """Files with benchmarks in the project, outside the given folders."""
    collected = [folder.resolve() for folder in folders]
    patterns = config.getini("python_files")
    left_out = config.getini("norecursedirs")
    for place, inner, names in os.walk(config.rootpath.resolve()):
        here = Path(place)
        inner[:] = [
            name
            for name in inner
            if here / name not in collected
            and not any(Path(name).match(pattern) for pattern in left_out)
            and not (here / name / "pyvenv.cfg").exists()
        ]
        if here not in collected:
            files = (here / name for name in names if any(map(Path(name).match, patterns)))
            yield from filter(_has_benchmarks, files)


def _has_benchmarks(path: Path) -> bool:
    """Whether a file has a test with our marker; unreadable files count as having one."""
    try:
        source = path.read_text(encoding="utf-8")
        if ".sparsebench" not in source:
            return False
        decorated = [
            ast.unparse(decorator)
            for node in ast.walk(ast.parse(source))
            for decorator in getattr(node, "decorator_list", ())
        ]
    except (OSError, SyntaxError, ValueError):
        return True
    return any("mark.sparsebench" in decorator for decorator in decorated)


def unused(
    asked: Sequence[Asked],
    settings: Settings,
    baseline: Iterable[Record],
    measured: Iterable[Record] = (),
) -> list[Record]:
    """The records that none of the benchmarks measures, under any profile and semantics.

    Parameters
    ----------
    asked
        The items of each benchmark.
    settings
        The run's.
    baseline
        Records with any seeds and numbers of graphs.
    measured
        What the run measured; a benchmark may request more in its body.
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
    used = {*map(_alike, asked_for), *map(_alike, analysed), *map(_alike, _cases(measured))}
    return [record for record in baseline if _is_unused(record, used)]


def _cases(records: Iterable[Record]) -> Iterator[Case]:
    """The cases of records, without those whose experiments are not installed."""
    for record in records:
        with suppress(UnknownKind):
            yield record.restored


def _is_unused(record: Record, used: set[str]) -> bool:
    """Whether a record's kind and data are known and no benchmark measures it."""
    try:
        case = record.restored
    except UnknownKind:  # its experiment is not installed
        return False
    data: Any = getattr(case, "data", getattr(case, "task", None))
    if is_task(data) and not is_available(data):
        return False
    return _alike(case) not in used


def _alike(case: Case) -> str:
    """What a case has in common for all seeds and numbers of networks."""
    measurement = _measurement_of(case)
    return digest(seedless(case) if measurement is None else measurement.alike(case))


def _measurement_of(case: Case) -> Measurement | None:
    """The measurement of a case; None if its benchmark makes the records."""
    try:
        return measurement_of(case)
    except TypeError:
        return None
