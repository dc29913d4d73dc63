"""The default terminal table of an experiment: one row per item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from rich.console import RenderableType

from sparsebench.harness.comparing import policy_of
from sparsebench.judging.names import name_of
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Record
from sparsebench.report.terminal_tables import empty_table


def plain_tables(title: str, records: Sequence[Record]) -> Iterable[RenderableType]:
    """The mean of the main figure over the seeds of each item.

    Parameters
    ----------
    title
        Title of the table.
    records
        Records of one experiment.
    """
    populations = by_replicates(records)
    figures = dict.fromkeys(policy_of(each.experiment).figure for each in records)
    if not populations:
        return
    table = empty_table(title, ["what"], ["records", " or ".join(figures)])
    for found in populations.values():
        take = policy_of(found[0].experiment).figure_of
        known = [figure for each in found if (figure := take(each)) is not None]
        table.add_row(name_of(found[0]), str(len(found)), f"{fmean(known):.4f}" if known else "")
    yield table
