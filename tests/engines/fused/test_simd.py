"""Vectors do lane by lane what numpy does element by element."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.engines.fused.kernels import entry
from sparsebench.engines.fused.loop_spec import LoopSpec
from sparsebench.engines.fused.simd import (
    GROUP,
    at,
    clamp,
    fma,
    groups,
    load,
    pointer,
    splat,
    square_root,
    store,
    store_four_sums,
    sum_lanes,
    where_positive,
    without_tiny,
)

SPECIES = [
    LoopSpec("rnn_tanh", "float32", 4),
    LoopSpec("rnn_tanh", "float32", 16),
    LoopSpec("rnn_tanh", "float32", 32),
    LoopSpec("rnn_tanh", "float64", 16),
]
NAMES = [f"{spec.dtype}x{spec.lanes}" for spec in SPECIES]
OPERATIONS = (
    "load",
    "scalar everywhere",
    "splat",
    "sum",
    "difference",
    "product",
    "quotient",
    "scalar minus vector",
    "in place",
    "fma",
    "fma with scalars",
    "square root",
    "clamp",
    "where positive",
    "without tiny",
)


@entry
def every_operation(spec, a, b, c, scalar, out):
    """The result of each of `OPERATIONS`, one row after the other."""
    one, other = load(spec, pointer(a), 0), load(spec, pointer(b), 0)
    third, out = load(spec, pointer(c), 0), pointer(out)
    store(spec, out, 0, one)
    store(spec, out, 1, scalar)
    store(spec, out, 2, splat(spec, scalar))
    store(spec, out, 3, one + other)
    store(spec, out, 4, one - other)
    store(spec, out, 5, one * other)
    store(spec, out, 6, one / other)
    store(spec, out, 7, scalar - one)
    total = one
    total += other
    total *= 2
    store(spec, out, 8, total)
    store(spec, out, 9, fma(one, other, third))
    store(spec, out, 10, fma(scalar, other, 1.0))
    store(spec, out, 11, square_root(one))
    store(spec, out, 12, clamp(one, scalar))
    store(spec, out, 13, where_positive(one, other))
    store(spec, out, 14, without_tiny(one, scalar))


@entry
def sums(spec, rows, singly, together, index):
    """`sum_lanes` of four rows, one by one, and all four written from an index on."""
    rows, together = pointer(rows), pointer(together)
    one, two = load(spec, rows, 0), load(spec, rows, 1)
    three, four = load(spec, rows, 2), load(spec, rows, 3)
    singly[0], singly[1] = sum_lanes(one), sum_lanes(two)
    singly[2], singly[3] = sum_lanes(three), sum_lanes(four)
    store_four_sums(together, index, one, two, three, four)


@entry
def elements(array, indices, out):
    """`at` of every index."""
    for number in range(len(indices)):
        out[number] = at(pointer(array), at(pointer(indices), number))


@entry
def moved(spec, array, source, target):
    """Copy one row over another."""
    store(spec, pointer(array), target, load(spec, pointer(array), source))


@entry
def moved_groups(spec, array, source, target):
    """The same with rows of one group."""
    kind = groups(spec)
    store(kind, pointer(array), target, load(kind, pointer(array), source))


def by_halves(values: np.ndarray) -> np.floating:
    """The sum of a group, the second half added to the first again and again; of two, their sums."""
    if len(values) > GROUP:
        return by_halves(values[:GROUP]) + by_halves(values[GROUP:])
    while len(values) > 1:
        values = values[: len(values) // 2] + values[len(values) // 2 :]
    return values[0]


def random_rows(spec: LoopSpec, rows: int, seed: int) -> np.ndarray:
    random = np.random.RandomState(seed)
    return random.normal(size=rows * spec.lanes).astype(spec.dtype)


def special_rows(spec: LoopSpec, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two rows in which NaN, infinities, zeros and figures meet each other."""
    values = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -3.0], spec.dtype)
    random = np.random.RandomState(seed)
    return random.choice(values, spec.lanes), random.choice(values, spec.lanes)


