"""The dense network of a base case, as it is before it is trained."""

from __future__ import annotations

from sparsebench.harness.networks import Beginning, Network
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import digest


def base_network(case: BaseCase) -> Network:
    """The dense network of a base case."""
    return Network(case.architecture.layout, {}, digest(case))


def beginning(case: BaseCase, network: Network) -> Beginning:
    """The weights of the case's seed."""
    return Beginning(initial_weights(network.layout, case.seed), case.seed)
