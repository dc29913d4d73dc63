"""The bench: where experiments find data, trained models and the place to note where they ran."""

from __future__ import annotations

import hashlib
import time
import warnings
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from sparsebench.harness.comparing import of_the_machine
from sparsebench.harness.fingerprints import code_of, sources_of
from sparsebench.harness.jobs import ClusterLost, Product, train_base
from sparsebench.harness.profiles import Settings
from sparsebench.harness.registry import is_trained, measurement_of
from sparsebench.judging.gate import Known
from sparsebench.parts.baseline_folder import BaselineFolder
from sparsebench.parts.documents import baseline_at
from sparsebench.parts.examples import Dataset
from sparsebench.parts.machine import gpu_driver, machine_class, one_sitting, provenance
from sparsebench.parts.model_files import load_model, model_path
from sparsebench.parts.records import Provenance, Record, check_finite
from sparsebench.parts.snapshots import Snapshot
from sparsebench.parts.store import Store, StoredModel, StoreUnusable
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weight_files import checksum
from sparsebench.values.case import BaseCase, TrainedCase
from sparsebench.values.checks import check_same
from sparsebench.values.identity import Case, digest
from sparsebench.values.masks import Weights
from sparsebench.values.tasks import Task

T = TypeVar("T")

SECONDS_BETWEEN_SNAPSHOTS = 10.0
"""How much of a long training a kill may cost, and the epoch that it was in."""


class NotKept(UserWarning):
    """What was measured cannot be kept, and will be measured again by the next run."""


