"""How far a group of networks has been trained, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sparsebench.harness.context import Bench
from sparsebench.harness.jobs import Job
from sparsebench.harness.registry import network_kind_of
from sparsebench.values.case import TrainedCase


@dataclass(eq=False)
class _Piece:
    """Networks that are trained together, and how many of their epochs are finished."""

    networks: int
    length: int
    epochs: int = 0

    def finished(self, epoch: int) -> None:
        """Count an epoch; called by the thread that trains."""
        self.epochs = epoch


class TrainingProgress:
    """Tells how many networks of a group are done, and how long the others will take.

    The time left follows from the epochs that were trained since the first one, which includes the
    compilation of loops; workers of a cluster report whole networks only, and their time is counted
    from the start. Epochs are told by the loop that waits for networks, not by threads that train.

    Parameters
    ----------
    cases
        The networks.
    bench
        The run, whose progress is told.
    """

    def __init__(self, cases: Sequence[TrainedCase], bench: Bench) -> None:
        what = "retraining" if network_kind_of(cases[0]).made_from(cases[0]) else "training"
        variants = {case.variant for case in cases}
        semantics = {case.semantics.name for case in cases}
        of_one = [variants.pop()] if len(variants) == 1 else []
        under_one = [semantics.pop()] if len(semantics) == 1 else []
        self._what = ", ".join([" ".join([what, *of_one, "networks"]), *under_one])
        self._tell = bench.progress
        self._total, self._done = len(cases), 0
        self._to_train = sum(case.training.length for case in cases)
        self._trained = 0
        self._under_way: dict[int, _Piece] = {}
        self._since, self._before = time.monotonic(), 0
        self._from_epochs = False

    def begun(self, jobs: Sequence[Job]) -> Callable[[int], None]:
        """Some networks are trained from now on; returns what is called after each of their epochs."""
        piece = _Piece(len(jobs), jobs[0].case.training.length)
        self._under_way[id(jobs)] = piece
        return piece.finished

    def done(self, jobs: Sequence[Job]) -> None:
        """These networks are trained, or their training failed."""
        piece = self._under_way.pop(id(jobs))
        self._done += piece.networks
        self._trained += piece.networks * piece.length

    def passed_over(self, case: TrainedCase) -> None:
        """A network needs no training here: it is in the store, or cannot be made."""
        self._done += 1
        self._to_train -= case.training.length

    def now(self) -> None:
        """Tell how many networks are done, and how long the others will take."""
        told = [f"{self._done} of {self._total} done"]
        left = self._seconds_left()
        if left is not None:
            told.append(f"about {left:.0f} s left")
        pieces = [*self._under_way.values()]
        if len(pieces) == 1 and pieces[0].epochs:
            told.append(f"epoch {pieces[0].epochs} of {pieces[0].length}")
        self._tell(f"{self._what}: {', '.join(told)}")

    def _seconds_left(self) -> float | None:
        """The time that the remaining epochs will take; None before it can be estimated."""
        reported = sum(each.networks * each.epochs for each in self._under_way.values())
        trained, now = self._trained + reported, time.monotonic()
        if reported and not self._from_epochs:
            self._since, self._before, self._from_epochs = now, trained, True
        if trained >= self._to_train:
            return 0.0
        if trained <= self._before:
            return None
        return (now - self._since) / (trained - self._before) * (self._to_train - trained)
