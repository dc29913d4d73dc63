"""Explicit vectors for Numba: values with a fixed number of lanes, one lane for each string.

Numba vectorises loops over lanes poorly, so kernels use `load`, `store`, `fma` and arithmetic on a
`Vector`, which is one LLVM vector value. LLVM splits it into the processor's vectors, so the same
source runs with AVX-512, with AVX2 and without either. Arrays are one-dimensional and contiguous; a
*row* is `lanes` consecutive values.

All operations are IEEE's, correctly rounded and in the order of the source: sums are not
reassociated, division does not use an estimated reciprocal, and only `fma` rounds a product and a
sum together. So the bits depend neither on the processor nor on how loops are unrolled or inlined.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from sparsebench.engines.fused.inner import InnerCompiler
from sparsebench.engines.fused.loop_spec import LoopSpecType

_INNER = {
    "pipeline_class": InnerCompiler,
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
"""Options for functions that Python does not call, and that need no wrappers."""

jit = njit(forceinline=True, **_INNER)
"""Compiles inner kernels, inlined: without the interpreter lock, with IEEE division by zero."""

outlined = njit(**_INNER)
"""Compiles rarely used inner kernels, not inlined, so that they are compiled once."""

GROUP = 16
"""Strings whose values are summed by one tree, also on processors with wider vectors."""


class Vector(types.Type):
    """`lanes` values of one number type."""

    def __init__(self, dtype: types.Float, lanes: int) -> None:
        self.dtype, self.lanes = dtype, lanes
        super().__init__(name=f"Vector({dtype}, {lanes})")


def _of(spec: LoopSpecType) -> Vector:
    return Vector(spec.dtype, spec.lanes)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        lane = ir.FloatType() if kind.dtype == types.float32 else ir.DoubleType()
        super().__init__(manager, kind, ir.VectorType(lane, kind.lanes))


def _splat(context: Any, builder: Any, kind: Vector, scalar: Any) -> Any:
    vector = context.get_value_type(kind)
    lane = builder.insert_element(
        ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), kind.lanes), [0] * kind.lanes)
    return builder.shuffle_vector(lane, lane, zeros)


def _as_vector(context: Any, builder: Any, given: types.Type, kind: Vector, value: Any) -> Any:
    if isinstance(given, Vector):
        return value
    return _splat(context, builder, kind, context.cast(builder, value, given, kind.dtype))


def _arithmetic(operation: Callable[..., Any], instruction: str) -> None:
    @infer_global(operation)
    class _Template(AbstractTemplate):
        def generic(self, args: tuple[types.Type, ...], kws: dict[str, types.Type]) -> Any:
            vectors = [each for each in args if isinstance(each, Vector)]
            if (
                len(args) == 2
                and vectors
                and all(isinstance(each, Vector | types.Number) for each in args)
            ):
                return signature(vectors[0], *args)
            return None

    def lower(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        left, right = (
            _as_vector(context, builder, given, sig.return_type, value)
            for given, value in zip(sig.args, args, strict=True)
        )
        return getattr(builder, instruction)(left, right)

    for kinds in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
        lower_builtin(operation, *kinds)(lower)


for _operator, _in_place, _instruction in (
    (operator.add, operator.iadd, "fadd"),
    (operator.sub, operator.isub, "fsub"),
    (operator.mul, operator.imul, "fmul"),
    (operator.truediv, operator.itruediv, "fdiv"),
):
    _arithmetic(_operator, _instruction)
    _arithmetic(_in_place, _instruction)


def _pointer(context: Any, builder: Any, sig: Any, args: Any, kind: Vector) -> Any:
    """The address of a row; `args` begin with spec, array and row."""
    row = context.cast(builder, args[2], sig.args[2], types.intp)
    first = builder.mul(row, ir.Constant(row.type, kind.lanes))
    return builder.bitcast(
        builder.gep(args[1], [first]), ir.PointerType(context.get_value_type(kind))
    )


@intrinsic
def load(typing: Any, spec: Any, array: Any, row: Any) -> Any:
    """The vector `array[row * lanes : (row + 1) * lanes]`; bounds are not checked."""
    kind = _of(spec)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        value = builder.load(_pointer(context, builder, sig, args, kind))
        value.align = kind.dtype.bitwidth // 8
        return value

    return kind(spec, array, row), generate


@intrinsic
def store(typing: Any, spec: Any, array: Any, row: Any, value: Any) -> Any:
    """Write a vector (or a scalar into every lane) to a row of an array."""
    kind = _of(spec)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vector = _as_vector(context, builder, sig.args[3], kind, args[3])
        written = builder.store(vector, _pointer(context, builder, sig, args, kind))
        written.align = kind.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.none(spec, array, row, value), generate


@intrinsic
def splat(typing: Any, spec: Any, scalar: Any) -> Any:
    """A vector with one value in every lane."""
    kind = _of(spec)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _as_vector(context, builder, sig.args[1], kind, args[1])

    return kind(spec, scalar), generate


def _call(context: Any, builder: Any, name: str, kind: Vector, args: list[Any]) -> Any:
    """Call an LLVM intrinsic that takes and returns vectors."""
    vector = context.get_value_type(kind)
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(vector, [vector] * len(args)),
        f"llvm.{name}.v{kind.lanes}f{kind.dtype.bitwidth}",
    )
    return builder.call(function, args)


@intrinsic
def fma(typing: Any, factor: Any, other: Any, addend: Any) -> Any:
    """`factor * other + addend`, rounded once; scalars are broadcast, but not all three."""
    kind = next(each for each in (addend, other, factor) if isinstance(each, Vector))

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        vectors = [
            _as_vector(context, builder, given, kind, value)
            for given, value in zip(sig.args, args, strict=True)
        ]
        return _call(context, builder, "fma", kind, vectors)

    return kind(factor, other, addend), generate


@intrinsic
def square_root(typing: Any, value: Any) -> Any:
    """The square root of every lane."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _call(context, builder, "sqrt", value, list(args))

    return value(value), generate


