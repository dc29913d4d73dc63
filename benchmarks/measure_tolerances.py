"""How much do rounding and instruction sets move what the gate compares? (docs/tolerances.md)

Runs the onset of training and every pruned model of the baseline in fresh processes that are denied
vector instructions, or use a second thread, and prints the largest differences to a plain run.

    python benchmarks/measure_tolerances.py [--seeds N]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Settings

ROOT = Path(__file__).parents[1]
CONDITIONS: dict[str, dict[str, str]] = {
    "plain": {},
    "again": {},
    "AVX2 only": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    },
    "no vector instructions": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
    },
}
STEPS = (10, 25, 50, 100)


def settings(seeds: int) -> Settings:
    """Those of a quick run against the shipped baseline, under both semantics."""
    sys.path.insert(0, str(Path(__file__).parent))
    from measure_plan import settings as thesis

    return replace(
        thesis(ROOT / "results" / "models"),
        profile="quick",
        seeds=seeds,
        max_seeds=seeds,
        semantics=("published", "corrected"),
        baselines=ROOT / "baselines",
        baseline="thesis",
        graphs=8,
        threads=1,
    )


def child(seeds: int) -> None:
    """Measure everything in this process and print it as JSON."""
    from sparsebench import base_cells, pruning_cells
    from sparsebench.experiments.base.cases import OnsetCase
    from sparsebench.experiments.pruning.cases import PruningCase
    from sparsebench.harness.context import Bench
    from sparsebench.harness.measuring import measure

    chosen = settings(seeds)
    bench = Bench(chosen, ROOT, lambda text: None)
    losses, accuracies = {}, {}
    for cell in chosen.planned(base_cells()):
        for case in cell.cases(range(seeds)):
            if isinstance(case, OnsetCase):
                losses[cell.id] = measure(case, bench).history["loss"]
    for cell in chosen.planned(pruning_cells()):
        for case in cell.cases(range(seeds)):
            if isinstance(case, PruningCase):
                name = f"{cell.id} seed {case.base.seed}"
                accuracies[name] = measure(case, bench).metrics["accuracy"]
    json.dump({"losses": losses, "accuracies": accuracies}, sys.stdout)


def main() -> None:
    """Run every condition and print the differences to the first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.seeds)
        return
    command = [sys.executable, __file__, "--child", "--seeds", str(chosen.seeds)]
    measured = {}
    for name, extra in CONDITIONS.items():
        done = subprocess.run(
            command,
            env={**os.environ, **extra},
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        )
        measured[name] = json.loads(done.stdout)
    plain = measured.pop("plain")
    for name, other in measured.items():
        print(f"\n{name}: largest difference of a loss within the first steps, nats")
        for cell, losses in plain["losses"].items():
            moved = [abs(a - b) for a, b in zip(losses, other["losses"][cell], strict=True)]
            print(f"  {cell:22}", *(f"{steps}: {max(moved[:steps]):.1e}" for steps in STEPS))
        shifts = {
            cell: abs(accuracy - other["accuracies"][cell])
            for cell, accuracy in plain["accuracies"].items()
        }
        worst = sorted(shifts, key=shifts.__getitem__, reverse=True)[:5]
        print(
            f"  accuracy: {sum(item > 0 for item in shifts.values())} of {len(shifts)} moved; worst"
        )
        for cell in worst:
            print(f"    {cell:34} {shifts[cell]:.5f}")


if __name__ == "__main__":
    main()
