"""A thread that trains networks before their items need them, while a run judges and measures."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Condition, Event, Thread

from sparsebench.harness.context import Bench
from sparsebench.parts.examples import Dataset
from sparsebench.values.tasks import Task

_CALM = 0.25
"""Seconds without a timed item after which training goes on, so that a row of such items does not wait
for it each time."""
_LOOK = 0.05
"""Seconds between looks whether it may go on."""


class _Stopped(BaseException):
    """The run has ended; nothing else may take this for a failure of a network."""


class TrainAhead:
    """Trains the networks that a run requested, the last ones first, while the run does other work.

    Much of a run needs one core: judging, fitting floors, training a single network. The thread uses
    another one meanwhile; while something is timed (`alone`) it waits between two steps. Run and
    thread share the store as two processes do: what one has trained or trains, the other does not.

    Parameters
    ----------
    bench
        The run, whose networks are all requested.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._thread: Thread | None = None
        self._stopped, self._needed = Event(), Event()
        self._turn, self._trains = Condition(), False
        self._timing, self._timed_at = 0, float("-inf")

    def begin(self, after: subprocess.Popen[bytes] | None = None) -> None:
        """Start, unless it has started or must not run; or go on, because the run itself trains.

        It does not run on one core, on a GPU or a cluster, which one process keeps busy, where speed
        is judged, and in profiles whose populations use all cores.

        Parameters
        ----------
        after
            A process whose core it takes over when that has ended; None: now.
        """
        if after is None:
            self._needed.set()
        settings = self._bench.settings
        elsewhere = settings.device != "cpu" or settings.scheduler or settings.threads < 2
        if self._thread or elsewhere or settings.judge_speed or not settings.work.often:
            return
        self._thread = Thread(target=self._train_all, args=[after], name="train ahead", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it at the next step; what it has not finished is not kept."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until the thread waits, which trains nothing meanwhile, unless the run itself trains."""
        with self._turn:
            self._timing += 1
            self._needed.clear()
        try:
            with self._turn:
                while not self._turn.wait_for(lambda: not self._trains, _LOOK):
                    self._bench.progress(
                        "waiting to time: a network that is needed later is trained"
                    )
            yield
        finally:
            with self._turn:
                self._timed_at = time.monotonic()
                self._timing -= 1

    def _train_all(self, after: subprocess.Popen[bytes] | None) -> None:
        from sparsebench.harness.trained_models import model_of

        beside = _Beside(self._bench, self._go_on, self._give_way)
        with suppress(_Stopped):
            while after is not None and after.poll() is None and not self._needed.is_set():
                self._stopped.wait(_LOOK)
                self._go_on()
            for case in reversed(list(self._bench.requested.cases)):
                if case not in self._bench.requested.found:
                    with self._training(), suppress(Exception):  # its item meets the same error
                        model_of(case, beside)
                self._go_on()

    @contextmanager
    def _training(self) -> Iterator[None]:
        """Wait until nothing is timed; whoever wants to time then waits for `_give_way`, or the end."""
        self._wait_for_turn()
        try:
            yield
        finally:
            self._pause()

    def _give_way(self) -> None:
        """Let the run time; called between two steps, by the thread that trains for this one."""
        if self._must_wait():
            self._pause()
            self._wait_for_turn()

    def _wait_for_turn(self) -> None:
        while True:
            self._go_on()
            with self._turn:
                if not self._must_wait():
                    self._trains = True
                    return
            self._stopped.wait(_LOOK)

    def _pause(self) -> None:
        with self._turn:
            self._trains = False
            self._turn.notify_all()

    def _must_wait(self) -> bool:
        recently = self._timing > 0 or time.monotonic() < self._timed_at + _CALM
        return recently and not self._needed.is_set()

    def _go_on(self, message: str = "") -> None:
        """Called several times a second, with what there is to tell."""
        if self._stopped.is_set():
            raise _Stopped


class _Beside(Bench):
    """The bench of the thread, with one core; it shares what takes long to make."""

    def __init__(
        self, bench: Bench, go_on: Callable[[str], None], give_way: Callable[[], None]
    ) -> None:
        super().__init__(replace(bench.settings, threads=1), bench.folder, go_on)
        self.between_steps = give_way
        self.here, self.baseline = bench.here, bench.baseline
        self._bench = bench

    def dataset(self, task: Task) -> Dataset:
        """See `Bench`."""
        return self._bench.dataset(task)
