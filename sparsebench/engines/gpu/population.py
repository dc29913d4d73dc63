"""Populations on a GPU, with hundreds of networks in one launch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from sparsebench.engines.batches import check_classified_letters
from sparsebench.engines.gpu import memory
from sparsebench.engines.gpu.networks import join, scratch_rows
from sparsebench.engines.gpu.triton_kernels import load_kernels, warps_for
from sparsebench.engines.populations import Population, Steps
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

LANES = 32
"""Strings of a tile: the threads of a warp."""

SCRATCH_BYTES = 8 << 30
"""Most bytes of scratch of one launch; if all networks need more, they are launched in groups."""

SCRATCH_SHARE = 0.5
"""Largest share of the free memory for scratch, at the time when a population is made."""

_REMEDY = "leave out --gpu for others"

_BLOCK = 1024
"""Entries of a flat vector that the optimiser's program processes at a time, with `_WARPS` warps."""
_WARPS = 8


class GpuPopulation(Population):
    """Networks on a GPU that read letters and classify sequences, trained with Adam.

    Steps are those of `sparsebench.engines.fused.population.CpuPopulation`, up to rounding.

    Parameters
    ----------
    plans, weights, readout, training
        See `sparsebench.engines.populations.Population`.
    device
        Torch's name of the GPU.
    dtype
        `float32`, or `float64` to check gradients.
    lanes
        Strings of a tile.
    scratch_bytes
        Most bytes of scratch of one launch; also limited to `SCRATCH_SHARE` of the GPU's free
        memory. It changes no figure.

    Raises
    ------
    ValueError
        If there is no network, variants or numbers of classes differ, weights do not fit their
        sparse layout, networks read vectors, or another optimiser is asked for.
    RuntimeError
        If Triton or the GPU is missing.
    """

    def __init__(
        self,
        plans: Sequence[SparseLayout],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
        device: str = "cuda",
        dtype: str = "float32",
        lanes: int = LANES,
        scratch_bytes: int = SCRATCH_BYTES,
    ) -> None:
        super().__init__(plans, weights, readout, training)
        letters = all(plan.layout.symbols for plan in plans)
        if training.optimiser not in (None, "adam") or not letters:
            raise ValueError(
                f"optimiser {training.optimiser or 'adam'}, networks that read "
                f"{'letters' if letters else 'vectors'}: a GPU trains networks that read letters, "
                f"with Adam; {_REMEDY}"
            )
        self._device, self._dtype = torch.device(device), np.dtype(dtype)
        self._kernels: Any = load_kernels(self._device, lanes)
        self._lanes = lanes
        self._scratch_bytes = min(scratch_bytes, _share_of_free(self._device))
        self._cell = {
            "variant": self._variant,
            "reads_last_step": readout == "last_step",
            "lanes": lanes,
            "num_warps": warps_for(lanes),
            "num_stages": 1,  # no load runs before an earlier store
        }
        self._networks = memory.to_device(join(self.plans), self._device)
        self._firsts = np.cumsum([0, *(plan.size for plan in self.plans)])
        flat = [plan.pack(one, self._dtype) for plan, one in zip(plans, weights, strict=True)]
        parameters = torch.from_numpy(np.concatenate(flat)).to(self._device)
        self._state = memory.State(
            parameters, torch.zeros_like(parameters), torch.zeros_like(parameters)
        )

    def _parameters(self, number: int) -> np.ndarray:
        part = self._state.parameters[self._firsts[number] : self._firsts[number + 1]]
        return part.cpu().numpy()

    def _take_steps(
        self, examples: Examples, orders: list[np.ndarray], running: list[int], rate: float
    ) -> dict[int, Steps]:
        check_classified_letters(examples, "a GPU's networks", _REMEDY)
        size = self._training.batch_size
        tiles = -(-size // self._lanes)
        arrays = memory.orders_arrays(orders, examples.lengths, size, self._steps)
        batches = arrays.steps.shape[1]
        room = memory.results_arrays(len(self.plans), tiles, batches)
        results = memory.to_device(room, self._device)
        self._launch(
            running,
            memory.to_device(memory.strings_arrays(examples), self._device),
            memory.to_device(arrays, self._device),
            results,
            examples.inputs.shape[1],
            rate,
        )
        told = memory.Results(*(one.cpu().numpy() for one in results))
        return {number: self._told(number, len(orders[number]), told) for number in running}

    def _say(self, examples: Examples, batch_size: int) -> np.ndarray:
        check_classified_letters(examples, "a GPU's networks", _REMEDY)
        pieces = memory.pieces_arrays(examples.lengths, batch_size, self._lanes)
        count = len(pieces.firsts)
        rows = self._scratch_rows(examples.inputs.shape[1])
        together = max(1, self._programs(rows) // len(self.plans))
        scratch = self._scratch(min(together, count) * len(self.plans), rows)
        on_device = memory.to_device(memory.strings_arrays(examples), self._device)
        pieces = memory.to_device(pieces, self._device)
        shape = (len(self.plans), len(examples), self.plans[0].layout.classes)
        results = torch.empty(shape, dtype=scratch.dtype, device=self._device)
        for first in range(0, count, together):
            taken = min(together, count - first)
            self._kernels.classify[(len(self.plans) * taken,)](
                self._networks, self._state.parameters, on_device, pieces, results, scratch,
                len(examples), rows, first, taken, **self._cell,
            )  # fmt: skip
        return results.cpu().numpy()

    def _launch(
        self,
        running: Sequence[int],
        strings: memory.Strings,
        orders: memory.Orders,
        results: memory.Results,
        longest: int,
        rate: float,
    ) -> None:
        """Launch all steps of a call, without waiting for any of them."""
        training, parameters = self._training, self._state.parameters
        tiles, batches = results.tile_losses.shape[1], results.losses.shape[1]
        total, rows = int(self._firsts[-1]), self._scratch_rows(longest)
        groups = list(self._groups(running, self._programs(rows) // tiles))
        scratch = self._scratch(max(map(len, groups)) * tiles, rows)
        # gradients of embeddings of letters that do not occur stay zero
        gradients = torch.zeros((tiles, total), dtype=parameters.dtype, device=self._device)
        transposed = torch.empty(
            len(self._networks.back_entries), dtype=parameters.dtype, device=self._device
        )
        protocol = torch.tensor(
            [rate, training.clip_norm], dtype=torch.float64, device=self._device
        )
        for step in range(batches):
            torch.index_select(parameters, 0, self._networks.back_entries, out=transposed)
            for numbers in groups:
                self._kernels.tile_gradients[(len(numbers) * tiles,)](
                    self._networks, self._state, strings, orders, results, numbers, transposed,
                    gradients, scratch, len(strings.lengths), len(strings.letters), total, rows,
                    batches, step, training.batch_size, tiles, **self._cell,
                )  # fmt: skip
                self._kernels.apply[(len(numbers),)](
                    self._networks, self._state, orders, results, numbers, protocol, gradients,
                    total, batches, step, training.batch_size, tiles, lanes=self._lanes,
                    block=_BLOCK, num_warps=_WARPS, num_stages=1,
                )  # fmt: skip

    def _groups(self, numbers: Sequence[int], together: int) -> Iterator[torch.Tensor]:
        """Groups of networks that are launched together, those with most weights first."""
        ordered = sorted(numbers, key=lambda number: -self.plans[number].kept)
        for first in range(0, len(ordered), max(1, together)):
            part = ordered[first : first + max(1, together)]
            yield torch.tensor(part, dtype=torch.int32, device=self._device)

    def _told(self, number: int, ordered: int, told: memory.Results) -> Steps:
        """The results of one network that was given `ordered` strings."""
        done, size = int(told.done[number]), self._training.batch_size
        return Steps(
            ending=int(told.stopped[number]),
            losses=told.losses[number, :done],
            correct=told.correct[number, :done],
            answers=np.minimum(size, ordered - size * np.arange(done)),
        )

    def _scratch_rows(self, longest: int) -> int:
        return max(scratch_rows(plan, longest) for plan in self.plans)

    def _programs(self, rows: int) -> int:
        """Number of programs that share the scratch of one launch."""
        return self._scratch_bytes // (rows * self._lanes * self._dtype.itemsize)

    def _scratch(self, programs: int, rows: int) -> torch.Tensor:
        dtype = self._state.parameters.dtype
        return torch.empty(programs * rows * self._lanes, dtype=dtype, device=self._device)


def _share_of_free(device: torch.device) -> int:
    if device.type != "cuda":
        return SCRATCH_BYTES
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * SCRATCH_SHARE)
