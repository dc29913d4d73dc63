"""Published claims: ranges for the figures of networks, and groups of networks that do better.

A claim about models holds if it is true of most seeds: the exact interval (Clopper and Pearson) of
the share of seeds for which it is true lies above one half. It is contradicted if the interval lies
below one half, and open otherwise. Three of three seeds leave it open; six of six decide it. A
claim about a mean is judged by the interval of the mean, over at least as many pairs as its
coverage was measured for (docs/design/gate.md).

The claims themselves stand in the experiments' folders.

Words become numbers in the same way everywhere: "near 100 %" is at least 0.99 (the author's own GRU
has 0.9936 where the text says so), "around 95 %" is at least 0.94 (his GRU has 0.9507), "baseline
accuracy" is 0.5 +- 0.05 (a constant answer is right for 0.494 or 0.506 of the strings), "a sharp
decline at p" is `FALL` or more below the level before p, and "approximately the same" (slides) is
within 0.02.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sparsebench.judging.intervals import (
    CONFIDENCE,
    FEWEST_VALUES,
    Interval,
    covering_interval,
    share_interval,
)
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record, Verdict

NEAR_100, AROUND_95 = 0.99, 0.94
CHANCE = (0.45, 0.55)

FALL = 0.07
"""How far a sharp decline lies below the earlier level. Where the text says so of the author's two
published models, his own accuracies lie 0.074 (GRU, 90 % of i2h: 0.876, level 0.95) to 0.44
below."""

HALF = 0.5
"""A statement is true of most seeds, or pairs, if it is true of more than this share."""


@dataclass(frozen=True)
class Figure:
    """The figure that a claim is about.

    Attributes
    ----------
    name
        Its name.
    has, of
        Whether a record with an accuracy has the figure; takes it from the record.
    absent
        The explanation if no record has it, which leaves the claim open. Empty: the claim is not
        judged.
    """

    name: str
    has: Callable[[Record], bool]
    of: Callable[[Record], float]
    absent: str = ""


ACCURACY = Figure("accuracy", lambda record: True, lambda record: record.metrics["accuracy"])


@dataclass(frozen=True)
class Claim:
    """A published statement about the figures of one item.

    Attributes
    ----------
    statement
        The claim, in words and numbers.
    low, high
        The range of a network's figure, both ends included.
    source
        Section, figure or table of the publication, or section of the slides.
    figure
        The figure that is judged.
    publication
        The publication that `source` is in; not shown if `source` names it, as for the slides.
    note
        A caveat that is shown with the verdict.
    """

    statement: str
    low: float
    high: float
    source: str
    figure: Figure = ACCURACY
    publication: str = "thesis"
    note: str = ""


@dataclass(frozen=True)
class Contrast:
    """A published statement that one group of networks does better than another.

    Attributes
    ----------
    statement
        The claim, in words.
    better, worse
        The keys of the two groups.
    source
        Section, figure or table of the publication.
    group_of
        Takes a case to the key of its group.
    pair_of
        Takes a case to its key within the group; cases of both groups with equal keys form a pair.
    publication
        The publication that `source` is in.
    on_average
        Whether the claim is about the mean difference; otherwise about most pairs.
    """

    statement: str
    better: Hashable
    worse: Hashable
    source: str
    group_of: Callable[[Any], Hashable]
    pair_of: Callable[[Any], Any]
    publication: str = "thesis"
    on_average: bool = False


@dataclass(frozen=True)
class Judgement:
    """The judgement of a statement by some figures.

    Attributes
    ----------
    verdict
        `pass`, `fail` or `inconclusive`.
    interval
        Of the share or mean that was judged; None if there is none.
    numbers
        The figures in words.
    """

    verdict: str
    interval: Interval | None
    numbers: str


def judge_share(
    true: int, of: int, confidence: float = CONFIDENCE, what: str = "seeds"
) -> Judgement:
    """Is a statement that is true of `true` out of `of` cases true of most?"""
    if of == 0:
        return Judgement("inconclusive", None, f"no {what}")
    low, high = share_interval(true, of, confidence)
    verdict = "pass" if low > HALF else "fail" if high < HALF else "inconclusive"
    bounds = f"{100 * confidence:.4g} % interval {low:.2f}-{high:.2f}"
    return Judgement(verdict, (low, high), f"{true} of {of} {what}, {bounds}")


def judge_mean(differences: Sequence[float], confidence: float = CONFIDENCE) -> Judgement:
    """Is the mean of some differences above 0? Too few differences leave the statement open."""
    count = f"{len(differences)} pairs, difference {fmean(differences):+.4f}"
    interval = covering_interval(differences, confidence)
    if interval is None:
        return Judgement(
            "inconclusive", None, f"{count}, fewer than {FEWEST_VALUES} decide nothing"
        )
    low, high = interval
    verdict = "pass" if low > 0 else "fail" if high < 0 else "inconclusive"
    bounds = f"{100 * confidence:.4g} % interval {low:+.4f} to {high:+.4f}"
    return Judgement(verdict, interval, f"{count}, {bounds}")


def judge_pairs(differences: Sequence[float], confidence: float = CONFIDENCE) -> Judgement:
    """Is the first member of most pairs ahead? Pairs without a difference do not count (sign test)."""
    ahead = sum(each > 0 for each in differences)
    apart = sum(each != 0 for each in differences)
    found = judge_share(ahead, apart, confidence, "pairs that differ")
    count = f"{len(differences)} pairs, difference {fmean(differences):+.4f}"
    return Judgement(found.verdict, found.interval, f"{count}, ahead in {found.numbers}")


def judge_claim(
    item: str, claim: Claim, records: Sequence[Record], confidence: float = CONFIDENCE
) -> Verdict | None:
    """Judge a claim about models by the records of an item, one per seed.

    Returns None if no record has the claim's figure and the figure has no text for that case.
    """
    figure = claim.figure
    accurate = [each for each in records if "accuracy" in each.metrics]
    judged = [each for each in accurate if figure.has(each)]
    if not judged and not (accurate and figure.absent):
        return None
    measured = [figure.of(each) for each in judged]
    true = sum(claim.low <= each <= claim.high for each in measured)
    found = judge_share(true, len(measured), confidence)
    seeds = ", ".join(str(int(record.restored.seed)) for record in judged)
    told = [
        f"{found.numbers}; mean {fmean(measured):.4f}, seeds {seeds}" if judged else figure.absent,
        *([claim.note] if claim.note else []),
    ]
    return Verdict(
        item=item,
        kind="claim",
        verdict=found.verdict,
        statement=claim.statement,
        expected=[claim.low, claim.high],
        measured=measured,
        interval=found.interval,
        source=_cited(claim),
        digests=[record.digest for record in judged or accurate],
        reason="; ".join(told),
        true_of=true if judged else None,
    )


def judge_contrast(
    item: str, contrast: Contrast, records: Sequence[Record], confidence: float = CONFIDENCE
) -> Verdict | None:
    """Judge a contrast by pairs of records from its two groups; None if there is no pair.

    It is judged by the interval of the mean difference within pairs, or by the share of pairs whose
    first member is ahead.
    """
    groups: dict[Hashable, dict[Any, Record]] = {}
    for record in records:
        case = record.restored
        groups.setdefault(contrast.group_of(case), {})[contrast.pair_of(case)] = record
    one, other = (groups.get(name, {}) for name in (contrast.better, contrast.worse))
    pairs = [(one[key], other[key]) for key in sorted(one.keys() & other.keys())]
    if not pairs:
        return None
    above, below = (accuracies(group) for group in zip(*pairs, strict=True))
    differences = [high - low for high, low in zip(above, below, strict=True)]
    judge = judge_mean if contrast.on_average else judge_pairs
    found = judge(differences, confidence)
    return Verdict(
        item=item,
        kind="claim",
        verdict=found.verdict,
        statement=contrast.statement,
        expected=[0.0, 1.0],
        measured=differences,
        interval=found.interval,
        source=_cited(contrast),
        digests=[record.digest for pair in pairs for record in pair],
        reason=f"means {fmean(above):.4f} and {fmean(below):.4f} over {found.numbers}",
        true_of=None if contrast.on_average else sum(each > 0 for each in differences),
    )


def _cited(claim: Claim | Contrast) -> str:
    """The publication and the place in it."""
    by_itself = claim.source.startswith("slides")
    return claim.source if by_itself else f"{claim.publication}, {claim.source}"
