"""The GPU engine: microseconds per network and training step, by networks trained together.

    python -m validation.performance.measure_gpu [--networks 1 16 ...] [--variants gru ...]

For comparison: a training step of torch's own layers on the same GPU (`torch.nn.GRU(50, 50,
num_layers=3)` for wired networks, the dense base model for its pruned copies), and one of the fused
engine on one thread of the machine's processor. All times are medians, interleaved in one run.
"""

from __future__ import annotations

import argparse
from itertools import cycle, islice

import torch

from sparsebench.experiments.engine_speed import measure as speed
from sparsebench.parts.machine import processor
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.protocol import VARIANTS, Architecture

BATCH = 128
BATCHES = 8
"""Steps per call; an epoch of the thesis's wired networks has 147."""

ROUNDS = 3


def main() -> None:
    """Measure, and print a row for each population."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, nargs="+", default=[1, 16, 64, 256, 1024])
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=VARIANTS)
    chosen = parser.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("no CUDA device on this machine: there is nothing to measure")
    print(f"{torch.cuda.get_device_name()}; {processor()}; torch {torch.__version__}")
    print("microseconds a network's step: GPU, torch's layers on the GPU, CPU engine (one thread)")
    for variant in chosen.variants:
        wired = speed.wired_plans(variant)
        _measure(f"{variant} wired", wired, "gru", chosen.networks)
        pruned = speed.pruned_plans(Architecture(variant))
        _measure(f"{variant} pruned", pruned, variant, chosen.networks)


def _measure(title: str, plans: list[SparseLayout], reference: str, counts: list[int]) -> None:
    torch_step = speed.torch_step(Architecture(reference), BATCH, "cuda")
    (cpu,) = speed.interleaved([speed.fused_step(plans, BATCH, batches=1)], ROUNDS)
    cpu /= len(plans)
    for count in counts:
        many = list(islice(cycle(plans), count))
        step = speed.fused_step(many, BATCH, device="cuda", batches=BATCHES)
        gpu, theirs = speed.interleaved([step, torch_step], ROUNDS)
        gpu /= BATCHES * count
        print(
            f"{title:16} {count:5} networks {gpu * 1e6:9.1f} {theirs * 1e6:9.1f} {cpu * 1e6:9.1f}"
            f"   {theirs / gpu:6.2f} x torch's layers {cpu / gpu:6.2f} x the CPU engine",
            flush=True,
        )


if __name__ == "__main__":
    main()
