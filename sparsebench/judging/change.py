"""Did a cell change between two sets of records? Asked by the gate and by `sparsebench compare`.

Where both sides evaluated the very same trained weights, accuracy can only differ by rounding, and
each seed is held to `SAME_WEIGHTS`.

Wired networks, and whatever is trained again, are trained anew in every run. Where both sides were
trained by the same kind of processor and compiler, the same bits must come out. Elsewhere, rounding
grows into other weights. There, the first losses are held to `ONSET_LOSS`, which rounding hardly
moves, a single network's accuracy to `TWINS`, and the mean of several to the interval over the
differences of each from itself.

Where the seeds are others, or base models were trained anew, populations are compared: the new one
may not be inferior by more than `MARGIN`.

Whatever else changed, bits, graphs or weights kept: accuracy that fell further than rounding or other
seeds explain, a loss or a time that grew so, makes a cell `regressed`, and not only `changed`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, geometric_mean, median

from sparsebench.experiments.capacity.comparison import (
    TASKS,
    losses_change,
    much_worse,
    other_figure,
    worse_figure,
)
from sparsebench.experiments.graph_statistics.comparison import ANALYSES, moved
from sparsebench.judging.intervals import (
    CONFIDENCE,
    difference_interval,
    lower_by_rank,
    mean_interval,
)
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record
from sparsebench.values.identity import restore

SAME_WEIGHTS = 0.001
"""Accuracy, 0-1: 6 of 6,250 strings. Other instruction sets were measured to move none
(docs/tolerances.md)."""

ONSET_STEPS = 50
ONSET_LOSS = 0.001
"""Nats, per step, over the first `ONSET_STEPS` steps, within which other instruction sets were
measured to move a loss by 2.4e-6 at most (docs/tolerances.md)."""

TWINS = {"rnn_tanh": 0.5, "rnn_relu": 0.1, "lstm": 0.1, "gru": 0.06}
"""Accuracy, 0-1, by which a single wired network may move where rounding differs: about twice what
networks and twins whose first weights differ in the last bit were measured to lie apart
(docs/tolerances.md)."""

REMADE = 0.1
"""Accuracy, 0-1, by which a single network may fall and still be only `changed`, where it is not the
one that it was although nothing rounds otherwise. Nine in ten twins lie within 0.06 of each other."""

MARGIN = 0.005
"""Accuracy, 0-1, by which a population may be worse before anybody minds: half a point."""

FEWEST = 3
"""How many of a new population it takes to say that it is worse: accuracies have a tail, and one or two
may come from there (docs/gate.md)."""

GATE_CONFIDENCE = 0.9998
"""Of the interval that must show that a population is worse before an item fails, one error in 10,000
on that side: with hundreds of items in a run, 95 % would cry wolf in each of them."""

SLOWER, ONE_SLOWER = 1.10, 1.30
"""By which factors forward passes, in units of the dense network's, may take longer: the mean over the
networks of a cell, and any one of them. Between what unchanged code was measured to move them by, and
the 20 % that must be seen (docs/gate.md)."""

DRIFT = 1.15
"""By which factor more they may take where both sides were not timed in one sitting: over hours, those
of unchanged code were seen to move by 12 % (docs/gate.md)."""


@dataclass(frozen=True)
class Change:
    """How new records of a cell stand to old ones.

    Attributes
    ----------
    kind
        `unchanged`; `improved` or `regressed` in accuracy or in time; `changed` where something else
        did (other first losses, other masks, other bits) and no accuracy fell beyond what explains it;
        `undecided` where there are too few seeds.
    reason
        The numbers: measured, expected, tolerance, seeds.
    same_weights
        Whether both sides evaluated the same trained weights.
    """

    kind: str
    reason: str
    same_weights: bool = False


def change(old: Sequence[Record], new: Sequence[Record], one_sitting: bool = True) -> Change:
    """Compare the records of one cell.

    Parameters
    ----------
    old, new
        Records of one experiment, none empty, in any order of seeds. Those with one digest on both
        sides are compared with themselves, and without any the two populations are.
    one_sitting
        Whether times of both sides were taken in one sitting (`sparsebench.parts.machine.SITTING`).

    Returns
    -------
    Change
        The worst that was found, with its numbers.
    """
    pairs = in_pairs(old, new)
    if new[0].experiment == "onset":
        return _onset_change(pairs)
    if new[0].experiment == "forward":
        return _time_change(pairs, one_sitting)
    if new[0].experiment in ANALYSES:
        return _analysis_change(pairs)
    if new[0].experiment in TASKS:
        return _task_change(old, new, pairs)
    same = _of_same_weights(pairs)
    if pairs and len(same) == len(pairs):
        return _same_weights_change(pairs)
    if pairs and new[0].history.get("onset_loss"):
        found = _networks_change(pairs)
    else:
        found = _population_change(old, new)
    if same and found.kind != "regressed":
        evaluated = _same_weights_change(same)
        return found if evaluated.kind == "unchanged" else evaluated
    return found


def in_pairs(old: Sequence[Record], new: Sequence[Record]) -> list[tuple[Record, Record]]:
    """The records of the same cases on both sides, in the order of the new ones."""
    before = {record.digest: record for record in old}
    return [(before[record.digest], record) for record in new if record.digest in before]


def judged_in_pairs(old: Sequence[Record], new: Sequence[Record]) -> bool:
    """Whether `change` looks at the records that have a counterpart, and at no others."""
    pairs = in_pairs(old, new)
    if not pairs:
        return False
    if new[0].experiment in ("onset", "forward", *ANALYSES, *TASKS):
        return True
    return len(_of_same_weights(pairs)) == len(pairs) or bool(new[0].history.get("onset_loss"))


def _of_same_weights(pairs: Sequence[tuple[Record, Record]]) -> list[tuple[Record, Record]]:
    """Those of some pairs that evaluated the very same trained weights."""
    return [(was, now) for was, now in pairs if was.weights == now.weights != ""]


def _analysis_change(pairs: Sequence[tuple[Record, Record]]) -> Change:
    """Does an analysis find what it found before?"""
    if not pairs:
        return Change("undecided", "other networks, or another method, than before")
    for was, now in pairs:
        other = moved(was, now)
        if other:
            return Change("changed", other)
    same = sum(was.weights == now.weights for was, now in pairs)
    return Change("unchanged", f"{len(pairs)} analyses, {same} of the very same networks")


def _task_change(
    old: Sequence[Record], new: Sequence[Record], pairs: Sequence[tuple[Record, Record]]
) -> Change:
    """Networks on other tasks: each beside itself if there are such, else two populations."""
    if not pairs:
        return Change(*losses_change(old, new, False, GATE_CONFIDENCE))
    same = _of_same_weights(pairs)
    whole = len(same) == len(pairs)
    text = f"{len(same)} of the same trained weights"
    if fallen := [other for pair in same if (other := worse_figure(*pair))]:
        return Change("regressed", f"{fallen[0]} ({text})", same_weights=whole)
    before, after = [was for was, _ in pairs], [now for _, now in pairs]
    losses = Change(*losses_change(before, after, True, GATE_CONFIDENCE))
    if other := _first_other(pairs):
        worse = losses.kind == "regressed" or much_worse(before, after)
        return Change("regressed" if worse else "changed", f"{other}; {losses.reason}")
    if losses.kind != "regressed" and (
        others := [other for pair in same if (other := other_figure(*pair))]
    ):
        return Change("changed", f"{others[0]} ({text})", same_weights=whole)
    return Change("unchanged", text, same_weights=True) if whole else losses


def _same_weights_change(pairs: Sequence[tuple[Record, Record]]) -> Change:
    was = accuracies([old for old, _ in pairs])
    now = accuracies([new for _, new in pairs])
    moved = [after - before for before, after in zip(was, now, strict=True)]
    text = f"accuracy {_per_seed(now)}, expected {_per_seed(was)} +- {SAME_WEIGHTS} each"
    kept = [(old.metrics.get("kept"), new.metrics.get("kept")) for old, new in pairs]
    if min(moved) < -SAME_WEIGHTS:
        kind = "regressed"
    elif any(before != after for before, after in kept):
        kind = "changed"
    elif max(moved) > SAME_WEIGHTS:
        kind = "improved"
    else:
        kind = "unchanged"
    if kind == "changed":
        text = (
            f"weights kept {', '.join(f'{after:.0f}' for _, after in kept if after is not None)}, "
            f"expected {', '.join(f'{before:.0f}' for before, _ in kept if before is not None)}"
        )
    return Change(kind, f"{text} (the same trained weights)", same_weights=True)


def _population_change(old: Sequence[Record], new: Sequence[Record]) -> Change:
    """Is the new population inferior to the old one, of other seeds, by more than the margin?"""
    was, now = accuracies(old), accuracies(new)
    text = (
        f"mean accuracy {fmean(now):.4f} ({_some(now)}), before {fmean(was):.4f} ({_some(was)}), "
        "trained anew"
    )
    if len(now) < FEWEST:
        return Change("undecided", f"{text}; fewer than {FEWEST} say nothing of a population")
    usual = difference_interval(was, now)
    sure = difference_interval(was, now, GATE_CONFIDENCE)
    if usual is None or sure is None:
        return Change("undecided", f"{text}; one seed tells nothing of the spread")
    text += (
        f"; interval of the difference {usual[0]:+.4f} to {usual[1]:+.4f} ({CONFIDENCE:.0%}), "
        f"{sure[0]:+.4f} to {sure[1]:+.4f} ({GATE_CONFIDENCE:.2%}), margin {MARGIN}"
    )
    found, level = _superiority(usual, sure), (1 - GATE_CONFIDENCE) / 2
    if found == "regressed" and not lower_by_rank(now, was, level):
        return Change("undecided", f"{text}; not so by ranks")
    if found == "improved" and not lower_by_rank(was, now, level):
        return Change("unchanged", f"{text}; not better by ranks")
    return Change(found, text)


def _superiority(usual: tuple[float, float], sure: tuple[float, float]) -> str:
    """What two intervals of a difference say: surely other than zero, and by more than the margin?"""
    middle = (sure[0] + sure[1]) / 2
    if sure[1] < 0 and middle < -MARGIN:
        return "regressed"
    if sure[0] > 0 and middle > MARGIN:
        return "improved"
    return "unchanged" if usual[0] >= -MARGIN else "undecided"


def _networks_change(pairs: Sequence[tuple[Record, Record]]) -> Change:
    """Networks that are trained in every run, each beside itself.

    What moves a single one further than rounding can is no rounding in the mean of several either.
    """
    other = _first_other(pairs)
    before, after = (accuracies(side) for side in zip(*pairs, strict=True))
    text = f"accuracy {fmean(after):.4f}, before {fmean(before):.4f}"
    text = f"{other}; {text}" if other else f"{text}, first losses as before"
    differences = [now - was for was, now in zip(before, after, strict=True)]
    allowed = max(TWINS[restore(now.case).variant] for _, now in pairs)
    if other:
        allowed = min(allowed, REMADE)
    moved = fmean(differences)
    usual = mean_interval(differences)
    sure = mean_interval(differences, GATE_CONFIDENCE)
    if usual is None or sure is None:
        kind = "unchanged" if moved >= -allowed else "regressed"
        kind = "improved" if moved > allowed else kind
        text += f"; {'chance' if other else 'rounding'} may move one such network by {allowed}"
    else:
        kind = "regressed" if moved < -allowed else _superiority(usual, sure)
        text += (
            f" in {len(pairs)} networks; {GATE_CONFIDENCE:.2%} interval of the mean difference "
            f"{sure[0]:+.4f} to {sure[1]:+.4f}, margin {MARGIN}"
        )
    return Change("changed" if other and kind != "regressed" else kind, text)


def _first_other(pairs: Sequence[tuple[Record, Record]]) -> str:
    """What shows that one of some networks is not the one it was, and which; else nothing."""
    for was, now in pairs:
        if other := _other_network(was, now) or _other_bits(was, now):
            return f"{other} (network {was.digest[:8]})"
    return ""


def _other_bits(was: Record, now: Record) -> str:
    """What shows that the same compiler and processor computed something else; else nothing."""
    comparable = was.processor == now.processor != "" and was.pruned_from == now.pruned_from
    if comparable and was.weights != now.weights:
        name = next(each for each in ("accuracy", "loss", "grammatical") if each in now.metrics)
        return (
            f"weights {now.weights[:12]}, expected {was.weights[:12]}: trained by the same processor "
            f"and compiler ({now.processor}), they should be the same bit for bit; {name} "
            f"{now.metrics[name]:.4f}, expected {was.metrics[name]:.4f}"
        )
    return ""


def _time_change(pairs: Sequence[tuple[Record, Record]], one_sitting: bool) -> Change:
    """Are forward passes slower than before, in units of the dense network's?"""
    if not pairs:
        return Change("undecided", "other networks than before")
    times = _times_change(pairs, one_sitting)
    kept = [(old.metrics["kept"], new.metrics["kept"]) for old, new in pairs]
    for before, after in kept:
        if before != after:
            text = f"weights kept {after:.0f}, expected {before:.0f}"
            if times.kind == "regressed":
                return Change("regressed", f"{text}; {times.reason}")
            return Change("changed", text)
    return times


