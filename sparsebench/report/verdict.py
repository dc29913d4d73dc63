"""The first section: what got worse, and which method is best at which density."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sparsebench.judging.comparison import Comparison
from sparsebench.report.compared import (
    counts_in_words,
    figures_in_words,
    movement_in_words,
    seeds_in_words,
    times_in_words,
)
from sparsebench.report.contents import Column, Entry, Section, Table
from sparsebench.report.cost import DENSE, Point
from sparsebench.report.words import VARIANT_TITLES, interval_text
from sparsebench.values.protocol import CELL_TYPES

DENSITIES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Densities at which the best method is shown."""

AS_GOOD = 0.01
"""Accuracy, 0-1, that the fastest method may lose against the best and still be named: one point."""

HEADLINE = 0.1
"""The density of the first sentence."""

_WORDS = (
    "In the tables, i2h and h2h are the input-to-hidden and the hidden-to-hidden weights of every "
    "recurrent layer. Published semantics compute what the thesis's own programs compute; corrected "
    "semantics compute what its text describes."
)
"""Words of the first tables that a newcomer does not know."""

_NOT_WORSE = ("unchanged", "added", "improved")

_MOST_ROWS = 100
"""Most items that got worse or changed that are listed here; the comparison section lists all."""


def verdict_section(points: Sequence[Point], compared: Sequence[Comparison] | None) -> Section:
    """The first section: the questions that most readers have.

    Parameters
    ----------
    points
        All methods at all settings.
    compared
        The comparison of the newest with the oldest file; None for a single file.
    """
    said: list[str] = []
    shown: list[Table] = []
    if compared is not None:
        said.append(_became(compared))
        if bad := [item for item in compared if item.state not in _NOT_WORSE or item.removed]:
            shown.append(_worse(bad))
    semantics = _semantics(points)
    for name in semantics:
        of_these = [point for point in points if point.semantics == name]
        if name == semantics[0]:
            said.append(_headline(of_these, name))
        shown += _best(of_these, name, folded=name != semantics[0])
    if points:
        shown += by_percent(points)
        said += _of_the_dense(points)
        said += dict.fromkeys(point.method.about for point in points if point.method.about)
        said.append(_WORDS)
        if all(point.time is None for point in points):
            said.append(
                "Forward times are not in this file, so methods are compared by accuracy and weights."
            )
    else:
        said.append("No networks with known accuracy and weights are in this file.")
    return Section("verdict", "Verdict", tuple(said), tuple(shown))


def _of_the_dense(points: Sequence[Point]) -> list[str]:
    """Where dense networks were taken from that the file lacks, and which are missing."""
    dense = {(point.variant, point.semantics): point for point in points if _is_dense(point)}
    said = [
        f"The dense networks were not measured in this file; they are {setting}."
        for setting in dict.fromkeys(each.setting for each in dense.values() if each.setting)
    ]
    pruned = {(point.variant, point.semantics): None for point in points if not _is_dense(point)}
    missing = [
        f"{VARIANT_TITLES[variant]} ({semantics} semantics)"
        for variant, semantics in pruned
        if (variant, semantics) not in dense
    ]
    if missing:
        said.append(
            f"No dense networks to compare with are known of {', '.join(missing)}: measure them with "
            "pytest benchmarks/test_base.py, or name a baseline that has them with "
            "sparsebench report --baseline=DIR."
        )
    return said


def _is_dense(point: Point) -> bool:
    return point.method.name == DENSE


def _semantics(points: Iterable[Point]) -> list[str]:
    found = dict.fromkeys(point.semantics for point in points)
    return sorted(found, key=lambda each: (each != "published", each))


def _became(compared: Sequence[Comparison]) -> str:
    worse = [item for item in compared if item.state in ("regressed", "removed")]
    counts = counts_in_words(compared)
    fell = [item for item in compared if item.fell]
    if not worse and not fell:
        return f"Nothing got worse since the oldest file: {counts}."
    if not worse:
        most = f"{fell[0].title}, {figures_in_words(fell[0])} ({movement_in_words(fell[0])})"
        return (
            f"Since the oldest file: {counts}. {len(fell)} of these got worse in the mean or in a "
            f"seed, which may be chance; the most: {most}."
        )
    first = worse[0]
    moved = movement_in_words(first)
    return (
        f"Since the oldest file: {counts}. The worst: {first.title}, {figures_in_words(first)}"
        f"{f' ({moved})' if moved else ''}."
    )


