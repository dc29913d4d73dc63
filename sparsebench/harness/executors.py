"""Where networks are trained: by threads of this process, or by the workers of a Dask cluster.

Both take pieces of work and give futures. What a worker of a cluster computes is, bit for bit, what
a thread here would, on a processor of the same kind.
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
"""Networks that are trained as one population: a thread's one; on a GPU enough to fill it (512 wired
networks take it only half as long again as 64, see docs/engine.md), and few enough that a kill costs
little, and that the locks of all of them are within the files that a process may open."""

RETRIES = 3
"""How often a piece is given to another worker when one dies under it."""

_SECONDS_BETWEEN_COUNTS = 5.0
"""How often it is looked how many threads a cluster has."""

_SECONDS_TO_CONNECT = 30
"""How long a scheduler may take to answer, at first and when it was lost."""

Results = list[Product | Exception]


class Workers(Protocol):
    """Those who train."""

    @property
    def together(self) -> int:
        """Networks in one piece of work, at most."""

    @property
    def capacity(self) -> int:
        """Pieces that are given out at a time."""

    def submit(self, jobs: Sequence[Job], on_epoch: Callable[[int], None]) -> Future[Results]:
        """Train some networks of one kind; told of epochs where many are trained as one."""

    def stop(self) -> None:
        """Let what has begun end soon; what has not is cancelled by whoever holds the futures."""


@contextmanager
def workers(bench: Bench) -> Iterator[Workers]:
    """Those who train for a run.

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
    """Threads of this process: as many as it may use, or one that a GPU works for."""

    def __init__(self, pool: ThreadPoolExecutor, bench: Bench) -> None:
        self._pool, self._bench, self._stopping = pool, bench, Event()
        self._device = bench.settings.device
        self.together = AT_ONCE[self._device]
        self.capacity = bench.settings.threads if self._device == "cpu" else 1

    def submit(self, jobs: Sequence[Job], on_epoch: Callable[[int], None]) -> Future[Results]:
        """See `Workers`."""

        def between_epochs(epoch: int) -> None:
            if self._stopping.is_set():
                raise Interrupted
            if self.together > 1:
                on_epoch(epoch)

        return self._pool.submit(
            train_together,
            jobs,
            self._bench.dataset(jobs[0].case.data),
            self._bench.here,
            self._device,
            between_epochs,
            self._bench.progress,
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
        """Twice as many as there are threads, so that none waits for the next piece."""
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
        """What the task is made of, sent once: the cluster's own future of it, or None."""
        if task not in self._sent:
            import dask

            content = content_of(task)
            with dask.config.set({"distributed.admin.large-graph-warning-threshold": "4 GiB"}):
                self._sent[task] = (
                    None if content is None else self._client.submit(_itself, content, pure=False)
                )
        return self._sent[task]

    def stop(self) -> None:
        """Nothing: a cluster takes back what is cancelled."""

    @contextmanager
    def _noticing_loss(self) -> Iterator[None]:
        try:
            yield
        except (OSError, RuntimeError):
            raise lost(self._address) from None


def lost(address: str) -> ClusterLost:
    """What is raised when a scheduler went away."""
    return ClusterLost(
        f"the Dask scheduler at {address} went away: what was finished is kept; start it again and run "
        "the same command, which goes on from there"
    )


def _itself(content: Any) -> Any:
    """Work whose result is what was sent: the cluster does it again if a worker that had it dies."""
    return content


def train_there(
    jobs: Sequence[Job], device: str, commit: Commit, code: str, content: Any = None
) -> Results:
    """What a worker of a cluster does: train networks of one kind, as a thread here would.

    Parameters
    ----------
    jobs
        The networks.
    device
        `cpu` or `cuda`.
    commit
        The state of the working tree of whoever asks.
    code
        The digest of their sources that decide these networks, and their data.
    content
        What the networks' task is made of beside its description: it lies where they are.

    Raises
    ------
    ClusterLost
        If the worker has other sources.
    """
    own = code_of(device, (job.case for job in jobs))
    if own != code:
        raise ClusterLost(
            f"a worker of the cluster runs other code ({own}) than this process "
            f"({code}): install the same version of sparsebench on all, and restart the workers"
        )
    here = msgspec.structs.replace(circumstances(Path(), device), commit=commit)
    case = jobs[0].case
    give(case.data, content)
    return train_together(jobs, _dataset(case.data), here, device)


_dataset = cache(dataset)
"""Datasets that a worker has made stay with it."""
