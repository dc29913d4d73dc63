"""Records of a baseline that no benchmark asks for any more, under any profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import pytest

from sparsebench.experiments.base.cases import OnsetCase
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import RetrainingCase
from sparsebench.experiments.graph_statistics.cases import CorrelationCase, PredictionCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.profiles import PROFILES, Settings
from sparsebench.judging.cell import Cell
from sparsebench.parts.records import Record
from sparsebench.values.case import BaseCase, origin_of
from sparsebench.values.identity import Case, digest, restore
from sparsebench.values.kinds import UnknownKind
from sparsebench.values.semantics import SEMANTICS

Asked = Iterable[Cell] | Callable[[Settings], Iterable[Cell]]
"""What the marker of a benchmark has: its cells, or a function from settings to them."""


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
        The cells of each benchmark.
    settings
        The run's.
    baseline
        Records with any seeds and number of graphs: with these, the benchmarks are asked again.
    """
    records = [record for record in baseline if _is_known(record)]
    seeds, graphs = _extent(records)
    asked_for: set[Case] = set()
    for (name, work), first in product(PROFILES.items(), sorted({0, settings.first_seed})):
        every = replace(
            settings,
            profile=name,
            seeds=len(seeds),
            first_seed=first,
            graphs=max(graphs, work.graphs),
            semantics=tuple(SEMANTICS),
        )
        for cells in asked:
            for cell in cells(every) if callable(cells) else every.planned(cells):
                asked_for.update(_cases(cell, seeds))
    used = {_asked_for(case) for case in asked_for}
    analysed = {
        case.population for case in asked_for if isinstance(case, CorrelationCase | PredictionCase)
    }
    used.update(digest(network) for each in analysed for network in each.networks)
    return [record for record in records if _asked_for(restore(record.case)) not in used]


def _is_known(record: Record) -> bool:
    """Whether a record's case is of a known kind, and not of an experiment that is not installed."""
    try:
        restore(record.case)
    except UnknownKind:
        return False
    return True


def _cases(cell: Cell, seeds: Sequence[int]) -> Iterator[Case]:
    """What a cell measures of some seeds, whichever of them a run begins with."""
    yield from cell.cases(seeds)
    for first in seeds[1:]:
        yield from cell.cases([first])


def _asked_for(case: Case) -> str:
    """What is the same of a case however many graphs a run asks for, and whatever its first seed."""
    if isinstance(case, RetrainingCase):
        case = replace(case, order=None)
    if isinstance(case, CorrelationCase | PredictionCase):
        case = replace(case, population=replace(case.population, graphs=1, first=0))
    return digest(case)


def _extent(records: Sequence[Record]) -> tuple[list[int], int]:
    """The seeds of networks that cells are asked for by seed, and how many graphs, in some records."""
    seeds, graphs = {0}, 1
    for record in records:
        case = origin_of(restore(record.case))
        if isinstance(case, WiredCase):
            graphs = max(graphs, case.graph.seed + 1)
        elif isinstance(case, BaseCase | OnsetCase | PruningCase | TaskCase):
            seeds.add(case.seed)
    return sorted(seeds), graphs
