"""The claims of the report on capacity about its tasks, and how records are judged by them.

Words are turned into numbers here. "About 5 bits" is read as 4.5 to 5.5. A loss "nears zero" at or
below 5 % of the mean square of the target. "Almost similar results" differ by at most 0.05 of the
target's variance. Networks have "learned nothing" of a function if their error is at least
`NOTHING` of the variance.

A statement about networks is judged by the share of networks, or of pairs, for which it is true
(`sparsebench.judging.claims.judge_share`). A trend over sizes is judged by Page's exact test, with
one row per seed. The bits that we measure are a lower bound, because more training finds more: too
few bits contradict nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import fmean

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.items import CapacityItem, CapacityVariantsItem
from sparsebench.experiments.capacity.report_items import (
    FunctionItem,
    FunctionVariantsItem,
    InitialisationsItem,
    LongMemoryItem,
    OptimisersItem,
    RecallItem,
)
from sparsebench.experiments.capacity.stored_bits import (
    Kind,
    best_bits,
    bits_per_parameter,
    network_of,
    network_of_case,
    size_of,
)
from sparsebench.experiments.capacity.trends import on_line, slope, trend
from sparsebench.judging.claims import Judgement, judge_pairs, judge_share
from sparsebench.judging.intervals import FEWEST_VALUES, Interval, covering_interval
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.protocol import VARIANTS

SOURCE = "report on capacity"

BITS = (3.0, 6.0)
ABOUT_FIVE = (4.5, 5.5)
NEARS_ZERO = 0.05
ALIKE = 0.05
NOTHING = 0.95
"""Share of the variance: a network with this error or more has learned next to nothing."""

RECALLED = 64
"""Units from which on networks recall 64 numbers."""

Figure = Callable[[Record], float]


def judge_tasks(
    item: BenchmarkItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Judge the records of an item by the report's statements.

    There are none for other items, and none for cell types other than the thesis's.
    """
    variant = getattr(item, "variant", None)
    if variant is not None and variant not in VARIANTS:
        return
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
    elif isinstance(item, LongMemoryItem):
        yield from _remembers(item, records, confidence)


