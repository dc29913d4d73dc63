"""Did accuracy change between two sets of records?

Where both sides evaluated the very same trained weights, accuracy can only differ by rounding, and
each seed is held to `SAME_WEIGHTS`.

Wired networks, and whatever is fine-tuned, are trained anew in every run. By the same arithmetic, the
same bits come out, and this module is not asked (`sparsebench.judging.bits`). Other engines round
otherwise, which grows into other weights. There, the first losses are held to `ONSET_LOSS`, which
rounding hardly moves, each network's accuracy to `APART`, and the mean of several to the interval over
the differences of each from itself.

Where the seeds are others, or base models were trained anew, populations are compared: the new one
may not be inferior by more than `MARGIN`.

Whatever else changed, bits, graphs or weights kept: accuracy that fell further than rounding or other
seeds explain makes an item `regressed`, and not only `changed`.
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
from sparsebench.values.identity import restore

SAME_WEIGHTS = 0.001
"""Accuracy, 0-1: 6 of 6,250 strings. Other instruction sets were measured to move none
(docs/tolerances.md)."""

APART = {"rnn_tanh": 0.5, "rnn_relu": 0.1, "lstm": 0.1, "gru": 0.06}
"""Accuracy, 0-1, by which a network may fall where another engine rounds otherwise: about twice what
networks and twins whose first weights differ in the last bit were measured to lie apart
(docs/tolerances.md)."""

REMADE = 0.1
"""Accuracy, 0-1, by which a single network, or the mean of few, may fall and still be only `changed`,
where it is not the one that it was although nothing rounds otherwise. Nine in ten twins lie within 0.06
of each other (docs/tolerances.md)."""

MARGIN = 0.005
"""Accuracy, 0-1, by which a population may be worse before anybody minds: half a point."""

FEWEST = 3
"""How many of a new population it takes to say that it is worse: accuracies have a tail, and one or two
may come from there (docs/gate.md)."""


def accuracies_change(
    old: Sequence[Record], new: Sequence[Record], one_sitting: bool = True
) -> Change:
    """Compare accuracies.

    Parameters
    ----------
    old, new
        Records of one measurement, none empty, in any order of seeds. Those with one digest on both
        sides are compared with themselves, and without any the two groups of replicates are.
    one_sitting
        Nothing that accuracies depend on.

    Returns
    -------
    Change
        The worst that was found, with its numbers.
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
    """Networks that are trained in every run, each beside itself, by engines that round otherwise.

    None may fall by more than `APART`, nor their mean by more than the margin, surely. What is within
    that, but not within the margin, is undecided.
    """
    other = first_other(pairs)
    before, after = (accuracies(side) for side in zip(*pairs, strict=True))
    text = f"accuracy {fmean(after):.4f}, before {fmean(before):.4f}"
    text = f"{other}; {text}" if other else f"{text}, first losses as before"
    differences = [now - was for was, now in zip(before, after, strict=True)]
    allowed = max(APART[restore(now.case).variant] for _, now in pairs)
    if other:
        allowed = min(allowed, REMADE)
    usual = mean_interval(differences)
    sure = mean_interval(differences, GATE_CONFIDENCE)
    text += f"; {'chance' if other else 'rounding'} may move a network by {allowed}"
    if min(differences) < -allowed:
        kind = "regressed"
        text += f", and one fell by {-min(differences):.4f}"
    elif usual is None or sure is None:
        kind = "unchanged" if differences[0] >= -MARGIN else "undecided"
        kind = "improved" if differences[0] > allowed else kind
    else:
        kind = _superiority(usual, sure)
        text += (
            f"; in {len(pairs)} networks, {GATE_CONFIDENCE:.2%} interval of the mean difference "
            f"{sure[0]:+.4f} to {sure[1]:+.4f}, margin {MARGIN}"
        )
    return Change("changed" if other and kind != "regressed" else kind, text)


def _some(values: Sequence[float]) -> str:
    """Up to three figures, or the extremes of more."""
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
)
"""Accuracies, of which seeds are drawn from one population."""
