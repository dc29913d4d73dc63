"""How far the ratio of two functions' times moves for unchanged code, and whether 20 % more is seen.

    python -m validation.performance.measure_pairs [--times 200] [--rounds 100] [--processes 12]

times pairs of forward passes again and again, as `sparsebench.pair_items` does without repeats: a
pruned network's step beside the dense one's, and a whole sequence likewise. It prints, for each pair,
the factors between each ratio and the one before: the median, the 99 % quantile and the largest, and
how many of them exceed what the gate allows; and the same where the second of two takes a fifth longer.
Then it does the first of these once in each of some fresh processes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context

import numpy as np

from sparsebench.engines.own_programs import Run
from sparsebench.engines.streaming.compiled import compile_network
from sparsebench.experiments.engine_speed.rivals import pruned_at_random
from sparsebench.experiments.timed_pairs.comparison import SLOWER
from validation.performance.measure_streaming import network_of


def slowed(run: Run, share: float) -> Run:
    """The function, which takes a share longer: it waits, busy, for that part of its time."""

    def both() -> None:
        begin = time.perf_counter()
        run()
        end = time.perf_counter()
        while time.perf_counter() < end + share * (end - begin):
            pass

    return both


def ratio(first: Run, second: Run, rounds: int) -> float:
    """The fastest time of one function relative to that of another, both in turn."""
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        first()
        middle = time.perf_counter()
        second()
        seconds.append((middle - begin, time.perf_counter() - middle))
    own, other = (min(each) for each in zip(*seconds, strict=True))
    return own / other


def row(name: str, factors: Sequence[float]) -> str:
    """A row of the table."""
    middle, high = np.quantile(factors, [0.5, 0.99])
    above = sum(each > SLOWER for each in factors)
    return (
        f"| {name} | {middle:.3f} | {high:.3f} | {max(factors):.3f} | {above} of {len(factors)} |"
    )


def pairs_of(hidden: int) -> dict[str, tuple[Run, Run]]:
    """A pruned network's passes, each with that of the dense network."""
    network = network_of("gru", hidden, 3)
    dense = compile_network(network)
    sparse = compile_network(pruned_at_random(network, 0.1, "16x1"))
    frames = np.zeros((30, hidden), np.float32)
    ours, theirs = sparse.start(), dense.start()
    return {
        f"GRU {hidden}, a step": (
            lambda: sparse.step(frames[0], ours),
            lambda: dense.step(frames[0], theirs),
        ),
        f"GRU {hidden}, 30 steps": (lambda: sparse.run(frames), lambda: dense.run(frames)),
    }


def once(hidden: int, rounds: int) -> dict[str, float]:
    """The ratio of each pair, in this process."""
    return {name: ratio(*pair, rounds) for name, pair in pairs_of(hidden).items()}


def main() -> None:
    """Print three rows for each pair: unchanged, a fifth slower, and unchanged in other processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--processes", type=int, default=12)
    parser.add_argument("--hidden", type=int, nargs="+", default=[50, 128])
    chosen = parser.parse_args()
    print(f"| pair | median factor | 99 % | largest | above {SLOWER} |")
    print("|---|---:|---:|---:|---:|")
    for hidden in chosen.hidden:
        for name, (first, second) in pairs_of(hidden).items():
            plain = [ratio(first, second, chosen.rounds) for _ in range(chosen.times + 1)]
            print(row(name, _factors(plain)), flush=True)
            slow = [ratio(slowed(first, 0.2), second, chosen.rounds) for _ in range(chosen.times)]
            moved = [after / before for before, after in zip(plain, slow, strict=False)]
            print(row(f"{name}, a fifth slower", moved), flush=True)
        found = []
        for _ in range(chosen.processes):
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                found.append(pool.submit(once, hidden, chosen.rounds).result())
        for name in found[0]:
            factors = _factors([each[name] for each in found])
            print(row(f"{name}, other processes", factors), flush=True)


def _factors(ratios: Sequence[float]) -> list[float]:
    return [after / before for before, after in pairwise(ratios)]


if __name__ == "__main__":
    main()
