"""Trained models that are stored with the baseline, so that they need not be trained."""

from __future__ import annotations

from sparsebench.harness.context import Bench
from sparsebench.harness.networks import Model
from sparsebench.harness.registry import measurement_of
from sparsebench.parts.model_files import load_model, model_path
from sparsebench.parts.records import Record
from sparsebench.parts.weight_files import checksum
from sparsebench.values.case import TrainedCase
from sparsebench.values.layout import Layout


def has_model(case: TrainedCase, bench: Bench) -> bool:
    """Whether this run loads a case's trained model from the baseline.

    On a CPU it does only if the model was trained by this version of the arithmetic: what is
    measured on older weights would not be what the version promises (`parts.records.Record`).
    """
    return _record_of(case, bench) is not None


def baseline_model(case: TrainedCase, layout: Layout, bench: Bench) -> Model | None:
    """Load a case's trained model from the baseline; None if this run has to train it.

    The model stays in memory for the run.

    Raises
    ------
    ValueError
        If the stored weights are missing or damaged, or are not those of the baseline's record.
    """
    record = _record_of(case, bench)
    if record is None:
        return None
    return bench.once(("baseline model", case), lambda: _read(record, layout, bench))


def _record_of(case: TrainedCase, bench: Bench) -> Record | None:
    stores_model = measurement_of(case).stores_model
    if bench.settings.work.from_scratch or stores_model is None or not stores_model(case):
        return None
    record = bench.baseline.of(case)
    if record is None or bench.numerics in ("", record.numerics):
        return record
    bench.once("models of another arithmetic", lambda: bench.progress(_ANOTHER))
    return None


_ANOTHER = "stored base models of another arithmetic are not used: they are trained anew"


def _read(record: Record, layout: Layout, bench: Bench) -> Model:
    path = model_path(bench.settings.models, record)
    remedy = (
        "restore both from version control, or train the models again with "
        "--sparsebench-profile=thesis --sparsebench-update"
    )
    try:
        weights = load_model(bench.settings.models, record, layout)
    except FileNotFoundError:
        raise ValueError(
            f"{path} is missing, but {bench.settings.baseline_path} exists: {remedy}"
        ) from None
    if checksum(weights) != record.weights:
        raise ValueError(
            f"{path}: these weights differ from those that {bench.settings.baseline_path} was measured "
            f"with; run again if an update changed both meanwhile, or {remedy}"
        )
    return Model(weights, record, bench.baseline.stored.trained(record), fresh=False)
