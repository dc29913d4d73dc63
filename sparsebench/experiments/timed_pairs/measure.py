"""Times of two functions that are called in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from sparsebench.experiments.timed_pairs.cases import TimedPairCase
from sparsebench.experiments.timed_pairs.comparison import pairs_change
from sparsebench.harness.context import Bench
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest

_TRIALS, _PAUSE = 5, 1.0
"""How often a pair that seems slower is timed at most, and seconds between."""


def measure(case: TimedPairCase, bench: Bench) -> Record:
    """Time two functions in turn, again if the first seems slower than in the baseline.

    The fastest call of each counts, because other programs only make calls slower, and not all of
    them.

    Parameters
    ----------
    case
        The functions.
    bench
        The run, for its baseline.

    Returns
    -------
    Record
        `time_ratio`: the fastest time of the first function relative to that of the second.
        `fastest` and `fastest_other`: these times, in seconds; `median` and `median_other`: medians.
    """
    seconds: list[tuple[float, float]] = []
    _round(case)  # compilation, caches
    trials = 0
    while True:
        seconds += [_round(case) for _ in range(case.rounds)]
        record = _record(case, seconds, bench)
        before = bench.baseline.records.same_case(record)
        trials += 1
        slower = before is not None and pairs_change([before], [record]).kind == "regressed"
        if trials == _TRIALS or not (slower or (bench.settings.update and trials == 1)):
            return record
        time.sleep(_PAUSE)


def _record(case: TimedPairCase, seconds: list[tuple[float, float]], bench: Bench) -> Record:
    first, second = zip(*seconds, strict=True)
    return Record(
        digest=digest(case),
        experiment="timed_pair",
        case=canonical(case),
        metrics={
            "time_ratio": min(first) / min(second),
            "fastest": min(first),
            "fastest_other": min(second),
            "median": median(first),
            "median_other": median(second),
        },
        provenance=bench.note(bench.here),
    )


def _round(case: TimedPairCase) -> tuple[float, float]:
    return _seconds(case.first), _seconds(case.second)


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin
