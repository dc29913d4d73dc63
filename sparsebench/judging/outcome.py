"""How the judgement of an item's records ends: a value, of which the shell makes what pytest knows."""

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
"""Why it does not pass, in the order above:

- the records are not what the baseline says they should be; under `--sparsebench-gate`, the baseline
  was made by another version of the arithmetic, or there are too few records to tell; the baseline has
  none of the item;
- a claim is contradicted that held in the baseline, or that the baseline knows nothing of; one holds
  that the baseline contradicts; all that are contradicted are so in the baseline too;
- times should be judged, and there are none, or nobody asked for it (`--sparsebench-judge-speed`);
- a case cannot be measured in this run.
"""


@dataclass(frozen=True)
class Outcome:
    """How an item ends by what it measured.

    Attributes
    ----------
    status, cause
        How, and why if it does not pass.
    reason
        What is told, with the numbers and what to do; empty where it passes.
    verdicts, estimates
        What was concluded from the records, however the item ends.
    """

    status: Status = "passed"
    cause: Cause = ""
    reason: str = ""
    verdicts: tuple[Verdict, ...] = ()
    estimates: tuple[Estimate, ...] = ()
