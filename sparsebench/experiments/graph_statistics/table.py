"""Markdown tables of graph properties and accuracy, beside the thesis's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sparsebench.experiments.graph_statistics.cases import CorrelationCase, PredictionCase
from sparsebench.experiments.graph_statistics.correlation_claims import CORRELATIONS, ESSENTIAL
from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.graph_statistics.prediction_claims import importances, printed
from sparsebench.experiments.graph_statistics.published_predictions import IMPORTANCE
from sparsebench.harness.claims import judge_claims
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.markdown import Bold, table
from sparsebench.report.words import WORDS
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.protocol import CELL_TYPES
from sparsebench.values.semantics import SEMANTICS

AnalysisItem = CorrelationItem | PredictionItem

ANALYSES = ("correlation", "prediction")
"""The values of records' `experiment` for analyses."""


def analysis_item_of(case: CorrelationCase | PredictionCase) -> AnalysisItem | None:
    """The item that a case belongs to, or None if its semantics are not a preset."""
    population = case.population
    if population.semantics.name not in SEMANTICS:
        return None
    item: AnalysisItem = CorrelationItem(
        case.variant, population.graphs, population.semantics.name, population.first
    )
    if isinstance(case, PredictionCase):
        item = PredictionItem(
            case.variant,
            case.splits,
            population.graphs,
            population.semantics.name,
            population.first,
        )
    return item if case in item.cases([]) else None


def by_analysis_item(records: Iterable[Record]) -> dict[AnalysisItem, list[Record]]:
    """Group records of analyses into their items, by variant and semantics; others are left out.

    Of items that differ only in the number of splits, the one with most splits is used.
    """
    groups: dict[AnalysisItem, list[Record]] = {}
    for record in records:
        if record.experiment in ANALYSES:
            item = analysis_item_of(record.restored)
            if item is not None:
                groups.setdefault(item, []).append(record)
    largest: dict[AnalysisItem, AnalysisItem] = {}
    for item in sorted(groups, key=_splits):
        largest[replace(item, splits=1) if isinstance(item, PredictionItem) else item] = item
    return {item: groups[item] for item in sorted(largest.values(), key=_order)}


def correlations(records: Iterable[Record]) -> list[tuple[CorrelationCase, Record]]:
    """Records of correlations; those with most networks and resamples come last."""
    return _analyses(records, "correlation", lambda case: case.resamples)


def predictions(records: Iterable[Record]) -> list[tuple[PredictionCase, Record]]:
    """Records of predictions; those with most networks and splits come last."""
    return _analyses(records, "prediction", lambda case: case.splits)


def _analyses(
    records: Iterable[Record], experiment: str, often: Callable[[Any], int]
) -> list[tuple[Any, Record]]:
    found = [(record.restored, record) for record in records if record.experiment == experiment]
    return sorted(found, key=lambda each: (each[0].population.graphs, often(each[0])))


def analysis_claims(records: Iterable[Record]) -> list[tuple[AnalysisItem, Verdict]]:
    """The thesis's claims about correlations and predictions, for all semantics."""
    return [
        (item, verdict)
        for item, found in by_analysis_item(records).items()
        for verdict in judge_claims(replace(item, semantics="published"), found)
    ]


def correlations_markdown(records: Iterable[Record]) -> str:
    """Correlations of accuracy with the properties that the thesis prints, variant by variant.

    Columns: semantics, variant, property (bold if section 7.3 calls it essential), the thesis's
    Pearson r, ours with its 95 % interval and adjusted p, Spearman's, r with the number of vertices
    held fixed, within both families, within each.
    """
    names = ["semantics", "variant", "property", "thesis", "r (95 % interval)", "adjusted p"]
    names += ["Spearman", "given nodes", "within families", *PUBLISHED_FAMILIES]
    rows: list[list[str]] = []
    for item, found in by_analysis_item(records).items():
        if not isinstance(item, CorrelationItem):
            continue
        (record,) = found
        tables = record.tables
        for name, published in CORRELATIONS.get(item.variant, {}).items():
            title = Bold(name) if name in ESSENTIAL[item.variant] else name
            low, high = (tables[f"pearson_{end}"].get(name) for end in ("low", "high"))
            bounds = "" if low is None or high is None else f" ({low:+.2f} to {high:+.2f})"
            others = ("spearman", "partial", "within", *PUBLISHED_FAMILIES)
            figures = [_signed(tables.get(other, {}).get(name)) for other in others]
            chance = tables["p_adjusted"].get(name)
            p = "" if chance is None else ("< 0.001" if chance < 0.001 else f"{chance:.3f}")
            ours = f"{_signed(tables['pearson'].get(name))}{bounds}"
            row = [item.semantics, item.variant, title, f"{published:+.2f}", ours, p, *figures]
            rows.append(row)
    return table(names, rows)


