"""Vectors of lanes: one string of a tile in each lane, one thread for each lane.

Scratch is an array of rows of lanes; a *base* is a vector of pointers to the lanes of its first
row. With as many threads as lanes, the compiler can arrange a vector in one way only: lane i
belongs to thread i. So a thread reads only values that it wrote itself, which needs no barrier.
"""

import triton
import triton.language as tl


@triton.jit
def load(base, row):
    """Read a row of scratch."""
    return tl.load(base + row * base.shape[0])


@triton.jit
def store(base, row, value):
    """Write a row of scratch."""
    tl.store(base + row * base.shape[0], value)


@triton.jit
def zeros(base):
    """Zeros of the number type that a base points to."""
    return tl.zeros(base.shape, base.dtype.element_ty)
