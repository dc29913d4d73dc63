"""The cache of trained networks and records: keyed by case digest and code fingerprint."""

from __future__ import annotations

import hashlib
import time
import warnings
from collections.abc import Callable

import msgspec

from sparsebench.harness.context import Bench
from sparsebench.harness.fingerprints import code_of, sources_of
from sparsebench.harness.registry import is_trained
from sparsebench.parts.records import Record, check_finite
from sparsebench.parts.store import Store, StoreUnusable
from sparsebench.parts.stored_models import StoredModel
from sparsebench.values.identity import Case, digest


class NotCached(UserWarning):
    """A record could not be cached; the next run will measure it again."""


def store_of(case: Case, bench: Bench) -> Store:
    """The folder in which a case's network or record is cached, for this code and device."""
    sources = sources_of(case)
    return bench.once(("store", sources), lambda: _store(case, bench))


def cached(case: Case, key: str, make: Callable[[], Record], bench: Bench) -> Record:
    """The record of a measurement, from the cache if an earlier run of the same code made it.

    Parameters
    ----------
    case
        The case to measure.
    key
        Everything that decides the figures besides the case and the code: the weights or networks
        that are measured, and the libraries used.
    make
        Measures it.
    bench
        The run.
    """
    store = store_of(case, bench)
    name = f"{digest(case)}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    stored = store.load_record(name)
    if stored is None:
        begin = time.perf_counter()
        record = make()
        check_finite(record)
        seconds = time.perf_counter() - begin
        trained = bench.provenances.get(record.trained)
        where = bench.provenances[record.provenance]
        try:
            store.save_record(name, StoredModel(record, where, trained, seconds))
        except StoreUnusable as error:
            warnings.warn(f"{error}; the next run measures it again", NotCached, stacklevel=2)
        return record
    return msgspec.structs.replace(
        stored.record,
        provenance=bench.note(stored.provenance),
        trained="" if stored.trained is None else bench.note(stored.trained),
    )


def _store(case: Case, bench: Bench) -> Store:
    device = bench.settings.device
    libraries = [f"torch{bench.here.torch}"] if is_trained(case) else []
    code = code_of(device, [case])
    return Store(bench.settings.store, code, *libraries, bench.here.gpu or device)
