"""Training many networks: who trains what, and that everything finished is kept at once.

Networks are given out in pieces, to threads of this process or to the workers of a cluster, no more
than these can do at a time; each comes back as a future and is kept as soon as it is done. Processes
that share a store share the work: each trains what no other holds, then waits for the rest. A run
that was killed finds what had been finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass

from sparsebench.harness.cache import store_of
from sparsebench.harness.context import Bench
from sparsebench.harness.executors import Workers, lost, workers
from sparsebench.harness.jobs import Job, Product
from sparsebench.harness.registry import network_kind_of
from sparsebench.harness.training_progress import TrainingProgress
from sparsebench.values.case import TrainedCase

_SECONDS_BETWEEN_LOOKS = 0.2
"""How often it is looked whether another process is done with a network, and progress told."""


@dataclass(frozen=True, eq=False)
class _Piece:
    """Networks that are trained together now, held in the store until they are kept."""

    jobs: list[Job]
    held: ExitStack


def population_of(case: TrainedCase) -> tuple[object, ...]:
    """What networks that are trained as one population share; none is made from another of them."""
    kind, depth = type(case), depth_of(case)
    return kind, depth, case.variant, case.semantics, case.training, case.data


def depth_of(case: TrainedCase) -> int:
    """How many trainings come before a network's own: 0 for one that is made from no other."""
    return max((1 + depth_of(each) for each in network_kind_of(case).made_from(case)), default=0)


def dispatch(
    cases: Sequence[TrainedCase],
    bench: Bench,
    job_of: Callable[[TrainedCase], Job],
) -> None:
    """Train what is not in the store yet, and keep it there.

    What goes wrong with one network is noted in `bench.requested.failures`; the others are trained.

    Parameters
    ----------
    cases
        What to train; networks that they are made from are trained already.
    bench
        Whose store keeps them.
    job_of
        Makes the structure of a case's network, and finds what it starts from.

    Raises
    ------
    StoreUnusable
        If the store cannot be written.
    ClusterLost
        If the scheduler of the cluster went away.
    """
    waiting, told = list(cases), TrainingProgress(cases, bench)
    under_way: dict[Future[list[Product | Exception]], _Piece] = {}
    with workers(bench) as crew:
        try:
            while waiting or under_way:
                while len(under_way) < crew.capacity:
                    piece = _next_piece(waiting, crew, bench, job_of, told)
                    if not piece.jobs:
                        break
                    with ExitStack() as unless_submitted:
                        unless_submitted.push(piece.held.__exit__)
                        under_way[crew.submit(piece.jobs, told.begun(piece.jobs))] = piece
                        unless_submitted.pop_all()
                told.now()
                if not under_way:
                    bench.between_steps()
                    time.sleep(_SECONDS_BETWEEN_LOOKS if waiting else 0)
                    continue
                done, _ = wait(under_way, _SECONDS_BETWEEN_LOOKS, FIRST_COMPLETED)
                for future in done:
                    piece = under_way.pop(future)
                    with piece.held:
                        _keep(piece.jobs, future, bench)
                    told.done(piece.jobs)
            told.now()
        except BaseException:
            crew.stop()
            for future, piece in under_way.items():
                with piece.held:
                    if future.done() and not future.cancelled() and future.exception() is None:
                        _keep(piece.jobs, future, bench)
                    future.cancel()
            raise


def _next_piece(
    waiting: list[TrainedCase],
    crew: Workers,
    bench: Bench,
    job_of: Callable[[TrainedCase], Job],
    told: TrainingProgress,
) -> _Piece:
    """The next networks of one kind that nobody has trained or holds; they wait no longer."""
    jobs: list[Job] = []
    with ExitStack() as held:
        for case in list(waiting):
            if jobs and population_of(case) != population_of(jobs[0].case):
                continue
            with bench.requested.noting_failure_of(case):
                job = job_of(case)
                with ExitStack() as own:
                    network, store = job.network, store_of(case, bench)
                    if not own.enter_context(store.training(network.name, wait=False)):
                        continue
                    if store.load(network.name, network.layout) is None:
                        jobs.append(job)
                        held.push(own.pop_all())
                    else:
                        told.passed_over(case)
            if case in bench.requested.failures:
                told.passed_over(case)
            waiting.remove(case)
            if jobs and len(jobs) == crew.together:
                break
        return _Piece(jobs, held.pop_all())


def _keep(jobs: Sequence[Job], future: Future[list[Product | Exception]], bench: Bench) -> None:
    """Keep what came of a piece of work."""
    try:
        products = future.result()
    except CancelledError:  # nobody here cancels what is waited for
        raise lost(bench.settings.scheduler) from None
    except Exception as error:
        products = [error] * len(jobs)
    for job, product in zip(jobs, products, strict=True):
        with bench.requested.noting_failure_of(job.case):
            if isinstance(product, Exception):
                raise product
            store_of(job.case, bench).save(job.network.name, *product)
