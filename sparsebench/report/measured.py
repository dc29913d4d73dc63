"""The records of one file, grouped as the sections need them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from sparsebench.experiments.finetuning.items import RegainCell, ThresholdCell
from sparsebench.experiments.finetuning.table import RegainResult, by_regain_cell
from sparsebench.experiments.graph_statistics.cases import CorrelationCase, PredictionCase
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.table import Group, by_group
from sparsebench.parts.records import Record
from sparsebench.report.tables import CellResult, by_cell
from sparsebench.report.words import TARGET_TITLES
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import restore
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS

Analysis = TypeVar("Analysis", CorrelationCase, PredictionCase)


@dataclass(frozen=True)
class Measured:
    """Records that `sparsebench.report.intake` admitted."""

    records: tuple[Record, ...]

    @cached_property
    def cells(self) -> list[CellResult]:
        """Base models, and the same pruned."""
        return by_cell(self.records)

    @cached_property
    def regained(self) -> list[RegainResult]:
        """Base models pruned and trained again."""
        return by_regain_cell(self.records)

    @cached_property
    def longest_regained(self) -> list[tuple[RegainCell, RegainResult]]:
        """Of the same pruned models, those that were trained again for longest."""
        found: dict[RegainCell, tuple[RegainCell, RegainResult]] = {}
        for result in sorted(self.regained, key=lambda each: regain_rank(each.cell)):
            cell = result.cell
            if isinstance(cell, RegainCell) and cell.criterion == "magnitude":
                alike = RegainCell(cell.variant, cell.target, cell.percent, 1, cell.semantics)
                found[alike] = (cell, result)
        return list(found.values())

    @cached_property
    def groups(self) -> list[Group]:
        """Wired networks, pruned and not, by all but their seed."""
        return by_group(self.records)

    @cached_property
    def wired(self) -> list[tuple[WiredCase, Record]]:
        """Every wired network that was not pruned."""
        return [
            (restore(record.case), record)
            for record in self.records
            if record.experiment == "wired"
        ]

    @cached_property
    def thesis_networks(self) -> list[tuple[WiredCase, Record]]:
        """Networks wired and trained as the thesis's, under its semantics or the corrected ones."""
        return [
            (case, record)
            for case, record in self.wired
            if case.semantics.name in SEMANTICS and case == _thesis_network(case)
        ]

    def analyses(self, experiment: str, kind: type[Analysis]) -> list[tuple[Analysis, Record]]:
        """Records of a correlation or of a prediction, those of most networks and splits last."""
        found = [
            (case, record)
            for record in self.records
            if record.experiment == experiment and isinstance(case := restore(record.case), kind)
        ]
        return sorted(found, key=lambda each: _extent(each[0]))


def pruned_order(cell: PruningCell | RegainCell) -> tuple[int, int, bool, int]:
    """The thesis's order of pruned models: by target, variant, semantics and percentage."""
    target = list(TARGET_TITLES).index(cell.target)
    return target, VARIANTS.index(cell.variant), cell.semantics != "published", cell.percent


def regain_rank(cell: RegainCell | ThresholdCell) -> tuple[bool, int]:
    """By what a cell is preferred to one like it: strings in the network's own order, more epochs."""
    return cell.order is None, cell.epochs


def _extent(case: CorrelationCase | PredictionCase) -> tuple[int, int]:
    """How many networks of a family, and how often they were drawn anew or split."""
    often = case.resamples if isinstance(case, CorrelationCase) else case.splits
    return case.population.graphs, often


def _thesis_network(case: WiredCase) -> WiredCase:
    """What the thesis would have made of a network's variant, family, seed and semantics."""
    graph = GraphSpec(case.graph.family, case.graph.seed)
    return WiredCase(case.variant, graph, case.seed, case.semantics)
