"""A thread that trains networks before their items need them, while a run judges and measures."""

from __future__ import annotations

import math
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
_PATIENCE = 5.0
"""Seconds for which a network may be kept waiting, and which it gets then: another process may need
it."""
_LOOK = 0.05
"""Seconds between looks whether it may go on."""


class _Stopped(BaseException):
    """The run has ended; nothing else may take this for a failure of a network."""


class TrainAhead:
    """Trains the networks that a run requested, the last ones first, while the run does other work.

    Much of a run needs one core: judging, fitting floors, training a single network. The thread uses
    another one meanwhile. While something is timed (`alone`) it waits between two steps; if it was
    kept waiting for long, whoever wants to time next waits for it. Run and thread share the store as
    two processes do: what one has trained or trains, the other does not.

    Parameters
    ----------
    bench
        The run, whose networks are all requested.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._thread: Thread | None = None
        self._stopped, self._due = Event(), Event()
        self._turn = Condition()
        """Held to read or change what follows."""
        self._trains = False
        """Whether the thread does; if not, it rests, or waits between two steps."""
        self._run_trains = self._timing = self._asked = 0
        """Parts of the run that train, that time, and that wait to time."""
        self._timed_at = self._works_until = -math.inf
        self._waited, self._waits_since = 0.0, math.inf

    def begin(self, after: subprocess.Popen[bytes] | None = None) -> None:
        """Start, unless it has started or must not run.

        It does not run on one core, on a GPU or a cluster, which one process keeps busy, where speed
        is judged, and in profiles whose populations use all cores.

        Parameters
        ----------
        after
            A process whose core it takes over when that has ended; None: now.
        """
        if after is None:
            self._due.set()
        settings = self._bench.settings
        elsewhere = settings.device != "cpu" or settings.scheduler or settings.threads < 2
        if self._thread or elsewhere or settings.judge_speed or not settings.work.often:
            return
        self._thread = Thread(target=self._train_all, args=[after], name="train ahead", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it between two steps; what it has not finished is not kept."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Start, and go on while the run itself trains, even where it times something."""
        self.begin()
        with self._turn:
            self._run_trains += 1
        try:
            yield
        finally:
            with self._turn:
                self._run_trains -= 1
        with self._turn:
            if self._timing:
                self._wait_until(lambda: not self._trains)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until the thread rests, which it does until the run trains or has timed."""
        with self._turn:
            self._asked += 1
            try:
                self._wait_until(self._may_time)
                self._timing += 1
            finally:
                self._asked -= 1
        try:
            yield
        finally:
            with self._turn:
                self._timing -= 1
                self._timed_at = time.monotonic()
                self._turn.notify_all()

    def _wait_until(self, so: Callable[[], bool]) -> None:
        while not self._turn.wait_for(so, _LOOK):
            self._bench.progress("waiting to time: a network that is needed later is trained")

    def _may_time(self) -> bool:
        return not self._trains and (self._timing > 0 or not self._is_overdue())

    def _train_all(self, after: subprocess.Popen[bytes] | None) -> None:
        from sparsebench.harness.trained_models import model_of

        beside = _Beside(self._bench, self._go_on, self._give_way)
        with suppress(_Stopped):
            while after is not None and after.poll() is None and not self._due.is_set():
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
        self._waited, self._works_until = 0.0, -math.inf
        self._wait_for_turn()
        try:
            yield
        finally:
            with self._turn:
                self._trains, self._waits_since = False, math.inf
                self._turn.notify_all()

    def _give_way(self) -> None:
        """Let the run time; called between two steps, by the thread that trains for this one."""
        with self._turn:
            now = time.monotonic()
            if now < self._works_until or not self._must_wait():
                return
            self._trains, self._waits_since = False, now
            self._turn.notify_all()
        self._wait_for_turn()

    def _wait_for_turn(self) -> None:
        with self._turn:
            while not self._turn.wait_for(lambda: not self._must_wait(), _LOOK):
                self._go_on()
            self._go_on()
            now = time.monotonic()
            if self._is_overdue():
                self._waited, self._works_until = 0.0, now + _PATIENCE
            elif self._waits_since < now:
                self._waited += now - self._waits_since
            self._trains, self._waits_since = True, math.inf

    def _must_wait(self) -> bool:
        if self._run_trains:
            return False
        if self._timing:
            return True
        recently = time.monotonic() < self._timed_at + _CALM
        return not self._is_overdue() and (self._asked > 0 or recently)

    def _is_overdue(self) -> bool:
        return self._waited + time.monotonic() - self._waits_since > _PATIENCE

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
