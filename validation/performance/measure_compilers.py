"""The fused engine's loops compiled by Numba and by g++: how fast they run and compile.

Compiles compilers/blocks.cpp, the loops of one block in C++, checks that it computes what the
engine's kernels do, and times both, interleaved, on one tile of strings. With -Ofast, g++ may
divide by a reciprocal with a Newton step and reorder sums; Numba may do neither. Then it measures,
in fresh processes, how long Numba takes before the first training step.

    python -m validation.performance.measure_compilers [--rounds 100] [--starts 3]

docs/design/decisions/0002-fused-engine.md has the figures of one machine.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import geometric_mean, median
from typing import Any

import numpy as np

from validation import ROOT

STEPS = 30
AGREEMENT = 1e-5
FLAGS = {
    "-O3": ["-O3", "-march=native", "-ffp-contract=fast"],
    "-Ofast": ["-Ofast", "-march=native", "-ffp-contract=fast"],
}
SHAPES = {
    "50 of 50, dense": (50, 50, 1.0, 1.0),
    "50 of 50, 10 % kept": (50, 50, 0.1, 0.1),
    "5 of 6, half kept, dense h2h": (5, 6, 0.5, 1.0),
}
"""Units, inputs, and the shares of i2h and h2h that are kept."""
TURN = 2e-3
"""Least seconds of one timed turn."""
SOURCE = Path(__file__).with_name("compilers") / "blocks.cpp"

Runner = Callable[[bool, int], None]
"""Runs a block forward, and backward if requested, a number of times."""


def write_records(folder: Path, lanes: int) -> None:
    """Write the header with the structures shared by Python and C++."""
    from sparsebench.engines.fused.memory import NETWORK, PlanArrays, Scratch
    from sparsebench.parts.sparse_layout import BLOCK

    kinds = {
        "network": "Network", "blocks": "Block", "starts": "int64_t", "back_starts": "int64_t",
        "columns": "int32_t", "back_rows": "int32_t", "back_entries": "int32_t",
        "holes": "int32_t", "letters": "int32_t",
    }  # fmt: skip
    parts = ["#include <cstdint>", f"#define LANES {lanes}"]
    for name, kind in (("Block", BLOCK), ("Network", NETWORK)):
        parts.append(f"struct {name} {{ int64_t {', '.join(kind.names or ())}; }};")
    for arrays in (PlanArrays, Scratch):
        fields = " ".join(f"{kinds.get(field, 'float')} *{field};" for field in arrays._fields)
        parts.append(f"struct {arrays.__name__} {{ {fields} }};")
    (folder / "records.hpp").write_text("\n".join(parts) + "\n", encoding="utf-8")


def build(compiler: str, flags: list[str], folder: Path) -> tuple[ctypes.CDLL, float]:
    """Compile and load the C++ source; also return the seconds this took."""
    target = folder / f"blocks{flags[0]}.so"
    include = f"-I{folder}"
    begin = time.perf_counter()
    subprocess.run(
        [compiler, *flags, "-shared", "-fPIC", include, str(SOURCE), "-o", str(target)], check=True
    )
    return ctypes.CDLL(str(target)), time.perf_counter() - begin


def numba_loops() -> Any:
    """The engine's kernels for one block, called from Python once for all repetitions."""
    from numba import njit

    from sparsebench.engines.fused.block import backward_block, forward_block
    from sparsebench.engines.fused.pointers import plan_pointers, scratch_pointers
    from sparsebench.engines.fused.simd import pointer, record

    @njit(nogil=True, error_model="numpy")
    def loops(spec, plan, scratch, parameters, gradient, steps, back, times):  # type: ignore[no-untyped-def]
        plan, scratch = plan_pointers(plan), scratch_pointers(scratch)
        parameters, gradient = pointer(parameters), pointer(gradient)
        block = record(plan.blocks, 0)
        for _ in range(times):
            forward_block(spec, plan, block, steps, parameters, scratch)
            if back:
                backward_block(spec, plan, block, steps, scratch, gradient)

    return loops