def _worse(bad: Sequence[Comparison]) -> Table:
    rows = [
        (
            item.title,
            item.state,
            "; ".join(filter(None, (figures_in_words(item), times_in_words(item)))),
            movement_in_words(item),
            "; ".join(seeds_in_words(item)),
            item.sure,
            item.why,
        )
        for item in bad[:_MOST_ROWS]
    ]
    more = f" (the first {_MOST_ROWS} of {len(bad)})" if len(bad) > _MOST_ROWS else ""
    return Table(
        "got-worse",
        f"What got worse or changed, the worst first{more}",
        (
            Column("item"),
            Column("state", choice=True),
            Column("figure"),
            Column("moved by"),
            Column("in which seeds"),
            Column("how sure"),
            Column("why"),
        ),
        rows,
    )


def best_at(points: Iterable[Point], density: float) -> Point | None:
    """The point of highest mean accuracy among those with at most this density.

    Among equal ones, the one with fewer weights.
    """
    cheap = [point for point in points if point.density <= density * 1.005]
    return max(cheap, key=lambda each: (each.accuracy, -each.density), default=None)


def fastest_at(points: Iterable[Point], density: float, accuracy: float) -> Point | None:
    """The fastest point with at most this density and about the given accuracy."""
    found = [
        point
        for point in points
        if point.time is not None
        and point.density <= density * 1.005
        and point.accuracy >= accuracy - AS_GOOD
    ]
    return min(found, key=lambda each: each.time or 0.0, default=None)


def _headline(points: Sequence[Point], semantics: str) -> str:
    """The best method of each variant at one density, in a sentence."""
    kept, gone = 100 * HEADLINE, 100 * (1 - HEADLINE)
    said = []
    for variant in CELL_TYPES:
        sparse = [each for each in points if each.variant == variant and each.density <= HEADLINE]
        best = best_at(sparse, HEADLINE)
        if best is not None:
            setting = f" ({best.setting})" if best.setting else ""
            equal = sum(f"{each.accuracy:.3f}" == f"{best.accuracy:.3f}" for each in sparse) - 1
            others = f" and {equal} others" if equal > 1 else " and another" if equal else ""
            said.append(
                f"{VARIANT_TITLES[variant]} {best.accuracy:.3f} by {best.method.name}{setting}{others}"
            )
    if not said:
        return f"No network here has {kept:.0f} % of its weights or fewer ({semantics} semantics)."
    return (
        f"With at most {kept:.0f} % of the weights ({gone:.0f} % pruned, {semantics} semantics), the "
        f"best mean accuracies are: {'; '.join(said)}."
    )


def _best(points: Sequence[Point], semantics: str, folded: bool) -> list[Table]:
    """The best method of each variant at each density, and the fastest of similar accuracy."""
    best_rows: list[Sequence[Entry]] = []
    fast_rows: list[Sequence[Entry]] = []
    for variant in CELL_TYPES:
        of_variant = [point for point in points if point.variant == variant]
        dense = best_at(filter(_is_dense, of_variant), 1.0)
        for density in DENSITIES:
            best = best_at(of_variant, density)
            if best is None:
                continue
            row: list[Entry] = [VARIANT_TITLES[variant], f"{100 * density:g} %"]
            best_rows.append(
                [
                    *row,
                    None if dense is None else dense.accuracy,
                    *_named(best),
                    best.accuracy,
                    interval_text(best.interval),
                    best.networks,
                    100 * best.density,
                ]
            )
            fast = fastest_at(of_variant, density, best.accuracy)
            if fast is not None:
                fast_rows.append([*row, *_named(fast), fast.time, fast.accuracy, best.accuracy])
    tables = [
        _best_table(semantics, best_rows, folded),
        _fastest_table(semantics, fast_rows, folded),
    ]
    return [table for table in tables if table.rows]


