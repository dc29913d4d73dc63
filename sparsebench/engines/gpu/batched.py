"""Populations of equal stacks, trained and evaluated as batched products (`stacks`).

Pruned weights are zeros. Gradients come from torch; clipping, the optimiser and its state are each
network's own. Every tensor that a step reads or writes is made once for each length, so that a GPU can
capture the whole step as a graph; lengths are rounded up to a few.

The same code runs on a CPU, where it is tested in float64 against the reference engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.gpu.stacks import Batches, logits_of, loss_of, named_views
from sparsebench.engines.populations import (
    ADAGRAD_EPSILON,
    BETA1,
    BETA2,
    EPSILON,
    FINISHED,
    GRADIENT,
    LOSS,
    MOMENTUM,
    RMSPROP_DECAY,
    Population,
    Steps,
)
from sparsebench.parts.examples import CLASS, CLASSES, VALUES, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.parts.weights import check_shapes
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

ROUNDED = 8
"""Steps are rounded up to a multiple of this, so that few graphs are captured."""

EVALUATED = 16_384
"""Strings times networks that are evaluated at a time: half a gigabyte for the thesis's base models."""


def can_batch(plans: Sequence[SparseLayout]) -> bool:
    """Whether networks are stacks of one layout, all layers of one size."""
    layouts = {plan.layout for plan in plans}
    if len(layouts) != 1:
        return False
    (layout,) = layouts
    return len(layout.blocks) == len(layout.sizes) and len(set(layout.sizes)) == 1


@dataclass(frozen=True, eq=False)
class _Buffers(Batches):
    """What a training step of some length reads and writes.

    Attributes
    ----------
    running
        (N,): 1 for networks that take this step.
    rate
        The learning rate.
    losses, correct, counts
        (N,): summed loss, right answers and all answers of this step.
    """

    running: Tensor
    rate: Tensor
    losses: Tensor
    correct: Tensor
    counts: Tensor


