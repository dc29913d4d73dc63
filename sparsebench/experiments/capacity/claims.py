"""What the report on capacity says of its tasks, and how records are held against it.

Words are made into numbers here: "about 5 bits" is read as 4.5 to 5.5; a loss "nears zero" at or below
5 % of the mean square of what is asked for; "almost similar results" lie within 0.05 of the variance of
what is asked for. A straight line is fitted by least squares; the interval of its slope is Student's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import fmean
from typing import Any

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.items import CapacityItem, CapacityVariantsItem
from sparsebench.experiments.capacity.report_items import (
    FunctionItem,
    FunctionVariantsItem,
    InitialisationsItem,
    OptimisersItem,
    RecallItem,
)
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.judging.intervals import Interval, mean_interval
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.identity import restore

SOURCE = "report on capacity"

BITS = (3.0, 6.0)
ABOUT_FIVE = (4.5, 5.5)
NEARS_ZERO = 0.05
ALIKE = 0.05

RECALLED = 64
"""Units from which on 64 numbers are recalled."""

Figure = Callable[[Record], float]


def judge_tasks(
    item: BenchmarkItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Hold the records of an item against the report's statements; none for other items."""
    if isinstance(item, CapacityItem) and item.plain:
        yield from _capacity(item, records, confidence)
    elif isinstance(item, CapacityVariantsItem):
        yield from _capacity_of_variants(item, records, confidence)
    elif isinstance(item, RecallItem) and item.plain:
        yield from _recall(item, records, confidence)
    elif isinstance(item, FunctionItem) and item.plain:
        yield from falls(
            item, records, "loss", "the squared error falls", "IV.E, fig 9-10", confidence
        )
    elif isinstance(item, FunctionVariantsItem):
        yield from _alike(item, records, confidence)
    elif isinstance(item, OptimisersItem):
        yield from _best(item, records, "adam", _optimiser, "V, fig 11-12", confidence)
    elif isinstance(item, InitialisationsItem) and item.variant == "rnn_relu":
        yield from _best(item, records, "he", _initialisation, "VI, fig 14", confidence)


def network_of(record: Record) -> TaskCase:
    """The network that a record of a task is of, as it was before it was pruned."""
    return network_of_case(restore(record.case))


Kind = tuple[str, str, int, int | None]
"""Variant, initialisation, layers and units of a network; vertices of the graph of a wired one."""


def kind_of(record: Record) -> Kind:
    """What networks of one size and kind share, whatever their seed and number of samples."""
    case = network_of(record)
    drawn = case.initialisation or ("wired" if case.graph else "uniform")
    size = case.graph.vertices if case.graph else case.hidden_size
    return case.variant, drawn, case.layers, size


def best_bits(records: Iterable[Record]) -> dict[tuple[Kind, int], Record]:
    """For each network of each seed, the record of the samples of which it stored most bits."""
    best: dict[tuple[Kind, int], Record] = {}
    for record in records:
        if "bits" in record.metrics:
            key = kind_of(record), network_of(record).seed
            if key not in best or record.metrics["bits"] > best[key].metrics["bits"]:
                best[key] = record
    return best


def slope(
    points: Sequence[tuple[float, float]], confidence: float
) -> tuple[float, Interval | None]:
    """The slope of the line through points, with its interval; none through less than three.

    Where all points have one abscissa, it is that of the line from the origin through their mean.
    """
    from scipy.stats import linregress, t

    across, up = zip(*points, strict=True)
    if len(set(across)) < 2:
        ratios = [each / across[0] for each in up]
        return fmean(ratios), mean_interval(ratios, confidence)
    if len(set(up)) < 2:  # of a level line, linregress does not know the error
        return 0.0, (0.0, 0.0) if len(points) > 2 else None
    fitted = linregress(across, up)
    if len(points) < 3:
        return float(fitted.slope), None
    margin = float(t.ppf((1 + confidence) / 2, len(points) - 2) * fitted.stderr)
    return float(fitted.slope), (float(fitted.slope) - margin, float(fitted.slope) + margin)


