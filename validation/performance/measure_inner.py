"""What it gains that inner kernels are compiled within their callers alone, and that it costs no speed.

Processes with either way of compilation take turns. Each compiles, or loads, the loops of every cell
type and times training and evaluation of a dense network and of one with a tenth of its weights.

    python -m validation.performance.measure_inner [--turns 4] [--variants gru lstm]

docs/design/decisions/0002-fused-engine.md has the figures. For another processor's code set
`NUMBA_CPU_NAME`, such as to `haswell`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from sparsebench.values.protocol import CELL_TYPES, Architecture, Training
from validation import ROOT

WAYS = ("within callers", "each by itself")
STRINGS, BATCH, TRIALS = 768, 128, 5
KEPT = {"dense": 1.0, "10 % kept": 0.1}


def compile_each_by_itself() -> None:
    """Undo what `sparsebench.engines.fused.inner` does, before any kernel is imported."""
    from numba import njit

    from sparsebench.engines.fused import simd

    options = {name: value for name, value in simd._INNER.items() if name != "pipeline_class"}
    simd.jit, simd.outlined = njit(forceinline=True, **options), njit(**options)


def least(run: Callable[[], object]) -> float:
    """Seconds of the fastest of some calls."""
    seconds = []
    for _ in range(TRIALS):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def child(variants: Sequence[str]) -> dict[str, float]:
    """Seconds of this process: until each loop is ready, then of an epoch and of an evaluation."""
    from sparsebench.engines.fused.population import CpuPopulation
    from sparsebench.parts.examples import Examples
    from sparsebench.parts.sparse_layout import sparse_layout
    from sparsebench.parts.weights import initial_weights

    random = np.random.RandomState(0)
    codes = random.randint(0, 128, (STRINGS, 20)).astype(np.uint8)
    strings = Examples(codes, random.randint(8, 21, STRINGS), random.randint(0, 2, STRINGS))
    order, seconds = [np.arange(STRINGS)], {}
    for variant in variants:
        layout = Architecture(variant).layout
        for what, share in KEPT.items():
            masks = {
                name: random.random_sample(shape) < share
                for name, shape in layout.shapes().items()
                if name.endswith((".i2h", ".h2h")) and share < 1
            }
            network = CpuPopulation(
                [sparse_layout(layout, masks)],
                [initial_weights(layout, 0)],
                "padded",
                Training(batch_size=BATCH),
                threads=1,
            )
            begin = time.perf_counter()
            network.train(strings, order)
            network.logits(strings, BATCH)
            if what == "dense":
                seconds[f"{variant}: first epoch and evaluation"] = time.perf_counter() - begin
            seconds[f"{variant}, {what}: epoch"] = least(partial(network.train, strings, order))
            logits = least(partial(network.logits, strings, BATCH))
            seconds[f"{variant}, {what}: evaluation"] = logits
    return seconds


def measured(way: str, cache: Path, variants: Sequence[str]) -> dict[str, float]:
    """The figures of a process that compiles in one of the ways."""
    command = [sys.executable, "-m", "validation.performance.measure_inner", "--child", way]
    command += ["--variants", *variants]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache / way), "NUMBA_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=4, help="processes of each way")
    parser.add_argument("--variants", nargs="+", choices=CELL_TYPES, default=CELL_TYPES)
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        if chosen.child == WAYS[1]:
            compile_each_by_itself()
        print(json.dumps(child(chosen.variants)))
        return
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(chosen.turns):
            for way in WAYS[:: -1 if turn % 2 else 1]:
                found[way].append(measured(way, Path(folder), chosen.variants))
    ratios = []
    for what in found[WAYS[0]][0]:
        of_first = what.endswith("first epoch and evaluation")
        turns = slice(0, 1) if of_first else slice(None)  # later processes load what it compiled
        within, alone = (min(each[what] for each in found[way][turns]) for way in WAYS)
        if not of_first:
            ratios.append(within / alone)
        print(f"{what:42} {within:8.4f} s, by itself {alone:8.4f} s: {within / alone:.2f}")
    print(
        f"without compilation: {min(ratios):.2f} to {max(ratios):.2f}, median {median(ratios):.2f}"
    )


if __name__ == "__main__":
    main()