class BatchedPopulation(Population):
    """Stacked networks of one layout, trained and evaluated as batched products.

    Steps are those of `sparsebench.engines.fused.population.CpuPopulation`, up to rounding: any loss,
    readout and optimiser, letters or vectors, with masks or without.

    Parameters
    ----------
    plans, weights, readout, training
        See `sparsebench.engines.populations.Population`.
    device
        Torch's name of a device; `cpu` for tests.
    dtype
        `float32`, or `float64` to check gradients.
    captures
        Whether steps are captured as graphs; None: on a GPU.
    follows_movement
        Whether `movements` will be asked for.

    Raises
    ------
    ValueError
        If the networks are not stacks of one layout with layers of one size, or as in `Population`.
    RuntimeError
        If a GPU is asked for and there is none.
    """

    def __init__(
        self,
        plans: Sequence[SparseLayout],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
        device: str = "cuda",
        dtype: str = "float32",
        captures: bool | None = None,
        follows_movement: bool = False,
    ) -> None:
        super().__init__(plans, weights, readout, training)
        if not can_batch(plans):
            raise ValueError(
                "networks of several layouts, wired, or with layers of several sizes cannot be "
                "multiplied as one batch: give stacks of one layout"
            )
        if torch.device(device).type == "cuda" and not torch.cuda.is_available():
            raise RuntimeError(
                f"networks on device {device} were asked for: torch sees no CUDA device and has CUDA "
                f"{torch.version.cuda}; install a build of torch with CUDA, or run without --gpu"
            )
        for each in weights:
            check_shapes(each, plans[0].layout, "the given weights")
        self._layout: Layout = plans[0].layout
        self._device, self._dtype = torch.device(device), getattr(torch, dtype)
        self._captures = self._device.type == "cuda" if captures is None else captures
        self._shapes = self._layout.shapes()
        flat = np.stack([self._flat(each) for each in weights])
        kept = np.stack([self._kept(plan) for plan in plans])
        self._kept_weights = torch.from_numpy(kept).to(self._device, self._dtype)
        self._theta = torch.from_numpy(flat).to(self._device, self._dtype) * self._kept_weights
        self._theta.requires_grad_(True)
        self._gradient = torch.zeros_like(self._theta, requires_grad=False)
        self._means = torch.zeros_like(self._gradient)
        self._squares = torch.zeros_like(self._gradient)
        self._movements = torch.zeros_like(self._gradient) if follows_movement else None
        self._taken = torch.zeros(len(plans), device=self._device, dtype=torch.float64)
        self._ended = torch.zeros(len(plans), device=self._device, dtype=torch.int64)
        self._buffers: dict[tuple[int, ...], tuple[_Buffers, Callable[[], None]]] = {}

    def weights(self, number: int, pruned: Weights | None = None) -> dict[str, np.ndarray]:
        """The named arrays of a network; see `SparseLayout.unpack` for `pruned`."""
        plan = self.plans[number]
        named = self._named_arrays(self._theta[number])
        if pruned is not None:
            for name, mask in plan.masks.items():
                named[name] = np.where(mask, named[name], pruned[name].astype(named[name].dtype))
        return named

    def movements(self, number: int) -> dict[str, np.ndarray]:
        """By how much training has moved each weight away from zero.

        See `sparsebench.engines.fused.changing.ChangingPopulation.movements`.

        Raises
        ------
        ValueError
            If the population does not follow movements.
        """
        if self._movements is None:
            raise ValueError(
                "no movements were followed: make the population with follows_movement"
            )
        return self._named_arrays(self._movements[number])

    def restructure(
        self,
        number: int,
        plan: SparseLayout,
        weights: Weights | None = None,
        restart: bool = False,
    ) -> None:
        """Give a network other masks; see `ChangingPopulation.restructure`."""
        if plan.layout != self._layout:
            raise ValueError(f"a sparse layout of a {plan.layout} for a {self._layout}")
        kept = torch.from_numpy(self._kept(plan)).to(self._device, self._dtype)
        with torch.no_grad():
            if weights is not None:
                own = torch.from_numpy(self._flat(weights)).to(self._device, self._dtype)
                self._theta[number] = own
            stays = kept * (0.0 if restart else 1.0) * self._kept_weights[number]
            self._theta[number] *= (
                kept if weights is not None else kept * self._kept_weights[number]
            )
            self._means[number] *= stays
            self._squares[number] *= stays
            if self._movements is not None:
                self._movements[number] *= stays
            self._kept_weights[number] = kept
            if restart:
                self._taken[number] = 0
                self._steps[number] = 0
        self.plans[number] = plan

    def _take_steps(
        self, examples: Examples, orders: list[np.ndarray], running: list[int], rate: float
    ) -> dict[int, Steps]:
        size = self._training.batch_size
        counts = [-(-len(order) // size) for order in orders]
        count = max(counts[number] for number in running)
        told = torch.zeros(count, 3, len(self.plans), device=self._device, dtype=torch.float64)
        active = [False] * len(self.plans)
        for number in running:
            active[number] = True
        for step in range(count):
            batches = [order[step * size : (step + 1) * size] for order in orders]
            taking = [n for n, on in enumerate(active) if on and step < counts[n]]
            longest = max(int(examples.lengths[batches[n]].max()) for n in taking)
            steps = min(-(-longest // ROUNDED) * ROUNDED, examples.inputs.shape[1])
            buffers, run = self._step_of(steps, examples)
            self._fill(buffers, examples, batches, taking, rate)
            run()
            told[step, 0], told[step, 1] = buffers.losses, buffers.correct
            told[step, 2] = buffers.counts
        figures = told.cpu().numpy()
        taken, ended = self._taken.cpu().numpy(), self._ended.cpu().numpy()
        results = {}
        for number in running:
            done = int(taken[number]) - self._steps[number]
            results[number] = Steps(
                ending=int(ended[number]),
                losses=figures[:done, 0, number],
                correct=figures[:done, 1, number].astype(np.int64),
                answers=figures[:done, 2, number].astype(np.int64),
            )
        return results

    def _say(self, examples: Examples, batch_size: int) -> np.ndarray:
        said = examples.outputs(self._layout.classes)
        results = np.zeros((len(self.plans), len(examples), said), np.dtype(str(self._dtype)[6:]))
        together = max(1, EVALUATED // len(self.plans) // batch_size) * batch_size
        with torch.no_grad():
            for first in range(0, len(examples), together):
                part = examples.part(first, first + together)
                results[:, first : first + len(part)] = self._said(part, batch_size)
        return results

    def _said(self, part: Examples, batch_size: int) -> np.ndarray:
        """Outputs for some whole batches, padded each to its own longest string."""
        numbers, steps = len(self.plans), int(part.lengths.max())
        inputs = self._inputs(part.inputs[None, :, :steps]).expand(
            numbers, *part.inputs[:, :steps].shape
        )
        logits = logits_of(self._layout, self._theta, inputs)  # (T, N, B, C)
        batches = np.arange(len(part)) // batch_size
        longest = np.array([part.lengths[batches == each].max() for each in range(batches[-1] + 1)])
        padded = longest[batches]
        if part.asked == CLASSES:
            ends = torch.from_numpy(padded).to(self._device)
            there = torch.arange(steps, device=self._device)[:, None] < ends
            logits = logits * there[:, None, :, None]
            out = torch.zeros(
                part.inputs.shape[1], *logits.shape[1:], dtype=logits.dtype, device=self._device
            )
            out[:steps] = logits
            return out.permute(1, 2, 0, 3).flatten(2).cpu().numpy()
        read = (padded if self._readout == "padded" else part.lengths) - 1
        places = torch.from_numpy(np.ascontiguousarray(read, np.int64)).to(self._device)
        found = logits[places, :, torch.arange(len(part), device=self._device)]  # (B, N, C)
        return found.transpose(0, 1).cpu().numpy()

    def _parameters(self, number: int) -> np.ndarray:
        return self.plans[number].pack(self.weights(number), np.dtype(str(self._dtype)[6:]))

    def _flat(self, weights: Weights) -> np.ndarray:
        return np.concatenate([np.ravel(weights[name]) for name in self._shapes])

    def _kept(self, plan: SparseLayout) -> np.ndarray:
        """1 for weights that a network has, 0 for others."""
        return np.concatenate(
            [
                plan.masks[name].ravel() if name in plan.masks else np.ones(math.prod(shape), bool)
                for name, shape in self._shapes.items()
            ]
        )

    def _named_arrays(self, flat: Tensor) -> dict[str, np.ndarray]:
        views = named_views(self._layout, flat.detach().cpu()[None])
        return {name: view[0].numpy().copy() for name, view in views.items()}

    def _inputs(self, inputs: np.ndarray) -> Tensor:
        kind = torch.int64 if self._layout.symbols else self._dtype
        return torch.from_numpy(np.ascontiguousarray(inputs)).to(self._device, kind)

    def _step_of(self, steps: int, examples: Examples) -> tuple[_Buffers, Callable[[], None]]:
        """The buffers of a step of some length, and what runs it: eagerly, or as a captured graph."""
        key = (steps, examples.asked)
        if key not in self._buffers:
            size = self._training.batch_size
            buffers = self._new_buffers(len(self.plans), size, steps, examples)
            self._buffers[key] = buffers, self._captured(lambda: self._do_step(buffers))
        return self._buffers[key]

    def _new_buffers(self, networks: int, size: int, steps: int, examples: Examples) -> _Buffers:
        def made(*shape: int, kind: torch.dtype) -> Tensor:
            return torch.zeros(*shape, dtype=kind, device=self._device)

        width = examples.inputs.shape[2:]
        whole, numbers = torch.int64, self._dtype
        answers = {CLASS: (), CLASSES: (steps,), VALUES: examples.answers.shape[1:]}
        asked = examples.asked
        return _Buffers(
            made(networks, size, steps, *width, kind=whole if not width else numbers),
            made(networks, size, kind=whole) + 1,
            made(networks, kind=whole) + 1,
            made(networks, size, *answers[asked], kind=numbers if asked == VALUES else whole),
            made(networks, size, kind=numbers),
            made(self._layout.classes, kind=numbers) + 1,
            made(networks, kind=torch.float64),
            made(1, kind=torch.float64),
            *(made(networks, kind=torch.float64) for _ in range(3)),
        )

    def _fill(
        self,
        buffers: _Buffers,
        examples: Examples,
        batches: Sequence[np.ndarray],
        taking: Sequence[int],
        rate: float,
    ) -> None:
        """Copy the batches of a step into its buffers."""
        networks, size, steps = buffers.inputs.shape[:3]
        rows = np.zeros((networks, size), np.int64)
        taken = np.zeros((networks, size))
        for number in taking:
            batch = batches[number]
            rows[number, : len(batch)] = batch
            rows[number, len(batch) :] = batch[-1]
            taken[number, : len(batch)] = 1
        lengths = np.minimum(examples.lengths[rows], steps)  # of networks that wait, too
        longest = (lengths * (taken > 0)).max(1)
        answers = examples.answers[rows]
        if examples.asked == CLASSES:
            answers = answers[:, :, :steps]
        buffers.inputs.copy_(torch.from_numpy(examples.inputs[rows][:, :, :steps]))
        buffers.lengths.copy_(torch.from_numpy(lengths))
        buffers.longest.copy_(torch.from_numpy(np.maximum(longest, 1)))
        buffers.answers.copy_(torch.from_numpy(answers))
        buffers.taken.copy_(torch.from_numpy(taken))
        running = np.zeros(networks)
        running[list(taking)] = 1
        buffers.running.copy_(torch.from_numpy(running))
        buffers.rate.fill_(rate)
        factors = examples.class_weights
        if factors is not None:
            buffers.factors.copy_(torch.from_numpy(factors))
        else:
            buffers.factors.fill_(1)

    def _captured(self, step: Callable[[], None]) -> Callable[[], None]:
        """A step as a captured graph, or itself; capturing runs it on copies of the state."""
        if not self._captures:
            return step
        state = [self._theta, self._means, self._squares, self._taken, self._ended]
        state += [] if self._movements is None else [self._movements]
        before = [each.detach().clone() for each in state]
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        with torch.no_grad():
            for each, old in zip(state, before, strict=True):
                each.copy_(old)
        return graph.replay

    def _do_step(self, buffers: _Buffers) -> None:
        """One step of every running network: loss, gradient, clipping, the optimiser."""
        loss, correct, counts = loss_of(self._layout, self._theta, buffers, self._readout)
        (found,) = torch.autograd.grad((loss / counts).sum(), self._theta)
        with torch.no_grad():
            self._gradient.copy_(found * self._kept_weights)
            buffers.losses.copy_(loss)
            buffers.correct.copy_(correct)
            buffers.counts.copy_(counts)
            norm = self._gradient.double().square().sum(1).sqrt()
            good = torch.isfinite(buffers.losses)
            fine = good & torch.isfinite(norm)
            runs = (buffers.running > 0) & (self._ended == FINISHED)
            self._ended.copy_(
                torch.where(runs & ~good, LOSS, torch.where(runs & ~fine, GRADIENT, self._ended))
            )
            takes = runs & fine
            self._taken += takes
            clip = (self._training.clip_norm / (norm + 1e-6)).clamp(max=1.0)
            clipped = self._gradient * clip[:, None].to(self._dtype)
            stepped = torch.where(takes[:, None], clipped, 0.0)
            if self._movements is not None:
                self._movements -= stepped * self._theta
            self._update(stepped, takes, buffers.rate)

    def _update(self, gradient: Tensor, takes: Tensor, rate: Tensor) -> None:
        """The optimiser's step with a clipped gradient, for the networks that take it."""
        on = takes[:, None]
        optimiser = self._training.optimiser or "adam"
        means, squares = self._means, self._squares
        if optimiser == "adam":
            mean = means + (gradient - means) * (1 - BETA1)
            square = squares * BETA2 + gradient * gradient * (1 - BETA2)
            steps = self._taken.clamp(min=1)
            scale = (1 / (1 - BETA2**steps).sqrt())[:, None].to(self._dtype)
            speed = (rate / (1 - BETA1**steps))[:, None].to(self._dtype)
            change = mean / (square.sqrt() * scale + EPSILON) * speed
        elif optimiser == "nesterov":
            mean, square = means * MOMENTUM + gradient, squares
            change = (mean * MOMENTUM + gradient) * rate.to(self._dtype)
        elif optimiser == "adagrad":
            mean, square = means, squares + gradient * gradient
            change = gradient / (square.sqrt() + ADAGRAD_EPSILON) * rate.to(self._dtype)
        else:
            mean = means
            square = squares * RMSPROP_DECAY + gradient * gradient * (1 - RMSPROP_DECAY)
            change = gradient / (square.sqrt() + EPSILON) * rate.to(self._dtype)
        means.copy_(torch.where(on, mean, means))
        squares.copy_(torch.where(on, square, squares))
        self._theta -= torch.where(on, change, 0.0) * self._kept_weights
