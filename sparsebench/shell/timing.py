"""Timing a forward pass with pytest-benchmark, by turns with the dense network's."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from sparsebench.experiments.bench import Bench
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
    rounds = bench.settings.work.timing_rounds
    dense_seconds: list[float] = []

    def dense_pass() -> None:
        begin = time.perf_counter()
        passes.dense()
        dense_seconds.append(time.perf_counter() - begin)

    benchmark.group = f"forward {measured.cases[0].variant}"
    with reproducible():
        passes.network()
        benchmark.pedantic(passes.network, setup=dense_pass, rounds=rounds, warmup_rounds=1)
    dense = median(dense_seconds[-rounds:])
    facts = {
        "batch_size": passes.batch_size,
        "steps": passes.steps,
        "density": passes.density,
        "sparsity": 1 - passes.density,
        "device": bench.settings.device,
        "dense_median": dense,
    }
    if benchmark.stats is not None:
        pruned = float(benchmark.stats.stats.median)
        measured.records[0].timing = Timing(
            pruned_median=pruned,
            dense_median=dense,
            rounds=rounds,
            batch_size=passes.batch_size,
            steps=passes.steps,
            density=passes.density,
        )
        facts["ratio_to_dense"] = pruned / dense
    benchmark.extra_info.update(facts)