def _times_change(pairs: Sequence[tuple[Record, Record]], one_sitting: bool) -> Change:
    """The same of the times alone, whatever networks took them."""
    if not all(
        each.history.get("time_ratios") and "time_ratio" in each.metrics
        for pair in pairs
        for each in pair
    ):
        return Change("undecided", "not timed")
    beside = [[len(each.history["time_ratios"]) for each in pair] for pair in pairs]
    for before, after in beside:
        if before != after:
            return Change("changed", f"timed beside {after} dense networks, expected {before}")
    was, now = ([each.metrics["time_ratio"] for each in side] for side in zip(*pairs, strict=True))
    factors = [
        median(
            after / before
            for before, after in zip(
                old.history["time_ratios"], new.history["time_ratios"], strict=True
            )
        )
        for old, new in pairs
    ]
    mean, worst = geometric_mean(factors), max(factors)
    drift = 1.0 if one_sitting else DRIFT
    slower, one_slower = SLOWER * drift, ONE_SLOWER * drift
    text = (
        f"forward times / dense {_per_seed(now, 3)}, expected {_per_seed(was, 3)}: {mean:.2f} times "
        f"as long on average, {worst:.2f} at most; allowed are {slower:.2f} and {one_slower:.2f}"
    )
    if not one_sitting:
        text += f", {DRIFT} times as much as within an hour"
    if mean > slower or worst > one_slower:
        return Change("regressed", text)
    return Change("improved" if mean < 1 / slower else "unchanged", text)


