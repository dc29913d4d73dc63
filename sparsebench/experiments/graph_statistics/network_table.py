"""Wired networks as a table: the properties of their graphs, and their accuracies."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sparsebench.experiments.graph_statistics.cases import WiredPopulation
from sparsebench.experiments.random_wiring import measure as wired
from sparsebench.harness.context import Bench
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.parts.published_rows import ACCURACY, PROPERTIES, Figures
from sparsebench.parts.records import Record

Array = np.ndarray


@dataclass(frozen=True, eq=False)
class NetworkTable:
    """A table with one row per network.

    Attributes
    ----------
    properties
        float64, one column for each of `PROPERTIES`.
    accuracy
        float64, 0-1.
    families
        The family of each row.
    """

    properties: Array
    accuracy: Array
    families: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.accuracy)

    def columns(self, names: Sequence[str]) -> Array:
        """The given properties as columns, in the order of the names."""
        return self.properties[:, [PROPERTIES.index(name) for name in names]]

    def of_family(self, family: str) -> NetworkTable:
        """The rows of one family."""
        chosen = np.array(self.families) == family
        return NetworkTable(
            self.properties[chosen], self.accuracy[chosen], (family,) * int(chosen.sum())
        )

    @property
    def checksum(self) -> str:
        """Checksum of the table: analyses of equal tables must agree."""
        content = hashlib.sha256(" ".join(self.families).encode())
        content.update(np.ascontiguousarray(self.properties, "<f8").tobytes())
        content.update(np.ascontiguousarray(self.accuracy, "<f8").tobytes())
        return content.hexdigest()[:32]


def table_of(records: Sequence[Record]) -> NetworkTable:
    """The table of records of wired networks."""
    return NetworkTable(
        np.array([[each.properties[name] for name in PROPERTIES] for each in records], np.float64),
        np.array([each.metrics["accuracy"] for each in records], np.float64),
        tuple(each.restored.graph.family for each in records),
    )


def table_of_rows(rows: Sequence[tuple[str, Figures]]) -> NetworkTable:
    """The table of the thesis author's rows, given as family and figures."""
    return NetworkTable(
        np.array([[figures[name] for name in PROPERTIES] for _, figures in rows], np.float64),
        np.array([figures[ACCURACY] for _, figures in rows], np.float64),
        tuple(family for family, _ in rows),
    )


def networks(population: WiredPopulation, bench: Bench) -> NetworkTable:
    """The networks of a population; this run trains them if its profile trains from scratch.

    Otherwise they are loaded from the baseline, like base models. The table is made once per run,
    whatever the number of analyses.

    Raises
    ------
    NotMeasurable
        If the baseline lacks some of them.
    """
    return bench.once(population, lambda: _networks(population, bench))


def _networks(population: WiredPopulation, bench: Bench) -> NetworkTable:
    cases = population.networks
    if bench.settings.work.from_scratch:
        return table_of([wired.measure(case, bench) for case in cases])
    known = [bench.baseline.of(case) for case in cases]
    found = [record for record in known if record is not None]
    if len(found) < len(cases):
        raise NotMeasurable(
            f"baseline {bench.settings.baseline!r} has {len(found)} of the {len(cases)} networks of "
            f"{population.variant}, {population.semantics.name}: train and accept the others with "
            "--sparsebench-profile=thesis --sparsebench-update-new"
        )
    return table_of(found)
