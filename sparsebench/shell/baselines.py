"""Rewriting a baseline with what a run measured."""

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
        The folder that was rewritten, and the file of times.
    former
        The file in which the baseline was until now: nothing reads it any more.
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
    """Measured records that a part of a baseline takes, and what they say that is new.

    Parameters
    ----------
    measured
        What was measured.
    known
        The baseline's record of the same case, or None.
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
    """A record without what nobody compares and would fill megabytes of version control.

    Times are compared within one kind of machine only, and kept apart from all else.
    """
    metrics = {name: value for name, value in record.metrics.items() if name != "time_ratio"}
    history = {name: each for name, each in record.history.items() if name != "time_ratios"}
    measurement = measurement_named(record.experiment)
    if measurement is not None and measurement.kept_series is not None:
        history = {name: history[name] for name in measurement.kept_series if name in history}
    return msgspec.structs.replace(record, timing=None, metrics=metrics, history=history)


def _check_consistent(stored: BaselineFolder, written: Sequence[Record]) -> None:
    """What was measured of weights must be of the very weights that the baseline's network has."""
    new = {record.digest: record for record in written}
    for measurement in measurements():
        if measurement.weights_of is None:
            continue
        own = {record.digest: record for record in stored.records(measurement.name)}
        own |= {
            name: record for name, record in new.items() if record.experiment == measurement.name
        }
        for record in own.values():
            network = measurement.weights_of(restore(record.case))
            name = digest(network)
            base = new.get(name) or stored.get(measurement_of(network).name, name)
            if base is not None and base.weights != record.weights:
                raise ValueError(
                    f"the baseline was not rewritten: {record.digest} was measured with the weights "
                    f"{record.weights}, its network {base.digest} has {base.weights}: update base "
                    "models and all that is pruned from them in one run, without -k"
                )


def _with_models(stored: BaselineFolder, written: Sequence[Record]) -> list[Record]:
    """The records, old and new, whose trained models lie beside the baseline."""
    names = [each.name for each in measurements() if each.keeps_model is not None]
    known = (old for name in names for old in stored.records(name))
    return [*filter(_keeps_model, known), *filter(_keeps_model, written)]


def _keeps_model(record: Record) -> bool:
    measurement = measurement_named(record.experiment)
    if measurement is None or measurement.keeps_model is None:
        return False
    return measurement.keeps_model(restore(record.case))


def _models(bench: Bench, measured: Sequence[Record]) -> list[tuple[Record, Weights]]:
    """Those among some records whose models are kept, with the weights that they were measured with."""
    models = []
    for record in filter(_keeps_model, measured):
        weights = model_of(restore(record.case), bench).weights
        if checksum(weights) != record.weights:
            raise ValueError(
                f"the baseline was not rewritten: the model of {record.digest} has changed since "
                "it was measured; run the update again"
            )
        models.append((record, weights))
    return models
