"""Populations of equal stacks, trained and evaluated as batched products (`stacks`).

Pruned weights are zeros. Clipping, the optimiser and its state are each network's own. Examples and
orders lie on the device, in tensors that are made once, so that a GPU captures a whole step as a graph,
one for each of a few lengths, and an epoch is nothing but their launches.

The same code runs on a CPU, where it is tested in float64 against the reference engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.gpu.graphs import capture
from sparsebench.engines.gpu.held import HeldExamples, by_letter, held_examples, shapes_of
from sparsebench.engines.gpu.stacks import logits_of, loss_of, named_views
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
from sparsebench.parts.examples import CLASSES, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.parts.weights import check_shapes
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

ROUNDED = 8
"""Steps are rounded up to a multiple of this, so that few graphs are captured."""

HELD = 4
"""Data sets of different shapes that stay on the device, with their graphs."""

EVALUATED = 16_384
"""Strings times networks that are evaluated at a time: half a gigabyte for the thesis's base models."""


def can_batch(plans: Sequence[SparseLayout]) -> bool:
    """Whether networks are stacks of one layout, all layers of one size."""
    layouts = {plan.layout for plan in plans}
    if len(layouts) != 1:
        return False
    (layout,) = layouts
    return len(layout.blocks) == len(layout.sizes) and len(set(layout.sizes)) == 1


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
        self._held: dict[tuple[object, ...], HeldExamples] = {}

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
        rows, sizes = self._arranged(orders, running)
        held = self._put(examples, rows, sizes, rate)
        taken_up = np.arange(rows.shape[2]) < sizes[:, :, None]
        longest = (examples.lengths[rows] * taken_up).max((1, 2))
        rounded = np.minimum(-(-longest // ROUNDED) * ROUNDED, examples.inputs.shape[1])
        for steps in rounded.tolist():
            self._step_of(held, steps)()
        figures = held.told[: len(rows)].cpu().numpy()
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

    def _arranged(
        self, orders: Sequence[np.ndarray], running: Sequence[int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of examples by step and network, (S, N, B), and how many of them count, (S, N)."""
        size = self._training.batch_size
        count = max(-(-len(orders[number]) // size) for number in running)
        rows = np.zeros((len(orders), count * size), np.int64)
        sizes = np.zeros((count, len(orders)), np.int64)
        for number in running:
            order = orders[number]
            rows[number, : len(order)] = order
            sizes[:, number] = np.clip(len(order) - size * np.arange(count), 0, size)
        return rows.reshape(len(orders), count, size).transpose(1, 0, 2), sizes

    def _say(self, examples: Examples, batch_size: int) -> np.ndarray:
        said = examples.outputs(self._layout.classes)
        results = np.zeros((len(self.plans), len(examples), said), np.dtype(str(self._dtype)[6:]))
        together = max(1, EVALUATED // len(self.plans) // batch_size) * batch_size
        with torch.no_grad():
            for first in range(0, len(examples), together):
                part = examples.part(first, first + together)
                found = self.prepared(part, batch_size)()
                results[:, first : first + len(part)] = found.cpu().numpy()
        return results

    def prepared(self, part: Examples, batch_size: int) -> Callable[[], Tensor]:
        """What computes the outputs for some whole batches from tensors that lie on the device.

        Each batch is padded to its own longest example. The outputs are (networks, N, ...) as
        `logits` gives them.
        """
        numbers, steps = len(self.plans), int(part.lengths.max())
        places, codes = by_letter(part.inputs[:, :steps])
        inputs = self._on_device(places, self._kind_of(places)).expand(numbers, *places.shape)
        letters = None if codes is None else self._on_device(codes, torch.int64)
        batches = np.arange(len(part)) // batch_size
        longest = np.array([part.lengths[batches == each].max() for each in range(batches[-1] + 1)])
        padded = longest[batches]
        read = padded if self._readout == "padded" else part.lengths
        ends = self._on_device(padded if part.asked == CLASSES else read, torch.int64)
        places_of = torch.arange(len(part), device=self._device)
        there = torch.arange(steps, device=self._device)[:, None] < ends

        def run() -> Tensor:
            logits = logits_of(self._layout, self._theta, inputs, letters)  # (N, T, B, C)
            if part.asked != CLASSES:
                return logits[:, ends - 1, places_of]
            said = (logits * there[:, :, None]).transpose(1, 2)  # (N, B, T, C)
            out = said.new_zeros(numbers, *part.inputs.shape[:2], said.shape[-1])
            out[:, :, :steps] = said
            return out.flatten(2)

        return run

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

    def _on_device(self, array: np.ndarray, kind: torch.dtype) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device, kind)

    def _kind_of(self, inputs: np.ndarray) -> torch.dtype:
        return torch.int64 if inputs.ndim == 2 else self._dtype

    def _put(
        self, examples: Examples, rows: np.ndarray, sizes: np.ndarray, rate: float
    ) -> HeldExamples:
        """Examples and orders in tensors on the device, which are made if there are none."""
        there = (each for each in self._held.values() if each.has(examples, len(rows)))
        held = next(there, None)
        if held is None:
            read = by_letter(examples.inputs)
            key = shapes_of(examples, read)
            held = self._held.pop(key, None)
            if held is None or len(held.orders) < len(rows):
                held = held_examples(
                    examples, read, rows.shape, self._layout.classes, self._device, self._dtype
                )
            held.put(examples, read)
            self._held[key] = held
        if len(self._held) > HELD:
            del self._held[next(iter(self._held))]
        held.begin(rows, sizes, rate)
        return held

    def _step_of(self, held: HeldExamples, steps: int) -> Callable[[], None]:
        """What takes a step of some length: eagerly, or as a captured graph."""
        if steps not in held.takes:
            held.takes[steps] = self._captured(held, lambda: self._do_step(held, steps))
        return held.takes[steps]

    def _captured(self, held: HeldExamples, step: Callable[[], None]) -> Callable[[], None]:
        """A step as a captured graph, or itself; the steps taken before it is captured are undone."""
        if not self._captures:
            return step
        state = [self._theta, self._means, self._squares, self._taken, self._ended, held.step]
        state += [] if self._movements is None else [self._movements]
        before = [each.detach().clone() for each in state]

        def undo() -> None:
            with torch.no_grad():
                for each, old in zip(state, before, strict=True):
                    each.copy_(old)

        if held.pool is None:
            held.pool = torch.cuda.graph_pool_handle()
        launch, _ = capture(step, self._device, held.pool, undo)
        return launch

    def _do_step(self, held: HeldExamples, steps: int) -> None:
        """One step of every running network: loss, gradient, clipping, the optimiser."""
        batches = held.batches(steps)
        loss, correct, counts = loss_of(self._layout, self._theta, batches, self._readout)
        (found,) = torch.autograd.grad((loss / counts).sum(), self._theta)
        with torch.no_grad():
            torch.mul(found, self._kept_weights, out=self._gradient)
            told = torch.stack([loss.detach(), correct.double(), counts])
            held.told.index_copy_(0, held.step, told[None])
            norm = self._gradient.double().square().sum(1).sqrt()
            good = torch.isfinite(loss)
            fine = good & torch.isfinite(norm)
            runs = (batches.taken[:, 0] > 0) & (self._ended == FINISHED)
            self._ended.copy_(
                torch.where(runs & ~good, LOSS, torch.where(runs & ~fine, GRADIENT, self._ended))
            )
            takes = runs & fine
            self._taken += takes
            held.step.add_(1)
            clip = (self._training.clip_norm / (norm + 1e-6)).clamp(max=1.0)
            clipped = self._gradient * clip[:, None].to(self._dtype)
            stepped = torch.where(takes[:, None], clipped, 0.0)
            if self._movements is not None:
                self._movements -= stepped * self._theta
            self._update(stepped, takes, held.rate)

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
