"""Executors that train networks: threads of this process, or workers of a Dask cluster.

Both take pieces of work and return futures. A worker of a cluster computes the same bits as a
thread here would, on a processor of the same kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from sparsebench.harness.context import Bench, circumstances
from sparsebench.harness.fingerprints import code_of
from sparsebench.harness.jobs import (
    ClusterLost,
    Interrupted,
    Job,
    Product,
    train_together,
)
from sparsebench.parts.records import Commit
from sparsebench.parts.tasks import content_of, dataset, give
from sparsebench.values.tasks import Task

if TYPE_CHECKING:
    from distributed import Client

AT_ONCE = {"cpu": 1, "cuda": 256}
"""Networks trained as one population: one per CPU thread. On a GPU, enough to fill it (512 wired
networks take only half as long again as 64, docs/results/speed.md), but few enough that a kill
costs little and that their locks stay within the number of files that a process may open."""

RETRIES = 3
"""How often a piece is given to another worker after a worker died."""

_SECONDS_BETWEEN_COUNTS = 5.0
"""Seconds between counts of a cluster's threads."""

_SECONDS_TO_CONNECT = 30
"""Seconds that a scheduler may take to answer, at first and after the connection was lost."""

Results = list[Product | Exception]


class Workers(Protocol):
    """The executor's interface."""

    @property
    def together(self) -> int:
        """The most networks in one piece of work."""

    @property
    def capacity(self) -> int:
        """Pieces that are given out at a time."""

    def submit(self, jobs: Sequence[Job], on_epoch: Callable[[int], None]) -> Future[Results]:
        """Train some networks of one kind.

        `on_epoch` is called after each epoch by the thread that trains, and never by a cluster.
        """

    def stop(self) -> None:
        """Make started work end soon; whoever holds the futures cancels the rest."""


@contextmanager
def workers(bench: Bench) -> Iterator[Workers]:
    """The executor of a run.

    Raises
    ------
    ClusterLost
        If the run's scheduler does not answer.
    """
    address = bench.settings.scheduler
    if address:
        yield bench.once(("cluster", address), lambda: _Cluster(address, bench))
        return
    device = bench.settings.device
    with ThreadPoolExecutor(bench.settings.threads if device == "cpu" else 1) as pool:
        yield _Threads(pool, bench)


class _Threads:
    """Threads of this process: as many as the run may use, or one for a GPU."""

    def __init__(self, pool: ThreadPoolExecutor, bench: Bench) -> None:
        self._pool, self._bench, self._stopping = pool, bench, Event()
        self._device = bench.settings.device
        self.together = AT_ONCE[self._device]
        self.capacity = bench.settings.threads if self._device == "cpu" else 1

    def submit(self, jobs: Sequence[Job], on_epoch: Callable[[int], None]) -> Future[Results]:
        """See `Workers`."""

        def check_stopping() -> None:
            if self._stopping.is_set():
                raise Interrupted

        def between_epochs(epoch: int) -> None:
            check_stopping()
            on_epoch(epoch)

        def between_steps() -> None:
            self._bench.between_steps()
            check_stopping()

        return self._pool.submit(
            train_together,
            jobs,
            self._bench.dataset(jobs[0].case.data),
            self._bench.here,
            self._device,
            between_epochs,
            self._bench.progress,
            between_steps,
        )

    def stop(self) -> None:
        """See `Workers`."""
        self._stopping.set()


class _Cluster:
    """The workers of a Dask cluster."""

    def __init__(self, address: str, bench: Bench) -> None:
        from distributed import Client

        device = bench.settings.device
        try:
            self._client: Client = Client(
                address, timeout=_SECONDS_TO_CONNECT, set_as_default=False, name="sparsebench"
            )
        except (OSError, ValueError) as error:
            raise ClusterLost(
                f"no Dask scheduler answers at {address} ({error}): start one with `dask scheduler`, "
                "or leave --sparsebench-scheduler out"
            ) from None
        self._executor = self._client.get_executor(
            pure=False, retries=RETRIES, resources={"GPU": 1} if device == "cuda" else {}
        )
        self._address, self._device = address, device
        self._commit = bench.here.commit
        self.together = AT_ONCE[device]
        self._counted, self._threads = float("-inf"), 1
        self._sent: dict[Task, Any] = {}

    @property
    def capacity(self) -> int:
        """Twice the number of threads, so that no thread waits for its next piece."""
        now = time.monotonic()
        if now - self._counted > _SECONDS_BETWEEN_COUNTS:
            self._counted = now
            with self._noticing_loss():
                self._threads = max(1, sum(self._client.nthreads().values()))
        return 2 * self._threads

    def submit(self, jobs: Sequence[Job], on_epoch: Callable[[int], None]) -> Future[Results]:
        """See `Workers`."""
        code = code_of(self._device, (job.case for job in jobs))
        with self._noticing_loss():
            content = self._content_of(jobs[0].case.data)
            future: Future[Results] = self._executor.submit(
                train_there, list(jobs), self._device, self._commit, code, content
            )
        return future

    def _content_of(self, task: Task) -> Any:
        """The content of a task, sent to the cluster once: a future of it, or None."""
        if task not in self._sent:
            import dask

            content = content_of(task)
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "4 GiB"}):
                self._sent[task] = (
                    None if content is None else self._client.submit(_itself, content, pure=False)
                )
        return self._sent[task]

    def stop(self) -> None:
        """Do nothing: a cluster stops cancelled work itself."""

    @contextmanager
    def _noticing_loss(self) -> Iterator[None]:
        try:
            yield
        except (OSError, RuntimeError):
            raise lost(self._address) from None


def lost(address: str) -> ClusterLost:
    """The error for a scheduler that no longer answers."""
    return ClusterLost(
        f"the Dask scheduler at {address} no longer answers: finished networks are cached; start it "
        "again and repeat the command, which continues from there"
    )


def _itself(content: Any) -> Any:
    """Work that returns what was sent, so that the cluster can repeat it if its worker dies."""
    return content


def train_there(
    jobs: Sequence[Job], device: str, commit: Commit, code: str, content: Any = None
) -> Results:
    """Train networks of one kind on a worker of a cluster, as a thread here would.

    Parameters
    ----------
    jobs
        The networks.
    device
        `cpu` or `cuda`.
    commit
        The state of the working tree of the process that asks.
    code
        Its fingerprint of the sources that decide these networks and their data.
    content
        What the networks' task consists of besides its description; sent because the worker has no
        copy.

    Raises
    ------
    ClusterLost
        If the worker's fingerprint differs.
    """
    own = code_of(device, (job.case for job in jobs))
    if own != code:
        raise ClusterLost(
            f"a worker of the cluster runs other code ({own}) than this process ({code}): install the "
            "same version of sparsebench on all machines, and restart the workers"
        )
    here = msgspec.structs.replace(circumstances(Path(), device), commit=commit)
    case = jobs[0].case
    give(case.data, content)
    return train_together(jobs, _dataset(case.data), here, device)


_dataset = cache(dataset)
"""A worker keeps the datasets that it has made."""
