"""Did a cell change between two sets of records? Asked by the gate and by `sparsebench compare`.

Where both sides evaluated the very same trained weights, accuracy can only differ by rounding, and
each seed is held to `SAME_WEIGHTS`. Where the weights were trained anew, seeds scatter, and the
difference of the means is held to its interval.

Wired networks, pruned or not, are trained anew in every run. The same bits come out on the same
kind of processor; on another, rounding grows into other weights. There, the first losses are held to
`ONSET_LOSS`, which rounding hardly moves, a single network's accuracy to `TWINS`, and the mean of
several to an interval over the differences of each from itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.experiments.figures import accuracies
from sparsebench.experiments.intervals import difference_interval, mean_interval
from sparsebench.parts.records import Record
from sparsebench.values.case import restore

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

GROUP_CONFIDENCE = 0.999
"""Of the interval of the mean difference of a group of such networks from themselves."""


@dataclass(frozen=True)
class Change:
    """How new records of a cell stand to old ones.

    Attributes
    ----------
    kind
        `unchanged`; `improved` or `regressed` in accuracy; `changed` where better and worse do not
        apply (other losses, other masks); `undecided` where there are too few seeds.
    reason
        The numbers: measured, expected, tolerance, seeds.
    same_weights
        Whether both sides evaluated the same trained weights.
    """

    kind: str
    reason: str
    same_weights: bool = False


def change(old: Sequence[Record], new: Sequence[Record]) -> Change:
    """Compare the records of one cell; both sides hold one record per seed, matched by digest.

    Parameters
    ----------
    old, new
        Records of one experiment, none empty, in any order of seeds.

    Returns
    -------
    Change
        The worst that was found, with its numbers.
    """
    if new[0].experiment == "onset":
        return _onset_change(old[0].history["loss"], new[0].history["loss"])
    before = {record.digest: record for record in old}
    pairs = [(before[record.digest], record) for record in new if record.digest in before]
    if pairs and all(was.weights == now.weights != "" for was, now in pairs):
        return _same_weights_change(pairs)
    if pairs and new[0].history.get("onset_loss"):
        return _networks_change(pairs)
    return _retrained_change(old, new)


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


def _retrained_change(old: Sequence[Record], new: Sequence[Record]) -> Change:
    was, now = accuracies(old), accuracies(new)
    strings = min(int(record.metrics["strings"]) for record in (*old, *new))
    interval = difference_interval(was, now, strings)
    text = (
        f"mean accuracy {fmean(now):.4f} ({_per_seed(now)}), before {fmean(was):.4f} "
        f"({_per_seed(was)}), trained anew"
    )
    if interval is None:
        return Change("undecided", f"{text}; one seed tells nothing of the spread")
    text += f"; 95 % interval of the difference {interval[0]:+.4f} to {interval[1]:+.4f}"
    if interval[1] < 0:
        return Change("regressed", text)
    return Change("improved" if interval[0] > 0 else "unchanged", text)


def _networks_change(pairs: Sequence[tuple[Record, Record]]) -> Change:
    """Networks that are trained in every run, each beside itself."""
    for was, now in pairs:
        other = _other_network(was, now)
        if other:
            return Change("changed", f"{other} (network {was.digest[:8]})")
    before, after = (accuracies(side) for side in zip(*pairs, strict=True))
    text = f"accuracy {fmean(after):.4f}, before {fmean(before):.4f}, first losses as before"
    differences = [now - was for was, now in zip(before, after, strict=True)]
    interval = mean_interval(differences, GROUP_CONFIDENCE)
    if interval is None:
        (difference,) = differences
        allowed = TWINS[restore(pairs[0][1].case).variant]
        text += f"; rounding may move one such network by {allowed}"
        if abs(difference) <= allowed:
            return Change("unchanged", text)
        return Change("regressed" if difference < 0 else "improved", text)
    text += (
        f" in {len(pairs)} networks; {GROUP_CONFIDENCE:.1%} interval of the mean difference "
        f"{interval[0]:+.4f} to {interval[1]:+.4f}"
    )
    if interval[1] < 0:
        return Change("regressed", text)
    return Change("improved" if interval[0] > 0 else "unchanged", text)


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


def _per_seed(values: Sequence[float]) -> str:
    return " / ".join(f"{value:.4f}" for value in values)
