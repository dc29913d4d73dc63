"""Experiment: classes, lengths and letters of a data set of strings."""

from __future__ import annotations

from pathlib import Path

from sparsebench.experiments.string_statistics.cases import StringFilesCase, StringsCase
from sparsebench.harness.context import Bench
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.records import Record
from sparsebench.parts.string_statistics import (
    CLASSES,
    PLACES,
    length_counts,
    letter_counts,
    letters_at,
    of_class,
)
from sparsebench.parts.tables import read_strings
from sparsebench.parts.weight_files import checksum
from sparsebench.values.identity import canonical, digest

HALVES = ("all", "train", "test")
"""Both halves together, and each half."""


def measure(case: StringsCase, bench: Bench) -> Record:
    """Count what the strings of a data set are made of.

    Returns
    -------
    Record
        Metrics: `strings`, and by half (`all`, `train`, `test`) the number of `valid` and `invalid`
        ones, the `shortest` and `longest` length, their counts, and the most frequent length
        (`mode`) with its count. History: numbers of strings by length from 0 on, for each half and
        class. Tables: shares of letters by class, and of letters at each of the first 12 places.
    """
    data = bench.dataset(case.data)
    (train,) = data.pieces(0)
    return _record(case, Halves(train, data.test), bench)


def measure_files(train: Path, test: Path, bench: Bench) -> Record:
    """Count the same in two files of another author.

    Raises
    ------
    OSError, ValueError
        If a file cannot be read or used.
    """
    halves = Halves(read_strings(train), read_strings(test))
    case = StringFilesCase(_content(halves.train), _content(halves.test))
    return _record(case, halves, bench)


def _content(half: Examples) -> str:
    return checksum({"codes": half.inputs, "labels": half.answers})


def _record(case: StringsCase | StringFilesCase, data: Halves, bench: Bench) -> Record:
    metrics: dict[str, float] = {"strings": len(data.train) + len(data.test)}
    history: dict[str, list[float]] = {}
    tables: dict[str, dict[str, float]] = {}
    lengths = {}
    for name in CLASSES:
        halves = [of_class(half, name) for half in (data.train, data.test)]
        for half, strings in zip(HALVES[1:], halves, strict=True):
            lengths[half, name] = length_counts(strings)
        lengths["all", name] = _added(*(lengths[half, name] for half in HALVES[1:]))
        tables[f"letters, {name}"] = _shares([letter_counts(strings) for strings in halves])
        for place in range(PLACES):
            at = _shares([letters_at(strings, place) for strings in halves])
            tables[f"letter {place + 1}, {name}"] = at
    for half in HALVES:
        counts = _added(*(lengths[half, name] for name in CLASSES))
        filled = [length for length, count in enumerate(counts) if count]
        mode = counts.index(max(counts))
        metrics |= {f"{name} {half}": sum(lengths[half, name]) for name in CLASSES}
        metrics |= {
            f"shortest {half}": filled[0],
            f"number of the shortest {half}": counts[filled[0]],
            f"longest {half}": filled[-1],
            f"number of the longest {half}": counts[filled[-1]],
            f"mode {half}": mode,
            f"number of the mode {half}": counts[mode],
        }
        for name in CLASSES:
            history[f"lengths {half} {name}"] = [*lengths[half, name]]
        history[f"lengths {half}"] = [*counts]
    return Record(
        digest=digest(case),
        experiment="string_counts",
        case=canonical(case),
        metrics=metrics,
        history=history,
        tables=tables,
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
    )


def _added(*counts: list[int]) -> list[int]:
    longest = max(map(len, counts))
    return [sum(each[length] for each in counts if length < len(each)) for length in range(longest)]


def _shares(counts: list[dict[str, int]]) -> dict[str, float]:
    """Shares of letters among all that were counted in both halves."""
    names = sorted({name for each in counts for name in each})
    totals = {name: sum(each.get(name, 0) for each in counts) for name in names}
    whole = sum(totals.values())
    return {name: count / whole for name, count in totals.items()}


def cache_key(case: StringsCase, bench: Bench) -> str:
    """Nothing but case and code decides the figures."""
    return ""
