"""The outcome of judging an item: a value that the shell turns into pytest's outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sparsebench.parts.records import Estimate, Verdict

Status = Literal["passed", "failed", "skipped", "xfailed"]
"""How the item ends; `xfailed` is pytest's word for an expected failure."""

Cause = Literal[
    "",
    "baseline moved",
    "another arithmetic",
    "undecided",
    "baseline missing",
    "claim contradicted",
    "contradiction gone",
    "contradiction known",
    "not timed",
    "speed not judged",
    "not measurable",
]
"""Why an item does not pass, in the order above:

- the records differ from the baseline; under `--sparsebench-gate`, another version of the arithmetic
  made the baseline, or too few records leave it undecided; the baseline has no record of the item;
- a claim is contradicted that holds in the baseline, or that the baseline has not judged; a claim
  holds that the baseline contradicts; every contradicted claim is contradicted in the baseline too;
- times should be judged and there are none; times are not judged without
  `--sparsebench-judge-speed`;
- a case cannot be measured in this run.
"""


@dataclass(frozen=True)
class Outcome:
    """The outcome of an item.

    Attributes
    ----------
    status, cause
        How it ends, and why if it does not pass.
    reason
        The message, with the numbers and what to do; empty if it passes.
    verdicts, estimates
        What was concluded from the records, however the item ends.
    """

    status: Status = "passed"
    cause: Cause = ""
    reason: str = ""
    verdicts: tuple[Verdict, ...] = ()
    estimates: tuple[Estimate, ...] = ()
