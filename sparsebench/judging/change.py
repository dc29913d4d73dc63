"""Changes between two sets of records, and what all comparisons share.

If the same arithmetic trained both sides, the bits must agree. Otherwise rounding grows into
different weights, but hardly moves the first losses. Modules beside this one and in the
experiments' folders compare accuracies, losses and times.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sparsebench.parts.records import Record

ONSET_STEPS = 50
ONSET_LOSS = 0.001
"""Tolerance in nats per step over the first `ONSET_STEPS` steps. Other instruction sets were
measured to move a loss by at most 2.4e-6 (docs/reference/tolerances.md)."""

GATE_CONFIDENCE = 0.9998
"""Confidence of the interval that must show replicates to be worse before an item fails: one error
in 10,000 on that side. A run has hundreds of items, and at 95 % every run would raise false
alarms."""


@dataclass(frozen=True)
class Change:
    """How the new records of an item compare with the old ones.

    Attributes
    ----------
    kind
        `unchanged`; `improved` or `regressed` in accuracy or time; `changed` if something else did
        (other first losses, masks or bits) and no accuracy fell further than that explains;
        `undecided` if there are too few seeds.
    what
        The numbers: measured, expected, tolerance, seeds.
    sure
        How sure that is: an interval of the difference, its margin, what would decide; empty where
        `what` leaves no doubt, or the interval is left to the movement
        (`sparsebench.judging.movement`).
    same_weights
        Whether both sides evaluated the same trained weights.
    """

    kind: str
    what: str
    sure: str = ""
    same_weights: bool = False

    @property
    def reason(self) -> str:
        """All numbers, in one sentence."""
        return "; ".join(filter(None, (self.what, self.sure)))


def in_pairs(old: Sequence[Record], new: Sequence[Record]) -> list[tuple[Record, Record]]:
    """The records of cases that both sides have, in the order of the new ones."""
    before = {record.digest: record for record in old}
    return [(before[record.digest], record) for record in new if record.digest in before]


def of_same_weights(pairs: Sequence[tuple[Record, Record]]) -> list[tuple[Record, Record]]:
    """The pairs that evaluated the same trained weights."""
    return [(was, now) for was, now in pairs if was.weights == now.weights != ""]


def first_other(pairs: Sequence[tuple[Record, Record]]) -> str:
    """The first sign that a network differs from its earlier self, and which network; else empty."""
    for was, now in pairs:
        if other := _other_network(was, now):
            return f"{other} (network {was.digest[:8]})"
    return ""


def _other_network(was: Record, now: Record) -> str:
    """The first sign that a network differs, or was trained differently; else empty."""
    for name in sorted(was.properties.keys() | now.properties.keys()):
        before, after = was.properties.get(name), now.properties.get(name)
        if before is None or after is None or not math.isclose(before, after, rel_tol=1e-9):
            return f"{name} is {after}, expected {before}"
    if was.metrics.get("kept") != now.metrics.get("kept"):
        return f"weights kept {now.metrics.get('kept')}, expected {was.metrics.get('kept')}"
    if was.pruned_from != now.pruned_from:
        return ""  # the model that was pruned was trained anew, so the losses start elsewhere
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
    """Figures as text, one per seed."""
    return " / ".join(f"{value:.{digits}f}" for value in values)
