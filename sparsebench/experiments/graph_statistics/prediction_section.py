"""Predicting accuracy from the properties of graphs (thesis, section 6.4, tables 6.5, B.1 and B.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sparsebench.experiments.graph_statistics.cases import FEATURE_SETS, REGRESSORS
from sparsebench.experiments.graph_statistics.prediction_claims import printed
from sparsebench.experiments.graph_statistics.published_predictions import (
    IMPORTANCE,
    R_SQUARED,
    SET_R_SQUARED,
)
from sparsebench.experiments.graph_statistics.table import predictions
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record
from sparsebench.report.contents import Column, Drawing, Missing, Section, Table
from sparsebench.report.drawing import BLUE, INK, VERMILION, Panel, drawn, panels
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES, interval_text
from sparsebench.values.protocol import CELL_TYPES, VARIANTS
from sparsebench.values.semantics import SEMANTICS

Predictions = Mapping[tuple[str, str, str], Record]
"""Records of one semantics, by variant, regressor and feature set."""

FOREST = "random_forest"

_TICKS = {
    "bayesian_ridge": "bayesian\nridge",
    "random_forest": "random\nforest",
    "ada_boost": "ada\nboost",
    "nodes_and_edges": "nodes,\nedges",
    "without_nodes_and_edges": "without\nthese",
}
"""Labels of regressors and feature sets below their boxes."""

_LOWEST = -1.0
"""Lowest R² drawn, because R² has no lower bound."""


_ABOUT = (
    "Regressors are fitted to nine tenths of the networks and predict the accuracy of the others. "
    "R squared is the share of the variance that they explain. The thesis used one split with 20 "
    "test networks; the boxes show how much R squared varies between splits."
)
"""The introduction above the figures."""


def prediction_section(measured: Measured) -> Section:
    """R² over splits, predicted against true accuracy, and importance of properties."""
    by_semantics: dict[str, dict[tuple[str, str, str], Record]] = {}
    for case, record in measured.of(predictions):
        semantics = case.population.semantics.name
        if semantics in SEMANTICS:
            found = by_semantics.setdefault(semantics, {})
            found[case.variant, case.regressor, case.features] = record
    shown: list[Drawing | Table] = []
    missing = []
    for semantics in SEMANTICS:
        of_these = by_semantics.get(semantics)
        if of_these:
            shown += _figures(of_these, semantics)
        else:
            missing.append(
                Missing(
                    f"predictions under the {semantics} semantics",
                    "pytest benchmarks/test_correlation.py -k prediction "
                    f"--sparsebench-profile=thesis --sparsebench-semantics={semantics}",
                )
            )
    return Section(
        "prediction",
        "Prediction of accuracy from the graph",
        (_ABOUT,),
        tuple(shown),
        tuple(missing),
    )


def _figures(found: Predictions, semantics: str) -> Iterable[Drawing | Table]:
    yield _r_squared(found, semantics)
    if any(record.history.get("predicted") for record in found.values()):
        yield _predicted_against_true(found, semantics)
    if any(
        features == "all" and record.tables.get("permutation")
        for (_, _, features), record in found.items()
    ):
        yield _importances(found, semantics)
    if any(
        features != "all" and record.tables.get("impurity")
        for (_, _, features), record in found.items()
    ):
        yield _importances_by_set(found, semantics)


def _r_squared(found: Predictions, semantics: str) -> Drawing:
    figure, axes = panels(2, 4, 6.2, sharey=True)
    for column, variant in enumerate(VARIANTS):
        _draw_splits(
            axes[0, column],
            REGRESSORS,
            [found.get((variant, each, "all")) for each in REGRESSORS],
            R_SQUARED.get(variant, {}),
        )
        _draw_splits(
            axes[1, column],
            FEATURE_SETS,
            [found.get((variant, FOREST, each)) for each in FEATURE_SETS],
            SET_R_SQUARED.get(variant, {}),
        )
        axes[0, column].set_title(VARIANT_TITLES[variant])
    axes[0, 0].set_ylabel("R squared, all properties")
    axes[1, 0].set_ylabel("R squared, random forest")
    for panel in axes.flat:
        panel.set_ylim(_LOWEST, 1.05)
    return drawn(
        f"r-squared-{semantics}",
        f"Share of the variance explained, {semantics} semantics (tables 6.5, B.1 and B.2)",
        "A box for each regressor (upper row) and for each set of properties (lower row), over all "
        f"splits, from the lower to the upper quartile. {_medians(found)}",
        figure,
        _r_squared_table(found, semantics),
    )


def _draw_splits(
    panel: Panel,
    names: Sequence[str],
    records: Sequence[Record | None],
    published: Mapping[str, float],
) -> None:
    for place, (name, record) in enumerate(zip(names, records, strict=True)):
        if record is not None and record.history.get("r2"):
            panel.box(place, record.history["r2"], color=BLUE, middle=VERMILION, width=0.55,
                      outliers=True)  # fmt: skip
            panel.plot(place + 0.36, record.metrics["r2"], "<", color=BLUE, markersize=5,
                       label="ours, first split")  # fmt: skip
        if name in published:
            panel.plot(place, published[name], "D", color=INK, markersize=5, label="the thesis",
                       reference=True)  # fmt: skip
    panel.set_xticks(range(len(names)), [_TICKS.get(name, name) for name in names])
    panel.set_xlim(-0.6, len(names) - 0.4)


def _medians(found: Predictions) -> str:
    said = [
        f"{VARIANT_TITLES[variant]} {record.metrics.get('r2_median', record.metrics['r2']):.2f} "
        f"(the thesis: {R_SQUARED[variant][FOREST]:.2f})"
        for variant in VARIANTS
        if (record := found.get((variant, FOREST, "all")))
    ]
    return f"Medians of random forests: {'; '.join(said)}." if said else ""


def _r_squared_table(found: Predictions, semantics: str) -> Table:
    rows = []
    for (variant, regressor, features), record in sorted(found.items(), key=_order):
        metrics = record.metrics
        low, high = metrics.get("r2_low"), metrics.get("r2_high")
        interval = None if low is None or high is None else (low, high)
        theirs = printed(variant, regressor, features)
        rows.append(
            (
                VARIANT_TITLES[variant],
                regressor.replace("_", " "),
                features.replace("_", " "),
                metrics["networks"],
                theirs,
                metrics["r2"],
                metrics.get("r2_median"),
                interval_text(interval, ".2f"),
                "" if theirs is None or interval is None else _place(theirs, interval),
            )
        )
    return Table(
        f"r-squared-{semantics}-numbers",
        f"R squared over splits, {semantics} semantics, beside the thesis's",
        (
            Column("variant", choice=True),
            Column("regressor", choice=True),
            Column("properties", choice=True),
            Column("networks", ".0f"),
            Column("the thesis", ".3f"),
            Column("first split", ".3f"),
            Column("median", ".3f"),
            Column("central 95 % of splits"),
            Column("the thesis's figure is", choice=True),
        ),
        rows,
    )


def _place(theirs: float, interval: tuple[float, float]) -> str:
    return "inside this range" if interval[0] <= theirs <= interval[1] else "outside this range"


def _order(item: tuple[tuple[str, str, str], Record]) -> tuple[int, int, int]:
    variant, regressor, features = item[0]
    return CELL_TYPES.index(variant), REGRESSORS.index(regressor), FEATURE_SETS.index(features)


def _predicted_against_true(found: Predictions, semantics: str) -> Drawing:
    figure, axes = panels(3, 4, 8.2, sharex=True, sharey=True)
    rows = []
    for column, variant in enumerate(VARIANTS):
        for row, regressor in enumerate(REGRESSORS):
            panel = axes[row, column]
            record = found.get((variant, regressor, "all"))
            history = record.history if record else {}
            pairs = list(zip(history.get("true", ()), history.get("predicted", ()), strict=False))
            if pairs:
                true, predicted = zip(*pairs, strict=True)
                panel.plot(true, predicted, ".", color=BLUE, markersize=3, alpha=0.6)
            panel.plot(
                [0.45, 1.02], [0.45, 1.02], ":", color=INK, linewidth=1, told=False, reference=True
            )
            rows += [
                (VARIANT_TITLES[variant], regressor.replace("_", " "), *pair) for pair in pairs
            ]
            panel.set(xlim=(0.45, 1.02), ylim=(0.35, 1.1))
            if row == 0:
                panel.set_title(VARIANT_TITLES[variant])
    for row, regressor in enumerate(REGRESSORS):
        axes[row, 0].set_ylabel(f"{regressor.replace('_', ' ')}\npredicted")
    for panel in axes[-1]:
        panel.set_xlabel("true accuracy")
    return drawn(
        f"predicted-against-true-{semantics}",
        f"Predicted against true accuracy, {semantics} semantics",
        "A dot is a network, predicted by a regressor that was fitted to other networks (ten-fold "
        "cross-validation, all properties). On the dotted line, predictions are exact.",
        figure,
        Table(
            f"predicted-against-true-{semantics}-numbers",
            f"Predicted and true accuracy of every network, {semantics} semantics",
            (
                Column("variant", choice=True),
                Column("regressor", choice=True),
                Column("true", ".4f"),
                Column("predicted", ".4f"),
            ),
            rows,
        ),
    )


def _importances(found: Predictions, semantics: str) -> Drawing:
    figure, axes = panels(1, 4, 6.4, sharey=True)
    for panel, variant in zip(axes[0], VARIANTS, strict=True):
        record = found.get((variant, FOREST, "all"))
        tables = record.tables if record else {}
        theirs = IMPORTANCE.get(variant, {}).get("all", {})
        for offset, name, colour in ((-0.2, "permutation", BLUE), (0.2, "impurity", VERMILION)):
            figures = tables.get(name, {})
            if figures:
                panel.barh(
                    [place + offset for place in range(len(PROPERTIES))],
                    [figures.get(each, 0) for each in PROPERTIES],
                    height=0.36,
                    color=colour,
                    label=f"ours, by {name}",
                )
        places = [place for place, name in enumerate(PROPERTIES) if name in theirs]
        panel.plot([theirs[PROPERTIES[place]] for place in places], places, "D", color=INK,
                   markersize=3.5, label="the thesis, by impurity", reference=True)  # fmt: skip
        panel.set_title(VARIANT_TITLES[variant])
        panel.set_xlabel("importance")
        panel.set_yticks(range(len(PROPERTIES)), [name.replace("_", " ") for name in PROPERTIES])
        panel.set_ylim(len(PROPERTIES) - 0.4, -0.6)
    return drawn(
        f"importances-{semantics}",
        f"Importance of properties in a random forest, {semantics} semantics (tables B.1 and B.2)",
        "Two bars for each property: how much R squared falls when its values are shuffled "
        "(permutation), and how much it lowers the impurity of the trees, which the thesis reports "
        f"too. {_foremost(found)}",
        figure,
        _importance_table(found, semantics),
    )


def _importances_by_set(found: Predictions, semantics: str) -> Drawing:
    """The forests of the two variants that the thesis has tables of, with each set of properties."""
    variants = list(IMPORTANCE)
    figure, axes = panels(len(variants), len(FEATURE_SETS), 5.0 * len(variants))
    for row, variant in enumerate(variants):
        for panel, features in zip(axes[row], FEATURE_SETS, strict=True):
            record, theirs = found.get((variant, FOREST, features)), IMPORTANCE[variant][features]
            ours = record.tables.get("impurity", {}) if record else {}
            places = range(len(theirs))
            if ours:
                panel.barh(
                    [*places],
                    [ours.get(name, 0) for name in theirs],
                    height=0.6,
                    color=VERMILION,
                    label="ours, by impurity",
                )
            panel.plot([*theirs.values()], [*places], "D", color=INK, markersize=3.5,
                       label="the thesis, by impurity", reference=True)  # fmt: skip
            panel.set_title(f"{VARIANT_TITLES[variant]}, {features.replace('_', ' ')}")
            panel.set_yticks(places, [name.replace("_", " ") for name in theirs])
            panel.set_ylim(len(theirs) - 0.4, -0.6)
    for panel in axes[-1]:
        panel.set_xlabel("importance")
    return drawn(
        f"importances-by-set-{semantics}",
        f"Importance of properties by set of properties, {semantics} semantics (tables B.1 and B.2)",
        "One row of panels for each variant that the thesis has a table of, one column for each set of "
        "properties that the forest was given. The numbers are in the table of importances.",
        figure,
        None,
    )


def _foremost(found: Predictions) -> str:
    said = []
    for variant in VARIANTS:
        record = found.get((variant, FOREST, "all"))
        row = record.tables.get("permutation", {}) if record else {}
        if row:
            said.append(
                f"{VARIANT_TITLES[variant]} {max(row, key=row.__getitem__).replace('_', ' ')}"
            )
    return f"The most important by permutation: {'; '.join(said)}." if said else ""


def _importance_table(found: Predictions, semantics: str) -> Table:
    rows = []
    for (variant, regressor, features), record in sorted(found.items(), key=_order):
        if regressor != FOREST:
            continue
        theirs = IMPORTANCE.get(variant, {}).get(features, {})
        impurity, permutation = (
            record.tables.get(each, {}) for each in ("impurity", "permutation")
        )
        rows += [
            (
                name,
                VARIANT_TITLES[variant],
                features.replace("_", " "),
                theirs.get(name),
                impurity.get(name),
                permutation.get(name),
            )
            for name in PROPERTIES
            if name in impurity or name in permutation or name in theirs
        ]
    return Table(
        f"importances-{semantics}-numbers",
        f"Importance of properties in random forests, {semantics} semantics, beside the thesis's",
        (
            Column("property"),
            Column("variant", choice=True),
            Column("properties", choice=True),
            Column("the thesis, by impurity", ".2f"),
            Column("ours, by impurity", ".3f"),
            Column("ours, by permutation", ".3f"),
        ),
        rows,
    )
