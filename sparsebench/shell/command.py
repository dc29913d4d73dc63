"""The command line: compare, export and report result files, list claims, inspect the store."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparsebench.report.encoding import SPELLED
from sparsebench.shell import (
    campaign_command,
    compare_command,
    init_command,
    report_command,
    store_command,
)
from sparsebench.shell.campaign_command import add_campaign_command
from sparsebench.shell.compare_command import add_compare_command
from sparsebench.shell.init_command import add_init_command
from sparsebench.shell.report_command import add_report_command
from sparsebench.shell.store_command import add_store_command

if TYPE_CHECKING:
    from sparsebench.parts.records import Baseline, Result

UNREADABLE = 2

BROKEN_PIPE = 141
"""Exit status if the reader of the output is gone, as with `head`: 128 + SIGPIPE, as in shells."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Parameters
    ----------
    arguments
        Arguments without the program's name; by default those of the process.

    Returns
    -------
    int
        0; 1 if `compare` found a regression; 3 if it found no regression but records are missing; 2
        if a file cannot be read or written or an argument is wrong; 141 if the output is closed.
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
    """Redirect output to nowhere, so that the interpreter can exit without an error."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser() -> argparse.ArgumentParser:
    """The argument parser; the documentation shows its help."""
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
    add_compare_command(commands)
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
    add_report_command(commands)
    add_store_command(commands)
    add_campaign_command(commands)
    add_init_command(commands)
    return parser


def _run(arguments: Sequence[str] | None) -> int:
    chosen = parser().parse_args(arguments)
    try:
        for module in chosen.modules:
            _import(module)
        if chosen.command == "compare":
            return compare_command.run(chosen, _read)
        if chosen.command == "export":
            return _export(chosen.files, chosen.what, chosen.output)
        if chosen.command == "report":
            return report_command.run(chosen)
        if chosen.command == "store":
            return store_command.run(chosen)
        if chosen.command == "campaign":
            return campaign_command.run(chosen)
        if chosen.command == "init":
            return init_command.run(chosen)
        return _claims(chosen.file)
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        print(f"sparsebench {chosen.command}: {error}", file=sys.stderr)
        return UNREADABLE


class _Version(argparse.Action):
    """Print the versions and exit; looking up the package's takes time, so it is done only here."""

    def __call__(self, parser: argparse.ArgumentParser, *arguments: Any) -> None:
        """See `argparse.Action`."""
        print(versions())
        parser.exit()


def versions() -> str:
    """The versions of the package and of the arithmetic that decides results on CPUs."""
    from importlib.metadata import PackageNotFoundError, version

    from sparsebench.values.numerics import NUMERICS

    try:
        own = version("sparsebench")
    except PackageNotFoundError:
        own = "(not installed: run from its source)"
    return f"sparsebench {own}, numerics {NUMERICS}"


def _import(module: str) -> None:
    """Import a module by name, also from the working folder, as `python -m` does.

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


def _read(path: Path) -> Result | Baseline:
    """Read a file whose records can be compared and judged."""
    from sparsebench.judging.replicates import check_cases
    from sparsebench.parts.documents import read_document

    document = read_document(path)
    check_cases(str(path), document.records)
    return document


if __name__ == "__main__":
    raise SystemExit(main())
