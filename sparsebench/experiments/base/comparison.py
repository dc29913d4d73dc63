"""Did the start of training change? The first losses are compared step by step."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.judging.change import ONSET_LOSS, ONSET_STEPS, Change, in_pairs
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record


def first_losses_change(
    old: Sequence[Record], new: Sequence[Record], same_run: bool = True
) -> Change:
    """Compare first losses; the reason names the seed whose losses differ most."""
    pairs = in_pairs(old, new)
    if not pairs:
        return Change("undecided", "other seeds than before: they begin elsewhere")
    found = []
    for before, after in ((was.history["loss"], now.history["loss"]) for was, now in pairs):
        if len(before) != len(after):
            return Change("changed", f"{len(after)} steps, expected {len(before)}")
        apart = [abs(each - other) for each, other in zip(after, before, strict=True)]
        apart = apart[:ONSET_STEPS]
        worst = max(range(len(apart)), key=apart.__getitem__)
        text = (
            f"loss {after[worst]:.5f} at step {worst + 1}, expected {before[worst]:.5f} +- "
            f"{ONSET_LOSS} (the largest difference in {len(apart)} steps)"
        )
        found.append((apart[worst], text))
    furthest, text = max(found)
    return Change("changed" if furthest > ONSET_LOSS else "unchanged", text)


def _paired(old: Sequence[Record], new: Sequence[Record]) -> tuple[str, str]:
    """Always undecided: the first losses do not show how good a network becomes."""
    moved = [
        now.history["loss"][-1] - was.history["loss"][-1] for was, now in zip(old, new, strict=True)
    ]
    return "undecided", (
        f"first losses do not say (the last is {moved[0]:+.2g} beside that of the baseline): see what "
        "the accuracies do"
    )


LOSS_TRACE = Policy(
    figure="last loss",
    figure_of=metric("last_loss"),
    inexact=first_losses_change,
    paired=_paired,
    figures=lambda records: [records[0].metrics["last_loss"]],
    statement="the first losses are those of the baseline",
    replicated=False,
    unit="percent",
    larger_is="neither",
)
