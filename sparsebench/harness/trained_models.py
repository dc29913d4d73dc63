"""Trains compatible requested networks together, on first use."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sparsebench.harness.baseline_models import baseline_model, has_model
from sparsebench.harness.cache import store_of
from sparsebench.harness.context import Bench
from sparsebench.harness.jobs import Job
from sparsebench.harness.networks import Model, Network, TrainedNetwork
from sparsebench.harness.queue import depth_of, dispatch, population_of
from sparsebench.harness.registry import is_trained, measurement_of, network_kind_of, networks_of
from sparsebench.parts.records import Record
from sparsebench.parts.store import StoreUnusable
from sparsebench.parts.weights import parameters, recurrent_weights
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import Case


def request(cases: Iterable[Case], bench: Bench) -> None:
    """Note which networks will be needed, those that they are made from first."""
    for case in cases:
        request(networks_of(case, bench.settings.work.from_scratch), bench)
        if is_trained(case) and not has_model(case, bench):
            bench.requested.cases.setdefault(case)


def network_of(case: TrainedCase, bench: Bench) -> Network:
    """The structure of a case's network; for a pruned one, its model is trained first.

    Raises
    ------
    NotReproducible
        If it differs from the structure first seen in this run.
    """
    return _structure(case, bench)[0]


def _structure(case: TrainedCase, bench: Bench) -> tuple[Network, tuple[TrainedNetwork, ...]]:
    """The structure of a case's network, and the trained networks that it is made from."""
    return bench.recent.get(("structure", case), lambda: _made_structure(case, bench))


def _made_structure(case: TrainedCase, bench: Bench) -> tuple[Network, tuple[TrainedNetwork, ...]]:
    kind = network_kind_of(case)
    made_from = []
    for each in kind.made_from(case):
        of_it, model = network_and_model(each, bench)
        made_from.append(TrainedNetwork(of_it, model.weights))
    network = kind.network(case, *made_from)
    bench.check_same(kind.not_reproducible(case), ("network", case), network.name)
    return network, tuple(made_from)


def model_of(case: TrainedCase, bench: Bench) -> Model:
    """The trained network of a case; see `network_and_model`."""
    return network_and_model(case, bench)[1]


def network_and_model(case: TrainedCase, bench: Bench) -> tuple[Network, Model]:
    """A case's network and its model, trained now with all compatible networks if need be.

    Network and model are read once for consecutive requests about a case (its cache key, its
    record, the time of its forward pass), and so are the networks that they are made from, at each
    step of a chain.

    Raises
    ------
    StoreUnusable
        If the store cannot be written, or does not give back what was written.
    Exception
        The error of this network's training, if it failed.
    """
    return bench.recent.get(("trained", case), lambda: _network_and_model(case, bench))


def _network_and_model(case: TrainedCase, bench: Bench) -> tuple[Network, Model]:
    network = network_of(case, bench)
    model = baseline_model(case, network.layout, bench)
    if model is not None:
        return network, model
    store = store_of(case, bench)
    known = store.load(network.name, network.layout)
    if known is None:
        if case not in bench.requested.failures:
            _train(_kin(case, bench), bench)
        if case in bench.requested.failures:
            raise bench.requested.failures[case]
        known = store.load(network.name, network.layout)
    if known is None:
        raise StoreUnusable(
            f"{store.weights_path(network.name)} was written and cannot be read back: check the "
            "disk, or choose another folder with --sparsebench-store"
        )
    bench.requested.found.add(case)
    stored, weights = known
    return network, Model(weights, stored.record, stored.provenance, fresh=True)


def training_record(
    case: TrainedCase, bench: Bench, whole: Network | None = None, **metrics: float
) -> Record:
    """The record of a case that tells how its network was trained, as most experiments need it.

    Parameters
    ----------
    case
        The network.
    bench
        The run, which loads the network or trains it with all compatible requested networks.
    whole
        The network relative to whose recurrent weights `density` is given, such as the one before
        pruning; None: the same network without masks, that is, with fully connected layers.
    metrics
        Further figures; they replace figures of the same name below.

    Returns
    -------
    Record
        Figures and history of the training, with `kept`, the number of recurrent weights;
        `density`, their share, 0-1; and `parameters`, the number of trained parameters.
    """
    network, model = network_and_model(case, bench)
    kept, total = recurrent_weights(network.layout, network.masks)
    if whole is not None:
        total, _ = recurrent_weights(whole.layout, whole.masks)
    sizes = {
        "kept": kept,
        "density": kept / total,
        "parameters": parameters(network.layout, network.masks),
    }
    return msgspec.structs.replace(
        model.training,
        metrics={**model.training.metrics, **sizes, **metrics},
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )


def _kin(case: TrainedCase, bench: Bench) -> list[TrainedCase]:
    """The networks to train with this one; a cluster gets everything that can be trained now."""
    of = _generation_of if bench.settings.scheduler else population_of
    kind = of(case)
    return [case, *(each for each in bench.requested.cases if each != case and of(each) == kind)]


def _generation_of(case: TrainedCase) -> tuple[object, ...]:
    """What networks share that a cluster can train at the same time."""
    return type(case), depth_of(case)


def _train(cases: list[TrainedCase], bench: Bench) -> None:
    """Train networks, those that they are made from first."""
    with bench.training():
        for case in cases:
            for each in network_kind_of(case).made_from(case):
                with bench.requested.noting_failure_of(case):
                    model_of(each, bench)  # with the networks compatible with it
        dispatch(cases, bench, lambda case: _job(case, bench))
    bench.requested.found.update(cases)


def _job(case: TrainedCase, bench: Bench) -> Job:
    network, made_from = _structure(case, bench)
    start = network_kind_of(case).start(case, network, *made_from)
    measurement = measurement_of(case)
    return Job(case, measurement.name, measurement.metrics, network, start)
