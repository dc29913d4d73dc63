"""The command line: compare, export and report result files, list claims, look into the store."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparsebench.report.encoding import SPELLED
from sparsebench.shell import campaign_command, store_command
from sparsebench.shell.campaign_command import add_campaign_command
from sparsebench.shell.store_command import add_store_command

if TYPE_CHECKING:
    from sparsebench.judging.comparison import Comparison, File
    from sparsebench.parts.records import Baseline, Provenance, Result

REGRESSED, UNREADABLE, REMOVED = 1, 2, 3

BROKEN_PIPE = 141
"""What shells report of a program whose reader went away, as `head` does: 128 and SIGPIPE."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Parameters
    ----------
    arguments
        Without the program's name; the process's own by default.

    Returns
    -------
    int
        0; 1 if `compare` found a regression, 3 if it found no regression and records are gone; 2 if a
        file cannot be read or written or an argument is wrong; 141 if nobody reads the output.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors=SPELLED)
    try:
        try:
            return _run(arguments)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        print(f"sparsebench: the output cannot be written: {error}", file=sys.stderr)
        _discard_output()
        return UNREADABLE


def _discard_output() -> None:
    """Let nothing more be written, so that the interpreter does not stumble over it at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="sparsebench", description=__doc__)
    parser.add_argument(
        "-p",
        dest="modules",
        action="append",
        default=[],
        metavar="MODULE",
        help="import a module that registers experiments or tasks, as in the folder of its tests",
    )
    parser.add_argument(
        "--version",
        action=_Version,
        nargs=0,
        help="print the versions of sparsebench and of its arithmetic, and exit",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    compare = commands.add_parser(
        "compare",
        help="what changed between result files; exit 1 on a regression, 3 if records are gone",
    )
    compare.add_argument("files", nargs="+", type=Path, metavar="FILE", help="oldest first")
    compare.add_argument(
        "--markdown", action="store_true", help="a table for a pull request instead of the terminal"
    )
    compare.add_argument("--all", action="store_true", help="list unchanged items too")
    compare.add_argument(
        "--allow-removed",
        action="store_true",
        help="exit 0 though records of the first file are not in the last",
    )
    claims = commands.add_parser(
        "claims", help="the thesis's claims beside our figures, as Markdown"
    )
    claims.add_argument("file", type=Path, metavar="FILE", help="a result file or a baseline")
    export = commands.add_parser("export", help="records as a table for other tools")
    export.add_argument("files", nargs="+", type=Path, metavar="FILE", help="results or baselines")
    export.add_argument(
        "-o", "--output", type=Path, required=True, help="a file that ends in .csv or .parquet"
    )
    export.add_argument(
        "--what",
        choices=("records", "histories", "tables"),
        default="records",
        help="a row for each record, for each epoch of each, or for each figure of an analysis",
    )
    report = commands.add_parser(
        "report", help="a page of everything that was measured, beside what was published"
    )
    report.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="result files or baselines, oldest first",
    )
    report.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="the folder to write it to"
    )
    report.add_argument("--title", help="of the page")
    add_store_command(commands)
    add_campaign_command(commands)
    chosen = parser.parse_args(arguments)
    try:
        for module in chosen.modules:
            _import(module)
        if chosen.command == "compare":
            return _compare(chosen)
        if chosen.command == "export":
            return _export(chosen.files, chosen.what, chosen.output)
        if chosen.command == "report":
            return _report(chosen.files, chosen.output, chosen.title)
        if chosen.command == "store":
            return store_command.run(chosen)
        if chosen.command == "campaign":
            return campaign_command.run(chosen)
        return _claims(chosen.file)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        print(f"sparsebench {chosen.command}: {error}", file=sys.stderr)
        return UNREADABLE


class _Version(argparse.Action):
    """Prints the versions and exits; the package's is looked up only here, for it takes a while."""

    def __call__(self, parser: argparse.ArgumentParser, *arguments: Any) -> None:
        """See `argparse.Action`."""
        print(versions())
        parser.exit()


def versions() -> str:
    """The version of the package, and of the arithmetic that decides results on CPUs."""
    from importlib.metadata import PackageNotFoundError, version

    from sparsebench.values.numerics import NUMERICS

    try:
        own = version("sparsebench")
    except PackageNotFoundError:
        own = "(not installed: run from its source)"
    return f"sparsebench {own}, numerics {NUMERICS}"


def _import(module: str) -> None:
    """Import a module by name, from the working folder too, as `python -m` does.

    Raises
    ------
    ValueError
        If it cannot be imported.
    """
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        import_module(module)
    except Exception as error:
        raise ValueError(
            f"-p {module} cannot be imported from {here} ({type(error).__name__}: {error}): give the "
            "name of a module, without .py"
        ) from error


def _export(paths: Sequence[Path], what: str, output: Path) -> int:
    from sparsebench.report.frames import export, load

    frame = load(*paths, what=what)
    export(frame, output)
    print(f"{output}: {len(frame)} rows, {len(frame.columns)} columns")
    held = frame[["file", "digest"]].drop_duplicates()
    if shared := int(held["digest"].duplicated().sum()):
        print(f"{shared} records are in more than one file: the column `file` tells them apart")
    return 0


