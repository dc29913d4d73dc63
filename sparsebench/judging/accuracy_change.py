"""Did accuracy change between two sets of records?

If both sides evaluated the same trained weights, accuracy can differ only by rounding: each seed
must stay within `SAME_WEIGHTS`.

Wired and fine-tuned networks are trained in every run. The same arithmetic gives the same bits,
which `sparsebench.judging.bits` compares; this module is not used then. Other engines round
differently, and rounding grows into different weights. In that case the first losses must stay
within `ONSET_LOSS`, because rounding hardly moves them; each network's accuracy must stay within
`APART`; and the mean over several networks is judged by the interval of the paired differences.

If the seeds differ, or the base models were trained anew, two groups of replicates are compared:
the new group must not be inferior by more than `MARGIN`.

An item is `regressed`, and not only `changed`, when accuracy fell further than rounding or other
seeds explain, whatever else changed (bits, graphs, numbers of weights).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.judging.change import (
    GATE_CONFIDENCE,
    Change,
    first_other,
    in_pairs,
    of_same_weights,
    per_seed,
)
from sparsebench.judging.intervals import (
    CONFIDENCE,
    accuracy_interval,
    difference_interval,
    lower_by_rank,
    mean_interval,
)
from sparsebench.judging.metrics import accuracies
from sparsebench.judging.paired import compared
from sparsebench.judging.policy import Policy
from sparsebench.parts.records import Record

SAME_WEIGHTS = 0.001
"""Accuracy, 0-1: 6 of 6,250 strings. Other instruction sets were measured to move no string
(docs/reference/tolerances.md)."""

APART = {"rnn_tanh": 0.5, "rnn_relu": 0.1, "lstm": 0.1, "gru": 0.06, "mgu": 0.1}
"""Accuracy, 0-1, that a network may lose where another engine rounds differently: about twice the
measured distance between networks, and between twins whose initial weights differ in the last bit
(docs/reference/tolerances.md). MGU has LSTM's, because its own twins are not measured."""

REMADE = 0.1
"""Accuracy, 0-1, that one network, or the mean of a few, may lose and still be only `changed`,
where the network is a different one although the rounding is the same. Nine in ten pairs of twins
lie within 0.06 of each other (docs/reference/tolerances.md)."""

MARGIN = 0.005
"""Accuracy, 0-1, by which new replicates may be worse before it counts: half a point."""

FEWEST = 3
"""Replicates needed to call them worse. Accuracies have a tail, and one or two networks may come
from it (docs/design/gate.md)."""


def accuracies_change(
    old: Sequence[Record], new: Sequence[Record], same_run: bool = True
) -> Change:
    """Compare the accuracies of two sets of records.

    Parameters
    ----------
    old, new
        Records of one measurement, in any order of seeds; neither side is empty. Records with the
        same digest are compared in pairs; without any such pair, the two groups of replicates are
        compared.
    same_run
        Ignored: accuracies do not depend on when they were measured.

    Returns
    -------
    Change
        The worst finding, with its numbers.
    """
    pairs = in_pairs(old, new)
    same = of_same_weights(pairs)
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


def _in_pairs(old: Sequence[Record], new: Sequence[Record]) -> bool:
    pairs = in_pairs(old, new)
    whole = len(of_same_weights(pairs)) == len(pairs)
    return bool(pairs) and (whole or bool(new[0].history.get("onset_loss")))