def _capacity(
    item: CapacityItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    best = [*best_bits(records).values()]
    if not best:
        return
    per_parameter = [bits_per_parameter(each) for each in best]
    for statement, allowed in (
        ("networks store 3 to 6 bits for each parameter", BITS),
        ("networks store about 5 bits, 4.5 to 5.5, for each parameter", ABOUT_FIVE),
    ):
        found = _from_below(per_parameter, allowed, confidence)
        found = replace(found, numbers=f"{found.numbers}; {_by_size(best, confidence)}")
        yield _verdict(item, statement, allowed, per_parameter, found, "IV.A, fig 2-4", best)


def _from_below(per_parameter: Sequence[float], allowed: Interval, confidence: float) -> Judgement:
    """Do most networks store at least this much? Those with less may store more than was found."""
    low, high = allowed
    inside = sum(low <= each <= high for each in per_parameter)
    above = sum(each > high for each in per_parameter)
    found = judge_share(inside, len(per_parameter), confidence, "networks")
    too_much = judge_share(above, len(per_parameter), confidence)
    verdict = "fail" if too_much.verdict == "pass" else "pass"
    if verdict == "pass" and found.verdict != "pass":
        verdict = "inconclusive"
    numbers = (
        f"{found.numbers}; {min(per_parameter):.2f} to {max(per_parameter):.2f} were found, which is a "
        "bound from below"
    )
    return Judgement(verdict, found.interval, numbers)


def _by_size(best: Sequence[Record], confidence: float) -> str:
    """Bits per parameter by size; the report says that they are the same for all sizes."""
    sizes: dict[int, list[float]] = {}
    for each in best:
        sizes.setdefault(size_of(each), []).append(bits_per_parameter(each))
    means = ", ".join(f"{fmean(group):.2f} with {units}" for units, group in sorted(sizes.items()))
    rises, numbers = trend(_rows(best, bits_per_parameter), confidence)
    told = {
        "pass": "not in proportion, they rise: ",
        "fail": "not in proportion, they fall: ",
    }.get(rises, "")
    return f"by units {means}; {told}{numbers}"


def _rows(records: Sequence[Record], figure: Figure) -> list[list[float]]:
    """A figure by number of parameters in ascending order, one row per seed."""
    by_seed: dict[int, dict[int, float]] = {}
    for each in records:
        by_seed.setdefault(network_of(each).seed, {})[size_of(each)] = figure(each)
    sizes = sorted(set.intersection(*(set(row) for row in by_seed.values())))
    return [[row[size] for size in sizes] for row in by_seed.values()]


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
        yield _contrast(item, statement, pairs, bits_per_parameter, section, confidence)


def _budget(item: CapacityVariantsItem, kind: Kind) -> float:
    """The upper bound on parameters that a network was made for."""
    for each in item.items:
        if (each.variant, each.initialisation or "uniform") == kind[:2]:
            sizes = {network_of_case(case).hidden_size: None for case in each.cases([0])}
            order = [*sizes]
            if kind[3] in order:
                return order.index(kind[3])
    return math.nan


def _recall(item: RecallItem, records: Sequence[Record], confidence: float) -> Iterator[Verdict]:
    """The remaining error by units, as a share of the input's mean square (1/3)."""
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
        inside = sum(allowed[0] <= figure <= allowed[1] for figure in figures)
        found = judge_share(inside, len(figures), confidence, "networks")
        by_units = ", ".join(
            f"{units} {100 * fmean(map(_share_left, each)):.1f} %"
            for units, each in sorted(shares.items())
        )
        found = replace(
            found, numbers=f"{found.numbers}; {100 * worst:.1f} % at the worst; by units {by_units}"
        )
        yield _verdict(item, statement, allowed, figures, found, "IV.C, fig 6", group, inside)


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
    """Whether a figure falls as the number of parameters grows."""
    points = [(math.log(each.metrics["parameters"]), each.metrics[metric]) for each in records]
    if len({across for across, _ in points}) < 2:
        return
    rises, numbers = trend(_rows(records, lambda record: record.metrics[metric]), confidence)
    verdict = {"pass": "fail", "fail": "pass"}.get(rises, "inconclusive")
    found, _ = slope(points, confidence)
    figures = [up for _, up in points]
    told = (
        f"{found:+.4f} for each e-fold of parameters, {max(figures):.4f} to {min(figures):.4f}; "
        f"{numbers}"
    )
    if metric == "loss" and min(figures) >= NOTHING:
        verdict, told = "inconclusive", f"nothing was learned that could fall; {told}"
    yield _verdict(
        item,
        f"{statement} as parameters grow",
        (-math.inf, 0.0),
        figures,
        Judgement(verdict, None, told),
        section,
        records,
    )


def _alike(
    item: FunctionVariantsItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Whether two variants with equal numbers of parameters have similar errors.

    Each variant's errors are interpolated along a line.
    """
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.case["variant"], []).append(record)
    if len(groups) != 2 or any(len(group) < 3 for group in groups.values()):
        return
    (one, first), (other, second) = groups.items()
    if len({record.metrics["parameters"] for record in first}) < 2:
        return
    across = [math.log(record.metrics["parameters"]) for record in first]
    up = [record.metrics["loss"] for record in first]
    differences = [
        on_line(across, up, math.log(record.metrics["parameters"])) - record.metrics["loss"]
        for record in second
    ]
    yield _verdict(
        item,
        f"{one} and {other} of as many parameters err alike, within {ALIKE}",
        (-ALIKE, ALIKE),
        differences,
        _within(differences, [record.metrics["loss"] for record in records], confidence),
        "IV.E, fig 9-10",
        records,
    )


def _within(differences: Sequence[float], losses: Sequence[float], confidence: float) -> Judgement:
    """Does the mean difference lie within `ALIKE`? Inconclusive if nothing was learned."""
    mean = f"mean difference {fmean(differences):+.4f}"
    if min(losses) >= NOTHING:
        least = f"all errors are {min(losses):.2f} or more of the variance"
        return Judgement("inconclusive", None, f"nothing was learned, {least}; {mean}")
    interval = covering_interval(differences, confidence)
    if interval is None:
        return Judgement(
            "inconclusive",
            None,
            f"{mean} of {len(differences)}, fewer than {FEWEST_VALUES} decide nothing",
        )
    low, high = interval
    inside, outside = low > -ALIKE and high < ALIKE, high < -ALIKE or low > ALIKE
    verdict = "pass" if inside else "fail" if outside else "inconclusive"
    return Judgement(verdict, interval, mean + _bounds(interval, confidence))


def _best(
    item: BenchmarkItem,
    records: Sequence[Record],
    best: str,
    name_of: Callable[[TaskCase], str],
    section: str,
    confidence: float,
) -> Iterator[Verdict]:
    """Whether one way of training beats each of the others, compared within seeds."""
    groups = _by_way(records, name_of)
    for other in groups:
        shared = sorted(groups[best].keys() & groups[other].keys()) if best in groups else []
        if other != best and shared:
            pairs = [(groups[best][seed], groups[other][seed]) for seed in shared]
            statement = f"{best} gives better accuracy than {other}"
            yield _contrast(item, statement, pairs, _accuracy, section, confidence)


def _remembers(
    item: LongMemoryItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Whether networks begun with an identity err less than those begun as usual."""
    groups = _by_way(records, _initialisation)
    usual, identity = (groups.get(name, {}) for name in ("uniform", "identity"))
    if shared := sorted(usual.keys() & identity.keys()):
        pairs = [(usual[seed], identity[seed]) for seed in shared]
        statement = "uniform weights err more than those begun with an identity"
        yield _contrast(item, statement, pairs, _loss, "VI", confidence)


def _by_way(
    records: Sequence[Record], name_of: Callable[[TaskCase], str]
) -> dict[str, dict[int, Record]]:
    """The networks of each way of training, by seed."""
    groups: dict[str, dict[int, Record]] = {}
    for record in records:
        case = network_of(record)
        groups.setdefault(name_of(case), {})[case.seed] = record
    return groups


def _loss(record: Record) -> float:
    return record.metrics["loss"]


def _optimiser(case: TaskCase) -> str:
    return case.training.optimiser or "adam"


def _initialisation(case: TaskCase) -> str:
    return case.initialisation or "uniform"


def _accuracy(record: Record) -> float:
    return record.metrics["accuracy"]


def _contrast(
    item: BenchmarkItem,
    statement: str,
    pairs: Sequence[tuple[Record, Record]],
    figure: Figure,
    section: str,
    confidence: float,
) -> Verdict:
    """Whether a figure is larger for the first network of most pairs."""
    differences = [figure(one) - figure(other) for one, other in pairs]
    found = judge_pairs(differences, confidence)
    means = [fmean(figure(each) for each in side) for side in zip(*pairs, strict=True)]
    numbers = f"means {means[0]:.4f} and {means[1]:.4f} over {found.numbers}"
    verdict = found.verdict
    if figure is bits_per_parameter and verdict == "fail":
        verdict, numbers = "inconclusive", f"{numbers}; both are bounds from below"
    both = [each for pair in pairs for each in pair]
    ahead = sum(each > 0 for each in differences)
    return _verdict(
        item,
        statement,
        (0.0, math.inf),
        differences,
        Judgement(verdict, found.interval, numbers),
        section,
        both,
        ahead,
    )


def _verdict(
    item: BenchmarkItem,
    statement: str,
    allowed: Interval,
    measured: Sequence[float],
    found: Judgement,
    section: str,
    records: Sequence[Record],
    true_of: int | None = None,
) -> Verdict:
    low, high = allowed
    return Verdict(
        item=item.id,
        kind="claim",
        verdict=found.verdict,
        statement=statement,
        expected=[max(low, -1e9), min(high, 1e9)],
        measured=[*measured],
        interval=found.interval,
        source=f"{SOURCE}, section {section}",
        digests=[each.digest for each in records],
        reason=found.numbers,
        true_of=true_of,
    )


def _bounds(interval: Interval | None, confidence: float) -> str:
    if interval is None:
        return ", too few for an interval"
    return f" ({100 * confidence:.3g} % interval {interval[0]:+.4f} to {interval[1]:+.4f})"
