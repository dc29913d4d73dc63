"""Experiment: correlations of the thesis author's own result rows, compared with his tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sparsebench.experiments.conformance.wired_networks import survey
from sparsebench.experiments.graph_statistics.correlation import pearson
from sparsebench.experiments.graph_statistics.correlation_claims import CORRELATIONS, SOURCES
from sparsebench.experiments.graph_statistics.network_table import NetworkTable, table_of_rows
from sparsebench.harness.profiles import Settings
from sparsebench.parts.published_rows import Row
from sparsebench.values.protocol import VARIANTS

ROWS = 200
"""Networks of each variant that the tables are based on."""

ROUNDED = 0.005 + 1e-9
"""Largest rounding error of a figure printed with two digits."""


@dataclass(frozen=True)
class PublishedTable:
    """All rows of one variant in a checkout of the author's repository.

    Attributes
    ----------
    variant
        The recurrent cell type of the networks.
    rows
        Family and row of each network.
    """

    variant: str
    rows: tuple[tuple[str, Row], ...] = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant


def published_tables(settings: Settings) -> list[PublishedTable]:
    """The variants whose rows are complete in the run's checkout; empty if the run has none."""
    return tables_in(settings.artifacts) if settings.artifacts else []


def tables_in(folder: Path) -> list[PublishedTable]:
    """The variants whose rows are complete in a checkout."""
    found: dict[str, list[tuple[str, Row]]] = {variant: [] for variant in VARIANTS}
    for network in survey(folder).networks:
        if network.row is not None:
            found[network.variant].append((network.family, network.row))
    return [
        PublishedTable(variant, tuple(rows)) for variant, rows in found.items() if len(rows) == ROWS
    ]


def network_table(published: PublishedTable) -> NetworkTable:
    """The rows as numbers.

    Raises
    ------
    ValueError
        If a value is not a finite number; the message names file, line and column.
    """
    return table_of_rows([(family, row.figures()) for family, row in published.rows])


def disagreements(published: PublishedTable) -> list[str]:
    """The correlations that differ from the thesis's table, at the two digits printed."""
    table, faults = network_table(published), []
    for name, printed in CORRELATIONS[published.variant].items():
        figure = pearson(table.columns([name])[:, 0], table.accuracy)
        if figure is None or not abs(figure - printed) <= ROUNDED:
            measured = "not defined" if figure is None else f"{figure:.4f}"
            faults.append(
                f"{name}: r is {measured}, {SOURCES[published.variant]} prints {printed:.2f}"
            )
    return faults
