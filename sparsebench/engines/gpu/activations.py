"""tanh and the logistic function: Triton has no tanh, and its sigmoid rounds differently."""

import triton
import triton.language as tl

_LIMIT = tl.constexpr(7.90531110763549805)


@triton.jit
def tanh(value):
    """The hyperbolic tangent: accurate to 2e-7 in float32, to rounding in float64."""
    if value.dtype == tl.float64:
        small = tl.exp(-2.0 * tl.abs(value))
        magnitude = (1.0 - small) / (1.0 + small)
        return tl.where(value < 0.0, -magnitude, magnitude)
    else:  # noqa: RET505 - one branch is compiled, and both have to be branches
        return _rational_tanh(value)


@triton.jit
def logistic(value):
    """1 / (1 + exp(-x))."""
    return tl.fma(tanh(value * 0.5), 0.5, 0.5)


@triton.jit
def _rational_tanh(value):
    """The CPU engine's quotient of polynomials (Eigen's, MPL-2.0); NaN stays NaN."""
    x = tl.where(value > _LIMIT, _LIMIT, tl.where(value < -_LIMIT, -_LIMIT, value))
    square = x * x
    upper = tl.fma(square, -2.76076847742355e-16, 2.00018790482477e-13)
    upper = tl.fma(upper, square, -8.60467152213735e-11)
    upper = tl.fma(upper, square, 5.12229709037114e-08)
    upper = tl.fma(upper, square, 1.48572235717979e-05)
    upper = tl.fma(upper, square, 6.37261928875436e-04)
    upper = tl.fma(upper, square, 4.89352455891786e-03)
    lower = tl.fma(square, 1.19825839466702e-06, 1.18534705686654e-04)
    lower = tl.fma(lower, square, 2.26843463243900e-03)
    lower = tl.fma(lower, square, 4.89352518554385e-03)
    return x * upper / lower
