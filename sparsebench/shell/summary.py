"""The end of a run in the terminal: a page of results, and tables under `-v`."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pytest
from rich.console import RenderableType
from rich.text import Text

from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.harness.registry import experiments
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.plain_table import plain_tables
from sparsebench.report.terminal_tables import write_tables
from sparsebench.shell.failing import failing, failing_lines
from sparsebench.shell.run_page import Ended, Line, page
from sparsebench.values.identity import Case, digest, unknown_in

_LABEL = 10
"""Width of the label column."""

_NARROW = 60
"""Terminal width below which texts go under their labels."""

_TIMES = (
    "time / dense: forward time over the dense network's; shown, and gated by nothing; to gate some: "
    "speed_items() with time_together, as in benchmarks/test_speed.py"
)

_TO_KNOW = (
    "under -n, define experiments and tasks in conftest.py, which is read where tables are made"
)


def show(
    terminal: pytest.TerminalReporter, ended: Ended, verbosity: int, record_of: RecordOf = no_record
) -> None:
    """Write the end of a run to the terminal.

    Parameters
    ----------
    terminal
        Where to write, in colour if it has any.
    ended
        The run.
    verbosity
        Pytest's: below 0 shows fewer lines, 1 or more shows tables.
    record_of
        Records of the baseline.
    """
    terminal.ensure_newline()
    terminal.section("sparsebench", sep="=")
    width = terminal._tw.fullwidth
    if verbosity > 0:
        write_tables(terminal, _all_tables(ended, record_of))
    if found := failing(ended.gathered):
        terminal.write_line(f"{len(found)} FAILED, the worst first:", red=True, bold=True)
        for told, command in failing_lines(found, ended.rerun):
            for part in _wrapped(told, width, "    "):
                terminal.write_line(part)
            if command:  # on one line, to be copied
                terminal.write_line(f"  {command}")
    for label, told in _labelled(page(ended, brief=verbosity < 0), verbosity):
        for part in _beside(label, told, width):
            terminal.write_line(part)
    if ended.fault:
        terminal.write_line(f"NOT WRITTEN: {ended.fault}", red=True, bold=True)


def _labelled(lines: Iterable[Line], verbosity: int) -> Iterator[Line]:
    """The lines of a page, without the hint at `-v` if tables are shown."""
    return (line for line in lines if verbosity < 1 or line[0] != "tables")


def _beside(label: str, told: str, width: int) -> list[str]:
    """A label with a text beside it, wrapped between words; commands are not wrapped."""
    if label == "report":
        return [f"{label:{_LABEL}}{told}" if width >= _NARROW else f"{label}: {told}"]
    if width < _NARROW:
        return _wrapped(f"{label}: {told}" if label else f"  {told}", width, "  ")
    lines = _wrapped(told, width - _LABEL, "")
    return [f"{label:{_LABEL}}{lines[0]}", *(" " * _LABEL + line for line in lines[1:])]


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """A text in lines; words longer than a line, such as paths, stay whole."""
    return textwrap.wrap(
        text,
        max(width, 20),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _all_tables(ended: Ended, record_of: RecordOf) -> Iterator[RenderableType]:
    """The tables of each experiment in the order of the registry, then each note once."""
    found, verdicts = ended.gathered.records, ended.gathered.verdicts
    notes: dict[str, Text] = {}
    unknown = {name: absent for name, each in found.items() if (absent := unknown_in(each.case))}
    records = [each for name, each in found.items() if name not in unknown]

    def known_here(case: Case) -> Record | None:
        return found.get(digest(case)) or record_of(case)

    for shown in _of_experiments(records, verdicts, known_here):
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
    records: Sequence[Record], verdicts: Sequence[Verdict], record_of: RecordOf
) -> Iterator[RenderableType]:
    for experiment in experiments():
        if experiment.tables is not None:
            yield from experiment.tables(records, verdicts, record_of)
        else:
            yield from plain_tables(experiment.name, experiment.records(records))
