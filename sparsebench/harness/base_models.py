"""Base models, trained one by one: stored with the baseline, cached, or trained now."""

from __future__ import annotations

import time

from sparsebench.harness.cache import store_of
from sparsebench.harness.context import Bench
from sparsebench.harness.jobs import Product, train_base
from sparsebench.harness.networks import Model
from sparsebench.parts.model_files import load_model, model_path
from sparsebench.parts.snapshots import Snapshot
from sparsebench.parts.store import Store
from sparsebench.parts.weight_files import checksum
from sparsebench.values.case import BaseCase, TrainedCase
from sparsebench.values.identity import digest

SECONDS_BETWEEN_SNAPSHOTS = 10.0
"""How much of a long training a kill may cost, and the epoch that it was in."""


def base_model(case: BaseCase, bench: Bench) -> Model:
    """The trained model of a case; it stays in memory for the run.

    Raises
    ------
    ValueError
        If the stored weights are damaged or not the ones that the baseline speaks of.
    """
    return bench.once(case, lambda: _found(case, bench) or _from_store_or_trained(case, bench))


def trains(case: TrainedCase, bench: Bench) -> bool:
    """Whether a base model is trained by this run, and not one that is stored with the baseline."""
    return bench.settings.work.from_scratch or bench.baseline.of(case) is None


def _found(case: BaseCase, bench: Bench) -> Model | None:
    """The model that is stored with the baseline, if the run uses it."""
    record = None if bench.settings.work.from_scratch else bench.baseline.of(case)
    if record is None:
        return None
    path = model_path(bench.settings.models, record)
    remedy = (
        "restore both from version control, or train anew with "
        "--sparsebench-profile=thesis --sparsebench-update"
    )
    try:
        weights = load_model(bench.settings.models, record, case.architecture.layout)
    except FileNotFoundError:
        raise ValueError(
            f"{path} is not there, but {bench.settings.baseline_path} is: {remedy}"
        ) from None
    if checksum(weights) != record.weights:
        raise ValueError(
            f"{path}: these are not the weights that {bench.settings.baseline_path} was measured "
            f"with; run again if an update has changed both meanwhile, or {remedy}"
        )
    return Model(weights, record, bench.baseline.stored.trained(record), fresh=False)


def _from_store_or_trained(case: BaseCase, bench: Bench) -> Model:
    name, store = digest(case), store_of(case, bench)
    with store.training(name):
        known = store.load(name, case.architecture.layout)
        if known is None:
            known = _trained(case, store, bench)
            store.save(name, *known)
        store.drop_snapshot(name)
    stored, weights = known
    return Model(weights, stored.record, stored.provenance, fresh=True)


def _trained(case: BaseCase, store: Store, bench: Bench) -> Product:
    name, epochs = digest(case), case.training.length
    what = f"training {case.architecture.variant}, seed {case.seed}, {case.semantics.name}"
    begun = store.load_snapshot(name, case.architecture.layout)
    if begun is not None:
        bench.progress(f"{what}: goes on after epoch {begun.epoch} of {epochs}")
    kept = time.monotonic()

    def on_epoch(now: Snapshot) -> None:
        nonlocal kept
        accuracy = now.history["test_accuracy"][-1]
        bench.progress(f"{what}: epoch {now.epoch} of {epochs}, test accuracy {accuracy:.3f}")
        if time.monotonic() - kept >= SECONDS_BETWEEN_SNAPSHOTS:
            store.save_snapshot(name, now)
            kept = time.monotonic()

    dataset, device = bench.dataset(case.data), bench.settings.device
    return train_base(case, dataset, bench.here, device, on_epoch, begun)
