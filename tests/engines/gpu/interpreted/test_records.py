"""Records name every field in the order in which it lies in the arrays."""

from __future__ import annotations

from sparsebench.engines.gpu.networks import BLOCK_FIELDS, NETWORK_FIELDS
from sparsebench.engines.gpu.records import Block, Network


def test_the_fields_of_records_are_those_of_the_arrays() -> None:
    assert Network._fields == NETWORK_FIELDS
    assert Block._fields == BLOCK_FIELDS
