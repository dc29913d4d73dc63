"""The dense network of a base case, before training."""

from __future__ import annotations

from sparsebench.harness.networks import Network
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import digest


def base_network(case: BaseCase) -> Network:
    """The dense network of a base case."""
    return Network(case.architecture.layout, {}, digest(case))
