"""Training networks together: all that the selected items want of one kind, when the first is needed.

On a CPU each network is trained by one thread from start to end and kept as soon as it is done; on a
GPU, dozens are one population. Either way each fares as it would alone. Processes that share a store
share the work: each trains what no other holds, then waits for the rest. A run that was killed finds
what had been finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from threading import Event

from sparsebench.experiments.bench import Bench, Model
from sparsebench.experiments.equal_weights import network_case_of
from sparsebench.experiments.networks import (
    Network,
    Trainable,
    base_network,
    origin_of,
    pruned_network,
    wired_network,
)
from sparsebench.parts.machine import processor
from sparsebench.parts.plan import plan
from sparsebench.parts.records import Record, check_finite
from sparsebench.parts.store import StoredModel, StoreUnusable
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import initial_weights
from sparsebench.values.analyses import CorrelationCase, PredictionCase
from sparsebench.values.case import BaseCase, FourWaysCase, RetrainingCase, WiredCase
from sparsebench.values.identity import Case, canonical, digest
from sparsebench.values.masks import masked

_AT_ONCE = 64
"""Networks of one population on a GPU: enough to fill it, few enough that a kill costs little."""


_SECONDS_BETWEEN_LOOKS = 0.2
"""How often it is looked whether another process is done with a network."""


class _Interrupted(Exception):
    """The run is being stopped: a training gives up between two epochs."""


def want(cases: Iterable[Case], bench: Bench) -> None:
    """Note which networks will be asked for, those that they are made from first."""
    for case in cases:
        if isinstance(case, FourWaysCase):
            want([network_case_of(case)], bench)
        if isinstance(case, RetrainingCase):
            want([case.network], bench)
        if isinstance(case, CorrelationCase | PredictionCase) and bench.settings.work.from_scratch:
            want(case.population.networks, bench)
        if isinstance(case, Trainable):
            bench.wanted.setdefault(case)


def network_of(case: BaseCase | Trainable, bench: Bench) -> Network:
    """The structure of a case's network; to know a pruned one, its model is trained first."""
    if isinstance(case, BaseCase):
        return base_network(case)
    if isinstance(case, WiredCase):
        return wired_network(case)
    dense = network_of(case.network, bench)
    return pruned_network(case, dense, model_of(case.network, bench).weights)


def model_of(case: BaseCase | Trainable, bench: Bench) -> Model:
    """The trained network of a case; it and all that the run wants of its kind are trained now.

    Raises
    ------
    StoreUnusable
        If the store cannot be written, or does not give back what was written.
    Exception
        What went wrong with this network, if its training failed.
    """
    if isinstance(case, BaseCase):
        return bench.model(case)
    network = network_of(case, bench)
    known = bench.store.load(network.name, network.layout)
    if known is None:
        if case not in bench.failures:
            _train(_kin(case, bench), bench)
        if case in bench.failures:
            raise bench.failures[case]
        known = bench.store.load(network.name, network.layout)
    if known is None:
        raise StoreUnusable(
            f"{bench.store.weights_path(network.name)} was written and cannot be read back: check the "
            "disk, or choose another folder with --sparsebench-store"
        )
    stored, weights = known
    return Model(weights, stored.record, stored.provenance, fresh=True)


def _kin(case: Trainable, bench: Bench) -> list[Trainable]:
    """What the run wants of one kind: variant, semantics, protocol and data are the same."""
    kind = _kind(case)
    return [case, *(each for each in bench.wanted if each != case and _kind(each) == kind)]


def _kind(case: Trainable) -> tuple[object, ...]:
    origin = origin_of(case)
    return type(case), case.variant, origin.semantics, case.training, origin.data


def _train(cases: Sequence[Trainable], bench: Bench) -> None:
    """Train what is not in the store yet, and keep it there."""
    for case in cases:
        if isinstance(case, RetrainingCase):
            with _noting_failure_of(case, bench):
                model_of(case.network, bench)  # in this thread, with its own kin
    bench.dataset(origin_of(cases[0]).data)  # made once, before threads ask for it
    told = _Told(cases, bench)
    if bench.settings.device == "cpu":
        _train_on_cpu(cases, bench, told)
    else:
        _train_on_gpu(cases, bench, told)


def _train_on_cpu(cases: Sequence[Trainable], bench: Bench, told: _Told) -> None:
    stopping = Event()
    elsewhere: list[Trainable] = []

    def work(case: Trainable, waits: bool) -> None:
        def on_epoch(epoch: int) -> None:
            if stopping.is_set():
                raise _Interrupted

        with _noting_failure_of(case, bench):
            on_epoch(0)
            network = network_of(case, bench)
            while not _train_unless_held(case, network, bench, on_epoch):
                if not waits:
                    elsewhere.append(case)
                    return
                stopping.wait(_SECONDS_BETWEEN_LOOKS)
                on_epoch(0)
        told.done()

    with ThreadPoolExecutor(bench.settings.threads) as pool:
        for waits in (False, True):
            part = list(elsewhere) if waits else cases
            futures = [pool.submit(work, case, waits) for case in part]
            try:
                told.until_done(futures)
            except BaseException:
                stopping.set()
                pool.shutdown(wait=True, cancel_futures=True)
                raise


