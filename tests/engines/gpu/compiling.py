"""Compile what a population launches, for an H200, without one; prints a line for each kernel.

Run by `test_compilation.py` in a process where Triton does not interpret.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import triton
from triton.backends.compiler import GPUTarget

from sparsebench.engines.gpu import kernels, population, row_blocks, row_blocks_kernel
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import encode
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import CELL_TYPES, Architecture, Training

BY_ROW_BLOCKS = row_blocks_kernel.by_row_blocks


class Absent:
    """A driver that knows the GPU's kind and nothing else."""

    def get_current_device(self) -> int:
        return 0

    def get_current_stream(self, device: int) -> int:
        return 0

    def get_current_target(self) -> GPUTarget:
        return GPUTarget("cuda", 90, 32)


class Compiled:
    """A kernel that is compiled where it would be launched."""

    def __init__(self, kernel: Any, variant: str) -> None:
        self._kernel, self._variant = kernel, variant

    def __getitem__(self, grid: tuple[int, ...]) -> Any:
        def compile(*arguments: Any, **options: Any) -> None:
            made = self._kernel.warmup(*arguments, grid=grid, **options)
            code = made.asm["ttgir"].splitlines()
            layouts = [line for line in code if line.startswith("#") and "= #ttg." in line]
            conversions = sum("convert_layout" in line for line in code)
            name = self._kernel.__name__
            products = made.asm["ptx"].count("mma.sync")
            print(self._variant, name, len(layouts), conversions, products, layouts[0], sep="|")

        return compile


def compile_kernels(variant: str) -> None:
    """Compile the kernels of one variant."""
    names = ("tile_gradients", "apply", "classify")
    stand_ins = {name: Compiled(getattr(kernels, name), variant) for name in names}
    row_blocks.prepare_triton = lambda device: True
    population.load_kernels = lambda device, lanes: SimpleNamespace(**stand_ins)
    made = sparse_layout(Architecture(variant, layers=2, hidden_size=3).layout)
    weights = initial_weights(made.layout, 0)
    networks = population.GpuPopulation([made], [weights], "last_step", Training(), device="cpu")
    strings = encode(["BT", "PVX"], [0, 1])
    networks.train(strings, [np.array([0, 1])])
    networks.logits(strings, 2)
    made = sparse_layout(Architecture(variant).layout)
    weights = initial_weights(made.layout, 0)
    for rows in row_blocks.BLOCK_ROWS:
        row_blocks_kernel.by_row_blocks = Compiled(BY_ROW_BLOCKS, variant)
        row_blocks.pass_by_blocks(made, weights, "last_step", strings, "cpu", rows)()


if __name__ == "__main__":
    triton.runtime.driver.set_active(Absent())
    for variant in CELL_TYPES:
        compile_kernels(variant)