def _best_table(semantics: str, rows: Sequence[Sequence[Entry]], folded: bool) -> Table:
    return _without_empty_dense(
        Table(
            f"best-{semantics}",
            f"The best method at each density, {semantics} semantics",
            (
                Column("variant", choice=True),
                Column("weights kept, at most"),
                Column(DENSE, ".3f"),
                Column("best method", choice=True),
                Column("setting"),
                Column("accuracy", ".3f"),
                Column("95 % interval"),
                Column("networks", "d"),
                Column("weights kept, %", ".2g"),
            ),
            rows,
            folded,
        )
    )


def _without_empty_dense(table: Table) -> Table:
    """A table without its column of dense networks if none is known."""
    place = [column.title for column in table.columns].index(DENSE)
    if any(row[place] for row in table.rows):
        return table
    return replace(
        table,
        columns=(*table.columns[:place], *table.columns[place + 1 :]),
        rows=[[*row[:place], *row[place + 1 :]] for row in table.rows],
    )


def _fastest_table(semantics: str, rows: Sequence[Sequence[Entry]], folded: bool) -> Table:
    return Table(
        f"fastest-{semantics}",
        f"The fastest timed method within a point of the best, {semantics} semantics",
        (
            Column("variant", choice=True),
            Column("weights kept, at most"),
            Column("fastest method", choice=True),
            Column("setting"),
            Column("time / dense", ".2f"),
            Column("accuracy", ".3f"),
            Column("best accuracy", ".3f"),
        ),
        rows,
        folded,
    )


def _named(point: Point) -> tuple[str, str]:
    return point.method.name, point.setting


_Line = tuple[str, str, str, str]
"""Key of a row: variant, method, what is pruned, semantics."""

_FROM = 50
"""Lowest percentage shown: below it, hardly any network loses accuracy."""


def by_percent(points: Sequence[Point]) -> list[Table]:
    """Mean accuracy with its interval by percentage: a row per method, variant and target.

    Methods with other percentages have a separate table, so that no column is empty.
    """
    lines: dict[_Line, dict[int, Point]] = {}
    for point in points:
        if point.percent is not None and _FROM <= point.percent < 100:
            key = (point.variant, point.method.name, point.what, point.semantics)
            lines.setdefault(key, {})[point.percent] = point
    dense = {(point.variant, point.semantics): point for point in points if _is_dense(point)}
    return [
        _lines_table(place, {key: lines[key] for key in lines if key[1] in methods}, dense)
        for place, methods in enumerate(_by_grid(lines))
    ]


def _by_grid(lines: Mapping[_Line, Mapping[int, Point]]) -> list[list[str]]:
    """Methods grouped by percentages: those of a group are among its first method's."""
    grids: dict[str, set[int]] = {}
    for (_, method, _, _), line in lines.items():
        grids.setdefault(method, set()).update(line)
    groups: list[list[str]] = []
    for method in sorted(grids, key=lambda each: -len(grids[each])):
        home = next((group for group in groups if grids[method] <= grids[group[0]]), None)
        if home is None:
            groups.append([method])
        else:
            home.append(method)
    return groups


def _lines_table(
    place: int,
    lines: Mapping[_Line, Mapping[int, Point]],
    dense: Mapping[tuple[str, str], Point],
) -> Table:
    percents = sorted({percent for line in lines.values() for percent in line})
    rows = [
        (
            VARIANT_TITLES[variant],
            method,
            what,
            semantics,
            _with_interval(dense.get((variant, semantics))),
            *(_with_interval(line.get(percent)) for percent in percents),
        )
        for (variant, method, what, semantics), line in lines.items()
    ]
    methods = "; ".join(dict.fromkeys(method for _, method, _, _ in lines))
    return _without_empty_dense(
        Table(
            "by-percent" if place == 0 else f"by-percent-{place + 1}",
            f"Accuracy by percentage pruned, with the 95 % interval of the mean: {methods}",
            (
                Column("variant", choice=True),
                Column("method", choice=True),
                Column("what is pruned", choice=True),
                Column("semantics", choice=True),
                Column(DENSE),
                *(Column(f"{percent} %") for percent in percents),
            ),
            rows,
        )
    )


_HYPHEN = "\N{NON-BREAKING HYPHEN}"


def _with_interval(point: Point | None) -> str:
    if point is None:
        return ""
    if point.interval is None:
        return f"{point.accuracy:.3f}"
    low, high = point.interval
    return f"{point.accuracy:.3f} ({low:.3f}{_HYPHEN}{high:.3f})"
