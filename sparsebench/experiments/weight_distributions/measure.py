"""Experiment: the distribution of a trained network's weights, before or after pruning."""

from __future__ import annotations

from sparsebench.experiments.weight_distributions.cases import WeightsCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import model_of, network_and_model
from sparsebench.parts.distributions import described, groups_of, histogram
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.weights import prunable, recurrent_weights
from sparsebench.values.identity import canonical, digest

ALL = "both"
"""The group of all recurrent weights."""


def measure(case: WeightsCase, bench: Bench) -> Record:
    """Describe a network's weights in groups (`sparsebench.parts.distributions.groups_of`).

    Parameters
    ----------
    case
        The network, and what is pruned.
    bench
        Trains the network, or loads it.

    Returns
    -------
    Record
        A table for each statistic, `count`, `mean`, `sd`, `lowest`, `p01` to `p99`, `highest` and
        `near zero`, with a figure for each group; the history has a histogram for each group, of
        networks with skips for those alone that pool all layers. `kept` of `prunable` recurrent
        weights and `density`, their share; `sd` and `near_zero` of all recurrent weights.
    """
    network, model = network_and_model(case.network, bench)
    masks = dict(network.masks)
    if case.target is not None and case.percent is not None:
        names = prunable(network.layout, case.target)
        masks |= prune(model.weights, names, case.percent, case.semantics, present=masks)
    groups = groups_of(network.layout, model.weights, masks)
    tables: dict[str, dict[str, float]] = {}
    for name, values in groups.items():
        for statistic, figure in described(values).items():
            tables.setdefault(statistic, {})[name] = figure
    stacked = not any(block.skips for block in network.layout.blocks)
    kept, total = recurrent_weights(network.layout, masks)
    return Record(
        digest=digest(case),
        experiment="weights",
        case=canonical(case),
        metrics={
            "kept": kept,
            "prunable": total,
            "density": kept / total,
            "sd": tables["sd"].get(ALL, 0.0),
            "near_zero": tables["near zero"].get(ALL, 0.0),
        },
        tables=tables,
        history={
            name: [*histogram(values)]
            for name, values in groups.items()
            if stacked or not name.startswith("layers.")
        },
        weights=model.training.weights,
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )


def cache_key(case: WeightsCase, bench: Bench) -> str:
    """Checksum of the network's weights: it decides the figures, together with case and code."""
    return model_of(case.network, bench).training.weights
