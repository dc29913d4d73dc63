"""Methods in the report and on pages: ranks, accuracy by density, and tables with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from sparsebench.experiments.methods.rank_drawing import rank_drawing, ranks_in_words, ranks_table
from sparsebench.experiments.methods.ranks import rankings
from sparsebench.experiments.methods.separation import blocks_table, separation_table
from sparsebench.experiments.methods.table import (
    CONTROL_TITLES,
    FIGURES,
    Setting,
    figures,
    in_order,
    kept,
    mean_text,
    settings_of,
    with_several_seeds,
)
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import slug
from sparsebench.report import markdown as pages
from sparsebench.report.contents import Column, Drawing, Entry, Missing, Section, Table
from sparsebench.report.drawing import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Panel,
    drawn,
    panels,
)
from sparsebench.report.measured import Measured
from sparsebench.report.words import VARIANT_TITLES

_ABOUT = (
    "Networks that a method makes sparse while they are trained, all for the same number of epochs, "
    "beside controls that are trained for as long. Lines are means over seeds."
)
_RANKS = (
    "Ranks of methods among all that were measured, by their mean over seeds, averaged over cell "
    "types and tasks; two methods differ where their mean ranks differ by the critical difference "
    "(Nemenyi's test at 5 %)."
)

_MARKS = ("o-", "s--", "^:", "v-", "D--", "o:", "s-", "^--")
_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, INK)


def style_of(number: int) -> tuple[str, str]:
    """Mark and colour of a line; lines share them only if there are more than 56."""
    return _MARKS[number % len(_MARKS)], _COLOURS[number % len(_COLOURS)]


def sections(measured: Measured) -> list[Section]:
    """The section of the report."""
    found: list[Setting] = measured.of(settings_of)
    command = "pytest benchmarks/test_methods.py"
    if not found:
        return [
            Section("method-comparison", "Methods", (_ABOUT,), (), (Missing("methods", command),))
        ]
    main = with_several_seeds(found)
    ranks = rankings(main)
    numbers = setting_table(found[0]) if len(found) == 1 else None
    shown: list[Drawing | Table] = [
        _curves(main, numbers),
        *([rank_drawing(ranks)] if ranks else []),
    ]
    shown += _pairs(main)
    if len(found) > 1:
        shown += [replace(setting_table(each), folded=True) for each in found]
    title = "Methods of making networks sparse"
    return [Section("method-comparison", title, (_ABOUT, _RANKS), tuple(shown))]


def remarks(measured: Measured) -> list[str]:
    """Which methods are best, at each density at which several were ranked."""
    ranks = rankings(with_several_seeds(measured.of(settings_of)))
    if not ranks:
        return []
    over = f"over {ranks[0].settings} cell types and tasks"
    return [
        f"Methods of making networks sparse, by their mean rank {over}: {ranks_in_words(ranks)}"
    ]


def markdown(records: Sequence[Record]) -> Iterable[str]:
    """Markdown tables: ranks, methods that are told apart, what blocks cost; then methods by density
    for each cell type and task, those with several seeds first.
    """
    found = settings_of(records)
    main = with_several_seeds(found)
    ranks = rankings(main)
    tables = [
        *([ranks_table(ranks)] if ranks else []),
        *_pairs(main),
        *map(setting_table, [*main, *(each for each in found if each not in main)]),
    ]
    return [
        f"{table.caption}\n\n{pages.table([column.title for column in table.columns], table.texts)}"
        for table in tables
    ]


def setting_table(setting: Setting) -> Table:
    """A row for each method and control; its figure at each density, with the interval of the mean."""
    name, densities = setting.figure, setting.densities
    dense = mean_text(figures(setting.dense, name), name) if setting.dense else ""
    seeds = max((len(each) for row in setting.rows.values() for each in row.values()), default=0)
    rows: list[list[Entry]] = []
    for method, control in in_order(setting):
        row = setting.rows[method, control]
        rows.append(
            [
                method,
                CONTROL_TITLES.get(control, ""),
                *(mean_text(figures(row.get(each, {}), name), name) for each in densities),
            ]
        )
    shown = FIGURES[name] if name == "loss" else f"{FIGURES[name]}, in %"
    beside = f"; dense {dense}" if dense else ""
    over = f"{seeds} seed{'s' * (seeds != 1)}"
    return Table(
        slug(f"methods {setting.title}").replace("_", "-"),
        f"{setting.title}: {shown}, mean over {over} with its 95 % interval{beside}",
        (Column("method"), Column("control"), *(Column(kept(each)) for each in densities)),
        rows,
    )


def _pairs(found: Sequence[Setting]) -> list[Table]:
    """Which methods are told apart, and what blocks cost; nothing with one seed."""
    tables = [separation_table(found), blocks_table(found)]
    return [table for table in tables if table is not None]


def _curves(found: Sequence[Setting], numbers: Table | None) -> Drawing:
    """A panel for each cell type and task: each method's figure by density."""
    variants = list(dict.fromkeys(each.case.variant for each in found))
    tasks = {_task_of(each): FIGURES[each.figure] for each in found}
    figure, axes = panels(len(tasks), len(variants), 0.6 + 3.0 * len(tasks))
    styles: dict[str, tuple[str, str]] = {}
    for setting in found:
        row = list(tasks).index(_task_of(setting))
        panel = axes[row, variants.index(setting.case.variant)]
        _draw(panel, setting, styles)
        panel.set_title(VARIANT_TITLES[setting.case.variant])
        panel.set_xlabel("weights left")
    for row, (task, figure_of_task) in enumerate(tasks.items()):
        axes[row, 0].set_ylabel(f"{task}\n{figure_of_task}")
    figure.first = list(styles)
    said = " or ".join(dict.fromkeys(tasks.values()))
    return drawn(
        "methods-by-density",
        f"{said.capitalize()} by the share of weights left, by method",
        _message(found),
        figure,
        numbers,
    )


def _task_of(setting: Setting) -> str:
    return setting.title.split(",")[0]


def _draw(panel: Panel, setting: Setting, styles: dict[str, tuple[str, str]]) -> None:
    name = setting.figure
    for method, control in in_order(setting):
        if control:
            continue
        mark, colour = styles.setdefault(method, style_of(len(styles)))
        row = setting.rows[method, control]
        across = sorted(row, reverse=True)
        panel.plot(
            across,
            [fmean(figures(row[each], name)) for each in across],
            mark,
            color=colour,
            markersize=3,
            label=method,
        )
    if setting.dense:
        dense = fmean(figures(setting.dense, name))
        panel.axhline(dense, color=FAINT, linestyle="-.", label="dense")
    densities = setting.densities
    if densities:
        panel.set(xscale="log", xticks=densities)
        panel.x.percent = True
        panel.set_xlim(max(densities) * 1.2, min(densities) / 1.2)


def _message(found: Sequence[Setting]) -> str:
    """The best method of each panel at the lowest density, in words."""
    said = []
    for setting in found:
        least = min(setting.densities, default=1.0)
        means = {
            method: setting.sign * fmean(figures(row[least], setting.figure))
            for (method, control), row in setting.rows.items()
            if not control and least in row
        }
        if means:
            best = max(means, key=lambda method: means[method])
            said.append(f"{setting.title}, {kept(least)}: {best} {abs(means[best]):.3f}.")
    return " ".join(said)
