"""exp, log and expm1: near the exact value everywhere, and by the same operations everywhere."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.elementary import exp, expm1, log

RANDOM = np.random.RandomState(0)
EXPONENTS = {
    "the whole range": RANDOM.uniform(-708, 709, 1000),
    "losses": RANDOM.uniform(-30, 0, 1000),
    "near zero": RANDOM.uniform(-1, 1, 1000),
    "tiny": np.geomspace(1e-300, 1, 1000) * RANDOM.choice([-1, 1], 1000),
}
ARGUMENTS = {
    "the whole range": np.ldexp(RANDOM.uniform(0.5, 1, 1000), RANDOM.randint(-1021, 1024, 1000)),
    "sums of shares": RANDOM.uniform(1, 130, 1000),
    "from 0 to 1": 1 - RANDOM.random_sample(1000),
    "near one": 1 + np.geomspace(1e-15, 0.3, 1000) * RANDOM.choice([-1, 1], 1000),
    "least": np.array([5e-324, 1e-310, 2.0**-1022]),
}
exponents = st.floats(-700, 700)
positive = st.floats(5e-324, 1.7e308, exclude_min=False)


def units(measured: np.ndarray, exact: Callable[[Decimal], Decimal], x: np.ndarray) -> float:
    """The largest error, in units in the last place of the exact value."""
    worst = 0.0
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 330, 10**6, -(10**6)
        for value, argument in zip(measured.tolist(), x.tolist(), strict=True):
            wanted = exact(Decimal(argument))
            error = abs(Decimal(value) - wanted) / Decimal(math.ulp(float(wanted)))
            worst = max(worst, float(error))
    return worst


@pytest.mark.parametrize("where", EXPONENTS)
def test_exp_is_exact_to_two_units_in_the_last_place(where: str) -> None:
    x = EXPONENTS[where]
    assert units(exp(x), Decimal.exp, x) < 2


@pytest.mark.parametrize("where", ARGUMENTS)
def test_log_is_exact_to_two_units_in_the_last_place(where: str) -> None:
    x = ARGUMENTS[where]
    assert units(log(x), Decimal.ln, x) < 2


@pytest.mark.parametrize("where", EXPONENTS)
def test_expm1_is_exact_to_four_units_in_the_last_place(where: str) -> None:
    x = EXPONENTS[where]
    assert units(expm1(x), lambda value: value.exp() - 1, x) < 4


def test_exp_of_special_values() -> None:
    least, greatest = float(exp(-708.0)), float(exp(709.0))
    assert 0 < least < 1e-300
    assert greatest > 1e300
    below = [np.nextafter(-708, -709), -745.0, -1e300, -np.inf]
    above = [np.nextafter(709, 710), 1e300, np.inf]
    assert exp(np.array([0.0, -0.0])).tolist() == [1, 1]
    assert exp(np.array(below)).tolist() == [0] * len(below)
    assert exp(np.array(above)).tolist() == [greatest] * len(above)
    with np.errstate(invalid="ignore"):
        assert np.isnan(exp(np.array([np.nan, 1.0]))).tolist() == [True, False]


def test_logarithms_of_one_and_of_powers_of_two() -> None:
    assert log(np.array([1.0])).tolist() == [0]
    exponent = np.arange(-1074, 1024)
    whole = log(np.ldexp(1.0, exponent))
    np.testing.assert_allclose(whole, exponent * math.log(2), rtol=4e-16, atol=0)


def test_expm1_of_special_values() -> None:
    assert expm1(np.array([0.0, -np.inf, -800.0])).tolist() == [0, -1, -1]
    assert math.copysign(1, float(expm1(np.array(-0.0)))) == -1
    assert float(expm1(5e-324)) == 5e-324
    with np.errstate(invalid="ignore"):
        assert np.isnan(expm1(np.array([np.nan]))).all()


@given(x=exponents)
def test_numbers_and_arrays_of_any_shape_are_treated_alike(x: float) -> None:
    array = np.full((2, 3), x)
    for function in (exp, expm1):
        assert function(array).shape == (2, 3)
        assert set(function(array).ravel().tolist()) == {float(function(x))}


@given(x=exponents, y=exponents)
def test_exp_rises(x: float, y: float) -> None:
    """But for its own error, which may swap neighbours."""
    low, high = sorted((x, y))
    assert float(exp(low)) <= float(exp(high)) * (1 + 2**-51)


@given(x=st.floats(-350, 350), y=st.floats(-350, 350))
def test_a_product_of_powers_is_the_power_of_the_sum(x: float, y: float) -> None:
    """To the errors of three powers, and of a sum that was rounded."""
    expected = float(exp(x)) * float(exp(y))
    assert float(exp(x + y)) == pytest.approx(expected, rel=2e-15 + 2**-52 * abs(x + y), abs=0)


@given(x=exponents)
def test_log_undoes_exp(x: float) -> None:
    assert float(log(exp(np.array([x])))[0]) == pytest.approx(x, rel=5e-16, abs=5e-16)


@given(x=st.floats(-1, 1))
def test_expm1_is_exp_less_one(x: float) -> None:
    assert float(expm1(x)) == pytest.approx(float(exp(x)) - 1, abs=1e-15)


@given(x=positive, y=positive)
def test_log_rises(x: float, y: float) -> None:
    low, high = log(np.array(sorted((x, y))))
    assert low <= high + 2**-51 * abs(high)


_DRAWN = np.random.RandomState(1).random_sample(1000)
PINNED = {
    "exp": (exp, 1400 * _DRAWN - 700, "4720fd4b342b380b"),
    "log": (log, 100 * _DRAWN, "2a486ba5b351b690"),
    "expm1": (expm1, 4 * _DRAWN - 2, "ccfe0b7acf59017c"),
}


@pytest.mark.parametrize("name", PINNED)
def test_bits_are_those_of_every_machine(name: str) -> None:
    """By SHA-256; whoever changes them takes the next number in `sparsebench.values.numerics`."""
    function, x, digest = PINNED[name]
    assert hashlib.sha256(function(x).astype("<f8").tobytes()).hexdigest()[:16] == digest
