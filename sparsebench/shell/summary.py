"""The end of a run in the terminal: accuracy by variant and percentage, and what needs a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import pytest
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sparsebench.experiments.capacity.summary import tables_of_tasks
from sparsebench.experiments.finetuning.summary import regain_tables
from sparsebench.experiments.graph_statistics.summary import analysis_tables
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.experiments.random_wiring.summary import wired_tables
from sparsebench.harness.profiles import Settings
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.tables import CellResult, by_cell
from sparsebench.report.terminal_tables import empty_table, write_tables
from sparsebench.shell.baselines import Update
from sparsebench.shell.gathering import Gathered
from sparsebench.values.protocol import VARIANTS

_SHOWN = 8
"""Digests that are spelled out."""

_MARKS = {
    "good": (" ", "green"),
    "open": ("?", "yellow"),
    "expected": ("~", "cyan"),
    "ungated": ("*", "cyan"),
    "bad": ("!", "bold red"),
}
_LEGEND = (
    "accuracy in %, mean over seeds;  ? more seeds are needed to judge the thesis's claim;  "
    "~ contradicts the claim, as the baseline does;  * contradicts it, not gated;  ! failed"
)

_TIMES = (
    "forward times (time / dense) are shown, and gated by nothing; to gate some: speed_cells() with "
    "time_together, as in benchmarks/test_speed.py"
)


def show(
    terminal: pytest.TerminalReporter,
    settings: Settings,
    gathered: Gathered,
    update: Update | None,
    unused: Sequence[Record],
    json: Path | None,
    fault: str,
) -> None:
    """Write the tables of a run to the terminal.

    Parameters
    ----------
    terminal
        Where to write, in colour if it has any.
    settings, gathered
        What was asked for, measured and concluded.
    update
        What an update did to the baseline, if there was one.
    unused
        Records of the baseline that no benchmark asks for.
    json
        Where the result file lies, if there is one.
    fault
        Why a file could not be written, or nothing.
    """
    terminal.section("sparsebench", sep="=")
    records = list(gathered.records.values())
    results = by_cell(records)
    write_tables(terminal, _all_tables(records, results, gathered.verdicts))
    for line in _remarks(settings, gathered, update, unused, json):
        terminal.write_line(line)
    if fault:
        terminal.write_line(f"NOT WRITTEN: {fault}", red=True, bold=True)


def _all_tables(
    records: list[Record], results: list[CellResult], verdicts: Iterable[Verdict]
) -> Iterable[RenderableType]:
    """Everything that a run's records can be shown as."""
    yield from _tables(results, _by_digest(verdicts))
    yield from regain_tables(records)
    yield from wired_tables(records)
    yield from analysis_tables(records)
    yield from tables_of_tasks(records)
    conformance = [item for item in records if item.case["kind"] == "ConformanceCase"]
    if conformance:
        yield _conformance(conformance)
    conformance = [item for item in records if item.case["kind"] == "WiredConformanceCase"]
    if conformance:
        yield Text(_wired_conformance(conformance))
    if results:
        yield Text(_LEGEND, style="dim")
    if any(record.timing is not None for record in records):
        yield Text(_TIMES, style="dim")


def _tables(results: list[CellResult], verdicts: dict[str, list[Verdict]]) -> Iterable[Table]:
    """A table for each target, criterion and semantics, and one of base models."""
    pruned: dict[str, dict[tuple[str, int], CellResult]] = {}
    bases: dict[str, list[CellResult]] = {}
    for result in results:
        cell = result.cell
        if isinstance(cell, PruningCell):
            how = "" if cell.criterion == "magnitude" else f" by {cell.criterion}"
            title = f"{cell.target} pruned{how}, {cell.semantics}"
            pruned.setdefault(title, {})[cell.variant, cell.percent] = result
        else:
            bases.setdefault(f"base models, {cell.semantics}", []).append(result)
    for title, cells in pruned.items():
        yield _pruning_table(title, cells, verdicts)
    for title, models in bases.items():
        table = empty_table(title, ["variant"], ["accuracy"])
        for model in models:
            table.add_row(model.cell.variant, _accuracy(model, verdicts))
        yield table


def _pruning_table(
    title: str,
    cells: dict[tuple[str, int], CellResult],
    verdicts: dict[str, list[Verdict]],
) -> Table:
    percents = sorted({percent for _, percent in cells})
    timed = any(result.ratio is not None for result in cells.values())
    figures = [*(f"{percent} %" for percent in percents), *(["time / dense"] if timed else [])]
    table = empty_table(title, ["variant"], figures)
    for variant in VARIANTS:
        row = [cells.get((variant, percent)) for percent in percents]
        if not any(row):
            continue
        ratios = [result.ratio for result in row if result and result.ratio is not None]
        extra = [f"{min(ratios):.2f}-{max(ratios):.2f}" if ratios else ""] if timed else []
        table.add_row(
            variant,
            *(_accuracy(result, verdicts) if result else Text("") for result in row),
            *extra,
        )
    return table


