"""What earlier runs of the same code trained and measured: where it is cached, and how it is used."""

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


class NotKept(UserWarning):
    """What was measured cannot be kept, and will be measured again by the next run."""


def store_of(case: Case, bench: Bench) -> Store:
    """Where a case's network is cached, as this code makes it on this device, or its record."""
    sources = sources_of(case)
    return bench.once(("store", sources), lambda: _store(case, bench))


def cached(case: Case, key: str, make: Callable[[], Record], bench: Bench) -> Record:
    """The record of a measurement: kept by an earlier run of the same code, or made and kept now.

    Parameters
    ----------
    case
        What is measured.
    key
        All that decides the figures and is neither in the case nor in the code: which weights or
        networks were measured, and with what.
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
            warnings.warn(f"{error}; it will be measured again", NotKept, stacklevel=2)
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
