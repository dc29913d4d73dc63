"""The bench: a run as experiments see it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec

from sparsebench.harness.known_baseline import KnownBaseline
from sparsebench.harness.profiles import Settings
from sparsebench.harness.recent import Recent
from sparsebench.harness.wanted import WantedNetworks
from sparsebench.parts.examples import Dataset
from sparsebench.parts.machine import gpu_driver, provenance
from sparsebench.parts.records import Provenance
from sparsebench.parts.tasks import dataset
from sparsebench.values.checks import check_same
from sparsebench.values.numerics import numerics_of
from sparsebench.values.tasks import Task

T = TypeVar("T")


def circumstances(folder: Path, device: str) -> Provenance:
    """Where a process runs that measures something of the project in a folder."""
    if device == "cpu":
        return provenance(folder, "cpu")
    import torch

    return provenance(folder, "cuda", torch.cuda.get_device_name(), gpu_driver())


class Bench:
    """One run: what it asks for, where it takes place, and what was made for it already.

    Parameters
    ----------
    settings
        What the run asks for.
    folder
        The project whose git state goes into provenances.
    progress
        Told, in a sentence, how far long work has come.

    Attributes
    ----------
    wanted
        The networks that its items will ask for, and which of them could not be trained.
    provenances
        Where this run's figures were measured, by the keys that `note` gives.
    recent
        What was made for the cases that are measured now.
    """

    def __init__(self, settings: Settings, folder: Path, progress: Callable[[str], None]) -> None:
        self.settings = settings
        self.progress = progress
        self.wanted = WantedNetworks()
        self.provenances: dict[str, Provenance] = {}
        self.recent = Recent()
        self._folder = folder
        self._made: dict[Hashable, Any] = {}

    @cached_property
    def here(self) -> Provenance:
        """The circumstances of this run."""
        return circumstances(self._folder, self.settings.device)

    @cached_property
    def baseline(self) -> KnownBaseline:
        """What the run is judged by, and where its stored models are from."""
        return KnownBaseline(self.settings, self.here)

    @property
    def numerics(self) -> str:
        """The version of the arithmetic that trains and evaluates here; empty on a GPU."""
        return numerics_of(self.settings.device)

    def note(self, where: Provenance) -> str:
        """The key under which a provenance is listed in this run's document."""
        key = hashlib.sha256(msgspec.json.encode(where)).hexdigest()[:12]
        self.provenances[key] = where
        return key

    def dataset(self, task: Task) -> Dataset:
        """What networks are trained on and judged by, of any task."""
        return self.once(task, lambda: dataset(task))

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