def predictions_markdown(records: Iterable[Record]) -> str:
    """R² of each regressor and feature set.

    Columns: semantics, variant, regressor, features, the thesis's R² (one split), ours on one split
    made as in the thesis, the median over all splits, the range of 95 % of them, and their number.
    """
    names = ["semantics", "variant", "regressor", "features", "thesis", "one split"]
    names += ["median", "95 % of the splits", "splits"]
    rows: list[list[str]] = []
    for item, found in by_analysis_item(records).items():
        if not isinstance(item, PredictionItem):
            continue
        for record in found:
            case = record.case
            regressor, features = case["regressor"], case["features"]
            metrics = record.metrics
            row = [item.semantics, item.variant, regressor, features]
            row += [_plain(printed(item.variant, regressor, features))]
            row += [_plain(metrics["r2"]), _plain(metrics["r2_median"])]
            row += [f"{metrics['r2_low']:.2f} to {metrics['r2_high']:.2f}", str(item.splits)]
            rows.append(row)
    return table(names, rows)


def importances_markdown(records: Iterable[Record]) -> str:
    """Importance of each property in forests, where the thesis prints it (tables B.1 and B.2).

    Columns: semantics, variant, property, the thesis's importance by impurity, ours with the range
    of 95 % of the splits, and the loss of R² when the property is shuffled.
    """
    names = ["semantics", "variant", "property", "thesis", "impurity", "permutation"]
    rows: list[list[str]] = []
    for item, found in by_analysis_item(records).items():
        for record in found:
            case = record.case
            if case.get("features") != "all" or item.variant not in IMPORTANCE:
                continue
            permutation = record.tables.get("permutation", {})
            ours, theirs = importances(record), IMPORTANCE[item.variant]["all"]
            for name, (mean, low, high) in sorted(ours.items(), key=lambda each: -each[1][0]):
                row = [item.semantics, item.variant, name, _plain(theirs.get(name))]
                row += [f"{mean:.3f} ({low:.3f} to {high:.3f})"]
                row += [f"{permutation[name]:.3f}" if name in permutation else ""]
                rows.append(row)
    return table(names, rows)


def analysis_claims_markdown(records: Iterable[Record]) -> str:
    """Verdicts on the thesis's claims, as a table with one row each."""
    names = ["semantics", "variant", "the thesis", "verdict", "ours", "source"]
    rows: list[list[str]] = []
    for item, verdict in analysis_claims(records):
        row = [item.semantics, item.variant, verdict.statement]
        row += [WORDS[verdict.verdict], verdict.reason, verdict.source.removeprefix("thesis, ")]
        rows.append(row)
    return table(names, rows)


def _signed(figure: float | None) -> str:
    return "" if figure is None else f"{figure:+.2f}"


def _plain(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.2f}"


def _splits(item: AnalysisItem) -> int:
    return item.splits if isinstance(item, PredictionItem) else 0


def _order(item: AnalysisItem) -> tuple[bool, int, int]:
    kind = isinstance(item, PredictionItem)
    return kind, list(SEMANTICS).index(item.semantics), CELL_TYPES.index(item.variant)


def markdown(records: Sequence[Record]) -> list[str]:
    """The tables of claims and figures; empty if there are no analyses."""
    if not any(record.experiment in ANALYSES for record in records):
        return []
    return [
        analysis_claims_markdown(records),
        correlations_markdown(records),
        predictions_markdown(records),
        importances_markdown(records),
    ]
