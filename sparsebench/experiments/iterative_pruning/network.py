"""The network of a round before training: its masks and starting weights."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.harness.networks import Network, TrainedNetwork, TrainingStart
from sparsebench.harness.registry import network_kind_of
from sparsebench.parts.pruning import prune
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import prunable
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import digest
from sparsebench.values.masks import Masks, Weights, masked

NEW = 1_000_000
"""Added to a network's seed to seed its new random weights; larger than any seed of a run."""


def made_from(case: IterativePruningCase) -> tuple[TrainedCase, ...]:
    """The trained network to prune, and the first network at the epoch that is rewound to."""
    return case.network, case.early


def round_network(
    case: IterativePruningCase, trained: TrainedNetwork, early: TrainedNetwork
) -> Network:
    """The structure of a round's network, cached by its masks and starting weights."""
    masks = _masks(case, trained, early.network.masks)
    network = Network(early.network.layout, masks, "")
    begun = training_start(case, network, trained, early)
    deciding = {**begun.weights, **{f"mask of {name}": mask for name, mask in masks.items()}}
    return replace(network, name=f"{digest(case)}-{checksum(deciding)[:12]}")


def training_start(
    case: IterativePruningCase, network: Network, trained: TrainedNetwork, early: TrainedNetwork
) -> TrainingStart:
    """The weights of the epoch rewound to, or new ones; examples follow the first network's orders."""
    rewound = case.start == "rewound"
    weights = early.weights if rewound else _new_weights(case, early.network)
    epochs = case.rewind if rewound else 0
    return TrainingStart(
        masked(weights, network.masks), case.seed, epochs, pruned_from=trained.weights
    )


def _masks(case: IterativePruningCase, trained: TrainedNetwork, whole: Masks) -> Masks:
    """The masks after a round.

    Weights pruned in earlier rounds are zero, so they are the first to be pruned again.
    """
    before = trained.network.masks
    weights = masked(trained.weights, before)
    names = prunable(trained.network.layout, case.target)
    kept = prune(weights, names, case.percent, case.semantics, present=whole)
    return {**before, **{name: mask & before.get(name, True) for name, mask in kept.items()}}


def _new_weights(case: IterativePruningCase, whole: Network) -> Weights:
    """The initial weights of the first network under another seed."""
    other = replace(case.original, seed=case.seed + NEW)
    return network_kind_of(other).start(other, whole).weights