def _train_unless_held(
    case: Trainable, network: Network, bench: Bench, on_epoch: Callable[[int], None]
) -> bool:
    """Train a network and keep it, unless another process is at it; whether it is in the store now."""
    with bench.store.training(network.name, wait=False) as held:
        if held and bench.store.load(network.name, network.layout) is None:
            _train_networks([(case, network)], bench, on_epoch)
    return held


def _train_on_gpu(cases: Sequence[Trainable], bench: Bench, told: _Told) -> None:
    networks: list[tuple[Trainable, Network]] = []
    for case in cases:
        with _noting_failure_of(case, bench):
            networks.append((case, network_of(case, bench)))
    absent = _absent(networks, bench)
    told.done(len(cases) - len(absent))
    for begin in range(0, len(absent), _AT_ONCE):
        _train_at_once(absent[begin : begin + _AT_ONCE], bench, told)


def _train_at_once(
    networks: Sequence[tuple[Trainable, Network]], bench: Bench, told: _Told
) -> None:
    """Train some networks as one population, and keep them when all are done."""
    with ExitStack() as locks:
        for _, network in sorted(networks, key=lambda pair: pair[1].name):
            locks.enter_context(bench.store.training(network.name))
        absent = _absent(networks, bench)  # another process may have trained some
        if absent:
            _train_networks(absent, bench, told.epoch)
    told.done(len(networks))


def _absent(
    networks: Sequence[tuple[Trainable, Network]], bench: Bench
) -> list[tuple[Trainable, Network]]:
    return [
        (case, network)
        for case, network in networks
        if bench.store.load(network.name, network.layout) is None
    ]


@contextmanager
def _noting_failure_of(case: Trainable, bench: Bench) -> Iterator[None]:
    """Keep what goes wrong with one network for its own item; the others are trained.

    What is wrong with the store, or stops the run, is wrong for all.
    """
    try:
        yield
    except (StoreUnusable, _Interrupted):
        raise
    except Exception as error:
        bench.failures[case] = error


def _train_networks(
    networks: Sequence[tuple[Trainable, Network]], bench: Bench, on_epoch: Callable[[int], None]
) -> None:
    """Train networks of one kind as a population and keep them."""
    from sparsebench.engines.population_training import Start, train_population

    starts, pruned_from = [], []
    for case, network in networks:
        structure = plan(network.layout, network.masks)
        if isinstance(case, WiredCase):
            weights = initial_weights(network.layout, case.seed)
            starts.append(Start(structure, weights, case.seed))
            pruned_from.append("")
        else:
            model = model_of(case.network, bench)
            trained = masked(model.weights, network.masks)
            if case.order is None:  # the orders go on where the training left off
                start = Start(structure, trained, case.seed, case.network.training.epochs)
            else:
                start = Start(structure, trained, case.order)
            starts.append(start)
            pruned_from.append(model.training.weights)
    first = networks[0][0]
    origin = origin_of(first)
    courses = train_population(
        starts,
        bench.dataset(origin.data),
        first.training,
        origin.semantics.readout,
        bench.settings.device,
        on_epoch,
        bench.progress,
    )
    for (case, network), course, origin_weights in zip(networks, courses, pruned_from, strict=True):
        metrics = {
            "accuracy": course.after.accuracy,
            "loss": course.after.loss,
            "strings": course.after.total,
            "accuracy_before": course.before.accuracy,
        }
        if course.stopped is not None:
            metrics["stopped_step"] = course.stopped.step
        record = Record(
            digest=digest(case),
            experiment="wired" if isinstance(case, WiredCase) else "retraining",
            case=canonical(case),
            metrics=metrics,
            history=course.history,
            weights=checksum(course.weights),
            pruned_from=origin_weights,
            processor=processor() if bench.settings.device == "cpu" else "",
        )
        with _noting_failure_of(case, bench):
            check_finite(record)
            bench.store.save(network.name, StoredModel(record, bench.here), course.weights)


class _Told:
    """Tells how far a group of networks has come."""

    def __init__(self, cases: Sequence[Trainable], bench: Bench) -> None:
        first = cases[0]
        what = "retraining" if isinstance(first, RetrainingCase) else "training"
        self._what = f"{what} {first.variant} networks, {origin_of(first).semantics.name}"
        self._total, self._epochs = len(cases), first.training.epochs
        self._progress, self._begin, self._done = bench.progress, time.monotonic(), 0

    def done(self, networks: int = 1) -> None:
        """Some more networks are done."""
        self._done += networks

    def epoch(self, epoch: int) -> None:
        """The networks that are trained now have finished an epoch."""
        done = f"{self._done} of {self._total} done"
        self._progress(f"{self._what}: {done}, the next in epoch {epoch} of {self._epochs}")

    def until_done(self, futures: Sequence[Future[None]]) -> None:
        """Wait for some work, telling now and then how much of it is done; raise what it raises."""
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, timeout=1)
            for future in finished:
                future.result()
            seconds = time.monotonic() - self._begin
            left = (
                f", about {seconds * (self._total / self._done - 1):.0f} s left"
                if self._done
                else ""
            )
            self._progress(f"{self._what}: {self._done} of {self._total} done{left}")
