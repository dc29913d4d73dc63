"""Terminal tables of analyses: correlations and predictions beside the thesis's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.graph_statistics.correlation_claims import CORRELATIONS
from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.graph_statistics.prediction_claims import printed
from sparsebench.experiments.graph_statistics.table import AnalysisItem, by_analysis_item
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table


def analysis_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """A table of correlations and one of predictions, for each semantics."""
    correlations: dict[str, list[tuple[CorrelationItem, Record]]] = {}
    predictions: dict[str, list[tuple[PredictionItem, list[Record]]]] = {}
    for item, found in by_analysis_item(records).items():
        if isinstance(item, CorrelationItem):
            correlations.setdefault(_title(item), []).append((item, found[0]))
        else:
            predictions.setdefault(_title(item), []).append((item, found))
    for title, columns in correlations.items():
        yield _correlations(title, columns)
    for title, rows in predictions.items():
        yield _predictions(title, rows)


def _title(item: AnalysisItem) -> str:
    return f"{2 * item.graphs} wired networks of each variant, {item.semantics}"


def _correlations(title: str, columns: list[tuple[CorrelationItem, Record]]) -> Table:
    names = [name for item, _ in columns for name in (item.variant, "thesis")]
    table = empty_table(f"Pearson's r between accuracy and property: {title}", ["property"], names)
    for name in CORRELATIONS["gru"]:
        figures = []
        for item, record in columns:
            figure = record.tables["pearson"].get(name)
            figures.append("" if figure is None else f"{figure:+.2f}")
            published = CORRELATIONS.get(item.variant, {}).get(name)
            figures.append("" if published is None else f"{published:+.2f}")
        table.add_row(name, *figures)
    return table


def _predictions(title: str, rows: list[tuple[PredictionItem, list[Record]]]) -> Table:
    names = ["variant", "regressor", "properties"]
    columns = ["median", "95 % of the splits from", "to", "thesis: one split"]
    table = empty_table(f"R² of predicted accuracy: {title}", names, columns)
    for item, records in rows:
        for record in records:
            regressor, features = record.case["regressor"], record.case["features"]
            published = printed(item.variant, regressor, features)
            figures = (record.metrics[name] for name in ("r2_median", "r2_low", "r2_high"))
            table.add_row(
                item.variant,
                regressor,
                features,
                *(f"{figure:.2f}" for figure in figures),
                "" if published is None else f"{published:.2f}",
            )
    return table