def _pick(builder: Any, one: Any, other: Any, lanes: list[int]) -> Any:
    """Some lanes of two vectors, numbered through both."""
    numbers = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)
    return builder.shuffle_vector(one, other, numbers)


def _halved(builder: Any, vectors: list[Any], width: int, size: int) -> list[Any]:
    """Halve each segment of `size` lanes by adding: two vectors become one, one becomes half of it."""
    both = width * min(len(vectors), 2)
    low = [start + lane for start in range(0, both, size) for lane in range(size // 2)]
    high = [number + size // 2 for number in low]
    return [
        builder.fadd(_pick(builder, one, other, low), _pick(builder, one, other, high))
        for one, other in zip(vectors[::2], vectors[1::2] or vectors, strict=True)
    ]


def _sums(builder: Any, vectors: Sequence[Any], lanes: int) -> Any:
    """A vector with the sum of each of one or four vectors.

    The lanes of a group of `GROUP` are added by halves: lane i and lane i + 8, then i + 4, and so
    on; then the sums of two groups are added. Groups are folded side by side in one vector, so four
    sums of 32 lanes take 25 instructions.
    """
    width = min(lanes, GROUP)
    groups = [
        _pick(builder, vector, vector, list(range(first, first + width)))
        for first in range(0, lanes, width)
        for vector in vectors
    ]
    size = width
    while size > 1:
        halved = _halved(builder, groups, width, size)
        width = width if len(groups) > 1 else width // 2
        groups, size = halved, size // 2
    (sums,) = groups
    if lanes <= GROUP:
        return sums
    count = len(vectors)
    first, second = list(range(count)), list(range(count, 2 * count))
    return builder.fadd(_pick(builder, sums, sums, first), _pick(builder, sums, sums, second))


@intrinsic
def sum_lanes(typing: Any, value: Any) -> Any:
    """The sum of all lanes, in groups of `GROUP`: in the same order on every processor."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        one = _sums(builder, args, value.lanes)
        return builder.extract_element(one, ir.Constant(ir.IntType(32), 0))

    return value.dtype(value), generate


@intrinsic
def store_four_sums(
    typing: Any, place: Any, index: Any, one: Any, two: Any, three: Any, four: Any
) -> Any:
    """Write `sum_lanes` of four vectors to `place[index : index + 4]`."""
    kind = Vector(one.dtype, 4)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        there = builder.bitcast(
            builder.gep(args[0], [context.cast(builder, args[1], sig.args[1], types.intp)]),
            ir.PointerType(context.get_value_type(kind)),
        )
        written = builder.store(_sums(builder, args[2:], one.lanes), there)
        written.align = kind.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.none(place, index, one, two, three, four), generate


@intrinsic
def clamp(typing: Any, value: Any, limit: Any) -> Any:
    """Each lane, limited to ±limit; NaN stays NaN."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        high = _as_vector(context, builder, sig.args[1], value, args[1])
        low = builder.fsub(ir.Constant(high.type, [0.0] * value.lanes), high)
        held = builder.select(builder.fcmp_ordered(">", args[0], high), high, args[0])
        return builder.select(builder.fcmp_ordered("<", held, low), low, held)

    return value(value, limit), generate


LEAST_GRADIENT = 2.0**-56
"""Derivatives nearer to zero are set to zero. With Adam's epsilon of 1e-8 and a rate of 0.001, one
of them would move a weight by 1e-12."""


@intrinsic
def without_tiny(typing: Any, value: Any, bound: Any) -> Any:
    """Zero in lanes that are nearer to zero than `bound`; NaN stays NaN."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        high = _as_vector(context, builder, sig.args[1], value, args[1])
        zero = ir.Constant(high.type, [0.0] * value.lanes)
        tiny = builder.fcmp_ordered("<", _call(context, builder, "fabs", value, [args[0]]), high)
        return builder.select(tiny, zero, args[0])

    return value(value, bound), generate


def _other_spec(kind: LoopSpecType, spec: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.get_dummy_value()

    return kind(spec), generate


@intrinsic
def any_cell(typing: Any, spec: Any) -> Any:
    """The same vectors for any cell: what does not depend on the cell is compiled once for all."""
    return _other_spec(LoopSpecType("", str(spec.dtype), spec.lanes), spec)


@intrinsic
def groups(typing: Any, spec: Any) -> Any:
    """Vectors of the same number type that hold one group, for data without strings."""
    return _other_spec(LoopSpecType("", str(spec.dtype), GROUP), spec)


@intrinsic
def where_positive(typing: Any, condition: Any, value: Any) -> Any:
    """`value` in lanes where `condition` is above zero or NaN, otherwise 0."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        zero = ir.Constant(args[0].type, [0.0] * condition.lanes)
        kept = builder.fcmp_unordered(">", args[0], zero)
        return builder.select(kept, args[1], zero)

    return condition(condition, value), generate


@intrinsic
def at(typing: Any, place: Any, index: Any) -> Any:
    """`place[index]` without Numba's wrapping of negative indices, which costs a seventh."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(
            builder.gep(args[0], [context.cast(builder, args[1], sig.args[1], types.intp)])
        )

    return place.dtype(place, index), generate


@intrinsic
def pointer(typing: Any, array: Any) -> Any:
    """The address of an array's values; the caller keeps the array alive."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_array(sig.args[0])(context, builder, args[0]).data

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def record(typing: Any, place: Any, index: Any) -> Any:
    """One of the records at an address."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.gep(args[0], [context.cast(builder, args[1], sig.args[1], types.intp)])

    return place.dtype(place, index), generate
