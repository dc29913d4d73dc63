"""The end of a run in the terminal: accuracy by variant and percentage, and what needs a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from rich.console import RenderableType
from rich.text import Text

from sparsebench.harness.comparing import of_the_machine
from sparsebench.harness.profiles import Settings
from sparsebench.harness.registry import experiments
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.plain_table import plain_tables
from sparsebench.report.terminal_tables import write_tables
from sparsebench.shell.baselines import Update
from sparsebench.shell.gathering import Gathered
from sparsebench.values.identity import unknown_in

_SHOWN = 8
"""Digests that are spelled out."""


_TIMES = (
    "forward times (time / dense) are shown, and gated by nothing; to gate some: speed_items() with "
    "time_together, as in benchmarks/test_speed.py"
)

_TO_KNOW = (
    "under -n, define experiments and tasks in conftest.py, which is read where tables are made"
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
    write_tables(terminal, _all_tables(records, gathered.verdicts))
    for line in _remarks(settings, gathered, update, unused, json):
        terminal.write_line(line)
    if fault:
        terminal.write_line(f"NOT WRITTEN: {fault}", red=True, bold=True)


def _all_tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    """The tables of each experiment in the order of the registry, then each note on them once."""
    notes: dict[str, Text] = {}
    unknown = {each.digest: absent for each in records if (absent := unknown_in(each.case))}
    known = [each for each in records if each.digest not in unknown]
    for shown in _of_experiments(known, verdicts):
        if isinstance(shown, Text):
            notes.setdefault(shown.plain, shown)
        else:
            yield shown
    yield from notes.values()
    for told, count in Counter(each.absent for each in unknown.values()).items():
        yield Text(f"{told}: {count} records of it have no table; {_TO_KNOW}", style="dim")
    if any(record.timing is not None for record in records):
        yield Text(_TIMES, style="dim")


def _of_experiments(
    records: Sequence[Record], verdicts: Sequence[Verdict]
) -> Iterable[RenderableType]:
    for experiment in experiments():
        if experiment.tables is not None:
            yield from experiment.tables(records, verdicts)
        else:
            yield from plain_tables(experiment.name, experiment.records(records))


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
        if update.former is not None:
            yield f"{update.former} is not read any more, for its records are in the folder: delete it"
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
    skipped = gathered.items_without_baseline()
    if not skipped:
        return
    passes = [
        records
        for item in gathered.items.values()
        if item.outcome == "skipped"
        and (records := [gathered.records[each] for each in item.digests])
        and of_the_machine(records[0].experiment)
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
