"""The sections of an experiment: its own, or by default a plain table of its records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from sparsebench.harness.experiment import Experiment
from sparsebench.judging.names import name_of
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Record
from sparsebench.report.contents import Column, Entry, Section, Table
from sparsebench.report.measured import Measured
from sparsebench.report.plain_text import plain


def sections_of(experiment: Experiment, measured: Measured) -> Iterable[Section]:
    """The sections of an experiment's records.

    An experiment from another project is skipped if it has no records. If its sections raise an
    error, the error is shown instead, so that one section cannot stop the report.
    """
    own = experiment.records(measured.records)
    if experiment.sections is None:
        if own:
            yield plain_section(experiment.name, own)
        return
    try:
        yield from list(experiment.sections(measured))
    except Exception as error:
        title = experiment.name.replace("_", " ")
        said = f"These sections could not be made: {type(error).__name__}: {plain(str(error), 400)}"
        yield Section(experiment.name, title.capitalize(), (said,))


def plain_section(name: str, records: Sequence[Record]) -> Section:
    """A table with one row per group of replicates."""
    groups = list(by_replicates(records).values())
    figures = list(dict.fromkeys(figure for each in records for figure in each.metrics))
    rows: list[Sequence[Entry]] = [
        (plain(name_of(group[0]), 200), len(group), *(_mean(group, figure) for figure in figures))
        for group in groups
    ]
    title = name.replace("_", " ")
    columns = (
        Column("what"),
        Column("records", "d"),
        *(Column(plain(each, 40).replace("_", " "), ".4f") for each in figures),
    )
    table = Table(f"{name}-records", f"{title}: means over the seeds", columns, rows)
    return Section(name, title.capitalize(), (), (table,))


def _mean(group: Sequence[Record], figure: str) -> float | None:
    known = [each.metrics[figure] for each in group if figure in each.metrics]
    return fmean(known) if known else None
