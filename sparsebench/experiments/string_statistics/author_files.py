"""The thesis author's strings, in a checkout of his repository: counted, and compared with ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sparsebench.experiments.string_statistics.cases import StringsCase
from sparsebench.experiments.string_statistics.claims import STATED
from sparsebench.experiments.string_statistics.measure import HALVES, measure, measure_files
from sparsebench.harness.context import Bench
from sparsebench.harness.profiles import Settings
from sparsebench.parts.records import Record
from sparsebench.parts.string_statistics import apart
from sparsebench.values.protocol import NEGATIVES, ReberStrings

APART = 0.02
"""Largest total variation distance of all lengths from his, 0-1. Two collections of random walks, made
as he made his, are up to 0.0151 apart (docs/reference/strings.md)."""


@dataclass(frozen=True)
class AuthorStrings:
    """His two files of strings.

    Attributes
    ----------
    folder
        Where `train_data.csv` and `test_data.csv` are.
    negatives
        The data set of ours that is compared with them.
    """

    folder: Path
    negatives: str

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"author-{self.negatives}"


def author_strings(settings: Settings) -> list[AuthorStrings]:
    """One for each data set of ours, if the run's checkout has the files."""
    if not settings.artifacts:
        return []
    found = sorted(path.parent for path in settings.artifacts.glob("**/dataset/train_data.csv"))
    return [AuthorStrings(folder, each) for folder in found[:1] for each in NEGATIVES]


def measured(item: AuthorStrings, bench: Bench) -> Record:
    """The record of his files.

    Raises
    ------
    OSError, ValueError
        If a file cannot be read or used.
    """
    return bench.once(("strings", item.folder), lambda: _measured(item.folder, bench))


def _measured(folder: Path, bench: Bench) -> Record:
    return measure_files(folder / "train_data.csv", folder / "test_data.csv", bench)


def distances(item: AuthorStrings, bench: Bench) -> dict[str, float]:
    """Total variation distances of lengths by half, of our strings of seed 0 from his."""
    ours = measure(StringsCase(ReberStrings(negatives=item.negatives)), bench)
    theirs = measured(item, bench)
    return {
        half: apart(ours.history[f"lengths {half}"], theirs.history[f"lengths {half}"])
        for half in HALVES
    }


def misprints(record: Record) -> list[str]:
    """The numbers of the thesis that his files do not have."""
    return [
        f"{stated.words} ({stated.source}): the files have {record.metrics[stated.metric]:.0f}, the "
        f"thesis states {stated.number}"
        for stated in STATED
        if record.metrics[stated.metric] != stated.number
    ]
