"""The sparse networks that cases speak of, as they are before they are trained."""

from __future__ import annotations

from dataclasses import dataclass, replace

import networkx as nx

from sparsebench.parts.graphs import draw
from sparsebench.parts.pruning import prune, prune_below
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import prunable
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.parts.wirings import orient, wire
from sparsebench.values.case import BaseCase, GraphSpec, RetrainingCase, TaskCase, WiredCase
from sparsebench.values.identity import digest
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights
from sparsebench.values.wiring import Wiring

Trainable = WiredCase | TaskCase | RetrainingCase
"""Cases whose networks are trained as populations."""

TrainedCase = BaseCase | Trainable
"""All cases of trained networks."""


@dataclass(frozen=True, eq=False)
class Network:
    """The structure of a case's network.

    Attributes
    ----------
    layout
        Its blocks.
    masks
        Which weights it has, where it has not all.
    name
        Under which it is kept when trained: the case's digest and, as a project's own graph family
        or criterion may decide the masks, that of the masks.
    """

    layout: Layout
    masks: Masks
    name: str


def origin_of(case: TrainedCase) -> BaseCase | WiredCase | TaskCase:
    """The case of the network that is trained from scratch: of a pruned one, what it was before."""
    return case.network if isinstance(case, RetrainingCase) else case


def kind_of(case: TrainedCase) -> tuple[object, ...]:
    """What networks of one population share: variant, semantics, protocol and data."""
    origin = origin_of(case)
    return type(case), case.variant, origin.semantics, case.training, origin.data


def graph_and_wiring(spec: GraphSpec) -> tuple[nx.Graph, Wiring]:
    """Draw a graph and wire it."""
    graph = draw(spec)
    return graph, wire(orient(graph, spec.order or "nodes", spec.seed))


def base_network(case: BaseCase) -> Network:
    """The dense network of a base case."""
    return Network(case.architecture.layout, {}, digest(case))


def wired_network(case: WiredCase) -> Network:
    """The network that a case's graph is made into."""
    _, wiring = graph_and_wiring(case.graph)
    layout = wired_layout(wiring, case.variant)
    masks = wired_masks(wiring, layout, case.semantics.gate_masks)
    return Network(layout, masks, f"{digest(case)}-{checksum(masks)[:12]}")


def task_network(case: TaskCase) -> Network:
    """The network that is trained on a task: of layers wholly connected, or wired by a graph."""
    if case.graph is None:
        return Network(case.layout, {}, digest(case))
    _, wiring = graph_and_wiring(case.graph)
    wired = wired_layout(wiring, case.variant)
    layout = replace(
        wired,
        width=case.width or wired.width,
        symbols=case.task.symbols,
        classes=case.task.classes,
    )
    masks = wired_masks(wiring, layout, case.semantics.gate_masks)
    return Network(layout, masks, f"{digest(case)}-{checksum(masks)[:12]}")


def pruned_network(case: RetrainingCase, network: Network, trained: Weights) -> Network:
    """What pruning leaves of a trained network: its masks, and narrower ones where it is pruned."""
    names = prunable(network.layout, case.target)
    if case.percent is None:
        assert case.threshold is not None  # a case has one of the two
        kept = prune_below(trained, names, case.threshold, case.criterion, present=network.masks)
    else:
        semantics = case.network.semantics
        kept = prune(trained, names, case.percent, semantics, case.criterion, present=network.masks)
    masks = {**network.masks, **kept}
    name = f"{digest(case)}-{checksum({**trained, **masks})[:12]}"
    return Network(network.layout, masks, name)
