"""Published claims: ranges that networks lie in, and groups of networks that do better than others.

A claim about models holds if it is true of most: the exact interval of the share of seeds for which it
is true (Clopper and Pearson) lies above one half. It is contradicted if that lies below, and open
otherwise; three of three seeds leave it open, six of six do not. A claim about a mean is judged by the
interval of the mean over as many pairs as its coverage was measured for (docs/gate.md).

What is claimed of an experiment stands in its folder.

Words are made into numbers alike everywhere: "near 100 %" is read as at least 0.99 (the author's
own GRU stands at 0.9936 where the text says so), "around 95 %" as at least 0.94 (his GRU has 0.9507),
"baseline accuracy" as 0.5 +- 0.05 (a constant answer is right for 0.494 or 0.506 of the strings),
"a sharp decline at p" as `FALL` or more below the level that held before p, and "approximately the
same" (slides) as within 0.02.
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
from sparsebench.values.identity import restore

NEAR_100, AROUND_95 = 0.99, 0.94
CHANCE = (0.45, 0.55)

FALL = 0.07
"""By how much a sharp decline is below the level that held: where the text says so of the author's two
published models, his own accuracies are 0.074 (GRU, 90 % of i2h: 0.876, level 0.95) to 0.44 below."""

HALF = 0.5
"""The share of seeds, or of pairs, that most are more than."""


@dataclass(frozen=True)
class Figure:
    """What a claim speaks of.

    Attributes
    ----------
    name
        What it is called.
    has, of
        Whether a record of an accuracy has the figure, and takes it.
    absent
        What is said where no record has it: the claim is open then. Nothing: it is not judged.
    """

    name: str
    has: Callable[[Record], bool]
    of: Callable[[Record], float]
    absent: str = ""


ACCURACY = Figure("accuracy", lambda record: True, lambda record: record.metrics["accuracy"])


@dataclass(frozen=True)
class Claim:
    """A published statement about the records of one item.

    Attributes
    ----------
    statement
        What is claimed, in words and numbers.
    low, high
        The range that the figure of a network lies in, both ends included.
    source
        Section, figure or table of the publication, or section of the slides.
    figure
        What is judged.
    publication
        Where the source is, unless that says so itself, as that of a slide does.
    note
        What to keep in mind of what was judged.
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
        What is claimed, in words.
    better, worse
        Each group.
    source
        Section, figure or table of the publication.
    group_of
        The group that a case belongs to.
    pair_of
        What a case of one group shares with that of the other that it is held against.
    publication
        Where the source is.
    on_average
        Whether that is claimed of the mean; else of most pairs.
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
    """What some figures say of a statement.

    Attributes
    ----------
    verdict
        `pass`, `fail` or `inconclusive`.
    interval
        Of the share, or of the mean, that was judged; None where there is none.
    numbers
        These in words.
    """

    verdict: str
    interval: Interval | None
    numbers: str


def judge_share(
    true: int, of: int, confidence: float = CONFIDENCE, what: str = "seeds"
) -> Judgement:
    """Is a statement true of most, when it is true of so many of those that were looked at?"""
    if of == 0:
        return Judgement("inconclusive", None, f"no {what}")
    low, high = share_interval(true, of, confidence)
    verdict = "pass" if low > HALF else "fail" if high < HALF else "inconclusive"
    bounds = f"{100 * confidence:.4g} % interval {low:.2f}-{high:.2f}"
    return Judgement(verdict, (low, high), f"{true} of {of} {what}, {bounds}")


def judge_mean(differences: Sequence[float], confidence: float = CONFIDENCE) -> Judgement:
    """Is the mean of some differences above 0? Too few leave it open."""
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
    """Is the first of most pairs ahead? Pairs that do not differ say nothing (the sign test)."""
    ahead = sum(each > 0 for each in differences)
    apart = sum(each != 0 for each in differences)
    found = judge_share(ahead, apart, confidence, "pairs that differ")
    count = f"{len(differences)} pairs, difference {fmean(differences):+.4f}"
    return Judgement(found.verdict, found.interval, f"{count}, ahead in {found.numbers}")


def judge_claim(
    item: str, claim: Claim, records: Sequence[Record], confidence: float = CONFIDENCE
) -> Verdict | None:
    """Hold the records of an item, one per seed, against a claim about models.

    None if no record has its figure, and the figure does not say what that means.
    """
    figure = claim.figure
    accurate = [each for each in records if "accuracy" in each.metrics]
    judged = [each for each in accurate if figure.has(each)]
    if not judged and not (accurate and figure.absent):
        return None
    measured = [figure.of(each) for each in judged]
    true = sum(claim.low <= each <= claim.high for each in measured)
    found = judge_share(true, len(measured), confidence)
    seeds = ", ".join(str(int(restore(record.case).seed)) for record in judged)
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
    """Hold two groups among some records against each other, pair by pair; None if there is no pair.

    Judged by the interval of the mean difference within pairs, or by the share of pairs whose first is
    ahead.
    """
    groups: dict[Hashable, dict[Any, Record]] = {}
    for record in records:
        case = restore(record.case)
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
