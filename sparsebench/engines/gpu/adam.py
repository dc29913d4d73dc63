"""The optimiser's step: clipping by the network's own norm, then Adam (Kingma and Ba, 2015)."""

from math import log2

import triton
import triton.language as tl

from sparsebench.engines.populations import BETA1, BETA2, EPSILON

_BETA1, _BETA2 = tl.constexpr(BETA1), tl.constexpr(BETA2)
_EPSILON = tl.constexpr(EPSILON)
_LOG_BETA1, _LOG_BETA2 = tl.constexpr(log2(BETA1)), tl.constexpr(log2(BETA2))


@triton.jit
def sum_tiles(gradient, size, tiles, tile_stride, block: tl.constexpr):
    """Sum the tiles' gradients, in order, into the first one's place; return the norm of the sum."""
    squares = tl.zeros((block,), gradient.dtype.element_ty)
    for start in range(0, size, block):
        place = start + tl.arange(0, block)
        inside = place < size
        part = gradient + place
        total = tl.load(part, mask=inside, other=0.0)
        for _ in range(1, tiles):
            part += tile_stride
            total += tl.load(part, mask=inside, other=0.0)
        tl.store(gradient + place, total, mask=inside)
        squares = tl.fma(total, total, squares)
    return tl.sqrt(tl.sum(squares, 0).to(tl.float64))


@triton.jit
def update(
    parameters, means, squares, gradient, size, norm, step, learning_rate, clip_norm,
    block: tl.constexpr,
):  # fmt: skip
    """Clip a gradient of a given norm and do step number `step`, from 1."""
    kind = parameters.dtype.element_ty
    step = step.to(tl.float64)
    clip = tl.minimum(1.0, clip_norm / (norm + 1e-6)).to(kind)
    rate = (learning_rate / (1.0 - tl.exp2(step * _LOG_BETA1))).to(kind)
    scale = (1.0 / tl.sqrt(1.0 - tl.exp2(step * _LOG_BETA2))).to(kind)
    for start in range(0, size, block):
        place = start + tl.arange(0, block)
        inside = place < size
        value = tl.load(gradient + place, mask=inside, other=0.0) * clip
        mean = tl.load(means + place, mask=inside, other=0.0)
        square = tl.load(squares + place, mask=inside, other=0.0)
        # constants are in plain arithmetic, because as operands of `fma` they would be rounded to
        # float32 in float64 too; the compiler still fuses the operations
        mean = (value - mean) * (1.0 - _BETA1) + mean
        square = value * (1.0 - _BETA2) * value + square * _BETA2
        tl.store(means + place, mean, mask=inside)
        tl.store(squares + place, square, mask=inside)
        change = mean / (tl.sqrt(square) * scale + _EPSILON)
        before = tl.load(parameters + place, mask=inside, other=0.0)
        tl.store(parameters + place, tl.fma(change, -rate, before), mask=inside)
