"""Descriptions of random graphs."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.checks import instance_of, whole_number
from sparsebench.values.kinds import kind

PUBLISHED_FAMILIES = ("watts_strogatz", "barabasi_albert")


@kind("GraphSpec")
@dataclass(frozen=True)
class GraphSpec:
    """A random graph and the direction of its edges.

    Attributes
    ----------
    family
        A name in `sparsebench.parts.graphs.FAMILIES`.
    seed
        The graph's own seed.
    vertices
        Number of vertices; None: 10 to 50, drawn uniformly by the seed (thesis, section 5.3).
    order
        How edges are directed: a name in `sparsebench.parts.wirings.ORDERS`; None: by node order,
        as published.
    """

    family: str
    seed: int
    vertices: int | None = None
    order: str | None = None

    def __post_init__(self) -> None:
        instance_of("family", self.family, str)
        whole_number("seed", self.seed, 0)
        if self.vertices is not None:
            whole_number("vertices", self.vertices, 1)
