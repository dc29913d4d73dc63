"""Every check that needs a GPU, in at most eight minutes, into one JSON and one Markdown file.

    python -m validation.performance.gpu_check [--out results/gpu] [--seconds 480] [--dry]

Nothing is installed. Each part is written down as soon as it is done, with what went wrong in it; a
part that no time is left for is named. `--dry` runs the same code on the CPU with small networks, to
see that it runs to its end.

1. Correctness: batched products against the reference engine's steps, each variant and kind of answer,
   with masks, captured as graphs; and the tests that need a GPU.
2. Steps: milliseconds of a training step of thirty and more pruned 3 x 50 GRUs, batch 128, 30 steps,
   and what `gpu_model` expects.
3. Forward passes: one network, dense, 90 % pruned, and that in blocks of 16 x 1 and 8 x 4, by cuDNN's
   layer, as a graph, by batched products, by sparse rows and by blocks of rows.
4. Products of one matrix, half of it kept, by what a step of a larger network could use: float32, half
   precision, and 2:4 in half precision, which no pass uses, because it gives other logits.
5. `pytest benchmarks -k lstm --gpu`, quick, with an empty store and again.
6. The thesis's wired networks of one variant, an epoch of all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch.nn.functional import linear

from sparsebench.engines.gpu.batched import BatchedPopulation
from sparsebench.engines.gpu.forward import passes
from sparsebench.engines.gpu.graphs import capture
from sparsebench.engines.reproducibility import reproducible
from sparsebench.engines.timing import ForwardPass, captured_forward_pass, forward_pass
from sparsebench.experiments.engine_speed import measure as speed
from sparsebench.parts.examples import Examples
from sparsebench.parts.machine import processor
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.values.layout import GATES, Block, Layout
from sparsebench.values.protocol import CELL_TYPES, Architecture, Training
from validation import ROOT
from validation.performance.gpu_model import launches, milliseconds, step_of

Found = dict[str, Any]

AGREEMENT = 1e-9
"""Largest difference of weights in float64 after a few steps, on the GPU and on the CPU."""


LOGITS = 1e-4
"""Largest difference of logits between two ways to run a pass."""

IN_A_ROW = 50
"""Times that a product is made to be timed."""

SECONDS_OF_TESTS = {"by_blocks": 50, "not by_blocks": 100}
"""Most seconds of the tests, by which are chosen; they compile kernels."""


@dataclass(frozen=True)
class Check:
    """What a run of the checks is told.

    Attributes
    ----------
    device
        Torch's name of the device.
    dry
        Whether sizes are small, and no run of the benchmarks is made.
    ends
        When the last part has to end, by `time.monotonic`.
    """

    device: str
    dry: bool
    ends: float

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.ends - time.monotonic()


def correctness(check: Check) -> Found:
    """Largest differences between steps on the device, captured, and on the CPU, by variant."""
    found: Found = {}
    for variant in CELL_TYPES:
        for asked in ("class", "classes", "values"):
            found[f"{variant}, {asked}"] = _apart(variant, asked, check)
        found[f"{variant}, letters"] = _apart(variant, "class", check, symbols=5)
    found["agrees"] = bool(np.max([*found.values()]) <= AGREEMENT)
    if not check.dry:
        tests = ["tests/engines/gpu/test_on_gpu.py", "-q", "-k"]
        for chosen, most in SECONDS_OF_TESTS.items():
            said = _pytest([*tests, chosen], check, most)[1]
            found[f"tests/engines/gpu, {chosen}"] = said
    return found


def _apart(variant: str, asked: str, check: Check, symbols: int = 0) -> float:
    random = np.random.RandomState(0)
    blocks = tuple(Block(layer - 1, layer) for layer in range(3))
    layout = Layout(variant, (10,) * 3, blocks, 5, symbols, 3)
    inputs = random.standard_normal((40, 12, 5)).astype(np.float32)
    if symbols:
        inputs = random.randint(0, symbols, (40, 12)).astype(np.uint8)
    answers: dict[str, np.ndarray] = {
        "class": random.randint(0, 3, 40),
        "classes": random.randint(0, 3, (40, 12)),
        "values": random.standard_normal((40, 3)).astype(np.float32),
    }
    examples = Examples(inputs, random.randint(1, 13, 40), answers[asked])
    names = [name for name in layout.shapes() if name.endswith((".i2h", ".h2h"))]
    masks = [
        {name: random.random_sample(layout.shapes()[name]) < density for name in names}
        for density in (0.1, 0.5, 1.0)
    ]
    plans = [sparse_layout(layout, each) for each in masks]
    weights = [initial_weights(layout, seed) for seed in range(3)]
    orders = [random.permutation(40) for _ in range(3)]
    readout = "padded" if symbols else "last_step"
    made = [
        BatchedPopulation(plans, weights, readout, Training(1, 16, 0.01), device, "float64")
        for device in (check.device, "cpu")
    ]
    for population in made:
        for _ in range(3):
            population.train(examples, orders)
    apart = [
        np.abs(array - made[1].weights(number)[name]).max()
        for number in range(3)
        for name, array in made[0].weights(number).items()
    ]
    return float(np.max(apart))  # NaN if one is


def steps(check: Check) -> Found:
    """Milliseconds of a training step of a whole population, by its size."""
    variants, counts = (
        (("gru",), (2,)) if check.dry else (("gru", "lstm", "rnn_tanh"), (1, 30, 180))
    )
    found: Found = {}
    for variant in variants:
        plans = speed.pruned_plans(Architecture(variant))
        for count in counts:
            taken = (plans * (count // len(plans) + 1))[:count]
            name = f"{count} pruned {variant}"
            found[name] = _milliseconds(taken, check)
            step = step_of(taken, 8 if check.dry else 128, check.device)
            step()
            found[f"{name}, expected"] = round(milliseconds(launches(step)), 3)
    return found


def _milliseconds(plans: list[SparseLayout], check: Check) -> float:
    """The median over calls of a step's time; each call makes eight steps and waits for them."""
    batch, batches = (8, 2) if check.dry else (128, 8)
    strings = speed.strings_of_one_length(batch * batches)
    weights = [initial_weights(plan.layout, seed) for seed, plan in enumerate(plans)]
    made = BatchedPopulation(plans, weights, "padded", Training(batch_size=batch), check.device)
    orders = [np.arange(batch * batches) for _ in plans]
    times = []
    for _ in range(2 if check.dry else 6):
        begin = time.perf_counter()
        made.train(strings, orders)
        times.append((time.perf_counter() - begin) / batches)
    return round(1e3 * median(times[1:]), 3)


