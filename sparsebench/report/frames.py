"""Records as pandas DataFrames, for analysis with other tools, and as CSV and Parquet files."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sparsebench.parts.documents import read_document
from sparsebench.parts.files import distinct_names, write_atomically
from sparsebench.parts.records import Baseline, Provenance, Record, Result, Timing
from sparsebench.parts.tasks import name_of
from sparsebench.values.checks import one_of
from sparsebench.values.identity import Case, subject_of
from sparsebench.values.kinds import UnknownKind

if TYPE_CHECKING:
    import pandas as pd

Row = dict[str, Any]

WHAT = ("records", "histories", "tables")
"""What the rows of a frame are: records, figures of series, or figures of analyses."""


def load(*paths: str | PathLike[str], what: str = "records") -> pd.DataFrame:
    """Load result files and baselines as one tidy frame.

    Parameters
    ----------
    paths
        One or more different files. A record in several of them has a row for each; the column
        `file` distinguishes them.
    what
        `records`: one row per record, with its case, its provenance, every metric, every property
        of the graph (`property_NAME`, if a metric has its name) and the forward times as columns.
        `histories`: one row per figure of a series, with `series`, `index` (the epoch, step or
        split, from 1) and `value`. `tables`: one row per figure of an analysis, with `table`,
        `property` and `value`.

    Returns
    -------
    pandas.DataFrame
        Accuracies are 0-1, losses in nats, times in seconds, percentages whole numbers. Values that
        do not apply are missing. The columns of case and provenance exist even without rows. For
        experiments or tasks that are not installed, the column `not_installed` has the name.

    Raises
    ------
    OSError, ValueError
        If a file cannot be read (`sparsebench.parts.documents.read_document`), no file is given, or
        a file is given twice.
    """
    import pandas as pd

    one_of("what", what, WHAT)
    if not paths:
        raise ValueError("no file to load: give a result file or a baseline")
    files = [Path(path) for path in paths]
    rows = [
        row
        for path, name in zip(files, _names(files), strict=True)
        for row in _rows(name, read_document(path), _FIGURES[what])
    ]
    frame = pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*_FACTS, *_OF_EACH[what]])
    for name in (*_WHOLE, *(("index",) if what == "histories" else ())):
        if name in frame:
            with suppress(OverflowError, TypeError):  # a seed with too many digits
                frame[name] = frame[name].astype("Int64")
    return frame


def export(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV or Parquet, by the file's suffix, atomically.

    In CSV, an apostrophe precedes text that a spreadsheet would take for a formula.

    Raises
    ------
    ValueError
        If the suffix is unknown, or Parquet is requested without pyarrow.
    OSError
        If the file cannot be written.
    """
    if path.suffix == ".csv":
        plain = frame.map(_no_formula)
        write_atomically(path, plain.to_csv(index=False).encode())
    elif path.suffix == ".parquet":
        buffer = io.BytesIO()
        try:
            frame.to_parquet(buffer, index=False, engine="pyarrow")
        except ImportError:
            raise ValueError(
                f"{path}: Parquet is written by pyarrow, which is not there: pip install "
                "'sparsebench[parquet]', or name a file that ends in .csv"
            ) from None
        write_atomically(path, buffer.getvalue())
    else:
        raise ValueError(f"{path}: name a file that ends in .csv or .parquet")


_WHOLE = ("seed", "percent", "vertices", "graphs", "first", "units", "splits", "threads")
"""Facts that are whole numbers or missing."""


def _names(files: Sequence[Path]) -> list[str]:
    """The label of each file in a frame: its name, or its path if names are equal.

    Raises
    ------
    ValueError
        If two paths are the same file.
    """
    seen: dict[str, Path] = {}
    for path in files:
        real = os.path.realpath(path)
        if real in seen:
            raise ValueError(f"{path} is the same file as {seen[real]}: give each file once")
        seen[real] = path
    return distinct_names(files)


def _rows(
    file: str, document: Result | Baseline, figures: Callable[[Record], Iterator[Row]]
) -> Iterator[Row]:
    for record in document.records:
        where = document.provenances.get(record.provenance)
        try:
            facts = {"file": file, **_what_was_measured(record), **_where(where)}
        except ValueError as error:
            raise ValueError(f"{file}, record {record.digest}: {error}") from None
        own = _own_fields(record, facts)
        for row in figures(record):
            figured = {_column(name, facts): figure for name, figure in row.items()}
            yield {**facts, **figured, **own}


