"""What it means that the records of an item changed, and what every comparison of them shares.

Where both sides were trained by the same arithmetic, the same bits must come out. Elsewhere rounding
grows into other weights, but hardly moves the first losses. How accuracies, losses
and times are compared stands in modules beside this one, and in the folders of experiments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sparsebench.parts.records import Record

ONSET_STEPS = 50
ONSET_LOSS = 0.001
"""Nats, per step, over the first `ONSET_STEPS` steps, within which other instruction sets were
measured to move a loss by 2.4e-6 at most (docs/tolerances.md)."""

GATE_CONFIDENCE = 0.9998
"""Of the interval that must show that a population is worse before an item fails, one error in 10,000
on that side: with hundreds of items in a run, 95 % would cry wolf in each of them."""


@dataclass(frozen=True)
class Change:
    """How new records of an item stand to old ones.

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


def in_pairs(old: Sequence[Record], new: Sequence[Record]) -> list[tuple[Record, Record]]:
    """The records of the same cases on both sides, in the order of the new ones."""
    before = {record.digest: record for record in old}
    return [(before[record.digest], record) for record in new if record.digest in before]


def of_same_weights(pairs: Sequence[tuple[Record, Record]]) -> list[tuple[Record, Record]]:
    """Those of some pairs that evaluated the very same trained weights."""
    return [(was, now) for was, now in pairs if was.weights == now.weights != ""]


def first_other(pairs: Sequence[tuple[Record, Record]]) -> str:
    """What shows that one of some networks is not the one it was, and which; else nothing."""
    for was, now in pairs:
        if other := _other_network(was, now):
            return f"{other} (network {was.digest[:8]})"
    return ""


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


def per_seed(values: Sequence[float], digits: int = 4) -> str:
    """Figures as text, one for each seed."""
    return " / ".join(f"{value:.{digits}f}" for value in values)