def operations_of_numpy(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, scalar: float
) -> dict[str, np.ndarray]:
    kind = a.dtype.type
    everywhere = np.full_like(a, scalar)
    with np.errstate(all="ignore"):
        results = (
            a,
            everywhere,
            everywhere,
            a + b,
            a - b,
            a * b,
            a / b,
            kind(scalar) - a,
            (a + b) * kind(2),
            (a.astype(np.float64) * b + c).astype(kind),
            (scalar * b.astype(np.float64) + 1).astype(kind),
            np.sqrt(a),
            np.clip(a, -scalar, scalar),
            np.where((a > 0) | np.isnan(a), b, kind(0)),
            np.where(np.abs(a) < scalar, kind(0), a),
        )
    return dict(zip(OPERATIONS, results, strict=True))


def measured_operations(
    spec: LoopSpec, a: np.ndarray, b: np.ndarray, c: np.ndarray, scalar: float
) -> dict[str, np.ndarray]:
    out = np.zeros(len(OPERATIONS) * spec.lanes, spec.dtype)
    every_operation(spec, a, b, c, scalar, out)
    return dict(zip(OPERATIONS, out.reshape(len(OPERATIONS), -1), strict=True))


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
@pytest.mark.parametrize("seed", range(5))
def test_operations_on_figures(spec: LoopSpec, seed: int) -> None:
    a, b, c = random_rows(spec, 3, seed).reshape(3, -1)
    expected = operations_of_numpy(a, b, c, 0.75)
    epsilon = np.finfo(spec.dtype).eps
    for operation, values in measured_operations(spec, a, b, c, 0.75).items():
        np.testing.assert_allclose(
            values, expected[operation], rtol=2 * epsilon, atol=2 * epsilon, err_msg=operation
        )


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
@pytest.mark.parametrize("seed", range(20))
def test_operations_on_nan_infinities_and_zeros(spec: LoopSpec, seed: int) -> None:
    a, b = special_rows(spec, seed)
    measured = measured_operations(spec, a, b, a, 0.75)
    expected = operations_of_numpy(a, b, a, 0.75)
    for operation in OPERATIONS:
        np.testing.assert_array_equal(measured[operation], expected[operation], operation)


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
def test_quotients_and_roots_are_rounded_correctly(spec: LoopSpec) -> None:
    """As numpy's are: a reciprocal or root that was estimated would miss the last bit of some."""
    for seed in range(50):
        a, b, c = np.abs(random_rows(spec, 3, seed)).reshape(3, -1)
        expected = operations_of_numpy(a, b, c, 0.75)
        measured = measured_operations(spec, a, b, c, 0.75)
        for operation in ("quotient", "square root"):
            assert measured[operation].tobytes() == expected[operation].tobytes(), operation


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
def test_numbers_below_the_least_normal_one_are_numbers(spec: LoopSpec) -> None:
    """Nothing flushes them: a processor that did would have other bits than one that does not."""
    least = np.finfo(spec.dtype).smallest_subnormal
    a = np.full(spec.lanes, 6 * least, spec.dtype)
    b = np.full(spec.lanes, 0.5, spec.dtype)
    measured = measured_operations(spec, a, b, a, 2.0)
    assert set(measured["product"].tolist()) == {3 * least}
    assert set(measured["fma"].tolist()) == {9 * least}
    assert set(measured["in place"].tolist()) == {1.0}
    assert set(measured["where positive"].tolist()) == {0.5}


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
def test_what_is_as_large_as_the_bound_is_not_tiny(spec: LoopSpec) -> None:
    bound = 2.0**-56
    below = np.nextafter(bound, 0, dtype=spec.dtype)
    values = np.array([bound, -bound, below, -below, 0, -0.0, np.nan, np.inf], spec.dtype)
    a = np.resize(values, 2 * spec.lanes)[: spec.lanes]
    kept = measured_operations(spec, a, a, a, bound)["without tiny"]
    expected = np.resize([bound, -bound, 0, 0, 0, 0, np.nan, np.inf], spec.lanes)
    np.testing.assert_array_equal(kept, expected.astype(spec.dtype))
    assert not np.signbit(kept[kept == 0]).any()


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
def test_fma_rounds_once(spec: LoopSpec) -> None:
    """The square of 1 + 2**-n has a last bit that does not survive on its own."""
    bit = {"float32": 12, "float64": 27}[spec.dtype]
    a = np.full(spec.lanes, 1 + 2.0**-bit, spec.dtype)
    c = np.full(spec.lanes, -1 - 2.0 ** (1 - bit), spec.dtype)
    measured = measured_operations(spec, a, a, c, 0.75)["fma"]
    assert set(measured.tolist()) == {2.0 ** (-2 * bit)}


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
def test_a_row_is_as_many_values_as_there_are_lanes(spec: LoopSpec) -> None:
    values = np.arange(4 * spec.lanes, dtype=spec.dtype)
    expected = values.reshape(4, -1).copy()
    expected[1] = expected[3]
    moved(spec, values, 3, 1)
    assert np.array_equal(values, expected.ravel())


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
def test_rows_need_not_be_aligned(spec: LoopSpec) -> None:
    values = np.arange(2 * spec.lanes + 1, dtype=spec.dtype)
    expected = values.copy()
    expected[1 : spec.lanes + 1] = values[spec.lanes + 1 :]
    moved(spec, values[1:], 1, 0)
    assert np.array_equal(values, expected)


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
@pytest.mark.parametrize("seed", range(10))
def test_four_sums_are_bit_for_bit_sums_by_halves(spec: LoopSpec, seed: int) -> None:
    rows = random_rows(spec, 4, seed)
    singly, together = np.zeros(4, spec.dtype), np.full(7, np.nan, spec.dtype)
    sums(spec, rows, singly, together, 2)
    expected = np.array([by_halves(row) for row in rows.reshape(4, -1)])
    assert singly.tobytes() == expected.tobytes()
    assert together[2:6].tobytes() == expected.tobytes()
    assert np.isnan(together[[0, 1, 6]]).all()


