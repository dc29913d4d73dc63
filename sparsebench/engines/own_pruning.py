"""Networks of your own, pruned once by the parts of a method."""

from __future__ import annotations

from functools import partial
from typing import NoReturn

import numpy as np

from sparsebench.engines.derivatives import DenseNetwork, NetworkDerivatives
from sparsebench.engines.populations import check_examples
from sparsebench.parts.examples import Examples
from sparsebench.parts.methods.context import Context, Derivatives
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.checks import instance_of, one_of
from sparsebench.values.layout import Layout
from sparsebench.values.protocol import Training
from sparsebench.values.seeding import stream


def prune_network(
    network: OwnNetwork,
    method: Method | str,
    density: float,
    examples: Examples | None = None,
    target: str = "both",
    seed: int = 0,
) -> OwnNetwork:
    """Prune a network of your own once, by a method's criterion, allocation and pattern.

    The method's schedule, which says when a training prunes, is not followed.

    Parameters
    ----------
    network
        A network of one direction; of others, choose masks with `sparsebench.prune`.
    method
        A `Method`, or a name in `METHODS`. `Method(pattern=Blocks(16, 1))` keeps blocks of 16 rows
        and one column, by magnitude.
    density
        The share of all weights of the target that is left, 0-1. Weights pruned before stay so.
    examples
        Training examples, for criteria that take gradients.
    target
        `i2h`, `h2h` or `both`.
    seed
        Seed of what a method draws.

    Returns
    -------
    OwnNetwork
        The network with these masks.

    Raises
    ------
    TypeError, ValueError
        If the method needs examples or a training, or does not fit; if the network has fewer weights
        left than the density asks for.
    """
    if isinstance(method, str):
        one_of("method", method, METHODS)
        method = METHODS[method]
    instance_of("method", method, Method)
    if not 0 <= density <= 1:
        raise ValueError(f"density is {density!r}: give the share of weights that is left, 0-1")
    if method.criterion.follows_movement:
        raise ValueError(
            f"{method.criterion} follows weights in training, and this prunes once: choose a method "
            "with another criterion"
        )
    layout = _layout(network, method)
    blocks = tuple(map(tuple, network.prunable(target)))
    whole = {
        name: np.ones(network.weights[name].shape, np.bool_) for each in blocks for name in each
    }
    masks = {name: network.masks.get(name, mask) for name, mask in whole.items()}
    left, total = (sum(int(mask.sum()) for mask in each.values()) for each in (masks, whole))
    if left < round(density * total):
        raise ValueError(
            f"density is {density:g}, and {left / total:g} of the weights are left: give less, or "
            "begin with the network before it was pruned"
        )
    weights = network.reading("last_step").engine_weights
    context = Context(
        layout=layout,
        blocks=blocks,
        weights=weights,
        masks=masks,
        density=density,
        step=0,
        steps=0,
        seed=seed,
        derivatives=_derivatives(network, layout, examples, seed, method),
        movements=dict,
        remembered={},
        new_weights=lambda: initial_weights(layout, seed),
    )
    return network.with_masks(method.masks(context))


def _layout(network: OwnNetwork, method: Method) -> Layout:
    """The layout of a network that is pruned; who reads the mean has that of the last step."""
    structure = network.structure
    if any(stack.bidirectional for stack in structure.stacks):
        raise ValueError(
            "a layer is bidirectional, and methods look at networks of one direction: choose masks "
            "with sparsebench.prune(network.weights, network.prunable(), percent, CORRECTED) and "
            "network.with_masks"
        )
    if not method.fits(structure.variant):
        raise ValueError(f"{method.allocation} does not fit a {structure.variant}: choose another")
    return network.reading("last_step").layout


def _derivatives(
    network: OwnNetwork, layout: Layout, examples: Examples | None, seed: int, method: Method
) -> Derivatives:
    """What takes derivatives, or says that examples are needed."""
    if examples is None:
        return _NoDerivatives(method)
    check_examples([sparse_layout(network.layout)], examples)
    dense = DenseNetwork(layout, "last_step", Training())
    random = partial(stream, "derivatives of a network of one's own", seed)
    return NetworkDerivatives(dense, network.engine_weights, examples, random)


class _NoDerivatives:
    """Refuses to take derivatives, because there are no examples."""

    def __init__(self, method: Method) -> None:
        self._method = method

    def _refuse(self, *ignored: object) -> NoReturn:
        raise ValueError(
            f"{self._method.criterion} takes gradients: give examples=..., a sparsebench.Examples with "
            "training data"
        )

    sample = gradient = gradients = product = _refuse
