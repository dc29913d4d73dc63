"""Networks of methods and of their controls, before training."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.harness.networks import Network, TrainedNetwork, TrainingStart
from sparsebench.harness.registry import network_kind_of
from sparsebench.parts.weights import prunable
from sparsebench.values.identity import digest
from sparsebench.values.masks import Weights, marks
from sparsebench.values.seeding import NEW_WEIGHTS, stream


def method_network(case: MethodCase) -> Network:
    """The dense network.

    Raises
    ------
    ValueError
        If it lacks some weights already, as a wired network does.
    """
    dense = network_kind_of(case.base).network(case.base)
    if dense.masks:
        raise ValueError(
            f"the network of a {type(case.base).__name__} is sparse before any method: give one whose "
            "layers are fully connected"
        )
    return Network(dense.layout, {}, digest(case))


def method_start(case: MethodCase, network: Network) -> TrainingStart:
    """The dense network's initial weights, and how its masks change during training."""
    from sparsebench.engines.mask_changes import Masking

    begun = network_kind_of(case.base).start(case.base, network)
    if case.density == 1:
        return begun
    masking = Masking(
        case.method,
        case.density,
        case.target,
        case.seed,
        new_weights=partial(_new_weights, case, network),  # a cluster's jobs are pickled
    )
    return replace(begun, masking=masking)


def _new_weights(case: MethodCase, network: Network) -> Weights:
    return _begun_anew(case, network).weights


def _begun_anew(case: MethodCase, network: Network) -> TrainingStart:
    """The start of the dense network with other initial weights, drawn as its own are."""
    kind = network_kind_of(case.base)
    return kind.start(kind.with_new_weights(case.base, case.seed + NEW_WEIGHTS), network)


def control_network(case: MaskControlCase, trained: TrainedNetwork) -> Network:
    """The masks that the method found, in their places or shuffled within each matrix."""
    layout = trained.network.layout
    masks = {
        name: marks(trained.weights[name])
        for block in prunable(layout, case.network.target)
        for name in block
    }
    if case.control == "shuffled":
        random = stream("shuffled masks", case.seed)
        masks = {
            name: random.permutation(mask.ravel()).reshape(mask.shape)
            for name, mask in masks.items()
        }
    return Network.of(case, layout, masks)


def control_start(
    case: MaskControlCase, network: Network, trained: TrainedNetwork
) -> TrainingStart:
    """Initial weights: those of the method's network, or of another seed."""
    if case.control == "new_weights":
        return replace(_begun_anew(case.network, network), seed=case.seed)
    base = case.network.base
    return replace(network_kind_of(base).start(base, network), seed=case.seed)
