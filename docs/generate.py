"""Rewrite what the documentation takes from the code and from the shipped baseline.

    python docs/generate.py

A page holds generated text between two comments, `<!-- begin: NAME ARGUMENTS -->` and `<!-- end -->`;
`BLOCKS` has the names. Tests run this and find nothing to change.
"""

import argparse
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from sparsebench.harness.registry import experiments
from sparsebench.parts.documents import read_baseline
from sparsebench.report.contents import Entry, Table
from sparsebench.report.every_claim import every_claim
from sparsebench.report.markdown import table as markdown_table
from sparsebench.report.measured import Measured
from sparsebench.shell.command import parser
from sparsebench.shell.options import OPTIONS

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))
import sources  # noqa: E402

PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
NOT_MEASURED = "*Not measured yet.*"
BLOCK = re.compile(r"(<!-- begin: (.+?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

NOT_SHIPPED = "*The shipped baseline has no such records yet; the command above measures them.*"


@cache
def shipped():
    """The records of the shipped baseline."""
    return read_baseline(ROOT / "baselines" / "thesis").records


def markdown(experiment: str, number: str) -> str:
    """One of the tables of an experiment that `sparsebench claims` prints, counted from 1; or some of
    them: `4-15`.
    """
    first, _, last = number.partition("-")
    chosen = printed(experiment)[int(first) - 1 : int(last or first)]
    return "\n\n".join(chosen) or NOT_SHIPPED


@cache
def printed(experiment: str) -> list[str]:
    """The tables of an experiment that `sparsebench claims` prints."""
    (found,) = (each for each in experiments() if each.name == experiment)
    return list(found.markdown(shipped()))


@cache
def tables() -> dict[str, Table]:
    """The tables of the report of the shipped baseline, by name."""
    measured = Measured(tuple(shipped()))
    sections = (made for each in experiments() if each.sections for made in each.sections(measured))
    return {part.name: part for made in sections for part in made.shown if isinstance(part, Table)}


def longest(name: str) -> str:
    """A table of the report: rows of the most epochs for each first entry, and floors, which have none;
    no empty columns.
    """
    most: dict[str, int] = {}
    for row, epochs in rows_with_epochs(name):
        most[row[0]] = max(most.get(row[0], 0), epochs or 0)
    chosen = [row for row, epochs in rows_with_epochs(name) if epochs in (None, most[row[0]])]
    return filled(name, chosen)


def of_epochs(name: str, number: str) -> str:
    """A table of the report: rows of so many epochs; no empty columns."""
    chosen = [row for row, epochs in rows_with_epochs(name) if epochs == int(number)]
    return filled(name, chosen) if chosen else NOT_MEASURED


def rows_with_epochs(name: str) -> list[tuple[Sequence[Entry], int | None]]:
    """The rows of a table of the report, each with its number of epochs."""
    whole = tables()[name]
    place = [column.title for column in whole.columns].index("epochs")
    return [(row, row[place]) for row in whole.rows]


def filled(name: str, chosen: Sequence[Sequence[Entry]]) -> str:
    """Some rows of a table of the report, without the columns that are empty in all."""
    whole = tables()[name]
    rows = [
        [column.text(entry) for column, entry in zip(whole.columns, row, strict=True)]
        for row in chosen
    ]
    places = [number for number in range(len(whole.columns)) if any(row[number] for row in rows)]
    titles = [whole.columns[number].title for number in places]
    return markdown_table(titles, [[row[number] for number in places] for row in rows])


def coverage() -> str:
    """Every place of the five texts with what answers it, and the verdicts of the shipped baseline."""
    return sources.coverage(every_claim(Measured(tuple(shipped()))))


def claims(publication: str) -> str:
    """What the claims of a publication say of the shipped baseline, with how many hold."""
    rows = []
    for row in every_claim(Measured(tuple(shipped()))):
        begin, _, place = row.source.partition(", ")
        if begin == publication and (found := row.verdicts.get(row.speaks_of)):
            verdict = row.published_verdict
            rows.append([row.item.id, f"{row.statement} ({place})", found.reason, verdict])
    counts = [sum(row[-1] == word for row in rows) for word in ("holds", "contradicted", "open")]
    return (
        f"{len(rows)} statements: {counts[0]} hold, {counts[1]} are contradicted and {counts[2]} are "
        f"open.\n\n{markdown_table(['item', 'statement', 'ours', 'verdict'], rows)}"
    )


def options() -> str:
    """The plugin's options."""
    rows = []
    for option in OPTIONS:
        switch = option.switch if option.flag else f"{option.switch}={option.metavar}"
        rows.append(f"| `{switch}` | {option.help} |")
    return "\n".join(["| option | |", "|---|---|", *rows])


def commands() -> str:
    """What each subcommand of `sparsebench` takes."""
    shown = []
    for name, command in subcommands(parser()):
        command.formatter_class = partial(argparse.HelpFormatter, width=100)
        shown.append(f"### sparsebench {name}\n\n```text\n{command.format_help().rstrip()}\n```")
    return "\n\n".join(shown)


def subcommands(
    parser: argparse.ArgumentParser, before: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Those that have no subcommands of their own, by what is typed."""
    choices = [each.choices for each in parser._actions if isinstance(each.choices, dict)]
    for name, command in (pair for each in choices for pair in each.items()):
        inner = list(subcommands(command, f"{before}{name} "))
        yield from inner or [(f"{before}{name}", command)]


def measured(name: str) -> str:
    """A table that a long measurement printed, from `docs/results/measured`; what is not there was not
    measured yet.
    """
    path = ROOT / "docs" / "results" / "measured" / f"{name}.txt"
    return path.read_text(encoding="utf-8").strip() if path.exists() else NOT_MEASURED


BLOCKS: dict[str, Callable[..., str]] = {
    "markdown": markdown,
    "longest": longest,
    "measured": measured,
    "of_epochs": of_epochs,
    "coverage": coverage,
    "claims": claims,
    "options": options,
    "commands": commands,
}
"""What makes the text of a block, by its name; further words are arguments."""


def generated(text: str) -> str:
    """A page with its blocks made anew."""

    def made(block: re.Match[str]) -> str:
        name, *arguments = shlex.split(block[2])
        return f"{block[1]}{BLOCKS[name](*arguments)}\n{block[4]}"

    return BLOCK.sub(made, text)


def main() -> None:
    """Rewrite the pages."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if (made := generated(text)) != text:
            page.write_text(made, encoding="utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
