"""Timing a forward pass with pytest-benchmark, by turns with the dense network's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import geometric_mean, median
from typing import Any

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.change import change
from sparsebench.experiments.forward import forward_passes
from sparsebench.experiments.measuring import Measured
from sparsebench.parts.records import Timing


def time_forward(measured: Measured, bench: Bench, benchmark: Any) -> None:
    """Time the network of the first seed and note it in its record and in `extra_info`.

    Parameters
    ----------
    measured
        What the item measured.
    bench
        Data, models and settings.
    benchmark
        The fixture of pytest-benchmark. Each of its rounds is preceded by one dense pass, so that
        both meet the same state of the machine and their ratio means something.
    """
    from sparsebench.engines.reproducibility import reproducible

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
    }
    if benchmark.stats is not None:
        pruned = float(benchmark.stats.stats.median)
        measured.records[0].timing = Timing(
            pruned_median=pruned,
            dense_median=dense,
            rounds=rounds,
            batch_size=batch.batch_size,
            steps=batch.steps,
            density=passes.density,
            single_median=single_median,
            single_dense_median=single_dense,
        )
        facts["ratio_to_dense"] = pruned / dense
    benchmark.extra_info.update(facts)


_FINE = 1e-5
"""Seconds: a clock that ticks more rarely cannot time a forward pass."""

_ROUNDS, _TRIALS = 100, 3
"""Rounds of passes whose time is gated, and how often these are run before one is called slower."""


def time_together(measured: Measured, bench: Bench, benchmark: Any) -> None:
    """Time all networks of a cell and the dense one by turns, and note each one's share in its record.

    On a CPU the time is that of the thread, which does not run on while others have the core (unless
    the system counts it coarsely); and of many rounds the first decile is taken. Where the networks
    are slower than the baseline allows, they are timed again, and the fastest trial counts: what slows
    a machine passes, slower code stays slow.

    Parameters
    ----------
    measured, bench, benchmark
        As of `time_forward`; what pytest-benchmark measures is a round of all networks.
    """
    from sparsebench.engines.reproducibility import reproducible

    passes = [forward_passes(case, bench).batch for case in measured.cases]
    fine = time.get_clock_info("thread_time").resolution < _FINE
    clock = time.thread_time if fine and bench.settings.device == "cpu" else time.perf_counter
    runs = [passes[0].dense, *(each.network for each in passes)]
    rounds: list[list[float]] = []

    def one_round() -> None:
        rounds.append([_seconds(run, clock) for run in runs])

    benchmark.group = f"forward {measured.cases[0].variant}"
    with reproducible():
        benchmark.pedantic(one_round, rounds=_ROUNDS, warmup_rounds=2)
        if benchmark.stats is None:
            return
        trials = [_ratios(rounds[-_ROUNDS:])]
        while len(trials) < _TRIALS and _slower(measured, trials[-1], bench):
            for _ in range(_ROUNDS):
                one_round()
            trials.append(_ratios(rounds[-_ROUNDS:]))
    for record, ratio in zip(measured.records, min(trials, key=geometric_mean), strict=True):
        record.metrics["time_ratio"] = ratio
        benchmark.extra_info[f"ratio_to_dense_{record.digest[:8]}"] = ratio


def _ratios(rounds: Sequence[Sequence[float]]) -> list[float]:
    """Each network's time in units of the dense one's, which comes first in every round."""
    dense, *networks = (_decile(seconds) for seconds in zip(*rounds, strict=True))
    return [network / dense for network in networks]


def _slower(measured: Measured, ratios: Sequence[float], bench: Bench) -> bool:
    """Whether the baseline would call these times slower."""
    for record, ratio in zip(measured.records, ratios, strict=True):
        record.metrics["time_ratio"] = ratio
    known = bench.known.records
    before = [known[each.digest] for each in measured.records if each.digest in known]
    return bool(before) and change(before, measured.records).kind == "regressed"


def _decile(seconds: Sequence[float]) -> float:
    return sorted(seconds)[len(seconds) // 10]


def _seconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    begin = clock()
    run()
    return clock() - begin
