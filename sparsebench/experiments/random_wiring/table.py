"""Tables of wired networks: accuracy by family and variant beside the thesis's, and groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev

from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.items import families_items, variants_items
from sparsebench.harness.claims import judge_claims
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.metrics import accuracies, time_ratio
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.markdown import table
from sparsebench.report.words import TARGET_TITLES, WORDS
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.identity import digest, seedless
from sparsebench.values.protocol import CELL_TYPES
from sparsebench.values.semantics import SEMANTICS

Sparse = WiredCase | FinetuningCase | FourWaysCase
"""Cases of networks compared as groups."""


@dataclass(frozen=True)
class Distribution:
    """Accuracies of a group of networks, 0-1.

    Attributes
    ----------
    count
        Number of networks.
    mean, deviation, median, low, high
        Of their accuracies; the deviation is the sample deviation, 0 for a single network.
    """

    count: int
    mean: float
    deviation: float
    median: float
    low: float
    high: float


def distribution(values: Sequence[float]) -> Distribution:
    """Summarise some accuracies."""
    spread = stdev(values) if len(values) > 1 else 0.0
    return Distribution(
        len(values), fmean(values), spread, median(values), min(values), max(values)
    )


THESIS: dict[tuple[str, str], Distribution] = {
    ("rnn_tanh", "watts_strogatz"): Distribution(100, 0.8933, 0.0903, 0.9221, 0.4942, 0.9942),
    ("rnn_tanh", "barabasi_albert"): Distribution(100, 0.8420, 0.1412, 0.8950, 0.4942, 0.9738),
    ("rnn_relu", "watts_strogatz"): Distribution(100, 0.8287, 0.2024, 0.9367, 0.4942, 0.9998),
    ("rnn_relu", "barabasi_albert"): Distribution(100, 0.7282, 0.2146, 0.8342, 0.4934, 0.9987),
    ("lstm", "watts_strogatz"): Distribution(100, 0.9757, 0.0269, 0.9809, 0.8173, 0.9997),
    ("lstm", "barabasi_albert"): Distribution(100, 0.9155, 0.0892, 0.9318, 0.4942, 0.9982),
    ("gru", "watts_strogatz"): Distribution(100, 0.9838, 0.0213, 0.9941, 0.9110, 1.0000),
    ("gru", "barabasi_albert"): Distribution(100, 0.9282, 0.0503, 0.9412, 0.8043, 0.9990),
}
"""Figures 6.29 to 6.32, computed from the author's result rows, by variant and family."""


@dataclass(frozen=True)
class Group:
    """Replicates: networks that differ only in their seeds.

    Attributes
    ----------
    case
        The case that they share, with seed 0.
    records
        The records of all networks.
    """

    case: Sparse
    records: tuple[Record, ...]

    @property
    def accuracy(self) -> Distribution:
        """Their test accuracies."""
        return distribution(accuracies(self.records))

    @property
    def before(self) -> float:
        """Mean accuracy right after pruning, before fine-tuning, 0-1."""
        return fmean(record.metrics["accuracy_before"] for record in self.records)

    @property
    def ratio(self) -> float | None:
        """Forward time relative to the dense network's; None if it was not timed."""
        return time_ratio(self.records)


def by_group(records: Iterable[Record]) -> list[Group]:
    """Group wired networks, pruned and not, by everything but their seeds."""
    sparse = (each for each in records if each.experiment in ("wired", "retraining", "four_ways"))
    return [
        Group(seedless(members[0].restored), tuple(members))
        for members in by_replicates(sparse).values()
    ]


def wired_networks(records: Iterable[Record]) -> list[tuple[WiredCase, Record]]:
    """All wired networks that were not pruned."""
    return [(record.restored, record) for record in records if record.experiment == "wired"]


def thesis_networks(records: Iterable[Record]) -> list[tuple[WiredCase, Record]]:
    """Networks wired and trained like the thesis's, under its semantics or the corrected ones."""
    return [
        (case, record)
        for case, record in wired_networks(records)
        if case.semantics.name in SEMANTICS and case == _thesis_network(case)
    ]


def _thesis_network(case: WiredCase) -> WiredCase:
    """The thesis's network of the same variant, family, seed and semantics."""
    graph = GraphSpec(case.graph.family, case.graph.seed)
    return WiredCase(case.variant, graph, case.seed, case.semantics)


def distributions_markdown(records: Iterable[Record]) -> str:
    """Accuracy by family and variant beside the thesis's, as a Markdown table.

    Columns: semantics, family, variant, number of networks, ours (mean, sample deviation, median,
    lowest and highest), and the same figures of the thesis.
    """
    columns = ["semantics", "family", "variant", "networks", "mean", "sd", "median", "from-to"]
    rows = []
    groups = [group for group in by_group(records) if isinstance(group.case, WiredCase)]
    for group in sorted(groups, key=_order):
        case, ours = group.case, group.accuracy
        assert isinstance(case, WiredCase)
        theirs = THESIS.get((case.variant, case.graph.family))
        published = ", ".join(_figures(theirs)) if theirs else ""
        row = [case.semantics.name, _family(case), case.variant, str(ours.count)]
        rows.append([*row, *_figures(ours), published])
    return table([*columns, "the thesis"], rows)


