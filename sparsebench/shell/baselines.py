"""Rewriting a baseline with what a run measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.change import change
from sparsebench.experiments.settings import Settings
from sparsebench.parts.records import Baseline, Provenance, Record, read_baseline, write_document
from sparsebench.parts.weight_files import checksum, save_weights
from sparsebench.values.case import digest, restore
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
    """

    added: int
    moved: list[str]
    unchanged: int


def update_baseline(
    settings: Settings,
    bench: Bench,
    measured: Sequence[Record],
    provenances: Mapping[str, Provenance],
) -> Update:
    """Write measured records into the baseline, and the models that they were measured with.

    Parameters
    ----------
    settings
        Which baseline.
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
        If a file cannot be written. Models are written first, the records that name them last.
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
        known[record.digest] = _lean(_with_history(record, before))
    _check_consistent(known)
    for record, weights in _models(bench, measured):
        save_weights(settings.models / f"{record.digest}.safetensors", weights)
    provenances = {**old.provenances, **provenances}
    used = {key for record in known.values() for key in (record.provenance, record.trained) if key}
    records = sorted(known.values(), key=lambda record: (record.experiment, str(record.case)))
    write_document(
        path, Baseline(provenances={key: provenances[key] for key in sorted(used)}, records=records)
    )
    return Update(added, moved, unchanged)


def _with_history(record: Record, before: Record | None) -> Record:
    """A record, with the history of its training if this run did not repeat that."""
    if before is None or before.weights != record.weights or record.history:
        return record
    return msgspec.structs.replace(record, history=before.history)


_KEPT_SERIES = ("onset_loss", "test_accuracy")
"""What is kept of the histories of wired networks, of which there are hundreds."""


def _lean(record: Record) -> Record:
    """A record without what nobody compares and would fill megabytes of version control."""
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
