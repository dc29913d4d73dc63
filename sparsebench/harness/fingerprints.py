"""Fingerprints of the code that makes a case's network or record, according to its descriptor.

Only code that the case depends on counts: adding or changing one experiment leaves the fingerprints
of the others unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.harness.registry import (
    is_trained,
    measurement_of,
    network_kind_of,
)
from sparsebench.parts.code_digest import STRINGS, TRAINING, code_digest, source_of
from sparsebench.parts.tasks import makers_of
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import Case


def code_of(device: str, cases: Iterable[Case]) -> str:
    """12 hexadecimal digits that identify all code that decides some cases on a device.

    Parameters
    ----------
    device
        `cpu` or `cuda`.
    cases
        The cases; a trained network includes the networks that it is made from.
    """
    return code_digest(device, *{root for case in cases for root in sources_of(case)})


def sources_of(case: Case) -> frozenset[str]:
    """The modules that train a case's network or measure the case, and that make what this needs."""
    if is_trained(case):
        return frozenset(TRAINING).union(_of_network(case))
    measure = measurement_of(case).measure
    return frozenset() if measure is None else frozenset([source_of(measure), STRINGS])


def _of_network(case: TrainedCase) -> set[str]:
    """The modules that make a network, its data, and the networks that it is made from."""
    kind = network_kind_of(case)
    makers = (kind.network, kind.start, *kind.makers(case))
    own = {source_of(make) for make in makers}
    data = map(source_of, makers_of(case.data))
    return own.union(data, *map(_of_network, kind.made_from(case)))
