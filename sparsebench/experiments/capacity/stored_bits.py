"""Networks of records on tasks: their kind and size, and which record of each stored most bits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.parts.records import Record


def network_of(record: Record) -> TaskCase:
    """The network of a record on a task, before any pruning."""
    return network_of_case(record.restored)


Kind = tuple[str, str, int, int | None]
"""Variant, initialisation, layers and units of a network (vertices if it is wired)."""


def kind_of(record: Record) -> Kind:
    """What networks of one kind and size share, whatever their seed and number of samples."""
    case = network_of(record)
    drawn = case.initialisation or ("wired" if case.graph else "uniform")
    size = case.graph.vertices if case.graph else case.hidden_size
    return case.variant, drawn, case.layers, size


def best_bits(records: Iterable[Record]) -> dict[tuple[Kind, int], Record]:
    """For each network and seed, the record whose number of samples stored most bits."""
    best: dict[tuple[Kind, int], Record] = {}
    for record in records:
        if "bits" in record.metrics:
            key = kind_of(record), network_of(record).seed
            if key not in best or record.metrics["bits"] > best[key].metrics["bits"]:
                best[key] = record
    return best


def bits_per_parameter(record: Record) -> float:
    """Stored bits for each parameter that is left."""
    return record.metrics["bits"] / record.metrics["parameters"]


def size_of(record: Record) -> int:
    """Units per layer of a network, or vertices of its graph."""
    return kind_of(record)[3] or 0


def network_of_case(case: Any) -> TaskCase:
    """The network of a case on a task, before any pruning."""
    network: Any = case.network if isinstance(case, FinetuningCase) else case
    if not isinstance(network, TaskCase):
        raise TypeError(f"a {type(network).__name__} is no network on a task")
    return network
