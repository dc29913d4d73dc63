"""What the thesis says of its own strings (table 4.2, figures 4.3 to 4.5)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sparsebench.experiments.string_statistics.items import StringsItem
from sparsebench.parts.records import Record, Verdict


@dataclass(frozen=True)
class Stated:
    """A number that the thesis states of its strings.

    Attributes
    ----------
    metric
        The metric of a record.
    number
        What the thesis states.
    words
        What it counts.
    source
        Where.
    drawn
        Whether the number would differ, by chance, in another data set that is made the same way. It is
        then held to what two draws differ by: twice the standard deviation of the difference of two
        counts.
    """

    metric: str
    number: int
    words: str
    source: str
    drawn: bool = False

    @property
    def range(self) -> tuple[float, float]:
        """The numbers that count as the same."""
        reach = 2 * math.sqrt(2 * self.number) if self.drawn else 0
        return self.number - reach, self.number + reach

    @property
    def statement(self) -> str:
        """The claim in words."""
        about = "about " if self.drawn else ""
        return f"{self.words}: {about}{self.number}"


def _lengths(
    half: str, source: str, shortest: int, longest: int, of_longest: int, mode: int
) -> tuple[Stated, ...]:
    """What a figure says; in all three the shortest have 11 letters and the mode is 22."""
    where = "" if half == "all" else f" of the {half} set"
    return (
        Stated(f"shortest {half}", 11, f"letters of the shortest string{where}", source),
        Stated(
            f"number of the shortest {half}",
            shortest,
            f"shortest strings{where}",
            source,
            drawn=True,
        ),
        Stated(f"longest {half}", longest, f"letters of the longest string{where}", source),
        Stated(
            f"number of the longest {half}",
            of_longest,
            f"longest strings{where}",
            source,
            drawn=True,
        ),
        Stated(f"mode {half}", 22, f"most frequent number of letters{where}", source),
        Stated(
            f"number of the mode {half}", mode, f"strings of that length{where}", source, drawn=True
        ),
    )


STATED = (
    Stated("valid train", 9339, "valid strings to train on", "table 4.2, fig 4.2"),
    Stated("invalid train", 9411, "invalid strings to train on", "table 4.2, fig 4.2"),
    Stated("valid test", 3161, "valid strings to test on", "table 4.2, fig 4.2"),
    Stated("invalid test", 3089, "invalid strings to test on", "table 4.2, fig 4.2"),
    *_lengths("all", "fig 4.3", 216, 53, 1, 2112),
    *_lengths("train", "fig 4.4", 160, 49, 2, 1566),
    *_lengths("test", "fig 4.5", 56, 53, 1, 546),
)


def strings_verdicts(
    item: StringsItem, records: Sequence[Record], confidence: float
) -> Iterator[Verdict]:
    """Judge data sets by what the thesis states of its own.

    A statement holds if it is true of every data set, and is contradicted if it is true of none: the
    numbers are counts, not figures of networks, and chance is in their range already.
    """
    for stated in STATED:
        found = [record for record in records if stated.metric in record.metrics]
        if not found:
            continue
        low, high = stated.range
        measured = [record.metrics[stated.metric] for record in found]
        true = sum(low <= each <= high for each in measured)
        numbers = ", ".join(f"{each:.0f}" for each in measured)
        yield Verdict(
            item=item.id,
            kind="claim",
            verdict="pass" if true == len(found) else "inconclusive" if true else "fail",
            statement=stated.statement,
            expected=[low, high],
            measured=measured,
            interval=None,
            source=f"thesis, {stated.source}",
            digests=[record.digest for record in found],
            reason=f"true of {true} of {len(found)} data sets: {numbers}",
            true_of=true,
        )
