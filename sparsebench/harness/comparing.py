"""Comparing records by the policy that their experiment has chosen."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.harness.registry import measurement_named
from sparsebench.judging.change import Change
from sparsebench.judging.policy import Policy
from sparsebench.parts.records import Record


def _not_judged(old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
    name = new[0].experiment
    return Change("undecided", f"experiment {name!r} is not installed here: nobody can judge it")


UNKNOWN = Policy(
    figure="accuracy",
    figure_of=lambda record: record.metrics.get("accuracy"),
    inexact=_not_judged,
    figures=lambda records: [
        each.metrics["accuracy"] for each in records if "accuracy" in each.metrics
    ],
    statement="nothing is known of this experiment",
    replicated=False,
    unit="points",
)
"""Records of an experiment that is not installed: shown as far as they can be."""


def policy_of(experiment: str) -> Policy:
    """How records with this `experiment` are judged."""
    measurement = measurement_named(experiment)
    return UNKNOWN if measurement is None else measurement.policy


def of_the_machine(experiment: str) -> bool:
    """Whether records with this `experiment` are times, compared within one kind of machine only."""
    return policy_of(experiment).of_the_machine


def change(old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
    """Did an item change between two sets of its records? See `sparsebench.judging.policy.Policy`."""
    return policy_of(new[0].experiment).change(old, new, same_run)