def longest_pruned(
    groups: Iterable[Group],
) -> list[tuple[FinetuningCase, WiredCase, Group]]:
    """Pruned wired networks of the thesis's families with the longest fine-tuning, in order."""
    found: dict[tuple[object, ...], tuple[FinetuningCase, WiredCase, Group]] = {}
    for group in groups:
        case = group.case
        if not isinstance(case, FinetuningCase) or not isinstance(case.network, WiredCase):
            continue
        network = case.network
        magnitude = case.criterion == "magnitude" and case.percent is not None
        if magnitude and network.graph.family in PUBLISHED_FAMILIES:
            key = (network, case.target, case.percent)
            other = found.get(key)
            if other is None or other[0].training.epochs < case.training.epochs:
                found[key] = (case, network, group)
    return sorted(found.values(), key=lambda each: _pruned_order(each[0], each[1]))


def _pruned_order(case: FinetuningCase, network: WiredCase) -> tuple[object, ...]:
    target = list(TARGET_TITLES).index(case.target)
    return target, CELL_TYPES.index(case.variant), network.graph.family, case.percent


def pruned_markdown(records: Iterable[Record]) -> str:
    """Pruned wired networks as a Markdown table, of the longest fine-tuning in the records.

    Columns: semantics, what is pruned, variant, family, and for each percentage the mean accuracy
    in %, right after pruning and after fine-tuning.
    """
    rows: dict[tuple[str, ...], dict[int, Group]] = {}
    found = longest_pruned(by_group(records))
    longest = max((case.training.epochs for case, _, _ in found), default=0)
    for case, network, group in found:
        preset = network.semantics.name in SEMANTICS and network == _thesis_network(network)
        if preset and case.training.epochs == longest:
            key = network.semantics.name, case.target, case.variant, _family(network)
            rows.setdefault(key, {})[case.percent or 0] = group
    percents = sorted({percent for row in rows.values() for percent in row})
    columns = ["semantics", "pruned", "variant", "family", *(f"{each} %" for each in percents)]
    return table(
        columns,
        [
            [*key, *(_before_and_after(rows[key].get(percent)) for percent in percents)]
            for key in sorted(rows, key=lambda key: list(SEMANTICS).index(key[0]))
        ],
    )


def _before_and_after(group: Group | None) -> str:
    if group is None:
        return ""
    return f"{100 * group.before:.0f} > {100 * group.accuracy.mean:.0f}"


def contrasts_table(records: Sequence[Record]) -> list[Verdict]:
    """Verdicts on the thesis's contrasts between groups, over all wired networks in the records."""
    wired = {record.digest: record for record in records if record.experiment == "wired"}
    if not wired:
        return []
    graphs = 1 + max(record.restored.graph.seed for record in wired.values())
    items: list[BenchmarkItem] = [*families_items(graphs), *variants_items(graphs)]
    return [
        verdict
        for item in items
        for verdict in judge_claims(
            item, [wired[name] for name in map(digest, item.cases([])) if name in wired]
        )
    ]


def contrasts_markdown(records: Sequence[Record]) -> str:
    """The contrasts as a Markdown table.

    Columns: the thesis's statement, number of pairs, our mean difference in accuracy with its 95 %
    interval, verdict, source.
    """
    columns = ["the thesis", "pairs", "ours: mean difference (95 % interval)", "verdict", "source"]
    rows = []
    for found in contrasts_table(records):
        bounds = "" if found.interval is None else " ({:+.3f} to {:+.3f})".format(*found.interval)
        row = [found.statement, str(len(found.measured)), f"{fmean(found.measured):+.3f}{bounds}"]
        rows.append([*row, WORDS[found.verdict], found.source.removeprefix("thesis, ")])
    return table(columns, rows)


def _figures(found: Distribution) -> list[str]:
    middle = [f"{each:.3f}" for each in (found.mean, found.deviation, found.median)]
    return [*middle, f"{found.low:.3f}-{found.high:.3f}"]


def _family(case: WiredCase) -> str:
    return f"{case.graph.family}{f', {case.graph.order}' if case.graph.order else ''}"


def _order(group: Group) -> tuple[object, ...]:
    case = group.case
    assert isinstance(case, WiredCase)
    return case.semantics.name == "corrected", _family(case), CELL_TYPES.index(case.variant)


def markdown(records: Sequence[Record]) -> list[str]:
    """The tables of claims and figures; empty if there are no wired networks."""
    if not any(record.experiment == "wired" for record in records):
        return []
    return [
        contrasts_markdown(records),
        distributions_markdown(records),
        pruned_markdown(records),
    ]