def _column(name: str, facts: Row) -> str:
    """The column of a figure: its name, with a prefix if a fact of case or machine has that name."""
    return f"figure_{name}" if name in facts else name


_OF_CASES = (
    "target",
    "percent",
    "criterion",
    "threshold",
    "way",
    "regressor",
    "features",
    "splits",
)
"""Fields of cases that have columns of the same name."""

_OF_PLACES = ("created", "cpu", "gpu", "device", "threads", "torch", "code")
"""Fields of provenances that have columns of the same name."""

_FACTS = (
    *("file", "digest", "experiment", "variant", "semantics", "seed"),
    *("family", "vertices", "edge_order", "graphs", "first", "task", "units"),
    *_OF_CASES,
    *("outcome", "commit", "dirty"),
    *_OF_PLACES,
)
"""The columns of every frame: case and provenance."""

_OF_EACH: dict[str, tuple[str, ...]] = {
    "records": (),
    "histories": ("series", "index", "value"),
    "tables": ("table", "property", "value"),
}
"""Further columns of each kind of frame, which exist even without rows."""


def _what_was_measured(record: Record) -> Row:
    known = {"digest": record.digest, "experiment": record.experiment}
    try:
        case: Case = record.restored
    except UnknownKind as unknown:  # another project's kind, which is not installed here
        return {**known, "not_installed": unknown.name, "outcome": record.outcome}
    subject = subject_of(case)
    graph = getattr(subject, "graph", None)
    graph = None if isinstance(graph, str) else graph  # conformance cases have a checksum here
    semantics = getattr(subject, "semantics", None)
    return {
        **known,
        "variant": case.variant,
        "semantics": semantics.name if semantics else None,
        "seed": getattr(case, "seed", None),
        "family": graph.family if graph else getattr(case, "family", None),
        "vertices": graph.vertices if graph else None,
        "edge_order": graph.order if graph else None,
        "graphs": getattr(subject, "graphs", None),
        "first": getattr(subject, "first", None),
        "task": name_of(subject.task) if hasattr(subject, "task") else None,
        "units": getattr(subject, "hidden_size", None),
        **{name: getattr(case, name, None) for name in _OF_CASES},
        "outcome": record.outcome,
    }


def _own_fields(record: Record, facts: Row) -> Row:
    """Other fields of a case: its numbers and words whose names are not taken."""
    if "variant" not in facts:  # a kind that is not installed: any names are possible
        return {}
    figures = (*record.metrics, *record.properties, *Timing.__struct_fields__)
    taken = {*facts, *figures, *(name for names in _OF_EACH.values() for name in names), "kind"}
    return {
        name: value
        for name, value in record.case.items()
        if isinstance(value, str | int | float) and name not in taken
    }


def _where(where: Provenance | None) -> Row:
    facts = {name: getattr(where, name) if where else None for name in _OF_PLACES}
    return {
        "commit": where.commit.id if where else None,
        "dirty": where.commit.dirty if where else None,
        **facts,
    }


def _of_record(record: Record) -> Iterator[Row]:
    row: Row = {**record.metrics}
    for name, figure in record.properties.items():
        row[f"property_{name}" if name in record.metrics else name] = figure
    if record.timing is not None:
        timing = record.timing
        row |= {name: getattr(timing, name) for name in timing.__struct_fields__}
        row["time_ratio"] = timing.ratio
    yield row


def _of_histories(record: Record) -> Iterator[Row]:
    for series, values in record.history.items():
        for index, value in enumerate(values, 1):
            yield {"series": series, "index": index, "value": value}


def _of_tables(record: Record) -> Iterator[Row]:
    for table, row in record.tables.items():
        for name, value in row.items():
            yield {"table": table, "property": name, "value": value}


_FIGURES: dict[str, Callable[[Record], Iterator[Row]]] = dict(
    zip(WHAT, (_of_record, _of_histories, _of_tables), strict=True)
)


def _no_formula(value: Any) -> Any:
    formula = isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if formula else value
