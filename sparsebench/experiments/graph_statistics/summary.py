"""Analyses at the end of a run: correlations and predictions beside the thesis's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.graph_statistics.correlation_claims import CORRELATIONS
from sparsebench.experiments.graph_statistics.items import CorrelationCell, PredictionCell
from sparsebench.experiments.graph_statistics.prediction_claims import printed
from sparsebench.experiments.graph_statistics.table import AnalysisCell, by_analysis_cell
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table


def analysis_tables(records: Sequence[Record], verdicts: Sequence[Verdict] = ()) -> Iterable[Table]:
    """A table of correlations and one of predictions, for each semantics."""
    correlations: dict[str, list[tuple[CorrelationCell, Record]]] = {}
    predictions: dict[str, list[tuple[PredictionCell, list[Record]]]] = {}
    for cell, found in by_analysis_cell(records).items():
        if isinstance(cell, CorrelationCell):
            correlations.setdefault(_title(cell), []).append((cell, found[0]))
        else:
            predictions.setdefault(_title(cell), []).append((cell, found))
    for title, columns in correlations.items():
        yield _correlations(title, columns)
    for title, rows in predictions.items():
        yield _predictions(title, rows)


def _title(cell: AnalysisCell) -> str:
    return f"{2 * cell.graphs} wired networks of each variant, {cell.semantics}"


def _correlations(title: str, columns: list[tuple[CorrelationCell, Record]]) -> Table:
    names = [name for cell, _ in columns for name in (cell.variant, "thesis")]
    table = empty_table(f"Pearson's r between accuracy and property: {title}", ["property"], names)
    for name in CORRELATIONS["gru"]:
        figures = []
        for cell, record in columns:
            figure = record.tables["pearson"].get(name)
            figures.append("" if figure is None else f"{figure:+.2f}")
            figures.append(f"{CORRELATIONS[cell.variant][name]:+.2f}")
        table.add_row(name, *figures)
    return table


def _predictions(title: str, rows: list[tuple[PredictionCell, list[Record]]]) -> Table:
    names = ["variant", "regressor", "properties"]
    columns = ["median", "95 % of the splits from", "to", "thesis: one split"]
    table = empty_table(f"R² of predicted accuracy: {title}", names, columns)
    for cell, records in rows:
        for record in records:
            regressor, features = record.case["regressor"], record.case["features"]
            published = printed(cell.variant, regressor, features)
            figures = (record.metrics[name] for name in ("r2_median", "r2_low", "r2_high"))
            table.add_row(
                cell.variant,
                regressor,
                features,
                *(f"{figure:.2f}" for figure in figures),
                "" if published is None else f"{published:.2f}",
            )
    return table
