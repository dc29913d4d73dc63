"""Timing a forward pass with pytest-benchmark, by turns with the dense network's."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.forward import forward_passes
from sparsebench.experiments.measuring import Measured
from sparsebench.parts.records import Timing


def time_forward(
    measured: Measured, bench: Bench, benchmark: Any, rounds: int | None = None
) -> None:
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
    rounds
        How many; the profile's by default.
    """
    from sparsebench.engines.reproducibility import reproducible

    passes = forward_passes(measured.cases[0], bench)
    batch, single = passes.batch, passes.single
    rounds = rounds or bench.settings.work.timing_rounds
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
            thirds=_thirds(benchmark.stats.stats.data, dense_seconds[-rounds:]),
        )
        facts["ratio_to_dense"] = pruned / dense
    benchmark.extra_info.update(facts)


def _thirds(seconds: Sequence[float], dense_seconds: Sequence[float]) -> tuple[float, ...]:
    """The ratio of medians in each third of the rounds, of which there are at least three."""
    ends = [len(seconds) * third // 3 for third in range(4)]
    return tuple(
        median(seconds[begin:end]) / median(dense_seconds[begin:end])
        for begin, end in pairwise(ends)
    )


def _seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin
