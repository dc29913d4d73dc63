"""What a Dask cluster costs per case, and whether it gives the same records.

Its figures are in docs/guide/long-runs.md.

    python -m validation.performance.measure_cluster [--cases 200]

Trains small wired networks, half of them pruned and fine-tuned, once with two workers of a
LocalCluster and once with two threads of this process, each with its own store.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from distributed import LocalCluster

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.context import Bench
from sparsebench.harness.profiles import Settings
from sparsebench.harness.trained_models import model_of, request
from sparsebench.parts.records import Record
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.protocol import ReberStrings, Training
from validation.settings import thesis_settings

TRAINING, DATA = Training(epochs=3, batch_size=20, learning_rate=0.01), ReberStrings(30, 30, 20, 20)


def cases(count: int, first: int = 0) -> list[WiredCase | FinetuningCase]:
    """Wired networks, and an equal number of pruned ones."""
    wired = [
        WiredCase(
            "rnn_tanh", GraphSpec("barabasi_albert", seed, 6), seed, training=TRAINING, data=DATA
        )
        for seed in range(first, first + count // 2)
    ]
    return [*wired, *(FinetuningCase(case, "both", 50, training=TRAINING) for case in wired)]


def trained(count: int, chosen: Settings, first: int = 0) -> tuple[list[Record], float]:
    """The records of `count` cases, and their total time."""
    bench = Bench(chosen, Path(), lambda text: None)
    asked = cases(count, first)
    request(asked, bench)
    begin = time.perf_counter()
    return [model_of(case, bench).training for case in asked], time.perf_counter() - begin


def main() -> None:
    """Print both times, their difference per case, and whether the records are equal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    count = parser.parse_args().cases
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        tempfile.TemporaryDirectory() as temporary,
    ):
        here = thesis_settings(Path(temporary) / "here")
        there = replace(
            thesis_settings(Path(temporary) / "there"), scheduler=str(cluster.scheduler_address)
        )
        for warming in (here, there):  # loads the loops
            trained(8, warming, first=10_000)
        mine, seconds = trained(count, here)
        theirs, longer = trained(count, there)
    same = "the same records, bit for bit" if mine == theirs else "OTHER RECORDS"
    print(
        f"{count} cases: {seconds:.2f} s by two threads, {longer:.2f} s by two workers, "
        f"{1000 * (longer - seconds) / count:.1f} ms more for each; {same}"
    )
    raise SystemExit(mine != theirs)


if __name__ == "__main__":
    main()
