"""Timing forward passes with pytest-benchmark, interleaved with the dense network's."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from statistics import median
from typing import Any, TypeVar, cast

from sparsebench.harness.comparing import change, of_the_machine
from sparsebench.harness.context import Bench
from sparsebench.harness.forward_passes import forward_passes, reference_passes
from sparsebench.harness.measuring import ItemResult
from sparsebench.parts.records import Record, Timing

Timed = TypeVar("Timed", bound=Callable[..., None])


def _alone(time_item: Timed) -> Timed:
    """Time while the run trains nothing."""

    @wraps(time_item)
    def timed(measured: ItemResult, bench: Bench, benchmark: Any) -> None:
        with bench.alone():
            time_item(measured, bench, benchmark)

    return cast(Timed, timed)


@_alone
def time_forward(measured: ItemResult, bench: Bench, benchmark: Any) -> None:
    """Time the network of the first seed; the result goes into its record and `extra_info`.

    These times are shown and not gated; `time_together` takes the gated ones.

    Parameters
    ----------
    measured
        What the item measured.
    bench
        Data, models and settings.
    benchmark
        The fixture of pytest-benchmark. One dense pass precedes each of its rounds, so that both
        meet the same state of the machine and their ratio is meaningful.
    """
    from sparsebench.engines.reproducibility import reproducible

    with reproducible():  # passes are chosen and captured as they are timed
        passes = forward_passes(measured.cases[0], bench)
    batch, single = passes.batch, passes.single
    rounds = bench.settings.work.timing_rounds
    dense_seconds: list[float] = []

    def dense_pass() -> None:
        dense_seconds.append(_seconds(batch.dense))

    benchmark.group = f"forward {measured.cases[0].variant}"
    with reproducible():
        batch.network()
        benchmark.pedantic(batch.network, setup=dense_pass, rounds=rounds, warmup_rounds=1)
        alone = [(_seconds(single.network), _seconds(single.dense)) for _ in range(rounds + 1)][1:]
    dense = median(dense_seconds[-rounds:])
    single_median, single_dense = (median(seconds) for seconds in zip(*alone, strict=True))
    facts = {
        "batch_size": batch.batch_size,
        "steps": batch.steps,
        "density": passes.density,
        "sparsity": 1 - passes.density,
        "device": bench.settings.device,
        "dense_median": dense,
        "single_median": single_median,
        "single_dense_median": single_dense,
        "engine": batch.engine,
        "single_engine": single.engine,
    }
    stats = _stats(benchmark)
    if stats is not None:
        pruned = float(stats.stats.median)
        measured.records[0].timing = Timing(
            pruned_median=pruned,
            dense_median=dense,
            rounds=rounds,
            batch_size=batch.batch_size,
            steps=batch.steps,
            density=passes.density,
            single_median=single_median,
            single_dense_median=single_dense,
            engine=batch.engine,
            single_engine=single.engine,
        )
        facts["ratio_to_dense"] = pruned / dense
    benchmark.extra_info.update(facts)


class NotGated(UserWarning):
    """Times were taken with the care of a gate, but the gate does not judge them."""


_FINE = 1e-5
"""Seconds: a clock with a coarser resolution cannot time a forward pass."""

_ROUNDS, _TRIALS, _PAUSE = 100, 5, 1.0
"""Rounds of gated passes; how often these are run at most; seconds between."""

_SHOWN_ROUNDS = 8
"""Rounds of passes that this run neither judges nor accepts, such as those on a new machine."""


@_alone
def time_together(measured: ItemResult, bench: Bench, benchmark: Any) -> None:
    """Time all networks of an item interleaved with the dense one, and record each one's ratio.

    The gate judges the times of a `ForwardCase`; the baselines of other cases hold no times.

    On a CPU, the thread's own time is taken, which excludes other programs (unless the system
    counts it coarsely). The fastest pass of each network counts, because other load only makes
    passes slower, and not all of them. If the networks are slower than the baseline allows, or the
    baseline is new, more rounds follow a little later, which may include faster passes of either
    side; slower code stays slow. Without a baseline, and without an update, fewer rounds are run.

    Parameters
    ----------
    measured, bench, benchmark
        As in `time_forward`; pytest-benchmark measures a round of all networks.

    Warns
    -----
    NotGated
        If the cases are not forward passes.
    """
    from sparsebench.engines.reproducibility import reproducible

    if not all(of_the_machine(record.experiment) for record in measured.records):
        warnings.warn(
            f"the times of {measured.records[0].experiment} records are noted and gated by nothing: to "
            "gate forward passes, use speed_items() or items of ForwardCase",
            NotGated,
            stacklevel=2,
        )
    with reproducible():
        found = [forward_passes(case, bench) for case in measured.cases]
    passes = [each.batch for each in found]
    fine = time.get_clock_info("thread_time").resolution < _FINE
    clock = time.thread_time if fine and bench.settings.device == "cpu" else time.perf_counter
    dense = reference_passes(found[0].data, passes[0].batch_size, bench)
    runs = [passes[0].dense, *dense, *(each.network for each in passes)]
    rounds: list[list[float]] = []
    before = _before(measured, bench)
    count = _ROUNDS if before or bench.settings.update else _SHOWN_ROUNDS

    def one_round() -> None:
        rounds.append([_seconds(run, clock) for run in runs])

    benchmark.group = f"forward {measured.cases[0].variant}"
    with reproducible():
        benchmark.pedantic(one_round, rounds=count, warmup_rounds=2)
        if _stats(benchmark) is None:
            return
        del rounds[:-count]  # drop the warm-up
        trials = 1
        while trials < _TRIALS and (bench.settings.update or _slower(measured, rounds, before)):
            time.sleep(_PAUSE)
            for _ in range(count):
                one_round()
            trials += 1
    _note_ratios(measured, rounds)
    for record in measured.records:
        benchmark.extra_info[f"ratio_to_dense_{record.digest[:8]}"] = record.metrics["time_ratio"]


def _note_ratios(measured: ItemResult, rounds: Sequence[Sequence[float]]) -> None:
    """Record each network's time relative to the dense one's and to each reference pass's."""
    own, *fastest = (min(seconds) for seconds in zip(*rounds, strict=True))
    dense, networks = fastest[: -len(measured.records)], fastest[-len(measured.records) :]
    for record, network in zip(measured.records, networks, strict=True):
        record.metrics["time_ratio"] = network / own
        record.history["time_ratios"] = [network / each for each in dense]


def _before(measured: ItemResult, bench: Bench) -> list[Record]:
    """The baseline's records of the same networks, with times of this kind of machine."""
    found = map(bench.baseline.records.same_case, measured.records)
    return [record for record in found if record is not None]


def _slower(
    measured: ItemResult, rounds: Sequence[Sequence[float]], before: Sequence[Record]
) -> bool:
    """Whether the baseline would judge these times as slower."""
    _note_ratios(measured, rounds)
    return bool(before) and change(before, measured.records).kind == "regressed"


def _stats(benchmark: Any) -> Any:
    """The statistics; None if nothing was timed, or by a plugin without any (pytest-codspeed)."""
    return getattr(benchmark, "stats", None)


def _seconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begin = clock()
    run()
    return clock() - begin
