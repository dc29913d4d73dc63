"""Data sets of strings: records by item, and their figures beside the thesis's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from sparsebench.experiments.string_statistics.cases import StringFilesCase, StringsCase
from sparsebench.experiments.string_statistics.claims import STATED
from sparsebench.experiments.string_statistics.items import StringsItem
from sparsebench.experiments.string_statistics.measure import HALVES
from sparsebench.parts.records import Record
from sparsebench.parts.string_statistics import apart
from sparsebench.report.contents import Column, Entry, Table
from sparsebench.report.markdown import table as markdown_table
from sparsebench.values.protocol import NEGATIVES

AUTHOR = "the author's files"


def by_item(records: Iterable[Record]) -> dict[StringsItem, list[Record]]:
    """Records of generated data sets of the thesis's size, by item."""
    found: dict[StringsItem, list[Record]] = {}
    for record in records:
        if record.experiment == "string_counts":
            case = record.restored
            if not isinstance(case, StringsCase):
                continue
            item = StringsItem(case.data.negatives or NEGATIVES[0])
            if case in item.cases([case.seed]):
                found.setdefault(item, []).append(record)
    return found


def author_record(records: Iterable[Record]) -> Record | None:
    """The record of the author's files, if a run had them."""
    for record in records:
        if record.experiment == "string_counts" and isinstance(record.restored, StringFilesCase):
            return record
    return None


def data_sets(records: Sequence[Record]) -> dict[str, list[Record]]:
    """All data sets by name, the author's last."""
    found = {item.negatives: each for item, each in by_item(records).items()}
    author = author_record(records)
    return {**found, AUTHOR: [author]} if author else found


def beside_stated(sets: dict[str, list[Record]]) -> Table:
    """A row for each number that the thesis states, a column for each data set: means over seeds."""
    return Table(
        "strings-stated",
        "What the thesis states of its strings, and ours: means over seeds, lowest-highest",
        (
            Column("strings"),
            Column("source", choice=True),
            Column("the thesis", ".0f"),
            *(Column(name) for name in sets),
        ),
        [
            [
                stated.words,
                stated.source,
                stated.number,
                *(_spread(records, stated.metric) for records in sets.values()),
            ]
            for stated in STATED
        ],
    )


def _spread(records: Sequence[Record], metric: str) -> str:
    values = [record.metrics[metric] for record in records if metric in record.metrics]
    if not values:
        return ""
    ends = dict.fromkeys(f"{end(values):.0f}" for end in (min, max))
    return f"{fmean(values):.0f}" if len(ends) == 1 else f"{fmean(values):.0f} ({'-'.join(ends)})"


def letters_table(sets: dict[str, list[Record]]) -> Table:
    """Shares of letters by class, in the first data set of each kind, among all of its letters."""
    rows: list[list[Entry]] = []
    for name, records in sets.items():
        for kind in ("valid", "invalid"):
            shares = records[0].tables[f"letters, {kind}"]
            rows += [[name, kind, letter, share] for letter, share in shares.items()]
    return Table(
        "strings-letters",
        "Shares of letters among all letters of a class, first seed",
        (
            Column("data set", choice=True),
            Column("class", choice=True),
            Column("letter", choice=True),
            Column("share", ".4f"),
        ),
        rows,
        folded=True,
    )


def distances_table(sets: dict[str, list[Record]]) -> Table:
    """Total variation distances of histograms of lengths from the author's files, by half."""
    author = sets.get(AUTHOR, [])
    rows: list[list[Entry]] = []
    for name, records in sets.items():
        if name != AUTHOR and author:
            far = [
                fmean(
                    apart(each.history[f"lengths {half}"], author[0].history[f"lengths {half}"])
                    for each in records
                )
                for half in HALVES
            ]
            rows.append([name, *far])
    return Table(
        "strings-distances",
        "Total variation distance of our lengths from those of the author's files, means over seeds",
        (Column("data set"), *(Column(half, ".4f") for half in HALVES)),
        rows,
    )


def markdown(records: Sequence[Record]) -> list[str]:
    """What the thesis states, and our data sets."""
    sets = {item.negatives: each for item, each in by_item(records).items()}
    if not sets:
        return []
    found = beside_stated(sets)
    return [markdown_table([column.title for column in found.columns], found.texts)]
