"""Whether two wirings are equal up to the order of vertices within their layers."""

from __future__ import annotations

from collections import Counter

from sparsebench.values.wiring import Wiring


def renumbering(wiring: Wiring, other: Wiring) -> list[int] | None:
    """Find the order of vertices that turns one wiring into another.

    Vertices are distinguished by their layer and, repeatedly, by what is known of their parents and
    children (colour refinement, Weisfeiler and Leman 1968). If some remain indistinguishable on
    both sides, such as leaves of one parent, one pair of them is matched and refinement continues.

    Parameters
    ----------
    wiring, other
        Two wirings of any sizes.

    Returns
    -------
    list of int or None
        For each vertex of `wiring`, the number of its counterpart in `other`, in the same layer,
        such that edges map to edges. None if there is no such order, and for some very regular
        graphs in which refinement cannot distinguish vertices that differ; random graphs are not
        among them.
    """
    count = sum(wiring.sizes)
    colours = [*wiring.layer_of(), *other.layer_of()]  # of `wiring`'s vertices, then of `other`'s
    edges = [*wiring.edges, *((source + count, target + count) for source, target in other.edges)]
    while True:
        colours = _refined(colours, edges)
        members = Counter(colours[:count])
        if members != Counter(colours[count:]):
            return None
        alike = [colour for colour, number in members.items() if number > 1]
        if not alike:
            place = {colour: vertex for vertex, colour in enumerate(colours[count:])}
            return [place[colour] for colour in colours[:count]]
        for start in (0, count):
            colours[colours.index(min(alike), start)] = 2 * count


def _refined(colours: list[int], edges: list[tuple[int, int]]) -> list[int]:
    """Split colours until vertices of one colour have parents and children of the same colours."""
    while True:
        parents: list[list[int]] = [[] for _ in colours]
        children: list[list[int]] = [[] for _ in colours]
        for source, target in edges:
            parents[target].append(colours[source])
            children[source].append(colours[target])
        seen = [
            (colour, tuple(sorted(above)), tuple(sorted(below)))
            for colour, above, below in zip(colours, parents, children, strict=True)
        ]
        numbers = {key: number for number, key in enumerate(sorted(set(seen)))}
        finer = [numbers[key] for key in seen]
        if len(set(finer)) == len(set(colours)):
            return finer
        colours = finer
