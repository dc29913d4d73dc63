"""The baseline of a run: its records, and times on this kind of machine."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from sparsebench.harness.comparing import of_the_machine
from sparsebench.harness.profiles import Settings
from sparsebench.harness.registry import measurement_of
from sparsebench.judging.gate import BaselineRecords
from sparsebench.parts.baseline_folder import BaselineFolder
from sparsebench.parts.documents import baseline_at
from sparsebench.parts.machine import machine_class, same_run
from sparsebench.parts.records import Provenance, Record
from sparsebench.values.identity import Case, digest


class StoredBaseline:
    """The files of a run's baseline, as they were when the run first read them.

    Parameters
    ----------
    settings
        Names the baseline.
    here
        The circumstances of the run, which select the file of times.
    """

    def __init__(self, settings: Settings, here: Provenance) -> None:
        self._settings = settings
        self._here = here

    @cached_property
    def records(self) -> BaselineRecords:
        """The records of the baseline, and of times on this kind of machine; empty without files.

        Raises
        ------
        ValueError
            If a file is damaged or from a newer version: the file of times at once, the others when
            they are first needed.
        """
        times = baseline_at(self.times_path)
        timed = {record.digest: record for record in times.records}
        taken = {key: where.created for key, where in times.provenances.items()}
        earlier = [
            record.digest
            for record in times.records
            if not same_run([taken.get(record.provenance, ""), self._here.created])
        ]
        stored = self.stored

        def find(experiment: str, digest: str) -> Record | None:
            return (
                timed.get(digest) if of_the_machine(experiment) else stored.get(experiment, digest)
            )

        def of_experiment(experiment: str) -> Iterable[Record]:
            return timed.values() if of_the_machine(experiment) else stored.records(experiment)

        return BaselineRecords(find, of_experiment, frozenset(earlier))

    def of(self, case: Case) -> Record | None:
        """The baseline's record of a case, or None."""
        return self.records.find(measurement_of(case).name, digest(case))

    @cached_property
    def stored(self) -> BaselineFolder:
        """The baseline's files, as they were when the run first asked for a record."""
        return BaselineFolder(self._settings.baseline_path)

    @property
    def times_path(self) -> Path:
        """The baseline's file of times for this kind of machine."""
        return self._settings.times / f"{machine_class(self._here)}.json"
