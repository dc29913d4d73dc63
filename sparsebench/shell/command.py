"""The command line: compare, export and report result files, list claims, look into the store."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sparsebench.shell import campaign_command, store_command
from sparsebench.shell.campaign_command import add_campaign_command
from sparsebench.shell.store_command import add_store_command

if TYPE_CHECKING:
    from sparsebench.experiments.comparison import Comparison
    from sparsebench.parts.records import Baseline, Provenance, Result

REGRESSED, UNREADABLE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Parameters
    ----------
    arguments
        Without the program's name; the process's own by default.

    Returns
    -------
    int
        0; 1 if `compare` found a regression; 2 if a file cannot be read or an argument is wrong.
    """
    parser = argparse.ArgumentParser(prog="sparsebench", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    compare = commands.add_parser(
        "compare", help="what changed between result files; exit 1 on a regression"
    )
    compare.add_argument("files", nargs="+", type=Path, metavar="FILE", help="oldest first")
    compare.add_argument(
        "--markdown", action="store_true", help="a table for a pull request instead of the terminal"
    )
    compare.add_argument("--all", action="store_true", help="list unchanged cells too")
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
        if chosen.command == "compare":
            return _compare(chosen.files, chosen.markdown, chosen.all)
        if chosen.command == "export":
            return _export(chosen.files, chosen.what, chosen.output)
        if chosen.command == "report":
            return _report(chosen.files, chosen.output, chosen.title)
        if chosen.command == "store":
            return store_command.run(chosen)
        if chosen.command == "campaign":
            return campaign_command.run(chosen)
        return _claims(chosen.file)
    except (OSError, ValueError) as error:
        print(f"sparsebench {chosen.command}: {error}", file=sys.stderr)
        return UNREADABLE


def _export(paths: Sequence[Path], what: str, output: Path) -> int:
    from sparsebench.experiments.frames import export, load

    frame = load(*paths, what=what)
    export(frame, output)
    print(f"{output}: {len(frame)} rows, {len(frame.columns)} columns")
    held = frame[["file", "digest"]].drop_duplicates()
    if shared := int(held["digest"].duplicated().sum()):
        print(f"{shared} records are in more than one file: the column `file` tells them apart")
    return 0


def _claims(path: Path) -> int:
    from sparsebench.experiments.analysis_change import ANALYSES
    from sparsebench.experiments.analysis_tables import (
        analysis_claims_markdown,
        correlations_markdown,
        importances_markdown,
        predictions_markdown,
    )
    from sparsebench.experiments.regain_tables import (
        regain_markdown,
        retrained_markdown,
        threshold_markdown,
    )
    from sparsebench.experiments.tables import claims_markdown
    from sparsebench.experiments.wired_tables import contrasts_markdown, distributions_markdown
    from sparsebench.parts.documents import read_document

    records = read_document(path).records
    print(claims_markdown(records))
    if any(record.experiment == "retraining" for record in records):
        print(f"\n{regain_markdown(records)}\n\n{retrained_markdown(records)}")
        print(f"\n{threshold_markdown(records)}")
    if any(record.experiment == "wired" for record in records):
        print(f"\n{contrasts_markdown(records)}\n\n{distributions_markdown(records)}")
    if any(record.experiment in ANALYSES for record in records):
        print(f"\n{analysis_claims_markdown(records)}\n\n{correlations_markdown(records)}")
        print(f"\n{predictions_markdown(records)}\n\n{importances_markdown(records)}")
    return 0


def _report(paths: Sequence[Path], folder: Path, title: str | None) -> int:
    from sparsebench.experiments.report.page import TITLE
    from sparsebench.experiments.report.site import PAGE, report

    page = report(paths, folder, title or TITLE)
    print(f"{folder / PAGE}: {len(page.drawings)} figures")
    return 0


def _compare(paths: Sequence[Path], markdown: bool, everything: bool) -> int:
    from sparsebench.experiments.comparison import STATES, compare
    from sparsebench.parts.documents import read_document
    from sparsebench.parts.machine import one_sitting

    documents = [read_document(path) for path in paths]
    timed = _timed(documents)
    compared = compare(
        [document.records for document in documents],
        same_machine=len({(place.cpu, place.gpu) for place in timed}) < 2,
        one_sitting=one_sitting(place.created for place in timed),
    )
    shown = [item for item in compared if everything or item.state != "unchanged"]
    counts = ", ".join(
        f"{number} {state}"
        for state in STATES
        if (number := sum(item.state == state for item in compared))
    )
    title = f"{' -> '.join(path.name for path in paths)}: {counts or 'no records'}"
    if markdown:
        print(_markdown(title, shown))
    else:
        _print_table(title, shown)
    return REGRESSED if any(item.state == "regressed" for item in compared) else 0


def _timed(documents: Sequence[Result | Baseline]) -> list[Provenance]:
    """Where and when the documents' forward passes were timed."""
    return [
        document.provenances[record.provenance]
        for document in documents
        for record in document.records
        if record.experiment == "forward"
    ]


_COLUMNS = ("state", "cell", "accuracy", "time / dense", "numbers")


def _row(item: Comparison) -> tuple[str, ...]:
    figures = " -> ".join("-" if figure is None else f"{figure:.4f}" for figure in item.figures)
    timed = any(ratio is not None for ratio in item.ratios)
    ratios = " -> ".join("-" if ratio is None else f"{ratio:.2f}" for ratio in item.ratios)
    return item.state, item.name, figures, ratios if timed else "", item.reason


def _markdown(title: str, shown: Sequence[Comparison]) -> str:
    lines = [f"**sparsebench** {title}"]
    if shown:
        lines += ["", f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
        lines += [f"| {' | '.join(_row(item))} |" for item in shown]
    return "\n".join(lines)


def _print_table(title: str, shown: Sequence[Comparison]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False)  # names are whatever stands in the files
    console.print(title, highlight=False)
    if not shown:
        return
    styles = {"regressed": "bold red", "improved": "green", "changed": "yellow"}
    table = Table(*_COLUMNS)
    for item in shown:
        table.add_row(*_row(item), style=styles.get(item.state))
    console.print(table)


if __name__ == "__main__":
    raise SystemExit(main())