class Case:
    """One block with its arrays."""

    def __init__(self, variant: str, shape: tuple[int, int, float, float], lanes: int) -> None:
        from sparsebench.engines.fused import memory
        from sparsebench.engines.fused.loop_spec import LoopSpec
        from sparsebench.parts.sparse_layout import sparse_layout
        from sparsebench.parts.weights import initial_weights
        from sparsebench.values.layout import INPUT, Block, Layout

        hidden, inputs, *shares = shape
        layout = Layout(variant, (hidden,), (Block(INPUT, 0),), inputs)
        self.random = np.random.RandomState(1)
        masks = {
            f"layers.0.{kind}": self.random.uniform(size=layout.shapes()[f"layers.0.{kind}"]) < kept
            for kind, kept in zip(("i2h", "h2h"), shares, strict=True)
        }
        planned = sparse_layout(layout, masks)
        self.variant, self.spec = variant, LoopSpec(variant, "float32", lanes)
        self.plan = memory.plan_arrays(planned, "padded", lanes)
        self.scratch = memory.scratch([planned], STEPS, False, lanes, "float32")
        flat = planned.pack(initial_weights(layout, 1))
        self.parameters = memory.state(flat).parameters
        self.scratch.transposed[: planned.kept] = flat[planned.back_entries]
        self.scratch.biases[:] = self.random.uniform(-0.1, 0.1, self.scratch.biases.size)
        self.multiply_adds = planned.kept * STEPS * lanes

    def with_numba(self, loops: Any) -> Runner:
        """The block compiled by Numba."""
        arrays = self.spec, self.plan, self.scratch, self.parameters, self.scratch.tile_gradient
        return lambda back, times: loops(*arrays, STEPS, back, times)

    def with_library(self, library: ctypes.CDLL) -> Runner:
        """The block compiled by a C++ compiler."""

        def places(arrays: tuple[np.ndarray, ...]) -> ctypes.Array[ctypes.c_void_p]:
            return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))

        function = getattr(library, self.variant)
        arrays: list[Any] = [places(self.plan), places(self.scratch)]
        for array in (self.parameters, self.scratch.tile_gradient):
            arrays.append(ctypes.c_void_p(array.ctypes.data))
        return lambda back, times: function(
            *arrays, ctypes.c_int64(STEPS), ctypes.c_int64(back), ctypes.c_int64(times)
        )

    def results(self, run: Runner) -> dict[str, np.ndarray]:
        """The results of one forward and backward pass, always from the same inputs."""
        self.random.seed(2)
        for name in ("units", "unit_gradients"):
            array = getattr(self.scratch, name)
            array[:] = self.random.uniform(-1, 1, array.size)
        self.scratch.tile_gradient[:] = 0
        run(True, 1)
        names = ("units", "unit_gradients", "gates", "states", "tile_gradient")
        return {name: getattr(self.scratch, name).copy() for name in names}


def compare(case: Case, name: str, runners: dict[str, Runner], rounds: int) -> list[list[float]]:
    """Check one case, time it and print it; return each C++ build's time relative to Numba's."""
    wanted, worst = case.results(runners["Numba"]), 0.0
    for runner in runners.values():
        for array, values in case.results(runner).items():
            worst = max(worst, np.abs(values - wanted[array]).max() / np.abs(wanted[array]).max())
    if not worst < AGREEMENT:
        raise SystemExit(f"{name}: results differ by {worst:.1e} of the largest")
    ratios = []
    for back, passes, products in ((False, "forward", 1), (True, "and back", 3)):
        begin = time.perf_counter()
        runners["Numba"](back, 10)
        times = max(1, round(TURN / (time.perf_counter() - begin) * 10))
        seconds: dict[str, list[float]] = {each: [] for each in runners}
        for turn in range(rounds):
            for each in list(runners)[:: 1 if turn % 2 else -1]:
                begin = time.perf_counter()
                runners[each](back, times)
                seconds[each].append((time.perf_counter() - begin) / times)
        medians = [median(column) for column in seconds.values()]
        ratios.append([other / medians[0] for other in medians[1:]])
        rate = products * case.multiply_adds / medians[0] / 1e9
        columns = [
            f"{1e6 * medians[0]:8.1f} us {rate:5.1f} G/s",
            *(f"{r:12.2f}" for r in ratios[-1]),
        ]
        print(f"{name:38} {passes:9}", *columns, f"{worst:10.0e}")
    return ratios


