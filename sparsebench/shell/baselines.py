"""Updating a baseline with the records of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sparsebench.harness.comparing import change, of_the_machine
from sparsebench.harness.context import Bench
from sparsebench.harness.profiles import Settings
from sparsebench.harness.registry import measurement_named, measurement_of, measurements
from sparsebench.harness.trained_models import model_of
from sparsebench.judging.bits import by_one_arithmetic, difference
from sparsebench.parts.baseline_folder import BaselineFolder
from sparsebench.parts.documents import baseline_at, baseline_of, write_document
from sparsebench.parts.folder_lock import locked
from sparsebench.parts.model_files import settle_models, stage_model
from sparsebench.parts.records import Provenance, Record, with_history
from sparsebench.parts.weight_files import checksum
from sparsebench.values.identity import digest
from sparsebench.values.masks import Weights


@dataclass(frozen=True)
class Update:
    """The result of an update.

    Attributes
    ----------
    added
        Records of cases that the baseline lacked.
    moved
        What changed, one line per record.
    unchanged
        Records that were rewritten with equal content.
    kept
        Records left as they are, because only new ones were requested.
    untimed
        Forward passes without times to write.
    written
        The folder that was rewritten, and the file of times.
    former
        The file that held the baseline before; nothing reads it any more.
    """

    added: int
    moved: list[str]
    unchanged: int
    kept: int = 0
    untimed: int = 0
    written: tuple[Path, ...] = ()
    former: Path | None = None


def update_baseline(
    settings: Settings,
    bench: Bench,
    measured: Sequence[Record],
    provenances: Mapping[str, Provenance],
) -> Update:
    """Write measured records into the baseline, with the models that they were measured with.

    Times go into a separate baseline for each kind of machine. All files are read, changed and
    written under one lock on the folder, so concurrent updates lose nothing.

    Parameters
    ----------
    settings
        Names the baseline, and whether all records or only new ones are written.
    bench
        Provides the models.
    measured
        Records that may be accepted. The baseline's other records stay.
    provenances
        The provenances that those records refer to.

    Returns
    -------
    Update
        What changed.

    Raises
    ------
    ValueError
        If records and models would become inconsistent; nothing is written then.
    OSError
        If a file cannot be written. Models are written to temporary files first, and moved into
        place when the records that name them are written.
    """
    passes = [record for record in measured if of_the_machine(record.experiment)]
    timed = [record for record in passes if "time_ratio" in record.metrics]
    others = [record for record in measured if not of_the_machine(record.experiment)]
    with locked(settings.baselines):
        stored = BaselineFolder(settings.baseline_path)
        old_times = baseline_at(bench.baseline.times_path)
        times = {record.digest: record for record in old_times.records}
        new_times = _New(timed, lambda record: times.get(record.digest), settings.update)
        new = _New(
            others, lambda record: stored.get(record.experiment, record.digest), settings.update
        )
        _check_consistent(stored, new.written)
        for record, weights in _models(bench, new.written):
            stage_model(settings.models, record, weights)
        if new_times.written:
            times.update({record.digest: record for record in new_times.written})
            known = {**old_times.provenances, **provenances}
            write_document(bench.baseline.times_path, baseline_of(times.values(), known))
        former = None
        if new.written:
            former = stored.former_file
            stored.rewrite([*map(_lean, new.written)], provenances, settings.work.often)
        settle_models(settings.models, _with_models(stored, new.written))
    files = ((settings.baseline_path, new), (bench.baseline.times_path, new_times))
    return Update(
        added=new.added + new_times.added,
        moved=[*new.moved, *new_times.moved],
        unchanged=new.unchanged + new_times.unchanged,
        kept=new.kept + new_times.kept,
        untimed=len(passes) - len(timed),
        written=tuple(path for path, part in files if part.written),
        former=former,
    )


class _New:
    """Measured records for one part of a baseline, compared with the records that it has.

    Parameters
    ----------
    measured
        The measured records.
    known
        Returns the baseline's record of the same case, or None.
    extent
        `all` or `new`.
    """

    def __init__(
        self, measured: Sequence[Record], known: Callable[[Record], Record | None], extent: str
    ) -> None:
        self.written: list[Record] = []
        self.moved: list[str] = []
        self.added = self.unchanged = self.kept = 0
        for record in measured:
            before = known(record)
            if before is not None and extent == "new":
                self.kept += 1
                continue
            if before is None:
                self.added += 1
            elif (found := change([before], [record])).kind == "unchanged":
                self.unchanged += 1
            else:
                told = difference(before, record) if by_one_arithmetic((before, record)) else ""
                name = f"{record.experiment} {record.digest[:8]}"
                self.moved.append(f"{name}: {told or found.reason}")
            self.written.append(with_history(record, before))


def _lean(record: Record) -> Record:
    """A record without series that nothing compares and that would add megabytes to version
    control.

    Times are left out too: they are comparable on one kind of machine only, and stored separately.
    """
    metrics = {name: value for name, value in record.metrics.items() if name != "time_ratio"}
    history = {name: each for name, each in record.history.items() if name != "time_ratios"}
    measurement = measurement_named(record.experiment)
    if measurement is not None and measurement.stored_series is not None:
        history = {name: history[name] for name in measurement.stored_series if name in history}
    return msgspec.structs.replace(record, timing=None, metrics=metrics, history=history)


def _check_consistent(stored: BaselineFolder, written: Sequence[Record]) -> None:
    """Refuse records that were measured with other weights than the baseline's network has."""
    new = {record.digest: record for record in written}
    for measurement in measurements():
        if measurement.weights_of is None:
            continue
        own = {record.digest: record for record in stored.records(measurement.name)}
        own |= {
            name: record for name, record in new.items() if record.experiment == measurement.name
        }
        for record in own.values():
            network = measurement.weights_of(record.restored)
            name = digest(network)
            base = new.get(name) or stored.get(measurement_of(network).name, name)
            if base is not None and base.weights != record.weights:
                raise ValueError(
                    f"the baseline was not rewritten: {record.digest} was measured with the weights "
                    f"{record.weights}, its network {base.digest} has {base.weights}: update base "
                    "models and all that is pruned from them in one run, with "
                    "--sparsebench-profile=thesis and without -k"
                )


def _with_models(stored: BaselineFolder, written: Sequence[Record]) -> list[Record]:
    """The records, old and new, whose trained models are stored with the baseline."""
    names = [each.name for each in measurements() if each.stores_model is not None]
    known = (old for name in names for old in stored.records(name))
    return [*filter(_stores_model, known), *filter(_stores_model, written)]


def _stores_model(record: Record) -> bool:
    measurement = measurement_named(record.experiment)
    if measurement is None or measurement.stores_model is None:
        return False
    return measurement.stores_model(record.restored)


def _models(bench: Bench, measured: Sequence[Record]) -> list[tuple[Record, Weights]]:
    """The records whose models are stored, with the weights that they were measured with."""
    models = []
    for record in filter(_stores_model, measured):
        weights = model_of(record.restored, bench).weights
        if checksum(weights) != record.weights:
            raise ValueError(
                f"the baseline was not rewritten: the model of {record.digest} has changed since "
                "it was measured; run the update again"
            )
        models.append((record, weights))
    return models
