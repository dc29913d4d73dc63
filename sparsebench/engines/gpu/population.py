"""Populations of networks trained and evaluated together on a GPU, hundreds in one launch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from sparsebench.engines.evaluation import Evaluation
from sparsebench.engines.gpu import memory
from sparsebench.engines.gpu.networks import join, scratch_rows
from sparsebench.engines.gpu.triton_kernels import load_kernels, warps_for
from sparsebench.engines.populations import (
    Epoch,
    Progress,
    Stopped,
    batch_sizes,
    check_alike,
    check_orders,
    check_strings,
    judged,
)
from sparsebench.parts.plan import Plan
from sparsebench.parts.sequences import Examples
from sparsebench.parts.strings import LabelledStrings
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training
from sparsebench.values.semantics import CHOICES

LANES = 32
"""Strings of a tile: a warp's threads."""

SCRATCH_BYTES = 8 << 30
"""Scratch of one launch at most; networks that need more together take turns."""

SCRATCH_SHARE = 0.5
"""Of the memory that is free when a population is made: the most that its scratch may take."""

_BLOCK = 1024
"""Entries of a flat vector that the optimiser's program takes at a time, with `_WARPS` warps."""
_WARPS = 8


class GpuPopulation:
    """Networks of one variant and any structure, each with its own weights and optimiser.

    The GPU's counterpart of `sparsebench.engines.fused.population.Population`: the same steps, to
    rounding. A network's figures are the same bit for bit whichever others are with it.

    Parameters
    ----------
    plans
        The structure of each network.
    weights
        The named arrays of each.
    readout
        `padded` or `last_step`, see `sparsebench.values.semantics.Semantics`.
    training
        Batch size, learning rate and clipping norm.
    device
        What torch calls the GPU.
    dtype
        `float32`, or `float64` to check gradients with.
    lanes
        Strings of a tile.
    scratch_bytes
        Scratch of one launch at most, and no more than `SCRATCH_SHARE` of the GPU's free memory;
        changes no figure.

    Raises
    ------
    ValueError
        If there is no network, variants or numbers of classes differ, or weights do not fit their
        plan.
    RuntimeError
        If Triton or the GPU is missing.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
        device: str = "cuda",
        dtype: str = "float32",
        lanes: int = LANES,
        scratch_bytes: int = SCRATCH_BYTES,
    ) -> None:
        variant = check_alike(plans, len(weights))
        one_of("semantics switch readout", readout, CHOICES["readout"])
        self.plans = list(plans)
        self._done = Progress(len(plans))
        self._device, self._dtype = torch.device(device), np.dtype(dtype)
        self._kernels: Any = load_kernels(self._device, lanes)
        self._training, self._lanes = training, lanes
        self._scratch_bytes = min(scratch_bytes, _share_of_free(self._device))
        self._cell = {
            "variant": variant,
            "reads_last_step": readout == "last_step",
            "lanes": lanes,
            "num_warps": warps_for(lanes),
            "num_stages": 1,  # loads run ahead of no store
        }
        self._networks = memory.to_device(join(self.plans), self._device)
        self._firsts = np.cumsum([0, *(plan.size for plan in self.plans)])
        flat = [plan.pack(one, self._dtype) for plan, one in zip(plans, weights, strict=True)]
        parameters = torch.from_numpy(np.concatenate(flat)).to(self._device)
        self._state = memory.State(
            parameters, torch.zeros_like(parameters), torch.zeros_like(parameters)
        )

    @property
    def stopped(self) -> dict[int, Stopped]:
        """Number of a network -> why it is no longer trained."""
        return self._done.stopped

    def weights(self, number: int, pruned: Weights | None = None) -> dict[str, np.ndarray]:
        """A network's named arrays; see `Plan.unpack` for `pruned`."""
        part = self._state.parameters[self._firsts[number] : self._firsts[number + 1]]
        return self.plans[number].unpack(part.cpu().numpy(), pruned)

    def train(
        self, strings: Examples, orders: Sequence[np.ndarray], rate: float | None = None
    ) -> list[Epoch | None]:
        """Train every network on batches of strings, each in an order of its own.

        Parameters
        ----------
        strings
            The training strings.
        orders
            For each network the numbers of the strings to take, batch after batch.
        rate
            The learning rate; None: that of the first epoch.

        Returns
        -------
        list
            What each network did; None for those that were stopped before.

        Raises
        ------
        ValueError
            If an order names a string that is not there, or a string has a letter or a label that the
            networks do not know.
        """
        strings = self._readable(strings)
        orders = check_orders(orders, len(self.plans), strings)
        running = self._done.running()
        if not running:
            return [None] * len(self.plans)
        size = self._training.batch_size
        tiles = -(-size // self._lanes)
        arrays = memory.orders_arrays(orders, strings.lengths, size, self._done.steps)
        batches = arrays.steps.shape[1]
        room = memory.results_arrays(len(self.plans), tiles, batches)
        results = memory.to_device(room, self._device)
        self._launch(
            running,
            memory.to_device(memory.strings_arrays(strings), self._device),
            memory.to_device(arrays, self._device),
            results,
            strings.codes.shape[1],
            self._training.learning_rate if rate is None else rate,
        )
        told = memory.Results(*(one.cpu().numpy() for one in results))
        epochs: list[Epoch | None] = [None] * len(self.plans)
        for number in running:
            epochs[number] = self._noted(number, len(orders[number]), told)
        return epochs

    def logits(self, strings: Examples, batch_size: int) -> np.ndarray:
        """What every network says of some strings, in batches of `batch_size` taken in order.

        Returns
        -------
        numpy.ndarray
            (networks, N, classes).

        Raises
        ------
        ValueError
            If a string has a letter or a label that the networks do not know.
        """
        whole_number("batch_size", batch_size, 1)
        strings = self._readable(strings)
        pieces = memory.pieces_arrays(strings.lengths, batch_size, self._lanes)
        count = len(pieces.firsts)
        rows = self._scratch_rows(strings.codes.shape[1])
        together = max(1, self._programs(rows) // len(self.plans))
        scratch = self._scratch(min(together, count) * len(self.plans), rows)
        on_device = memory.to_device(strings_on := memory.strings_arrays(strings), self._device)
        pieces = memory.to_device(pieces, self._device)
        shape = (len(self.plans), len(strings), self.plans[0].layout.classes)
        results = torch.empty(shape, dtype=scratch.dtype, device=self._device)
        for first in range(0, count, together):
            taken = min(together, count - first)
            self._kernels.classify[(len(self.plans) * taken,)](
                self._networks, self._state.parameters, on_device, pieces, results, scratch,
                len(strings_on.lengths), rows, first, taken, **self._cell,
            )  # fmt: skip
        return results.cpu().numpy()

    def evaluate(self, strings: Examples, batch_size: int) -> list[Evaluation]:
        """Accuracy and mean loss of every network; a loss is NaN or infinite where a logit is."""
        return [judged(logits, strings.answers) for logits in self.logits(strings, batch_size)]

    def _readable(self, strings: Examples) -> LabelledStrings:
        """The strings, if these networks can read them: a GPU knows classes of strings alone."""
        if not isinstance(strings, LabelledStrings):
            raise ValueError(
                f"{type(strings).__name__}: a GPU trains on strings that have one class each; leave "
                "out --gpu for other tasks"
            )
        check_strings(self.plans, strings)
        return strings

    def _launch(
        self,
        running: Sequence[int],
        strings: memory.Strings,
        orders: memory.Orders,
        results: memory.Results,
        longest: int,
        rate: float,
    ) -> None:
        """All steps of a call, without waiting for any of them."""
        training, parameters = self._training, self._state.parameters
        tiles, batches = results.tile_losses.shape[1], results.losses.shape[1]
        total, rows = int(self._firsts[-1]), self._scratch_rows(longest)
        groups = list(self._groups(running, self._programs(rows) // tiles))
        scratch = self._scratch(max(map(len, groups)) * tiles, rows)
        # zeros stay where the embedding of a letter that no string holds has its gradient
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
        """Networks that are launched together, those with most weights first."""
        ordered = sorted(numbers, key=lambda number: -self.plans[number].kept)
        for first in range(0, len(ordered), max(1, together)):
            part = ordered[first : first + max(1, together)]
            yield torch.tensor(part, dtype=torch.int32, device=self._device)

    def _noted(self, number: int, ordered: int, told: memory.Results) -> Epoch:
        done = int(told.done[number])
        return self._done.note(
            number, int(told.stopped[number]), told.losses[number, :done],
            told.correct[number, :done], batch_sizes(ordered, self._training.batch_size, done),
        )  # fmt: skip

    def _scratch_rows(self, longest: int) -> int:
        return max(scratch_rows(plan, longest) for plan in self.plans)

    def _programs(self, rows: int) -> int:
        """Programs that share the scratch of one launch."""
        return self._scratch_bytes // (rows * self._lanes * self._dtype.itemsize)

    def _scratch(self, programs: int, rows: int) -> torch.Tensor:
        dtype = self._state.parameters.dtype
        return torch.empty(programs * rows * self._lanes, dtype=dtype, device=self._device)


def _share_of_free(device: torch.device) -> int:
    if device.type != "cuda":
        return SCRATCH_BYTES
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * SCRATCH_SHARE)