def child() -> None:
    """Take one training step in this process and print the waiting times as JSON."""
    begin = time.perf_counter()
    import numba  # noqa: F401

    seconds = {"import numba": time.perf_counter() - begin}
    from sparsebench.engines.fused import kernels, memory
    from sparsebench.engines.fused.loop_spec import training_lanes
    from sparsebench.parts.examples import Examples
    from sparsebench.values.protocol import Training

    case = Case("gru", SHAPES["5 of 6, half kept, dense h2h"], training_lanes())
    string = Examples(np.full((1, STEPS), 65, np.uint8), np.full(1, STEPS), np.zeros(1, np.int64))
    data = memory.data_arrays(string)
    training = memory.protocol_arrays(Training(batch_size=1), 1e-3)
    state = memory.state(case.parameters)
    begin = time.perf_counter()
    kernels.train(
        case.spec, case.plan, state, data, np.zeros(1, np.int64), training, 1,
        np.zeros(1), np.zeros(1, np.int64), np.zeros(1, np.int64), case.scratch,
    )  # fmt: skip
    seconds["kernels.train"] = time.perf_counter() - begin
    json.dump(seconds, sys.stdout)


def start(cache: Path) -> dict[str, float]:
    """The waiting times of a fresh process with Numba's cache in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "validation.performance.measure_compilers", "--child"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def torch_header(compiler: str, folder: Path) -> float | None:
    """Compile time of a source that only includes torch's header for operators."""
    from torch.utils.cpp_extension import include_paths

    source = folder / "operator.cpp"
    source.write_text("#include <torch/library.h>\n", encoding="utf-8")
    paths = [f"-I{path}" for path in include_paths()]
    begin = time.perf_counter()
    done = subprocess.run(
        [compiler, "-O3", "-std=c++20", "-fPIC", "-c", *paths, str(source), "-o", os.devnull],
        capture_output=True, check=False,
    )  # fmt: skip
    return None if done.returncode else time.perf_counter() - begin


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100, help="turns of each loop")
    parser.add_argument(
        "--starts", type=int, default=3, help="fresh processes, with and without cache"
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child()
        return
    compiler = shutil.which("g++")
    if compiler is None:
        print("no g++ on this machine: nothing to compare Numba with")
        return
    from sparsebench.engines.fused.loop_spec import training_lanes

    lanes, loops = training_lanes(), numba_loops()
    about = subprocess.run(
        [compiler, "--version"], capture_output=True, encoding="utf-8", check=True
    )
    print(f"{about.stdout.splitlines()[0]}; numba {version('numba')}, llvmlite", end=" ")
    print(f"{version('llvmlite')}; {STEPS} steps of {lanes} strings, float32")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_records(folder, lanes)
        built = {flag: build(compiler, flags, folder) for flag, flags in FLAGS.items()}
        print(f"{'':48} {'Numba':>19}", *(f"{f'g++ {flag}':>12}" for flag in FLAGS), " difference")
        ratios = []
        for variant in ("gru", "rnn_tanh"):
            for shape, numbers in SHAPES.items():
                case = Case(variant, numbers, lanes)
                runners = {"Numba": case.with_numba(loops)}
                for flag, (library, _) in built.items():
                    runners[f"g++ {flag}"] = case.with_library(library)
                ratios += compare(case, f"{variant} {shape}", runners, chosen.rounds)
        means = (geometric_mean(column) for column in zip(*ratios, strict=True))
        print(f"{'geometric mean of the ratios to Numba':68}", *(f"{mean:12.2f}" for mean in means))
        for flag, (_, seconds) in built.items():
            print(f"g++ {flag}, both items: {seconds:.1f} s")
        header = torch_header(compiler, folder)
        found = "does not compile here" if header is None else f"{header:.1f} s"
        print(f"g++ -O3, torch/library.h alone: {found}")
        cold = [start(folder / f"cache {number}") for number in range(chosen.starts)]
        warm = [start(folder / f"cache {number}") for number in range(chosen.starts)]
    print(f"import numba: {median(each['import numba'] for each in cold + warm):.2f} s")
    for state, column in (("an empty", cold), ("a filled", warm)):
        seconds = median(each["kernels.train"] for each in column)
        print(f"kernels.train of gru, first call with {state} cache: {seconds:.2f} s")


if __name__ == "__main__":
    main()
