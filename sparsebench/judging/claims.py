"""Published claims: ranges that a mean figure lies in, and groups of networks that do better.

What is claimed of an experiment stands in its folder.

Words are made into numbers alike everywhere: "near 100 %" is read as at least 0.99 (the author's
own GRU stands at 0.9936 where the text says so), "around 95 %" as at least 0.94 (his GRU has 0.9507),
"baseline accuracy" as 0.5 +- 0.05 (a constant answer is right for 0.494 or 0.506 of the strings),
"a sharp decline at p" as below the level that held before p, and "approximately the same" (slides) as
within 0.02.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from sparsebench.judging.intervals import CONFIDENCE, accuracy_interval, mean_interval
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.identity import restore

NEAR_100, AROUND_95 = 0.99, 0.94
CHANCE = (0.45, 0.55)

UNANIMOUS = 3
"""Seeds that must agree to decide a claim whose interval, wide with so few, does not."""


@dataclass(frozen=True)
class Figure:
    """What a claim speaks of.

    Attributes
    ----------
    name
        What it is called.
    has, of
        Whether a record of an accuracy has the figure, and takes it.
    share_of_strings
        Whether it is a share of the strings of a record, 0-1, as accuracy is.
    """

    name: str
    has: Callable[[Record], bool]
    of: Callable[[Record], float]
    share_of_strings: bool = True


ACCURACY = Figure("accuracy", lambda record: True, lambda record: record.metrics["accuracy"])


@dataclass(frozen=True)
class Claim:
    """A published statement about the records of one item.

    Attributes
    ----------
    statement
        What is claimed, in words and numbers.
    low, high
        The range that the mean over seeds lies in, both ends included.
    source
        Section, figure or table of the publication, or section of the slides.
    figure
        What is judged.
    publication
        Where the source is, unless that says so itself, as that of a slide does.
    """

    statement: str
    low: float
    high: float
    source: str
    figure: Figure = ACCURACY
    publication: str = "thesis"


@dataclass(frozen=True)
class Contrast:
    """A published statement that one group of networks does better than another, on average.

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
    """

    statement: str
    better: Hashable
    worse: Hashable
    source: str
    group_of: Callable[[Any], Hashable]
    pair_of: Callable[[Any], Any]
    publication: str = "thesis"


def judge_claim(
    item: str,
    claim: Claim,
    records: Sequence[Record],
    confidence: float = CONFIDENCE,
    unanimous: int | None = UNANIMOUS,
) -> Verdict | None:
    """Hold the records of an item, one per seed, against a claim; None if none has its figure.

    A claim passes if the interval of the mean over seeds lies in its range, or every one of `unanimous`
    seeds or more does, unless that is None; it fails if the interval or every seed lies outside;
    otherwise it is inconclusive: the seeds disagree, and more of them would tell.
    """
    figure = claim.figure
    judged = [each for each in records if "accuracy" in each.metrics and figure.has(each)]
    if not judged:
        return None
    measured = [figure.of(each) for each in judged]
    if figure.share_of_strings:
        interval = accuracy_interval(measured, int(judged[0].metrics["strings"]), confidence)
    else:
        interval = mean_interval(measured, confidence)
    inside = [claim.low <= each <= claim.high for each in measured]
    enough = unanimous is not None and len(measured) >= unanimous
    if interval is None:
        verdict = "inconclusive"
    elif (claim.low <= interval[0] and interval[1] <= claim.high) or (enough and all(inside)):
        verdict = "pass"
    elif interval[1] < claim.low or claim.high < interval[0] or (enough and not any(inside)):
        verdict = "fail"
    else:
        verdict = "inconclusive"
    bounds = (
        "one seed"
        if interval is None
        else f"{100 * confidence:.3g} % interval {interval[0]:.4f}-{interval[1]:.4f}"
    )
    seeds = ", ".join(str(int(restore(record.case).seed)) for record in judged)
    return Verdict(
        item=item,
        kind="claim",
        verdict=verdict,
        statement=claim.statement,
        expected=[claim.low, claim.high],
        measured=measured,
        interval=interval,
        source=_cited(claim),
        digests=[record.digest for record in judged],
        reason=f"mean {fmean(measured):.4f}, {bounds}, seeds {seeds}",
    )


def judge_contrast(
    item: str, contrast: Contrast, records: Sequence[Record], confidence: float = CONFIDENCE
) -> Verdict | None:
    """Hold two groups among some records against each other, pair by pair; None if there is no pair.

    Judged by the interval of the mean difference within pairs.
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
    interval = mean_interval(differences, confidence)
    if interval is None or interval[0] <= 0 <= interval[1]:
        verdict = "inconclusive"
    else:
        verdict = "pass" if interval[0] > 0 else "fail"
    bounds = (
        "one pair"
        if interval is None
        else f"{100 * confidence:.3g} % interval {interval[0]:+.4f} to {interval[1]:+.4f}"
    )
    return Verdict(
        item=item,
        kind="claim",
        verdict=verdict,
        statement=contrast.statement,
        expected=[0.0, 1.0],
        measured=differences,
        interval=interval,
        source=_cited(contrast),
        digests=[record.digest for pair in pairs for record in pair],
        reason=(
            f"means {fmean(above):.4f} and {fmean(below):.4f} over {len(pairs)} pairs, "
            f"difference {fmean(differences):+.4f}, {bounds}"
        ),
    )


def _cited(claim: Claim | Contrast) -> str:
    """The publication and the place in it."""
    by_itself = claim.source.startswith("slides")
    return claim.source if by_itself else f"{claim.publication}, {claim.source}"
