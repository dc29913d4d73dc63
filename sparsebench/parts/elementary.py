"""exp, log and tanh of float64 with the same last bit on every machine.

C libraries use different code for different processors, and their last bits differ. Here each
function is a few correctly rounded operations (`+ - * /` and powers of two) in a fixed order. `exp`
and `log_of_parts` take numbers and arrays, and are compiled by the fused engine.
References
----------
Cody, W. J., Waite, W. (1980). Software manual for the elementary functions: the two parts of ln 2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LN2 = 0.6931471805599453

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""ln 2 in two parts: the first has 33 bits, so its products with small whole numbers are exact."""

_PER_LN2 = 1.4426950408889634
_LEAST, _GREATEST = -708.0, 709.0
"""Bounds within which exp is a normal number."""


def exp(x: Any) -> Any:
    """e to the power of x, accurate to 2 units in the last place.

    Parameters
    ----------
    x
        float64. Below -708 the result is 0; above 709 it is that of 709; NaN gives NaN.

    Notes
    -----
    x = k ln 2 + r with |r| at most 0.35. exp(r) is Taylor's series up to r^13; the remainder is
    below 5e-18.
    """
    held = np.minimum(np.maximum(x, _LEAST), _GREATEST)
    k = np.floor(held * _PER_LN2 + 0.5)
    r = (held - k * LN2_HIGH) - k * LN2_LOW
    square = r * r
    fourth = square * square
    # neighbouring terms are paired, then pairs of pairs, so that sums need not wait for each other
    first = (1.0 + r) + square * (0.5 + r * (1 / 6))
    second = (1 / 24 + r * (1 / 120)) + square * (1 / 720 + r * (1 / 5040))
    third = (1 / 40320 + r * (1 / 362880)) + square * (1 / 3628800 + r * (1 / 39916800))
    last = 1 / 479001600 + r * (1 / 6227020800)
    series = first + fourth * (second + fourth * (third + fourth * last))
    power = np.int64((np.int64(k) + 1023) << 52).view(np.float64)
    return (x >= _LEAST) * series * power


def log_of_parts(mantissa: Any, exponent: Any) -> Any:
    """ln(mantissa * 2^exponent), accurate to 2 units in the last place.

    Parameters
    ----------
    mantissa, exponent
        As from `math.frexp`: a mantissa from 0.5 to 1.

    Notes
    -----
    With m from 0.71 to 1.41 and s = (m - 1) / (m + 1), ln m = 2 (s + s^3/3 + s^5/5 + ...), up to s^21.
    """
    low = mantissa < 0.7071067811865476
    m = mantissa * (1.0 + low)
    k = exponent - 1.0 * low
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    series = q * (1 / 21) + 1 / 19
    series = series * q + 1 / 17
    series = series * q + 1 / 15
    series = series * q + 1 / 13
    series = series * q + 1 / 11
    series = series * q + 1 / 9
    series = series * q + 1 / 7
    series = series * q + 1 / 5
    series = series * q + 1 / 3
    return k * LN2_HIGH + (k * LN2_LOW + (2.0 * s + 2.0 * s * (q * series)))


def log(x: Any) -> Any:
    """The natural logarithm, accurate to 2 units in the last place.

    Parameters
    ----------
    x
        float64, above 0 and finite.
    """
    return log_of_parts(*np.frexp(x))


def expm1(x: Any) -> Any:
    """exp(x) - 1, accurate to 4 units in the last place, also near zero; otherwise as `exp`."""
    near = np.minimum(np.maximum(x, -0.5), 0.5)
    series = 1.0 + near * (1 / 18)
    for term in range(17, 1, -1):
        series = 1.0 + near * series / term
    return np.where(near == x, near * series, exp(x) - 1.0)
