"""The bench: a run, as experiments see it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from sparsebench.harness.profiles import Settings
from sparsebench.harness.recent import Recent
from sparsebench.harness.requested import RequestedNetworks
from sparsebench.harness.stored_baseline import StoredBaseline
from sparsebench.parts.examples import Dataset
from sparsebench.parts.machine import gpu_driver, provenance
from sparsebench.parts.records import Provenance
from sparsebench.parts.tasks import dataset
from sparsebench.values.checks import check_same
from sparsebench.values.numerics import numerics_of
from sparsebench.values.tasks import Task

T = TypeVar("T")


def circumstances(folder: Path, device: str, baselines: Path | None = None) -> Provenance:
    """The provenance of a process that measures the project in a folder.

    Changes of its baselines leave it clean: they are what an update writes, not what is measured.
    """
    if device == "cpu":
        return provenance(folder, "cpu", apart=baselines)
    import torch

    return provenance(folder, "cuda", torch.cuda.get_device_name(), gpu_driver(), baselines)


class Bench:
    """One run: its settings, its circumstances, and what was already made for it.

    Parameters
    ----------
    settings
        What the run was asked to do.
    folder
        The project whose git state goes into provenances.
    progress
        Called with a sentence on the progress of long work.

    Attributes
    ----------
    folder
        The project.
    requested
        The networks that its items will need, and those that could not be trained.
    provenances
        Where figures of this run were measured, by the keys that `note` returns.
    recent
        Values that were made for the latest cases.
    training
        Makes the context in which the run trains networks.
    between_steps
        Called between steps of a training, by the thread that trains; it may wait.
    alone
        Makes the context in which something is timed: nothing else is trained then, unless it is
        the run itself that trains.
    """

    def __init__(self, settings: Settings, folder: Path, progress: Callable[[str], None]) -> None:
        self.settings = settings
        self.progress = progress
        self.requested = RequestedNetworks()
        self.provenances: dict[str, Provenance] = {}
        self.recent = Recent()
        self.training: Callable[[], AbstractContextManager[None]] = nullcontext
        self.between_steps: Callable[[], None] = lambda: None
        self.alone: Callable[[], AbstractContextManager[None]] = nullcontext
        self.folder = folder
        self._made: dict[Hashable, Any] = {}

    @cached_property
    def here(self) -> Provenance:
        """The circumstances of this run."""
        return circumstances(self.folder, self.settings.device, self.settings.baselines)

    @cached_property
    def baseline(self) -> StoredBaseline:
        """The baseline that the run is judged by and loads models from."""
        return StoredBaseline(self.settings, self.here)

    @property
    def numerics(self) -> str:
        """The version of the arithmetic that trains and evaluates here; empty on a GPU."""
        return numerics_of(self.settings.device)

    def note(self, where: Provenance) -> str:
        """List a provenance in this run's document, and return its key."""
        key = hashlib.sha256(msgspec.json.encode(where)).hexdigest()[:12]
        self.provenances[key] = where
        return key

    def dataset(self, task: Task) -> Dataset:
        """The training and test data of a task; made once."""
        return self.once(task, lambda: dataset(task))

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned when this key was first used in this run."""
        if key not in self._made:
            self._made[key] = make()
        return cast(T, self._made[key])

    def forget(self) -> None:
        """Let go of what was read and made for this run; what is asked for later is made anew."""
        self.__dict__.pop("baseline", None)
        self._made.clear()
        self.recent = Recent()

    def check_same(self, message: str, key: Hashable, form: str) -> None:
        """Refuse a value that differs from the one first seen for its key in this run.

        Parameters
        ----------
        message
            The error message.
        key
            What the value must follow from.
        form
            Identifies the value, such as a checksum.

        Raises
        ------
        NotReproducible
            If the form differs.
        """
        check_same(message, self.once(key, lambda: form), form)
