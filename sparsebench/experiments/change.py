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
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, geometric_mean, median

from sparsebench.experiments.analysis_change import ANALYSES, moved
from sparsebench.experiments.figures import accuracies
from sparsebench.experiments.intervals import (
    CONFIDENCE,
    difference_interval,
    lower_by_rank,
    mean_interval,
)
from sparsebench.experiments.task_change import TASKS, losses_change, other_figure
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
        `unchanged`; `improved` or `regressed` in accuracy or in time; `changed` where better and worse
        do not apply (other losses, other masks, other bits); `undecided` where there are too few
        seeds.
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
    before = {record.digest: record for record in old}
    pairs = [(before[record.digest], record) for record in new if record.digest in before]
    if new[0].experiment == "onset":
        return _onset_change(old[0].history["loss"], new[0].history["loss"])
    if new[0].experiment == "forward":
        return _time_change(pairs, one_sitting)
    if new[0].experiment in ANALYSES:
        return _analysis_change(pairs)
    if new[0].experiment in TASKS:
        return _task_change(old, new, pairs)
    if pairs and all(was.weights == now.weights != "" for was, now in pairs):
        return _same_weights_change(pairs)
    if pairs and new[0].history.get("onset_loss"):
        return _networks_change(pairs)
    return _population_change(old, new)


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
    for was, now in pairs:
        other = _other_network(was, now) or _other_bits(was, now)
        if other:
            return Change("changed", f"{other} (network {was.digest[:8]})")
    if not pairs:
        return Change(*losses_change(old, new, False, GATE_CONFIDENCE))
    if all(was.weights == now.weights != "" for was, now in pairs):
        others = [other for pair in pairs if (other := other_figure(*pair))]
        text = f"{len(pairs)} of the same trained weights"
        if others:
            return Change("changed", f"{others[0]} ({text})", same_weights=True)
        return Change("unchanged", text, same_weights=True)
    before, after = [was for was, _ in pairs], [now for _, now in pairs]
    return Change(*losses_change(before, after, True, GATE_CONFIDENCE))


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
    """Networks that are trained in every run, each beside itself."""
    for was, now in pairs:
        other = _other_network(was, now) or _other_bits(was, now)
        if other:
            return Change("changed", f"{other} (network {was.digest[:8]})")
    before, after = (accuracies(side) for side in zip(*pairs, strict=True))
    text = f"accuracy {fmean(after):.4f}, before {fmean(before):.4f}, first losses as before"
    differences = [now - was for was, now in zip(before, after, strict=True)]
    usual = mean_interval(differences)
    sure = mean_interval(differences, GATE_CONFIDENCE)
    if usual is None or sure is None:
        (difference,) = differences
        allowed = TWINS[restore(pairs[0][1].case).variant]
        text += f"; rounding may move one such network by {allowed}"
        if abs(difference) <= allowed:
            return Change("unchanged", text)
        return Change("regressed" if difference < 0 else "improved", text)
    text += (
        f" in {len(pairs)} networks; {GATE_CONFIDENCE:.2%} interval of the mean difference "
        f"{sure[0]:+.4f} to {sure[1]:+.4f}, margin {MARGIN}"
    )
    return Change(_superiority(usual, sure), text)


def _other_bits(was: Record, now: Record) -> str:
    """What shows that the same compiler and processor computed something else; else nothing."""
    comparable = was.processor == now.processor != "" and was.pruned_from == now.pruned_from
    if comparable and was.weights != now.weights:
        name = "accuracy" if "accuracy" in now.metrics else "loss"
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
    kept = [(old.metrics["kept"], new.metrics["kept"]) for old, new in pairs]
    for before, after in kept:
        if before != after:
            return Change("changed", f"weights kept {after:.0f}, expected {before:.0f}")
    if not all(each.history.get("time_ratios") for pair in pairs for each in pair):
        return Change("undecided", "not timed")
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


def _onset_change(old: Sequence[float], new: Sequence[float]) -> Change:
    if len(old) != len(new):
        return Change("changed", f"{len(new)} steps, expected {len(old)}")
    differences = [abs(after - before) for before, after in zip(old, new, strict=True)]
    judged = differences[:ONSET_STEPS]
    worst = max(range(len(judged)), key=judged.__getitem__)
    text = (
        f"loss {new[worst]:.5f} at step {worst + 1}, expected {old[worst]:.5f} +- {ONSET_LOSS} "
        f"(the largest difference in {len(judged)} steps)"
    )
    return Change("changed" if judged[worst] > ONSET_LOSS else "unchanged", text)


def _per_seed(values: Sequence[float], digits: int = 4) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in values)


def _some(values: Sequence[float]) -> str:
    """Up to three figures, or the extremes of more."""
    if len(values) <= 3:
        return _per_seed(values)
    return f"{len(values)} from {min(values):.4f} to {max(values):.4f}"
