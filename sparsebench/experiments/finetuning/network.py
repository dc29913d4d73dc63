"""The network that pruning leaves, before fine-tuning."""

from __future__ import annotations

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.networks import Network, TrainedNetwork, TrainingStart
from sparsebench.parts.pruning import prune, prune_below
from sparsebench.parts.weights import prunable
from sparsebench.values.case import epochs_of
from sparsebench.values.masks import masked


def pruned_network(case: FinetuningCase, trained: TrainedNetwork) -> Network:
    """The pruned network: the trained network's masks, narrowed where it is pruned."""
    weights, masks = trained.weights, trained.network.masks
    names = prunable(trained.network.layout, case.target)
    if case.percent is None:
        assert case.threshold is not None  # a case has either a percentage or a threshold
        kept = prune_below(weights, names, case.threshold, case.criterion, present=masks)
    else:
        kept = prune(weights, names, case.percent, case.semantics, case.criterion, present=masks)
    masks = {**masks, **kept}
    return Network.of(case, trained.network.layout, masks, weights)


def training_start(
    case: FinetuningCase, network: Network, trained: TrainedNetwork
) -> TrainingStart:
    """The remaining trained weights; the orders of examples continue, or follow the case's seed."""
    weights = masked(trained.weights, network.masks)
    if case.order is not None:
        return TrainingStart(weights, case.order, pruned_from=trained.weights)
    return TrainingStart(weights, case.seed, epochs_of(case.network), pruned_from=trained.weights)