def _same_weights_change(pairs: Sequence[tuple[Record, Record]]) -> Change:
    was = accuracies([old for old, _ in pairs])
    now = accuracies([new for _, new in pairs])
    moved = [after - before for before, after in zip(was, now, strict=True)]
    text = f"accuracy {per_seed(now)}, expected {per_seed(was)} +- {SAME_WEIGHTS} each"
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
    """Are the new replicates inferior to the old ones, of other seeds, by more than the margin?"""
    was, now = accuracies(old), accuracies(new)
    text = (
        f"mean accuracy {fmean(now):.4f} ({_some(now)}), before {fmean(was):.4f} ({_some(was)}), "
        "trained anew"
    )
    if len(now) < FEWEST:
        return Change("undecided", text, f"fewer than {FEWEST} replicates decide nothing")
    usual = difference_interval(was, now)
    sure = difference_interval(was, now, GATE_CONFIDENCE)
    if usual is None or sure is None:
        return Change("undecided", text, "one seed does not show the spread")
    numbers = (
        f"interval of the difference {usual[0]:+.4f} to {usual[1]:+.4f} ({CONFIDENCE:.0%}), "
        f"{sure[0]:+.4f} to {sure[1]:+.4f} ({GATE_CONFIDENCE:.2%}), margin {MARGIN}"
    )
    found, level = _superiority(usual, sure), (1 - GATE_CONFIDENCE) / 2
    if found == "regressed" and not lower_by_rank(now, was, level):
        return Change("undecided", text, f"{numbers}; the rank test does not confirm it")
    if found == "improved" and not lower_by_rank(was, now, level):
        return Change(
            "unchanged", text, f"{numbers}; the rank test does not confirm an improvement"
        )
    return Change(found, text, numbers)


def _superiority(usual: tuple[float, float], sure: tuple[float, float]) -> str:
    """Judge two intervals of a difference: does it surely differ from zero, and exceed the margin?"""
    middle = (sure[0] + sure[1]) / 2
    if sure[1] < 0 and middle < -MARGIN:
        return "regressed"
    if sure[0] > 0 and middle > MARGIN:
        return "improved"
    return "unchanged" if usual[0] >= -MARGIN else "undecided"


def _networks_change(pairs: Sequence[tuple[Record, Record]]) -> Change:
    """Compare networks that are trained in every run with themselves, across different engines.

    None may lose more than `APART`, and their mean may not surely lose more than the margin. A mean
    between these bounds is undecided.
    """
    other = first_other(pairs)
    before, after = (accuracies(side) for side in zip(*pairs, strict=True))
    text = f"accuracy {fmean(after):.4f}, before {fmean(before):.4f}"
    text = f"{other}; {text}" if other else f"{text}, first losses as before"
    differences = [now - was for was, now in zip(before, after, strict=True)]
    allowed = max(APART[now.restored.variant] for _, now in pairs)
    if other:
        allowed = min(allowed, REMADE)
    usual = mean_interval(differences)
    sure = mean_interval(differences, GATE_CONFIDENCE)
    text += f"; {'chance' if other else 'rounding'} may move a network by {allowed}"
    numbers = ""
    if min(differences) < -allowed:
        kind = "regressed"
        text += f", and one fell by {-min(differences):.4f}"
    elif usual is None or sure is None:
        kind = "unchanged" if differences[0] >= -MARGIN else "undecided"
        kind = "improved" if differences[0] > allowed else kind
    else:
        kind = _superiority(usual, sure)
        numbers = (
            f"in {len(pairs)} networks, {GATE_CONFIDENCE:.2%} interval of the mean difference "
            f"{sure[0]:+.4f} to {sure[1]:+.4f}, margin {MARGIN}"
        )
    return Change("changed" if other and kind != "regressed" else kind, text, numbers)


def _some(values: Sequence[float]) -> str:
    """Up to three figures, or the smallest and largest of more."""
    if len(values) <= 3:
        return per_seed(values)
    return f"{len(values)} from {min(values):.4f} to {max(values):.4f}"


def _paired(old: Sequence[Record], new: Sequence[Record]) -> tuple[str, str]:
    differences = [now - was for was, now in zip(accuracies(old), accuracies(new), strict=True)]
    return compared(differences, MARGIN, REMADE, lambda each: f"{each:+.4f} of accuracy")


def _interval(records: Sequence[Record]) -> tuple[float, float] | None:
    return accuracy_interval(accuracies(records), int(records[0].metrics["strings"]))


ACCURACY = Policy(
    figure="accuracy",
    figure_of=lambda record: record.metrics.get("accuracy"),
    inexact=accuracies_change,
    paired=_paired,
    inexact_in_pairs=_in_pairs,
    figures=accuracies,
    interval=_interval,
    statement="accuracy is that of the baseline",
    unit="points",
)
"""Accuracies; replicates with other seeds are comparable."""