Progress = Callable[[str], None]
"""Told, in a sentence, how far long work has come."""


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network.

    Attributes
    ----------
    weights
        Its named arrays.
    training
        The record of its training: accuracy, history, checksum of the weights.
    trained
        Where it was trained.
    fresh
        Whether this run's code trained it, in this process or an earlier one that was cut short;
        not so for the models that are stored with the baseline.
    """

    weights: Weights
    training: Record
    trained: Provenance
    fresh: bool


def circumstances(folder: Path, device: str) -> Provenance:
    """Where a process runs that measures something of the project in a folder."""
    if device == "cpu":
        return provenance(folder, "cpu")
    import torch

    return provenance(folder, "cuda", torch.cuda.get_device_name(), gpu_driver())


def known_of(case: Case, known: Known) -> Record | None:
    """What a baseline knows of a case."""
    return known.find(measurement_of(case).name, digest(case))


class Bench:
    """Data and models for one run; each is made once, when first asked for.

    Parameters
    ----------
    settings
        What the run asks for.
    folder
        The project whose git state goes into provenances.
    progress
        Where long work reports.

    Attributes
    ----------
    wanted
        Networks that the selected items will ask for, in order: those that can be trained together
        are, when the first of them is needed.
    failures
        Why some of them could not be trained.
    provenances
        Where this run's figures were measured, by the keys that `note` gives.
    """

    def __init__(self, settings: Settings, folder: Path, progress: Progress) -> None:
        self.settings = settings
        self.progress = progress
        self.wanted: dict[TrainedCase, None] = {}
        self.failures: dict[Case, Exception] = {}
        self.provenances: dict[str, Provenance] = {}
        self._folder = folder
        self._made: dict[Hashable, Any] = {}

    @cached_property
    def known(self) -> Known:
        """What the baseline knows, and that of times on this kind of machine; nothing without files.

        Raises
        ------
        ValueError
            If the file of times is damaged or from a newer version; and whenever one of the baseline is
            that is needed for the first time.
        """
        times = baseline_at(self.times_path)
        timed = {record.digest: record for record in times.records}
        taken = {key: where.created for key, where in times.provenances.items()}
        earlier = [
            record.digest
            for record in times.records
            if not one_sitting([taken.get(record.provenance, ""), self.here.created])
        ]
        stored = self.stored

        def find(experiment: str, digest: str) -> Record | None:
            return (
                timed.get(digest) if of_the_machine(experiment) else stored.get(experiment, digest)
            )

        def records(experiment: str) -> Iterable[Record]:
            return timed.values() if of_the_machine(experiment) else stored.records(experiment)

        return Known(find, records, frozenset(earlier))

    @property
    def times_path(self) -> Path:
        """The file of the baseline of times for this kind of machine."""
        return self.settings.times / f"{machine_class(self.here)}.json"

    @cached_property
    def here(self) -> Provenance:
        """The circumstances of this run."""
        return circumstances(self._folder, self.settings.device)

    def store_of(self, case: Case) -> Store:
        """Where a case's network is cached, as this code makes it on this device, or its record."""
        sources = sources_of(case)
        return self.once(("store", sources), lambda: self._store(case))

    def kept(self, case: Case, content: str, make: Callable[[], Record]) -> Record:
        """The record of a measurement: kept by an earlier run of the same code, or made and kept now.

        Parameters
        ----------
        case
            What is measured.
        content
            All that decides the figures and is neither in the case nor in the code: which weights or
            networks were measured, and with what.
        make
            Measures it.
        """
        store = self.store_of(case)
        name = f"{digest(case)}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        stored = store.load_record(name)
        if stored is None:
            begin = time.perf_counter()
            record = make()
            check_finite(record)
            seconds = time.perf_counter() - begin
            trained = self.provenances.get(record.trained)
            where = self.provenances[record.provenance]
            try:
                store.save_record(name, StoredModel(record, where, trained, seconds))
            except StoreUnusable as error:
                warnings.warn(f"{error}; it will be measured again", NotKept, stacklevel=2)
            return record
        return msgspec.structs.replace(
            stored.record,
            provenance=self.note(stored.provenance),
            trained="" if stored.trained is None else self.note(stored.trained),
        )

    def _store(self, case: Case) -> Store:
        device = self.settings.device
        libraries = [f"torch{self.here.torch}"] if is_trained(case) else []
        code = code_of(device, [case])
        return Store(self.settings.store, code, *libraries, self.here.gpu or device)

    def note(self, where: Provenance) -> str:
        """The key under which a provenance is listed in this run's document."""
        key = hashlib.sha256(msgspec.json.encode(where)).hexdigest()[:12]
        self.provenances[key] = where
        return key

    def dataset(self, task: Task) -> Dataset:
        """What networks are trained on and judged by, of any task."""
        return self.once(task, lambda: dataset(task))

    def model(self, case: Any) -> Model:
        """The trained model of a case: stored with the baseline, kept in the store, or trained now.

        Raises
        ------
        ValueError
            If the stored weights are damaged or not the ones that the baseline speaks of.
        """
        return self.once(case, lambda: self._found(case) or self._from_store_or_trained(case))

    @contextmanager
    def noting_failure_of(self, case: Case) -> Iterator[None]:
        """Keep what goes wrong with one network for its own item; the others are trained.

        What is wrong with the store or the cluster is wrong for all.
        """
        try:
            yield
        except (StoreUnusable, ClusterLost):
            raise
        except Exception as error:
            self.failures[case] = error

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returned when this key was first asked for in this run."""
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])

    def check_same(self, complaint: str, key: Hashable, form: str) -> None:
        """Refuse what follows from a key and is not what it was when this run first saw it.

        Parameters
        ----------
        complaint
            What is wrong then.
        key
            What it must follow from.
        form
            Tells two of them apart, such as a checksum.

        Raises
        ------
        NotReproducible
            If the form is another one.
        """
        check_same(complaint, self.once(key, lambda: form), form)

    @cached_property
    def stored(self) -> BaselineFolder:
        """The baseline's files, as they were when this run first asked for one of its records."""
        return BaselineFolder(self.settings.baseline_path)

    def trains(self, case: TrainedCase) -> bool:
        """Whether a base model is trained by this run, and not one that is stored with the baseline."""
        return self.settings.work.from_scratch or known_of(case, self.known) is None

    def _found(self, case: BaseCase) -> Model | None:
        """The model that is stored with the baseline, if the run uses it."""
        record = None if self.settings.work.from_scratch else known_of(case, self.known)
        if record is None:
            return None
        path = model_path(self.settings.models, record)
        remedy = (
            "restore both from version control, or train anew with "
            "--sparsebench-profile=thesis --sparsebench-update"
        )
        try:
            weights = load_model(self.settings.models, record, case.architecture.layout)
        except FileNotFoundError:
            raise ValueError(
                f"{path} is not there, but {self.settings.baseline_path} is: {remedy}"
            ) from None
        if checksum(weights) != record.weights:
            raise ValueError(
                f"{path}: these are not the weights that {self.settings.baseline_path} was measured "
                f"with; run again if an update has changed both meanwhile, or {remedy}"
            )
        return Model(weights, record, self.stored.trained(record), fresh=False)

    def _from_store_or_trained(self, case: BaseCase) -> Model:
        name, store = digest(case), self.store_of(case)
        with store.training(name):
            known = store.load(name, case.architecture.layout)
            if known is None:
                known = self._trained(case, store)
                store.save(name, *known)
            store.drop_snapshot(name)
        stored, weights = known
        return Model(weights, stored.record, stored.provenance, fresh=True)

    def _trained(self, case: BaseCase, store: Store) -> Product:
        name, epochs = digest(case), case.training.length
        what = f"training {case.architecture.variant}, seed {case.seed}, {case.semantics.name}"
        begun = store.load_snapshot(name, case.architecture.layout)
        if begun is not None:
            self.progress(f"{what}: goes on after epoch {begun.epoch} of {epochs}")
        kept = time.monotonic()

        def on_epoch(now: Snapshot) -> None:
            nonlocal kept
            accuracy = now.history["test_accuracy"][-1]
            self.progress(f"{what}: epoch {now.epoch} of {epochs}, test accuracy {accuracy:.3f}")
            if time.monotonic() - kept >= SECONDS_BETWEEN_SNAPSHOTS:
                store.save_snapshot(name, now)
                kept = time.monotonic()

        data, device = self.dataset(case.data), self.settings.device
        return train_base(case, data, self.here, device, on_epoch, begun)
