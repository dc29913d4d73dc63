"""Forward passes of networks as they are before their first step: what a pass costs is structure."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.harness.context import Bench
from sparsebench.harness.forward_passes import Subject, sparse
from sparsebench.harness.networks import Network
from sparsebench.harness.trained_models import network_of
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.weights import initial_weights, prunable, recurrent_weights
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import masked


def measure(case: ForwardCase, bench: Bench) -> Record:
    """Count the weights of a network whose forward pass is timed.

    How long it takes is noted later: as the metric `time_ratio` in units of the dense network's time,
    and in the history as `time_ratios`, in units of each yardstick's
    (`sparsebench.harness.forward_passes.yardsticks`).

    Returns
    -------
    Record
        `kept`: recurrent weights of the network, and `density`, their share of those that it would
        have if its layers were wholly connected.
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


def untrained(case: ForwardCase, bench: Bench) -> Subject:
    """The network of a case, to be timed."""
    network = _as_initialised(case, bench)
    weights = masked(initial_weights(network.layout, case.seed), network.masks)
    return replace(sparse(case.network, network, weights), batch_size=case.batch_size)


def _as_initialised(case: ForwardCase, bench: Bench) -> Network:
    """The network of a case before its first step, pruned by magnitude; once for record and time."""
    return bench.recent.get(("as initialised", case), lambda: _pruned(case, bench))


def _pruned(case: ForwardCase, bench: Bench) -> Network:
    whole = network_of(case.network, bench)
    weights = initial_weights(whole.layout, case.seed)
    names = prunable(whole.layout, "both")
    kept = prune(weights, names, case.percent, case.network.semantics, present=whole.masks)
    return replace(whole, masks={**whole.masks, **kept})
