"""Rewriting a baseline with what a run measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.change import change
from sparsebench.experiments.settings import Settings
from sparsebench.parts.records import Baseline, Record, read_baseline, write_document
from sparsebench.parts.weight_files import checksum, save_weights
from sparsebench.values.case import BaseCase, restore


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
    """

    added: int
    moved: list[str]
    unchanged: int


def update_baseline(settings: Settings, bench: Bench, measured: Sequence[Record]) -> Update:
    """Write measured records into the baseline, and the models that they were measured with.

    Parameters
    ----------
    settings
        Which baseline.
    bench
        Knows the models.
    measured
        Records of items that did not fail. What the baseline holds besides them is kept.

    Returns
    -------
    Update
        What moved.
    """
    path = settings.baseline_path
    old = read_baseline(path) if path.exists() else Baseline(provenances={}, records=[])
    known = {record.digest: record for record in old.records}
    added, unchanged, moved = 0, 0, []
    for record in measured:
        before = known.get(record.digest)
        if before is None:
            added += 1
        elif (found := change([before], [record])).kind == "unchanged":
            unchanged += 1
        else:
            moved.append(f"{record.experiment} {record.digest[:8]}: {found.reason}")
        if before is not None and before.weights == record.weights and not record.history:
            record.history = before.history  # of the training, which this run did not repeat
        known[record.digest] = record
    provenances = {**old.provenances, **bench.provenances}
    used = {key for record in known.values() for key in (record.provenance, record.trained) if key}
    records = sorted(known.values(), key=lambda record: (record.experiment, str(record.case)))
    _save_models(settings, bench, measured)
    write_document(
        path, Baseline(provenances={key: provenances[key] for key in sorted(used)}, records=records)
    )
    return Update(added, moved, unchanged)


def _save_models(settings: Settings, bench: Bench, measured: Sequence[Record]) -> None:
    for record in measured:
        if record.experiment != "base":
            continue
        case = restore(record.case)
        assert isinstance(case, BaseCase)
        model = bench.model(case)
        if checksum(model.weights) != record.weights:
            raise ValueError(
                f"the model of {record.digest} has changed since it was measured: run the update again"
            )
        save_weights(settings.models / f"{record.digest}.safetensors", model.weights)
