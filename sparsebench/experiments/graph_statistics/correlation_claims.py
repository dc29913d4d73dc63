"""The thesis's correlations, and its claims about them: tables 6.1 to 6.4 and section 7.3.

Words are turned into numbers here: a property that the thesis calls essential has |r| of at least
`STRONG`, the smallest value that its tables print in bold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.experiments.graph_statistics.items import CorrelationItem
from sparsebench.parts.records import Record, Verdict

CORRELATIONS: dict[str, dict[str, float]] = {
    "rnn_tanh": {
        "layers": 0.25,
        "nodes": 0.4,
        "edges": 0.38,
        "source_nodes": 0.35,
        "diameter": -0.23,
        "density": 0.29,
        "average_shortest_path_length": -0.27,
        "eccentricity_var": -0.22,
        "degree_var": -0.28,
        "closeness_var": -0.46,
        "nodes_betweenness_var": -0.49,
        "edge_betweenness_var": -0.34,
    },
    "rnn_relu": {
        "layers": 0.3,
        "nodes": 0.44,
        "edges": 0.43,
        "source_nodes": 0.47,
        "diameter": -0.27,
        "density": 0.15,
        "average_shortest_path_length": -0.25,
        "eccentricity_var": -0.24,
        "degree_var": -0.26,
        "closeness_var": -0.39,
        "nodes_betweenness_var": -0.41,
        "edge_betweenness_var": -0.3,
    },
    "lstm": {
        "layers": 0.28,
        "nodes": 0.44,
        "edges": 0.42,
        "source_nodes": 0.57,
        "diameter": -0.32,
        "density": 0.29,
        "average_shortest_path_length": -0.36,
        "eccentricity_var": -0.3,
        "degree_var": -0.39,
        "closeness_var": -0.51,
        "nodes_betweenness_var": -0.56,
        "edge_betweenness_var": -0.44,
    },
    "gru": {
        "layers": 0.34,
        "nodes": 0.49,
        "edges": 0.49,
        "source_nodes": 0.74,
        "diameter": -0.2,
        "density": 0.34,
        "average_shortest_path_length": -0.23,
        "eccentricity_var": -0.21,
        "degree_var": -0.58,
        "closeness_var": -0.67,
        "nodes_betweenness_var": -0.52,
        "edge_betweenness_var": -0.26,
    },
}
"""Pearson's r between test accuracy and a property, over both families: tables 6.1 to 6.4."""

SOURCES = {
    "rnn_tanh": "table 6.1", "rnn_relu": "table 6.2", "lstm": "table 6.3", "gru": "table 6.4"
}  # fmt: skip

ESSENTIAL: dict[str, tuple[str, ...]] = {
    "rnn_tanh": ("nodes", "closeness_var", "nodes_betweenness_var"),
    "rnn_relu": ("nodes", "edges", "source_nodes", "nodes_betweenness_var"),
    "lstm": (
        "nodes",
        "edges",
        "source_nodes",
        "closeness_var",
        "nodes_betweenness_var",
        "edge_betweenness_var",
    ),
    "gru": (
        "nodes",
        "edges",
        "source_nodes",
        "degree_var",
        "closeness_var",
        "nodes_betweenness_var",
    ),
}
"""The properties that section 7.3 calls essential."""

STRONG = 0.40


def correlation_verdicts(
    item: CorrelationItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Judge an item's correlations by the thesis's, which are of the published semantics."""
    if item.semantics == "published":
        for record in records:
            yield from judge_correlations(item.id, item.variant, record)


def judge_correlations(item: str, variant: str, record: Record) -> Iterator[Verdict]:
    """Judge a record of correlations by the thesis's: their signs, and the strength of some.

    A claim passes if the 95 % interval of r lies within the stated range, fails if it lies entirely
    outside, and is inconclusive otherwise.
    """
    for name, published in CORRELATIONS.get(variant, {}).items():
        sign = 1 if published > 0 else -1
        figure = record.tables["pearson"].get(name)
        low, high = (record.tables[f"pearson_{end}"].get(name) for end in ("low", "high"))
        if figure is None or low is None or high is None:
            continue
        bounds = [(0.0, f"{name}: accuracy goes {'up' if sign > 0 else 'down'} with it")]
        if name in ESSENTIAL[variant]:
            bounds.append((STRONG, f"{name} is essential: |r| is {STRONG:.2f} or more"))
        for least, statement in bounds:
            nearest, farthest = sorted((sign * low, sign * high))
            outside = "fail" if farthest < least else "inconclusive"
            yield Verdict(
                item=item,
                kind="claim",
                verdict="pass" if nearest >= least else outside,
                statement=statement,
                expected=[least, 1.0] if sign > 0 else [-1.0, 0.0 - least],
                measured=[figure],
                interval=(low, high),
                source=f"thesis, {SOURCES[variant]}",
                digests=[record.digest],
                reason=(
                    f"r {figure:+.2f}, 95 % interval {low:+.2f} to {high:+.2f}, the thesis "
                    f"{published:+.2f}, {record.metrics['networks']:.0f} networks"
                ),
            )