def _capacity(
    item: CapacityItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    best = [*best_bits(records).values()]
    if not best:
        return
    points = [(each.metrics["parameters"], each.metrics["bits"]) for each in best]
    found, interval = slope(points, confidence)
    per_parameter = [bits / parameters for parameters, bits in points]
    reason = (
        f"slope {found:.2f} bits per parameter{_bounds(interval, confidence)}; networks store "
        f"{min(per_parameter):.2f} to {max(per_parameter):.2f} per parameter"
    )
    for statement, allowed in (
        ("bits grow by 3 to 6 with each parameter", BITS),
        ("bits grow by about 5, 4.5 to 5.5, with each parameter", ABOUT_FIVE),
    ):
        yield _verdict(
            item, statement, allowed, per_parameter, found, interval, "IV.A, fig 2-4", best, reason
        )


def _capacity_of_variants(
    item: CapacityVariantsItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    best = best_bits(records)
    groups: dict[tuple[str, str], dict[tuple[float, int], Record]] = {}
    for (kind, seed), record in best.items():
        groups.setdefault(kind[:2], {})[_budget(item, kind), seed] = record
    tanh = groups.get(("rnn_tanh", "uniform"), {})
    for other, statement, section in (
        (("lstm", "uniform"), "LSTM stores less for each parameter than RNN-Tanh", "IV.A"),
        (("gru", "uniform"), "GRU stores less for each parameter than RNN-Tanh", "IV.A"),
        (("rnn_relu", "uniform"), "RNN-ReLU stores less than RNN-Tanh", "IV.B, fig 5"),
        (("rnn_relu", "identity"), "RNN-ReLU begun with an identity stores less too", "IV.B"),
    ):
        shared = sorted(tanh.keys() & groups.get(other, {}).keys())
        if not shared:
            continue
        pairs = [(tanh[key], groups[other][key]) for key in shared]
        yield _contrast(item, statement, pairs, _per_parameter, section, confidence)


def _budget(item: CapacityVariantsItem, kind: Kind) -> float:
    """Which of the numbers of parameters that were allowed a network was made for."""
    for each in item.items:
        if (each.variant, each.initialisation or "uniform") == kind[:2]:
            sizes = {network_of_case(case).hidden_size: None for case in each.cases([0])}
            order = [*sizes]
            if kind[3] in order:
                return order.index(kind[3])
    return math.nan


def network_of_case(case: Any) -> TaskCase:
    """The network of a case of a task."""
    network: Any = case.network if isinstance(case, FinetuningCase) else case
    if not isinstance(network, TaskCase):
        raise TypeError(f"a {type(network).__name__} is no network on a task")
    return network


def _recall(item: RecallItem, records: Sequence[Record], confidence: float) -> Iterator[Verdict]:
    """What is left of the mean square of what was shown, 1/3, by units."""
    shares: dict[int, list[Record]] = {}
    for record in records:
        shares.setdefault(network_of(record).hidden_size or 0, []).append(record)
    enough = [each for units, group in shares.items() if units >= RECALLED for each in group]
    fewer = [each for units, group in shares.items() if units < RECALLED for each in group]
    for group, statement, allowed in (
        (enough, f"with {RECALLED} units or more, the loss is 5 % or less", (0.0, NEARS_ZERO)),
        (fewer, f"with fewer than {RECALLED} units, it is more", (NEARS_ZERO, math.inf)),
    ):
        if not group:
            continue
        figures = [_share_left(each) for each in group]
        worst = max(figures) if group is enough else min(figures)
        inside = [allowed[0] <= figure <= allowed[1] for figure in figures]
        verdict = "pass" if all(inside) else "fail" if not any(inside) else "inconclusive"
        by_units = ", ".join(
            f"{units} {100 * fmean(map(_share_left, each)):.1f} %"
            for units, each in sorted(shares.items())
        )
        yield Verdict(
            item=item.id,
            kind="claim",
            verdict=verdict,
            statement=statement,
            expected=[allowed[0], min(allowed[1], 1e9)],
            measured=figures,
            interval=mean_interval(figures, confidence),
            source=f"{SOURCE}, section IV.C, fig 6",
            digests=[each.digest for each in group],
            reason=f"{100 * worst:.1f} % at the worst; by units {by_units}",
        )


def _share_left(record: Record) -> float:
    return 3 * record.metrics["loss"]


def falls(
    item: BenchmarkItem,
    records: Sequence[Record],
    metric: str,
    statement: str,
    section: str,
    confidence: float,
) -> Iterator[Verdict]:
    """Whether a figure falls with the logarithm of the number of parameters."""
    points = [(math.log(each.metrics["parameters"]), each.metrics[metric]) for each in records]
    if len({across for across, _ in points}) < 2:
        return
    found, interval = slope(points, confidence)
    figures = [up for _, up in points]
    reason = (
        f"{found:+.4f} for each e-fold of parameters{_bounds(interval, confidence)}; "
        f"{max(figures):.4f} to {min(figures):.4f}"
    )
    yield _verdict(
        item,
        f"{statement} as parameters grow",
        (-math.inf, 0.0),
        figures,
        found,
        interval,
        section,
        records,
        reason,
    )


def _alike(
    item: FunctionVariantsItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Whether two variants of as many parameters err alike: interpolated on one line each."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.case["variant"], []).append(record)
    if len(groups) != 2 or any(len(group) < 3 for group in groups.values()):
        return
    (one, first), (other, second) = groups.items()
    if len({record.metrics["parameters"] for record in first}) < 2:
        return
    differences = [
        _at(first, record.metrics["parameters"]) - record.metrics["loss"] for record in second
    ]
    interval = mean_interval(differences, confidence)
    yield _verdict(
        item,
        f"{one} and {other} of as many parameters err alike, within {ALIKE}",
        (-ALIKE, ALIKE),
        differences,
        fmean(differences),
        interval,
        "IV.E, fig 9-10",
        records,
        f"mean difference {fmean(differences):+.4f}{_bounds(interval, confidence)}",
    )


def _at(records: Sequence[Record], parameters: float) -> float:
    """The loss at a number of parameters on the line through that of others over its logarithm."""
    from scipy.stats import linregress

    across = [math.log(each.metrics["parameters"]) for each in records]
    fitted = linregress(across, [each.metrics["loss"] for each in records])
    return float(fitted.intercept + fitted.slope * math.log(parameters))


def _best(
    item: BenchmarkItem,
    records: Sequence[Record],
    best: str,
    name_of: Callable[[TaskCase], str],
    section: str,
    confidence: float,
) -> Iterator[Verdict]:
    """Whether one way of training does better than each of the others, seed by seed."""
    groups: dict[str, dict[int, Record]] = {}
    for record in records:
        case = network_of(record)
        groups.setdefault(name_of(case), {})[case.seed] = record
    for other in groups:
        shared = sorted(groups[best].keys() & groups[other].keys()) if best in groups else []
        if other != best and shared:
            pairs = [(groups[best][seed], groups[other][seed]) for seed in shared]
            statement = f"{best} gives better accuracy than {other}"
            yield _contrast(item, statement, pairs, _accuracy, section, confidence)


def _optimiser(case: TaskCase) -> str:
    return case.training.optimiser or "adam"


def _initialisation(case: TaskCase) -> str:
    return case.initialisation or "uniform"


def _accuracy(record: Record) -> float:
    return record.metrics["accuracy"]


def _per_parameter(record: Record) -> float:
    return record.metrics["bits"] / record.metrics["parameters"]


def _contrast(
    item: BenchmarkItem,
    statement: str,
    pairs: Sequence[tuple[Record, Record]],
    figure: Figure,
    section: str,
    confidence: float,
) -> Verdict:
    """Whether the first of each pair has more of something, on average."""
    differences = [figure(one) - figure(other) for one, other in pairs]
    interval = mean_interval(differences, confidence)
    means = [fmean(figure(each) for each in side) for side in zip(*pairs, strict=True)]
    reason = (
        f"means {means[0]:.4f} and {means[1]:.4f} over {len(pairs)} pairs, difference "
        f"{fmean(differences):+.4f}{_bounds(interval, confidence)}"
    )
    both = [each for pair in pairs for each in pair]
    return _verdict(
        item,
        statement,
        (0.0, math.inf),
        differences,
        fmean(differences),
        interval,
        section,
        both,
        reason,
    )


def _verdict(
    item: BenchmarkItem,
    statement: str,
    allowed: Interval,
    measured: Sequence[float],
    found: float,
    interval: Interval | None,
    section: str,
    records: Sequence[Record],
    reason: str,
) -> Verdict:
    low, high = allowed
    if interval is None or not math.isfinite(found):
        verdict = "inconclusive"
    elif low < interval[0] and interval[1] < high:  # pairs that do not differ at all touch the edge
        verdict = "pass"
    elif interval[1] < low or high < interval[0]:
        verdict = "fail"
    else:
        verdict = "inconclusive"
    return Verdict(
        item=item.id,
        kind="claim",
        verdict=verdict,
        statement=statement,
        expected=[max(low, -1e9), min(high, 1e9)],
        measured=[*measured],
        interval=interval,
        source=f"{SOURCE}, section {section}",
        digests=[each.digest for each in records],
        reason=reason,
    )


def _bounds(interval: Interval | None, confidence: float) -> str:
    if interval is None:
        return ", too few for an interval"
    return f" ({100 * confidence:.3g} % interval {interval[0]:+.4f} to {interval[1]:+.4f})"
