"""Rewriting a baseline with what a run measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sparsebench.harness.comparing import change, of_the_machine
from sparsebench.harness.context import Bench
from sparsebench.harness.profiles import Settings
from sparsebench.parts.documents import baseline_at, write_document
from sparsebench.parts.folder_lock import locked
from sparsebench.parts.model_files import settle_models, stage_model
from sparsebench.parts.records import Baseline, Provenance, Record
from sparsebench.parts.weight_files import checksum
from sparsebench.values.identity import digest, restore
from sparsebench.values.masks import Weights


@dataclass(frozen=True)
class Update:
    """What an update did.

    Attributes
    ----------
    added
        Records that the baseline did not know.
    moved
        What changed, in words, a line for each record.
    unchanged
        Records that were written anew and say the same.
    kept
        Records that were left as they are, because only new ones were asked for.
    untimed
        Forward passes of which there are no times to write.
    written
        The files that were rewritten.
    """

    added: int
    moved: list[str]
    unchanged: int
    kept: int = 0
    untimed: int = 0
    written: tuple[Path, ...] = ()


def update_baseline(
    settings: Settings,
    bench: Bench,
    measured: Sequence[Record],
    provenances: Mapping[str, Provenance],
) -> Update:
    """Write measured records into the baseline, and the models that they were measured with.

    Times go into a baseline of their own, one for each kind of machine. All is read, changed and
    written under one lock on the folder, so that updates at the same time lose nothing of each other's.

    Parameters
    ----------
    settings
        Which baseline, and whether all or only new records are written.
    bench
        Knows the models.
    measured
        Records that may be accepted. What the baseline holds besides them is kept.
    provenances
        What those records refer to.

    Returns
    -------
    Update
        What moved.

    Raises
    ------
    ValueError
        If records and models would no longer belong together; nothing is written then.
    OSError
        If a file cannot be written. Models are staged first, and take their places when the records
        that name them are written.
    """
    passes = [record for record in measured if of_the_machine(record.experiment)]
    timed = [record for record in passes if "time_ratio" in record.metrics]
    others = [record for record in measured if not of_the_machine(record.experiment)]
    with locked(settings.baselines):
        accuracies = _Rewriting(settings.baseline_path, others, settings.update)
        times = _Rewriting(bench.times_path, timed, settings.update)
        _check_consistent(accuracies.records)
        for record, weights in _models(bench, accuracies.written):
            stage_model(settings.models, record, weights)
        for part in (times, accuracies):
            part.write(provenances)
        settle_models(settings.models, accuracies.records.values())
    return Update(
        added=accuracies.added + times.added,
        moved=[*accuracies.moved, *times.moved],
        unchanged=accuracies.unchanged + times.unchanged,
        kept=accuracies.kept + times.kept,
        untimed=len(passes) - len(timed),
        written=tuple(part.path for part in (accuracies, times) if part.written),
    )


class _Rewriting:
    """One file of a baseline, with measured records in it; not written yet.

    Parameters
    ----------
    path
        The file, which may not exist yet.
    measured
        What goes in.
    extent
        `all` or `new`.
    """

    def __init__(self, path: Path, measured: Sequence[Record], extent: str) -> None:
        self.path = path
        self._old = baseline_at(path)
        self.records = {record.digest: record for record in self._old.records}
        self.written: list[Record] = []
        self.moved: list[str] = []
        self.added = self.unchanged = self.kept = 0
        for record in measured:
            before = self.records.get(record.digest)
            if before is not None and extent == "new":
                self.kept += 1
                continue
            if before is None:
                self.added += 1
            elif (found := change([before], [record])).kind == "unchanged":
                self.unchanged += 1
            else:
                self.moved.append(f"{record.experiment} {record.digest[:8]}: {found.reason}")
            self.records[record.digest] = _with_history(record, before)
            self.written.append(record)

    def write(self, provenances: Mapping[str, Provenance]) -> None:
        """Write the file, if anything goes in."""
        if not self.written:
            return
        known = {**self._old.provenances, **provenances}
        records = sorted(
            map(_lean, self.records.values()), key=lambda each: (each.experiment, str(each.case))
        )
        used = {key for record in records for key in (record.provenance, record.trained) if key}
        kept = {key: known[key] for key in sorted(used)}
        write_document(self.path, Baseline(provenances=kept, records=records))


def _with_history(record: Record, before: Record | None) -> Record:
    """A record, with the history of its training if this run did not repeat that."""
    if before is None or before.weights != record.weights or record.history:
        return record
    return msgspec.structs.replace(record, history=before.history)


_KEPT_SERIES = ("onset_loss", "test_accuracy")
"""What is kept of the histories of wired networks, of which there are hundreds."""


def _lean(record: Record) -> Record:
    """A record without what nobody compares and would fill megabytes of version control.

    Times are compared within one kind of machine only, and kept apart from all else.
    """
    if of_the_machine(record.experiment):
        return record
    metrics = {name: value for name, value in record.metrics.items() if name != "time_ratio"}
    history = {name: each for name, each in record.history.items() if name != "time_ratios"}
    record = msgspec.structs.replace(record, timing=None, metrics=metrics, history=history)
    if record.experiment not in ("wired", "retraining", "four_ways"):
        return record
    history = {name: record.history[name] for name in _KEPT_SERIES if name in record.history}
    return msgspec.structs.replace(record, history=history)


def _check_consistent(records: Mapping[str, Record]) -> None:
    """Every pruned model must be the baseline's own base model, pruned."""
    for record in records.values():
        if record.experiment != "pruning":
            continue
        base = records.get(digest(restore(record.case["base"])))
        if base is not None and base.weights != record.weights:
            raise ValueError(
                f"the baseline was not rewritten: {record.digest} was measured with the weights "
                f"{record.weights}, its base model {base.digest} has {base.weights}: update base "
                "models and all that is pruned from them in one run, without -k"
            )


def _models(bench: Bench, measured: Sequence[Record]) -> list[tuple[Record, Weights]]:
    """The base models among some records, with the weights that they were measured with."""
    models = []
    for record in measured:
        if record.experiment == "base":
            weights = bench.model(restore(record.case)).weights
            if checksum(weights) != record.weights:
                raise ValueError(
                    f"the baseline was not rewritten: the model of {record.digest} has changed since "
                    "it was measured; run the update again"
                )
            models.append((record, weights))
    return models