@pytest.mark.parametrize("seed", range(20))
def test_the_sum_of_a_wide_vector_is_that_of_two_narrow_ones(seed: int) -> None:
    """Bit for bit, which is why figures do not depend on how wide a processor's vectors are."""
    narrow, wide = (
        LoopSpec("rnn_tanh", "float32", GROUP),
        LoopSpec("rnn_tanh", "float32", 2 * GROUP),
    )
    rows = random_rows(wide, 4, seed).reshape(4, 2, GROUP)
    singly, together, first, second, ignored = np.zeros((5, 4), np.float32)
    sums(wide, rows.ravel(), singly, together, 0)
    sums(narrow, rows[:, 0].ravel(), first, ignored, 0)
    sums(narrow, rows[:, 1].ravel(), second, ignored, 0)
    assert singly.tobytes() == together.tobytes() == (first + second).tobytes()


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
def test_what_has_no_strings_is_worked_on_in_groups(spec: LoopSpec) -> None:
    values = np.arange(4 * GROUP, dtype=spec.dtype)
    moved_groups(spec, values, 3, 1)
    expected = np.arange(4 * GROUP).reshape(4, GROUP)
    expected[1] = expected[3]
    assert np.array_equal(values, expected.ravel())


@pytest.mark.parametrize("spec", SPECIES, ids=NAMES)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_in_its_own_rows_sum_only(spec: LoopSpec, value: float) -> None:
    for place in range(spec.lanes):
        rows = np.ones((4, spec.lanes), spec.dtype)
        rows[2, place] = value
        singly, together = np.zeros((2, 4), spec.dtype)
        sums(spec, rows.ravel(), singly, together, 0)
        for measured in (singly, together):
            np.testing.assert_array_equal(measured, [spec.lanes, spec.lanes, value, spec.lanes])


@pytest.mark.parametrize("kind", [np.int32, np.int64, np.float32])
def test_at_is_the_element_of_an_array(kind: type) -> None:
    array = np.array([5, -7, 11, 0], kind)
    indices = np.array([3, 0, 2, 1, 1])
    out = np.zeros(5, kind)
    elements(array, indices, out)
    assert np.array_equal(out, array[indices])
