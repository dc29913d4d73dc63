"""Which networks are trained together: all that the selected items want of one kind, at first need."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.harness.architectures import (
    Network,
    Trainable,
    TrainedCase,
    base_network,
    kind_of,
    pruned_network,
    task_network,
    wired_network,
)
from sparsebench.harness.context import Bench, Model
from sparsebench.harness.jobs import Job
from sparsebench.harness.queue import dispatch
from sparsebench.harness.registry import measurement_of
from sparsebench.parts.store import StoreUnusable
from sparsebench.values.case import (
    BaseCase,
    RetrainingCase,
    WiredCase,
)
from sparsebench.values.identity import Case


def want(cases: Iterable[Case], bench: Bench) -> None:
    """Note which networks will be asked for, those that they are made from first."""
    for case in cases:
        want(measurement_of(case).networks(case, bench.settings.work.from_scratch), bench)
        if isinstance(case, Trainable) or (isinstance(case, BaseCase) and bench.settings.scheduler):
            bench.wanted.setdefault(case)


def network_of(case: TrainedCase, bench: Bench) -> Network:
    """The structure of a case's network; to know a pruned one, its model is trained first.

    Raises
    ------
    NotReproducible
        If it is not the one that it was before in this run.
    """
    if isinstance(case, BaseCase):
        return base_network(case)
    if isinstance(case, RetrainingCase):
        dense = network_of(case.network, bench)
        network = pruned_network(case, dense, model_of(case.network, bench).weights)
        complaint = f"criterion {case.criterion!r} gave two different masks for the same weights"
    else:
        network = wired_network(case) if isinstance(case, WiredCase) else task_network(case)
        family = case.graph.family if case.graph else None
        complaint = f"family {family!r} drew two different graphs from one seed"
    bench.check_same(complaint, ("network", case), network.name)
    return network


def model_of(case: TrainedCase, bench: Bench) -> Model:
    """The trained network of a case; it and all that the run wants of its kind are trained now.

    Raises
    ------
    StoreUnusable
        If the store cannot be written, or does not give back what was written.
    Exception
        What went wrong with this network, if its training failed.
    """
    if isinstance(case, BaseCase):
        if bench.settings.scheduler and bench.trains(case) and case not in bench.failures:
            _train(_kin(case, bench), bench)
        if case in bench.failures:
            raise bench.failures[case]
        return bench.model(case)
    network, store = network_of(case, bench), bench.store_of(case)
    known = store.load(network.name, network.layout)
    if known is None:
        if case not in bench.failures:
            _train(_kin(case, bench), bench)
        if case in bench.failures:
            raise bench.failures[case]
        known = store.load(network.name, network.layout)
    if known is None:
        raise StoreUnusable(
            f"{store.weights_path(network.name)} was written and cannot be read back: check the "
            "disk, or choose another folder with --sparsebench-store"
        )
    stored, weights = known
    return Model(weights, stored.record, stored.provenance, fresh=True)


def _kin(case: TrainedCase, bench: Bench) -> list[TrainedCase]:
    """What the run wants of one kind; a cluster is given everything that can be trained by now."""
    of = type if bench.settings.scheduler else kind_of
    kind = of(case)
    return [case, *(each for each in bench.wanted if each != case and of(each) == kind)]


def _train(cases: list[TrainedCase], bench: Bench) -> None:
    """Train networks, those that they are made from first."""
    for case in cases:
        if isinstance(case, RetrainingCase):
            with bench.noting_failure_of(case):
                model_of(case.network, bench)  # with its own kin
    dispatch(cases, bench, lambda case: _job(case, bench))


def _job(case: TrainedCase, bench: Bench) -> Job:
    start = model_of(case.network, bench).weights if isinstance(case, RetrainingCase) else None
    return Job(case, network_of(case, bench), start)
