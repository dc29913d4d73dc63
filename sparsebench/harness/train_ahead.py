"""A thread that trains networks before their items need them, while a run judges and measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Event, RLock, Thread

from sparsebench.harness.context import Bench
from sparsebench.parts.examples import Dataset
from sparsebench.values.tasks import Task

_CALM = 1.0
"""Seconds without a timed item after which a network is begun, so that a row of such items does not
wait for one network after the other."""
_LOOK = 0.05
"""Seconds between looks whether something may begin."""


class _Stopped(BaseException):
    """The run has ended; nothing else may take this for a failure of a network."""


class TrainAhead:
    """Trains the networks that a run requested, the last ones first, while the run does other work.

    Much of a run needs one core: judging, fitting floors, training a single network. The thread uses
    another one meanwhile, and never while something is timed (`alone`). Run and thread share the
    store as two processes do: what one has trained or trains, the other does not.

    Parameters
    ----------
    bench
        The run, whose networks are all requested.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._thread: Thread | None = None
        self._stopped, self._turn = Event(), RLock()
        self._timing, self._timed_at = 0, float("-inf")

    def begin(self) -> None:
        """Start, unless it has started or must not run.

        It does not run on one core, on a GPU or a cluster, which one process keeps busy, where speed
        is judged, and in profiles whose populations use all cores.
        """
        settings = self._bench.settings
        elsewhere = settings.device != "cpu" or settings.scheduler or settings.threads < 2
        if self._thread or elsewhere or settings.judge_speed or not settings.work.often:
            return
        self._thread = Thread(target=self._train_all, name="train ahead", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it within an epoch; what it has not finished is not kept."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until the network is finished that it trains; it begins no other meanwhile."""
        self._timing += 1
        try:
            while not self._turn.acquire(timeout=_LOOK):
                self._bench.progress("waiting to time: a network that is needed later is trained")
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._timed_at = time.monotonic()
            self._timing -= 1

    def _train_all(self) -> None:
        from sparsebench.harness.trained_models import model_of

        beside = _Beside(self._bench, self._go_on)
        with suppress(_Stopped):
            for case in reversed(list(self._bench.requested.cases)):
                self._wait_for_calm()
                if case not in self._bench.requested.found:
                    with self._turn, suppress(Exception):  # its item meets the same error
                        model_of(case, beside)

    def _wait_for_calm(self) -> None:
        while self._timing or time.monotonic() < self._timed_at + _CALM:
            self._stopped.wait(_LOOK)
            self._go_on()
        self._go_on()

    def _go_on(self, message: str = "") -> None:
        """Called several times a second, with what there is to tell."""
        if self._stopped.is_set():
            raise _Stopped


class _Beside(Bench):
    """The bench of the thread, with one core; it shares what takes long to make."""

    def __init__(self, bench: Bench, go_on: Callable[[str], None]) -> None:
        super().__init__(replace(bench.settings, threads=1), bench.folder, go_on)
        self.here, self.baseline = bench.here, bench.baseline
        self._bench = bench

    def dataset(self, task: Task) -> Dataset:
        """See `Bench`."""
        return self._bench.dataset(task)
