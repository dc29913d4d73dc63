"""What changed between the result files of several commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.experiments.change import change
from sparsebench.experiments.figures import time_ratio
from sparsebench.experiments.populations import by_population
from sparsebench.parts.records import Record

STATES = ("regressed", "improved", "changed", "undecided", "unchanged", "added", "removed")
"""What can have happened to a cell, in the order in which a person wants to read it."""


@dataclass(frozen=True)
class Comparison:
    """One cell across several files.

    Attributes
    ----------
    name
        Experiment, variant and so on, in words.
    state
        One of `STATES`, for the last file beside the first.
    figures
        For each file, the mean over seeds of the cell's figure (accuracy 0-1; for the onset of
        training, the last loss in nats; for a prediction, R²), or None where the file lacks the
        cell or it has no such figure.
    ratios
        For each file, pruned forward time over dense, or None where it was not timed.
    reason
        The numbers behind the state.
    """

    name: str
    state: str
    figures: tuple[float | None, ...]
    ratios: tuple[float | None, ...]
    reason: str


def compare(
    files: Sequence[Iterable[Record]], same_machine: bool = True, one_sitting: bool = True
) -> list[Comparison]:
    """Compare the records of two or more files, cell by cell, over the union of their cells.

    Parameters
    ----------
    files
        The records of each file, oldest first. Seeds of a cell are judged together.
    same_machine
        Whether all were measured on one kind of machine; else times are shown and not judged.
    one_sitting
        Whether all times were taken in one sitting; else they may differ by more.

    Returns
    -------
    list of Comparison
        Ordered by state, then by name.

    Raises
    ------
    ValueError
        If there are fewer than two files.
    """
    if len(files) < 2:
        raise ValueError(f"{len(files)} file to compare: give two or more, oldest first")
    grouped = [by_population(records) for records in files]
    names = sorted({key: None for groups in grouped for key in groups})
    compared = [
        _compared([groups.get(name, []) for groups in grouped], same_machine, one_sitting)
        for name in names
    ]
    return sorted(compared, key=lambda item: (STATES.index(item.state), item.name))


def _compared(columns: list[list[Record]], same_machine: bool, one_sitting: bool) -> Comparison:
    first, last = columns[0], columns[-1]
    if first and last and last[0].experiment == "forward" and not same_machine:
        state, reason = "undecided", "times of another kind of machine"
    elif first and last:
        found = change(first, last, one_sitting)
        state, reason = found.kind, found.reason
    elif last:
        state, reason = "added", "not in the first file"
    else:
        state, reason = "removed", "not in the last file"
    return Comparison(
        name=name_of(next(column[0] for column in columns if column)),
        state=state,
        figures=tuple(_figure(column) for column in columns),
        ratios=tuple(time_ratio(column) for column in columns),
        reason=reason,
    )


def name_of(record: Record) -> str:
    """What a record is of, in words, but for its seed."""
    case = record.case
    base = next(
        (case[name] for name in ("base", "network", "wired", "population") if name in case), case
    )
    variant = base.get("architecture", base).get("variant", "?")
    words = [record.experiment, variant]
    if "graph" in base:
        graph = base["graph"]
        words += [str(graph[name]) for name in ("family", "order", "vertices") if name in graph]
    words += [case[name] for name in ("way", "target", "regressor", "features") if name in case]
    if "splits" in case:
        words.append(f"{case['splits']} splits")
    if "percent" in case:
        words.append(f"p{case['percent']}")
    if case.get("criterion", "magnitude") != "magnitude":
        words.append(f"by {case['criterion']}")
    readout = base.get("semantics", {}).get("readout")
    if readout == "last_step":
        words.append("corrected")
    return " ".join(str(word) for word in words)


def _figure(records: list[Record]) -> float | None:
    names = ("accuracy", "last_loss", "r2_median")
    found = (
        next((each.metrics[name] for name in names if name in each.metrics), None)
        for each in records
    )
    known = [figure for figure in found if figure is not None]
    return fmean(known) if known else None