def _accuracy(result: CellResult, verdicts: dict[str, list[Verdict]]) -> Text:
    mark, style = _MARKS[_state(result, verdicts.get(result.records[0].digest, []))]
    return Text(f"{100 * result.accuracy:.1f}{mark}", style=style)


def _state(result: CellResult, verdicts: list[Verdict]) -> str:
    if any(record.outcome in ("failed", "error") for record in result.records):
        return "bad"
    claimed = [verdict.verdict for verdict in verdicts if verdict.kind == "claim"]
    if "fail" in claimed:
        known = any(record.outcome == "xfailed" for record in result.records)
        return "expected" if known else "ungated"
    return "open" if "inconclusive" in claimed else "good"


def _conformance(records: list[Record]) -> Table:
    """Three rows for each variant and target: measured, published and their difference, in %."""
    percents = sorted({int(record.case["percent"]) for record in records})
    columns = [f"{percent} %" for percent in percents]
    table = empty_table("the author's models, accuracy in %", ["variant", "target", ""], columns)
    groups: dict[tuple[str, str], dict[int, Record]] = {}
    for record in records:
        key = (str(record.case["variant"]), str(record.case["target"]))
        groups.setdefault(key, {})[int(record.case["percent"])] = record
    for (variant, target), cells in groups.items():
        rows: dict[str, list[Text]] = {"measured": [], "published": [], "difference": []}
        for percent in percents:
            cell = cells.get(percent)
            metrics = cell.metrics if cell else {}
            measured, published = metrics.get("accuracy"), metrics.get("published")
            difference = ""
            if measured is not None and published is not None:
                difference = f"{100 * (measured - published):+.2f}"
            failed = cell is not None and cell.outcome == "failed"
            rows["measured"].append(_percent(measured))
            rows["published"].append(_percent(published))
            rows["difference"].append(Text(difference, style="bold red" if failed else ""))
        for index, (name, figures) in enumerate(rows.items()):
            first = (variant, target) if index == 0 else ("", "")
            table.add_row(*first, name, *figures, end_section=index == 2)
    return table


def _wired_conformance(records: list[Record]) -> str:
    """How many of the author's wired networks were run, and how far from his accuracies they are."""
    pairs = [(each.metrics["accuracy"], each.metrics.get("published")) for each in records]
    distances = [abs(measured - his) for measured, his in pairs if his is not None]
    line = f"the author's wired networks: {len(records)} run"
    if distances:
        line += (
            f", {len(distances)} beside his accuracy, in %: {100 * median(distances):.2f} away in "
            f"the median, {100 * max(distances):.2f} at the most"
        )
    return f"{line}\n"


def _percent(accuracy: float | None) -> Text:
    return Text("" if accuracy is None else f"{100 * accuracy:.2f}")


def _remarks(
    settings: Settings,
    gathered: Gathered,
    update: Update | None,
    unused: Sequence[Record],
    json: Path | None,
) -> Iterable[str]:
    if update is not None:
        yield (
            f"{' and '.join(map(str, update.written)) or 'no baseline'} rewritten: {update.added} "
            f"added, {len(update.moved)} moved, {update.unchanged} unchanged, {update.kept} kept"
        )
        yield from (f"  moved: {line}" for line in update.moved)
        if update.untimed:
            yield f"{update.untimed} forward passes were not timed and not accepted: {_TO_TIME}"
    elif settings.update:
        yield f"baseline {settings.baseline_path} not rewritten: nothing to accept"
    else:
        yield from _skipped(settings, gathered)
    if unused:
        counts = Counter(record.experiment for record in unused)
        shown = ", ".join(record.digest for record in unused[:_SHOWN])
        yield (
            f"{len(unused)} records of the baseline are asked for by no benchmark of any profile "
            f"({', '.join(f'{number} {name}' for name, number in counts.items())}): delete their "
            f"lines, or restore what asked for them; {'the first: ' * (len(unused) > _SHOWN)}{shown}"
        )
    if json is not None:
        yield f"result file: {json}"


_TO_TIME = "leave out -n, --benchmark-disable and -p no:benchmark"


def _skipped(settings: Settings, gathered: Gathered) -> Iterable[str]:
    """How many items were skipped for want of what they are judged by: times apart from all else."""
    skipped = gathered.cells_without_baseline()
    if not skipped:
        return
    passes = [
        records
        for item in gathered.items.values()
        if item.outcome == "skipped"
        and (records := [gathered.records[each] for each in item.digests])
        and records[0].experiment == "forward"
    ]
    timed = sum(all("time_ratio" in each.metrics for each in records) for records in passes)
    if others := skipped - len(passes):
        yield (
            f"{others} items have no records in {settings.baseline_path}: only the thesis's claims "
            "were judged there; accept what was measured with --sparsebench-update"
        )
    if timed:
        yield (
            f"{timed} items have no times of this kind of machine in {settings.times}: accept theirs "
            "with --sparsebench-update-new"
        )
    if untimed := len(passes) - timed:
        yield f"{untimed} items were not timed, so nothing was judged there: {_TO_TIME}"


def _by_digest(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """What was concluded from each record; ids of cells are their own benchmark's alone."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        for digest in verdict.digests:
            groups.setdefault(digest, []).append(verdict)
    return groups