def forward(check: Check) -> Found:
    """Milliseconds of a pass over 128 strings, dense and 90 % pruned, by everything that can run it."""
    found: Found = {}
    batch, worst = 8 if check.dry else 128, 0.0
    strings, architecture = speed.strings_of_one_length(batch), Architecture("gru")
    plans = {"dense": sparse_layout(architecture.layout)}
    plans["90 % pruned"] = speed.pruned_plans(architecture)[28]
    for rows, columns in ((16, 1), (8, 4)):
        plans[f"90 % in blocks of {rows} x {columns}"] = _in_blocks(architecture, rows, columns)
    for name, plan in plans.items():
        weights = plan.unpack(plan.pack(initial_weights(plan.layout, 0)))
        given = weights, "padded", strings
        layers, _ = forward_pass(architecture, *given, batch, check.device)
        runs = [
            ForwardPass("torch's layers", layers),
            captured_forward_pass(architecture, *given, batch, check.device),
            *passes(plan, *given, check.device),
        ]
        expected = layers()
        for each in runs:
            found[f"{name}, {each.engine}"] = _timed(each, check)
            apart = float(np.max(np.abs(each() - expected)))
            found[f"{name}, {each.engine}, logits apart"] = round(apart, 7)
            worst = float(np.max([worst, apart]))  # NaN if one is
    found["agrees"] = worst <= LOGITS
    return found