def _other_network(was: Record, now: Record) -> str:
    """What shows that a network is not the one it was, or is not trained as it was; else nothing."""
    for name in sorted(was.properties.keys() | now.properties.keys()):
        before, after = was.properties.get(name), now.properties.get(name)
        if before is None or after is None or not math.isclose(before, after, rel_tol=1e-9):
            return f"{name} is {after}, expected {before}"
    if was.metrics.get("kept") != now.metrics.get("kept"):
        return f"weights kept {now.metrics.get('kept')}, expected {was.metrics.get('kept')}"
    if was.pruned_from != now.pruned_from:
        return ""  # what was pruned had been trained anew: the losses begin elsewhere
    expected, measured = (each.history.get("onset_loss", []) for each in (was, now))
    if len(expected) != len(measured):
        return f"{len(measured)} means of first losses, expected {len(expected)}"
    for tens, (old, new) in enumerate(zip(expected, measured, strict=True), 1):
        if abs(new - old) > ONSET_LOSS * max(1.0, old):
            return (
                f"mean loss up to step {10 * tens} is {new:.5f}, expected {old:.5f} +- {ONSET_LOSS}"
            )
    return ""


def _onset_change(pairs: Sequence[tuple[Record, Record]]) -> Change:
    """Does training begin as it did? Told of the seed whose losses lie furthest apart."""
    if not pairs:
        return Change("undecided", "other seeds than before: they begin elsewhere")
    found = []
    for old, new in ((was.history["loss"], now.history["loss"]) for was, now in pairs):
        if len(old) != len(new):
            return Change("changed", f"{len(new)} steps, expected {len(old)}")
        steps = range(min(len(old), ONSET_STEPS))
        worst = max(steps, key=lambda step: abs(new[step] - old[step]))
        text = (
            f"loss {new[worst]:.5f} at step {worst + 1}, expected {old[worst]:.5f} +- {ONSET_LOSS} "
            f"(the largest difference in {len(steps)} steps)"
        )
        found.append((abs(new[worst] - old[worst]), text))
    furthest, text = max(found)
    return Change("changed" if furthest > ONSET_LOSS else "unchanged", text)


def _per_seed(values: Sequence[float], digits: int = 4) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in values)


def _some(values: Sequence[float]) -> str:
    """Up to three figures, or the extremes of more."""
    if len(values) <= 3:
        return _per_seed(values)
    return f"{len(values)} from {min(values):.4f} to {max(values):.4f}"
