"""How often the gate fails on unchanged code: other processors' code, other threads, a busy
machine.

Runs the benchmarks under `--sparsebench-gate` repeatedly, each time with a fresh store, alternating
between the processors that loops are compiled for and the numbers of threads. Every run must pass.
With `--timed`, it runs what `make bench` runs: everything is timed, and nothing is gated.

    python -m validation.robustness.measure_unchanged [--runs 20] [--profile quick]
    python -m validation.robustness.measure_unchanged --runs 10 --timed --busy 2 \
        --processors host --threads 2
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice, product
from pathlib import Path

from validation import ROOT
from validation.robustness.other_processors import PROCESSORS

IN_THREADS = (
    "import os, sys; os.sched_getaffinity = lambda process: set(range({threads})); import pytest; "
    "sys.exit(pytest.main())"
)
"""Runs pytest as if the machine had this number of cores."""


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Programs that keep the cores busy."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def run(
    processor: str, threads: int, arguments: Sequence[str], work: Path
) -> tuple[bool, str, float]:
    """Whether a run passes, the last line of pytest's output, and the seconds."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(work / "numba"), "PYTHONPATH": str(ROOT)}
    features = PROCESSORS[processor]
    if features is not None:
        environment |= {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": features}
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=work) as folder:
        command = [sys.executable, "-c", IN_THREADS.format(threads=threads), "benchmarks"]
        command += [f"--sparsebench-store={folder}/store", "-q", "--tb=line"]
        command += [f"--sparsebench-json={folder}/result.json", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    lines = done.stdout.strip().splitlines() or [done.stderr.strip()[-200:]]
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    return done.returncode == 0, (failed or lines)[-1], time.perf_counter() - begin


def main() -> int:
    """Run all; return 1 if any fails."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument(
        "--processors",
        nargs="+",
        choices=PROCESSORS,
        default=["host", "haswell", "skylake-avx512", "znver4"],
        help="what loops are compiled for; without FMA, a run takes half an hour and more",
    )
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2, 4])
    parser.add_argument("--busy", type=int, default=0, help="busy loops beside each run")
    parser.add_argument(
        "--timed", action="store_true", help="time everything and gate nothing, as `make bench`"
    )
    parser.add_argument("--profile", default="quick")
    parser.add_argument("--only", default="", metavar="EXPRESSION", help="as pytest's -k")
    chosen = parser.parse_args()
    arguments = [f"--sparsebench-profile={chosen.profile}"]
    if chosen.timed:
        arguments += ["--benchmark-quiet"]
    else:
        # Forward times are gated only on request; otherwise their items are skipped, which fails
        # a gate.
        arguments += ["--sparsebench-gate", "--benchmark-disable"]
        arguments += ["--deselect", "benchmarks/test_speed.py"]
    arguments += ["-k", chosen.only] if chosen.only else []
    red = 0
    print("| code for | threads | busy loops | run | seconds | |\n|---|---:|---:|---|---:|---|")
    with tempfile.TemporaryDirectory() as work, busy_loops(chosen.busy):
        pairs = cycle(product(chosen.processors, chosen.threads))
        for processor, threads in islice(pairs, chosen.runs):
            green, said, seconds = run(processor, threads, arguments, Path(work))
            red += not green
            row = [processor, str(threads), str(chosen.busy), "green" if green else "red"]
            print(f"| {' | '.join([*row, f'{seconds:.0f}', said])} |", flush=True)
    print(f"{red} of {chosen.runs} runs are red")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
