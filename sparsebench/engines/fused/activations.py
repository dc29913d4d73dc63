"""tanh and the logistic function of vectors, without a library of vector mathematics."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from sparsebench.engines.fused.simd import Vector, clamp, fma, jit


def tanh(value):
    """The hyperbolic tangent of every lane: to 2e-7 in float32, the C library's in float64."""


@overload(tanh)
def _tanh(value):
    if not isinstance(value, Vector):
        return None
    if value.dtype == types.float64:
        return lambda value: _library_tanh(value)
    return lambda value: _rational_tanh(value)


@jit
def logistic(value):
    """1 / (1 + exp(-x)) of every lane."""
    return fma(tanh(value * 0.5), 0.5, 0.5)


@jit
def _rational_tanh(value):
    """A quotient of polynomials in x, 13th degree over 6th.

    The coefficients are those of Eigen's `generic_fast_tanh_float` (MPL-2.0), a minimax fit on
    |x| < 7.9; beyond, float32's tanh is 1.
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


@intrinsic
def _library_tanh(typing, value):
    def generate(context, builder, sig, args):
        lane = context.get_value_type(value.dtype)
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(lane, [lane]), "tanh"
        )
        result = args[0]
        for number in range(value.lanes):
            index = ir.Constant(ir.IntType(32), number)
            one = builder.call(function, [builder.extract_element(args[0], index)])
            result = builder.insert_element(result, one, index)
        return result

    return value(value), generate
