"""How much rounding and instruction sets affect what the gate compares.

Its figures are in docs/reference/tolerances.md.

Measures loss traces and all pruned models of the baseline in fresh processes, in which torch and
the compiler of loops must not use vector instructions, and prints the largest differences from a
run without this restriction.

    python -m validation.statistics.measure_tolerances [--seeds 3] [--conditions NAME...]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from sparsebench import base_items, pruning_items
from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.measuring import measure
from sparsebench.harness.profiles import Settings
from sparsebench.values.protocol import VARIANTS
from validation import ROOT
from validation.settings import thesis_settings

CONDITIONS: dict[str, dict[str, str]] = {
    "again": {},
    "AVX2 only": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": "+avx2,+fma",
    },
    "no vector instructions": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_ENABLE_INSTRUCTIONS": "SSE4_2",
        "NUMBA_CPU_NAME": "nehalem",
        "NUMBA_CPU_FEATURES": "+avx,+fma",
    },
}
"""Environment variables of each condition; the plain run has none. All conditions allow the loops
`fma`: computed by the C library it takes a hundred times as long."""

STEPS = (10, 25, 50, 100)


def settings(seeds: int, store: Path) -> Settings:
    """The settings of a quick run against the shipped baseline, under both semantics."""
    return replace(
        thesis_settings(store),
        profile="quick",
        seeds=seeds,
        max_seeds=seeds,
        semantics=("published", "corrected"),
        baselines=ROOT / "baselines",
        baseline="thesis",
        graphs=8,
        threads=1,
    )


def child(seeds: int, variants: list[str]) -> None:
    """Measure everything in this process, without a cache, and print it as JSON."""
    losses, accuracies = {}, {}
    with tempfile.TemporaryDirectory() as store:
        chosen = settings(seeds, Path(store))
        bench = Bench(chosen, ROOT, lambda text: None)
        for item in chosen.planned(base_items(variants)):
            for case in item.cases(range(seeds)):
                if isinstance(case, LossTraceCase):
                    losses[item.id] = measure(case, bench).history["loss"]
        for item in chosen.planned(pruning_items(variants)):
            for case in item.cases(range(seeds)):
                if isinstance(case, PruningCase):
                    name = f"{item.id} seed {case.base.seed}"
                    accuracies[name] = measure(case, bench).metrics["accuracy"]
    json.dump({"losses": losses, "accuracies": accuracies}, sys.stdout)


def measured(
    seeds: int, variants: list[str], environment: dict[str, str]
) -> dict[str, dict[str, Any]]:
    """The measurements of a fresh process."""
    command = [sys.executable, "-m", "validation.statistics.measure_tolerances", "--child"]
    done = subprocess.run(
        [*command, "--seeds", str(seeds), "--variants", *variants],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return json.loads(done.stdout)


def main() -> None:
    """Run every condition and print the differences from the plain run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="of each model")
    parser.add_argument("--conditions", nargs="+", default=list(CONDITIONS), choices=CONDITIONS)
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=VARIANTS)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.seeds, chosen.variants)
        return
    plain = measured(chosen.seeds, chosen.variants, {})
    for name in chosen.conditions:
        other = measured(chosen.seeds, chosen.variants, CONDITIONS[name])
        print(f"\n{name}: largest difference of a loss within the first steps, nats")
        for item, losses in plain["losses"].items():
            moved = [abs(a - b) for a, b in zip(losses, other["losses"][item], strict=True)]
            print(f"  {item:22}", *(f"{steps}: {max(moved[:steps]):.1e}" for steps in STEPS))
        shifts = {
            item: abs(accuracy - other["accuracies"][item])
            for item, accuracy in plain["accuracies"].items()
        }
        worst = sorted(shifts, key=shifts.__getitem__, reverse=True)[:5]
        print(
            f"  accuracy: {sum(item > 0 for item in shifts.values())} of {len(shifts)} moved; worst"
        )
        for item in worst:
            print(f"    {item:34} {shifts[item]:.5f}", flush=True)


if __name__ == "__main__":
    main()