def _claims(path: Path) -> int:
    from sparsebench.harness.registry import experiments

    records = _read(path).records
    print("\n\n".join(text for each in experiments() for text in each.markdown(records)))
    return 0


def _report(paths: Sequence[Path], folder: Path, title: str | None) -> int:
    from sparsebench.report.page import TITLE
    from sparsebench.report.site import PAGE, report

    page = report(paths, folder, title or TITLE)
    print(f"{folder / PAGE}: {len(page.drawings)} figures")
    return 0


def _read(path: Path) -> Result | Baseline:
    """A file whose records can be compared and judged."""
    from sparsebench.judging.replicates import check_cases
    from sparsebench.parts.documents import read_document

    document = read_document(path)
    check_cases(str(path), document.records)
    return document


def _compare(chosen: argparse.Namespace) -> int:
    from sparsebench.harness.comparing import policy_of
    from sparsebench.judging.comparison import File, compare, ending
    from sparsebench.parts.files import distinct_names
    from sparsebench.parts.machine import one_sitting

    documents = [_read(path) for path in chosen.files]
    files = [
        File(name, document.records, ending(document))
        for name, document in zip(distinct_names(chosen.files), documents, strict=True)
    ]
    timed = _timed(documents)
    compared = compare(
        files,
        policy_of,
        same_machine=len({(place.cpu, place.gpu) for place in timed}) < 2,
        one_sitting=one_sitting(place.created for place in timed),
    )
    shown = [each for each in compared if chosen.all or each.state != "unchanged" or each.removed]
    head = _head(files, compared, chosen.allow_removed)
    if chosen.markdown:
        print(_markdown(head, shown))
    else:
        _print_table(head, shown)
    if any(item.state == "regressed" for item in compared):
        return REGRESSED
    gone = any(item.removed for item in compared)
    return REMOVED if gone and not chosen.allow_removed else 0


def _head(files: Sequence[File], compared: Sequence[Comparison], allow_removed: bool) -> list[str]:
    """What stands above the table: counts, runs that did not end well, records that are gone."""
    from sparsebench.judging.comparison import STATES

    counts = ", ".join(
        f"{number} {state}"
        for state in STATES
        if (number := sum(item.state == state for item in compared))
    )
    lines = [f"{' -> '.join(file.name for file in files)}: {counts or 'no records'}"]
    lines += [
        f"{file.name}: its run {file.ended}; what it did not measure is missing"
        for file in files
        if file.ended
    ]
    for absent, count in Counter(item.absent for item in compared if item.absent).items():
        lines.append(
            f"{absent}: {count} items of it are called by digests; -p MODULE imports what "
            "defines it"
        )
    if gone := sum(item.removed for item in compared):
        said = "allowed" if allow_removed else f"exit status {REMOVED} without --allow-removed"
        records = "record is" if gone == 1 else "records are"
        lines.append(f"{gone} {records} not in {files[-1].name} any more: {said}")
    return lines


def _timed(documents: Sequence[Result | Baseline]) -> list[Provenance]:
    """Where and when the documents' forward passes were timed."""
    from sparsebench.harness.comparing import of_the_machine

    return [
        document.provenances[record.provenance]
        for document in documents
        for record in document.records
        if of_the_machine(record.experiment)
    ]


_COLUMNS = ("state", "item", "figure", "time / dense", "numbers")


def _row(item: Comparison) -> tuple[str, ...]:
    from sparsebench.harness.comparing import of_the_machine

    figures = " -> ".join("-" if figure is None else f"{figure:.4f}" for figure in item.figures)
    timed = not of_the_machine(item.experiment) and any(ratio is not None for ratio in item.ratios)
    ratios = " -> ".join("-" if ratio is None else f"{ratio:.2f}" for ratio in item.ratios)
    return item.state, item.name, f"{item.figure} {figures}", ratios if timed else "", item.reason


def _markdown(head: Sequence[str], shown: Sequence[Comparison]) -> str:
    from sparsebench.report.markdown import escaped, table

    parts = [f"**sparsebench** {escaped(head[0])}", *map(escaped, head[1:])]
    if shown:
        parts.append(table(_COLUMNS, map(_row, shown)))
    return "\n\n".join(parts)


def _print_table(head: Sequence[str], shown: Sequence[Comparison]) -> None:
    from rich.table import Table

    from sparsebench.report.plain_text import plain
    from sparsebench.report.terminal_tables import console

    terminal = console()
    for line in head:
        terminal.print(plain(line, _LONGEST))
    if not shown:
        return
    styles = {"regressed": "bold red", "removed": "red", "improved": "green", "changed": "yellow"}
    table = Table()
    for name in _COLUMNS:
        table.add_column(name, no_wrap=name not in ("item", "numbers"), overflow="fold")
    for item in shown:
        row = (plain(text, _LONGEST) for text in _row(item))
        table.add_row(*row, style=styles.get(item.state))
    terminal.print(table)


_LONGEST = 10_000
"""Characters of a text from a file that are shown."""


if __name__ == "__main__":
    raise SystemExit(main())
