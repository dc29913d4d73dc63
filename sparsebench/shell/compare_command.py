"""`sparsebench compare`: what changed, by how much, in which seeds, how sure."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparsebench.judging.comparison import Comparison
    from sparsebench.parts.records import Baseline, Provenance, Result

REGRESSED, REMOVED = 1, 3
"""Exit statuses: something got worse; nothing got worse, but records are missing."""

_STYLES = {"regressed": "bold red", "removed": "red", "improved": "green", "changed": "yellow"}


def add_compare_command(commands: Any) -> None:
    """Add `compare` to a parser's commands."""
    compare = commands.add_parser(
        "compare",
        help="what changed between result files; exit 1 on a regression, 3 if records are gone",
    )
    compare.add_argument("files", nargs="+", type=Path, metavar="FILE", help="oldest first")
    form = compare.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="a comment for a pull request")
    form.add_argument(
        "--json",
        action="store_true",
        help="for programs; its keys are those of sparsebench.report.compared.as_json",
    )
    compare.add_argument("--all", action="store_true", help="list unchanged items too")
    compare.add_argument(
        "--allow-removed",
        action="store_true",
        help="exit 0 though records of the first file are not in the last",
    )
    compare.add_argument(
        "--no-fall",
        action="store_true",
        help="exit 1 too where the figure of a changed or undecided item fell, of its mean or a seed",
    )


def run(chosen: argparse.Namespace, read: Callable[[Path], Result | Baseline]) -> int:
    """Compare, print, and return the exit status.

    Parameters
    ----------
    chosen
        The arguments.
    read
        Reads a file whose records can be compared.
    """
    from sparsebench.harness.comparing import policy_of
    from sparsebench.judging.comparison import File, compare
    from sparsebench.parts.files import distinct_names
    from sparsebench.parts.machine import same_run
    from sparsebench.report import compared as shown_as

    documents = [read(path) for path in chosen.files]
    files = [
        File.of(name, document)
        for name, document in zip(distinct_names(chosen.files), documents, strict=True)
    ]
    timed = _timed(documents)
    compared = compare(
        files,
        policy_of,
        same_machine=len({(place.cpu, place.gpu) for place in timed}) < 2,
        same_run=same_run(place.created for place in timed),
    )
    shown = [each for each in compared if chosen.all or each.state != "unchanged" or each.removed]
    allowed = (
        "allowed" if chosen.allow_removed else f"exit status {REMOVED} without --allow-removed"
    )
    head = shown_as.head(files, compared, allowed)
    if chosen.json:
        print(json.dumps(shown_as.as_json(files, compared, shown), indent=1))
    elif chosen.markdown:
        print(shown_as.markdown(head, compared, shown))
    else:
        _print(head, shown)
        print(shown_as.summary_line(compared))
    if any(item.state == "regressed" for item in compared):
        return REGRESSED
    if chosen.no_fall and any(item.fell for item in compared):
        return REGRESSED
    gone = any(item.removed for item in compared)
    return REMOVED if gone and not chosen.allow_removed else 0


def _timed(documents: Sequence[Result | Baseline]) -> list[Provenance]:
    """Where and when the documents' forward passes were timed."""
    from sparsebench.harness.comparing import of_the_machine

    return [
        document.provenances[record.provenance]
        for document in documents
        for record in document.records
        if of_the_machine(record.experiment)
    ]


def _print(head: Sequence[str], shown: Sequence[Comparison]) -> None:
    from sparsebench.report.compared import lines
    from sparsebench.report.plain_text import plain
    from sparsebench.report.terminal_tables import console

    terminal = console()
    for line in head:
        terminal.print(plain(line, 10_000))
    for item in shown:
        terminal.print()
        first, *others = lines(item, terminal.width)
        terminal.print(first, style=_STYLES.get(item.state), soft_wrap=True)
        for line in others:
            terminal.print(line, soft_wrap=True)
    if shown:
        terminal.print()
