"""tanh, the logistic function, exp and log, in arithmetic that gives the same bits everywhere."""

from __future__ import annotations

import math

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from sparsebench.engines.fused.simd import Vector, clamp, fma, jit
from sparsebench.parts import elementary

exp = jit(elementary.exp)
"""`sparsebench.parts.elementary.exp` of a float64."""

_log_of_parts = jit(elementary.log_of_parts)


@jit
def log(value):
    """`sparsebench.parts.elementary.log` of a float64."""
    mantissa, exponent = math.frexp(value)
    return _log_of_parts(mantissa, exponent)


def tanh(value):
    """The hyperbolic tangent of each lane, accurate to 2e-7 in float32 and 1e-15 in float64."""


@overload(tanh)
def _tanh(value):
    if not isinstance(value, Vector):
        return None
    if value.dtype == types.float64:
        return lambda value: _tanh_lane_by_lane(value)
    return lambda value: _rational_tanh(value)


@jit
def logistic(value):
    """1 / (1 + exp(-x)) for each lane."""
    return fma(tanh(value * 0.5), 0.5, 0.5)


@jit
def _rational_tanh(value):
    """tanh as a quotient of polynomials in x, of degrees 13 and 6.

    The coefficients are those of Eigen's `generic_fast_tanh_float` (MPL-2.0), a minimax fit on |x|
    < 7.9; beyond, tanh is 1 in float32.
    """
    x = clamp(value, 7.90531110763549805)
    square = x * x
    upper = fma(square, -2.76076847742355e-16, 2.00018790482477e-13)
    upper = fma(upper, square, -8.60467152213735e-11)
    upper = fma(upper, square, 5.12229709037114e-08)
    upper = fma(upper, square, 1.48572235717979e-05)
    upper = fma(upper, square, 6.37261928875436e-04)
    upper = fma(upper, square, 4.89352455891786e-03)
    lower = fma(square, 1.19825839466702e-06, 1.18534705686654e-04)
    lower = fma(lower, square, 2.26843463243900e-03)
    lower = fma(lower, square, 4.89352518554385e-03)
    return x * upper / lower


def _tanh_of_one(value):
    """tanh of a float64: sinh / cosh by their series near zero, by exp elsewhere."""
    size = abs(value)
    if size < 0.5:
        square = value * value
        sinh, cosh = 1.0, 1.0
        for k in range(8, 0, -1):
            sinh = sinh * square / (2 * k * (2 * k + 1)) + 1.0
            cosh = cosh * square / (2 * k * (2 * k - 1)) + 1.0
        return value * sinh / cosh
    shrunk = exp(-2.0 * size)
    return math.copysign((1.0 - shrunk) / (1.0 + shrunk), value)


@intrinsic
def _tanh_lane_by_lane(typing, value):
    def generate(context, builder, sig, args):
        result = args[0]
        for number in range(value.lanes):
            index = ir.Constant(ir.IntType(32), number)
            lane = [builder.extract_element(args[0], index)]
            one = context.compile_internal(
                builder, _tanh_of_one, types.float64(types.float64), lane
            )
            result = builder.insert_element(result, one, index)
        return result

    return value(value), generate