def _in_blocks(architecture: Architecture, rows: int, columns: int) -> SparseLayout:
    """A network of which a tenth is left, in blocks of one matrix that no gate's border cuts."""
    random, masks = np.random.RandomState(0), {}
    for name in chain.from_iterable(prunable(architecture.layout, "both")):
        height, width = architecture.layout.shapes()[name]
        gate = height // GATES[architecture.variant]
        kept = random.random_sample((height // gate, -(-gate // rows), -(-width // columns))) < 0.1
        whole = np.kron(kept, np.ones((1, rows, columns), np.bool_))
        masks[name] = whole[:, :gate, :width].reshape(height, width)
    return sparse_layout(architecture.layout, masks)


def products(check: Check) -> Found:
    """Microseconds of a product of 128 vectors by a matrix of which each four have two weights."""
    found: Found = {}
    for size in (64,) if check.dry else (256, 1024):
        matrix = torch.randn(3 * size, size, device=check.device)
        matrix *= torch.tensor([1, 1, 0, 0], device=check.device).repeat(size // 4)
        vectors = torch.randn(128, size, device=check.device)
        half = matrix.half()
        ways: dict[str, tuple[torch.Tensor, Callable[[], torch.Tensor]]] = {
            "float32": (vectors, matrix.clone),
            "half precision": (vectors.half(), half.clone),
        }
        if not check.dry:
            sparse = partial(torch.sparse.to_sparse_semi_structured, half)
            ways["2:4, half precision"] = (vectors.half(), sparse)
        exact = linear(vectors, matrix)
        for way, (given, made) in ways.items():
            name = f"{3 * size} x {size}, {way}"
            try:
                weight = made()
                run = _in_a_row(partial(linear, given, weight), check)
                found[name] = round(1e3 * _timed(run, check) / IN_A_ROW, 2)
                apart = (linear(given, weight) - exact).abs().max() / exact.abs().max()
                found[f"{name}, apart"] = round(float(apart), 6)
            except Exception as error:
                found[name] = f"failed: {error}".splitlines()[0]
    return found


def _in_a_row(run: Callable[[], torch.Tensor], check: Check) -> Callable[[], object]:
    """What does a thing often enough that its launches do not count; captured on a GPU."""

    def often() -> torch.Tensor:
        for _ in range(IN_A_ROW):
            result = run()
        return result

    if check.dry:
        return often
    launch, _ = capture(often, torch.device(check.device))

    def and_wait() -> None:
        launch()
        torch.cuda.synchronize()

    return and_wait


def _timed(run: Callable[[], object], check: Check) -> float:
    times = []
    for _ in range(3 if check.dry else 23):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return round(1e3 * median(times[2:]), 3)


def headline(check: Check) -> Found:
    """Seconds of `pytest benchmarks -k lstm --gpu`, quick, cold and warm, and what it said."""
    if check.dry:
        return {"left out": "dry"}
    found: Found = {}
    with tempfile.TemporaryDirectory() as store:
        for name in ("cold", "warm"):
            command = ["benchmarks", "-k", "lstm", "--gpu", "-q", f"--sparsebench-store={store}"]
            begin = time.monotonic()
            code, said = _pytest(command, check)
            found[name] = {
                "seconds": round(time.monotonic() - begin, 1),
                "code": code,
                "said": said,
            }
    return found


def wired(check: Check) -> Found:
    """Seconds of an epoch of the thesis's wired networks of one variant."""
    if check.dry:
        return {"left out": "dry"}
    from sparsebench.engines.devices import population

    plans = speed.wired_plans("rnn_tanh", 200)
    weights = [initial_weights(plan.layout, seed) for seed, plan in enumerate(plans)]
    strings = speed.strings_of_one_length(18_750)
    made = population(plans, weights, "padded", Training(batch_size=128), check.device)
    orders = [np.random.RandomState(seed).permutation(18_750) for seed in range(len(plans))]
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        made.train(strings, orders)
        times.append(time.perf_counter() - begin)
    return {"networks": len(plans), "seconds an epoch": round(times[-1], 2)}


def _pytest(arguments: list[str], check: Check, most: float = float("inf")) -> tuple[int, str]:
    """A run of pytest and its last line; it is stopped after `most` seconds, or when none are left."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=max(1, min(most, check.left)),
            check=False,
        )
    except subprocess.TimeoutExpired as stopped:
        said = (stopped.stdout or b"").decode(errors="replace").splitlines()
        return -1, f"stopped after {stopped.timeout:.0f} s: {said[-1] if said else 'nothing said'}"
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return done.returncode, lines[-1] if lines else done.stderr[-500:]


PARTS: dict[str, Callable[[Check], Found]] = {
    "correctness": correctness,
    "steps": steps,
    "forward passes": forward,
    "products": products,
    "headline": headline,
    "wired": wired,
}


def page(found: Found) -> str:
    """The findings in Markdown."""
    lines = [f"# Checked on {found['device']}", "", f"{found['machine']}, {found['date']}.", ""]
    for name in PARTS:
        lines += [f"## {name.capitalize()}", "", "| | |", "|---|---|"]
        part = found.get(name, {"left out": "no time left"})
        lines += [f"| {key} | {value} |" for key, value in part.items()]
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Run every part, and write the findings after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("results/gpu"))
    parser.add_argument("--seconds", type=float, default=480)
    parser.add_argument("--dry", action="store_true")
    chosen = parser.parse_args()
    if not chosen.dry and not torch.cuda.is_available():
        raise SystemExit("no CUDA device on this machine: --dry runs the checks on the CPU")
    device = "cpu" if chosen.dry else "cuda"
    check = Check(device, chosen.dry, time.monotonic() + chosen.seconds)
    found: Found = {
        "device": "the CPU, dry" if chosen.dry else torch.cuda.get_device_name(),
        "machine": f"{processor()}; torch {torch.__version__}, CUDA {torch.version.cuda}",
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, part in PARTS.items():
        if check.left < 5:
            break
        begin = time.monotonic()
        try:
            with reproducible():
                found[name] = part(check)
        except Exception:
            found[name] = {"failed": traceback.format_exc().strip().splitlines()[-1]}
            traceback.print_exc()
        found[name]["took, seconds"] = round(time.monotonic() - begin, 1)
        print(f"{name}: {json.dumps(found[name])}", flush=True)
        (chosen.out / "gpu.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        (chosen.out / "gpu.md").write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()
