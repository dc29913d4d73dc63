"""Forward passes of untrained networks: the time depends on the structure alone."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.harness.context import Bench
from sparsebench.harness.forward_passes import TimedNetwork, sparse
from sparsebench.harness.networks import Network
from sparsebench.harness.trained_models import network_of
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.weights import initial_weights, prunable, recurrent_weights
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import masked


def measure(case: ForwardCase, bench: Bench) -> Record:
    """Count the weights of a network whose forward pass is timed.

    The time is added later: as the metric `time_ratio`, relative to the dense network's time, and
    as the history `time_ratios`, relative to each reference pass's
    (`sparsebench.harness.forward_passes.reference_passes`).

    Returns
    -------
    Record
        `kept`: recurrent weights of the network, and `density`, their share of those in the same
        network with fully connected layers.
    """
    network = _as_initialised(case, bench)
    kept, total = recurrent_weights(network.layout, network.masks)
    return Record(
        digest=digest(case),
        experiment="forward",
        case=canonical(case),
        metrics={"kept": kept, "density": kept / total},
        provenance=bench.note(bench.here),
    )


def untrained(case: ForwardCase, bench: Bench) -> TimedNetwork:
    """The network of a case, for timing."""
    network = _as_initialised(case, bench)
    weights = masked(initial_weights(network.layout, case.seed), network.masks)
    return replace(sparse(case.network, network, weights), batch_size=case.batch_size)


def _as_initialised(case: ForwardCase, bench: Bench) -> Network:
    """The untrained network of a case, pruned by magnitude; made once for record and time."""
    return bench.recent.get(("as initialised", case), lambda: _pruned(case, bench))


def _pruned(case: ForwardCase, bench: Bench) -> Network:
    whole = network_of(case.network, bench)
    weights = initial_weights(whole.layout, case.seed)
    names = prunable(whole.layout, "both")
    kept = prune(weights, names, case.percent, case.network.semantics, present=whole.masks)
    return replace(whole, masks={**whole.masks, **kept})
