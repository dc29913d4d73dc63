"""Allocations: how a network's density is divided among its matrices, or parts of these.

An allocation is a frozen dataclass with a kind (`sparsebench.values.kinds`) and a method `regions`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np

from sparsebench.parts.methods.context import Context
from sparsebench.values.checks import listed, positive
from sparsebench.values.kinds import kind
from sparsebench.values.layout import GATES
from sparsebench.values.masks import Masks


@dataclass(frozen=True, eq=False)
class Region:
    """Weights that compete with each other.

    Attributes
    ----------
    places
        For some arrays, a boolean array of the weights' shape: which weights belong to the region.
    keep
        How many of them are kept.
    """

    places: Masks
    keep: int

    @property
    def size(self) -> int:
        """The number of its weights."""
        return sum(int(mask.sum()) for mask in self.places.values())


class Allocation(ABC):
    """Base class of allocations."""

    @abstractmethod
    def regions(self, context: Context) -> list[Region]:
        """Divide the arrays to be made sparse into regions.

        Parameters
        ----------
        context
            The network, and the density that it is to have.

        Returns
        -------
        list of Region
            Regions without common weights that cover all arrays. Together they keep
            `round(context.density * context.total)` weights.
        """

    def fits(self, variant: str) -> bool:
        """Whether it can divide the density of networks of a cell type."""
        return True


def kept_of(context: Context) -> int:
    """The number of weights that a network of the context's density keeps."""
    return round(context.density * context.total)


@kind("GlobalAllocation")
@dataclass(frozen=True)
class Global(Allocation):
    """All weights compete with each other."""

    def regions(self, context: Context) -> list[Region]:
        """One region."""
        places = {name: np.ones(context.weights[name].shape, np.bool_) for name in context.names}
        return [Region(places, kept_of(context))]


@kind("UniformAllocation")
@dataclass(frozen=True)
class Uniform(Allocation):
    """Each matrix has the same density."""

    def regions(self, context: Context) -> list[Region]:
        """One region for each matrix."""
        return _by_array(context, [1.0] * len(context.names))


@kind("ErkAllocation")
@dataclass(frozen=True)
class Erk(Allocation):
    """Small matrices are denser (Erdős-Rényi-Kernel: Evci et al. 2020; Mocanu et al. 2018).

    The density of a matrix is proportional to (rows + columns) / (rows * columns), and 1 at most.
    Rows are those of all gates.
    """

    def regions(self, context: Context) -> list[Region]:
        """One region for each matrix."""
        shapes = [context.weights[name].shape for name in context.names]
        return _by_array(context, [(rows + columns) / (rows * columns) for rows, columns in shapes])


@kind("GateAllocation")
@dataclass(frozen=True)
class ByGate(Allocation):
    """Each gate has its own density.

    Attributes
    ----------
    relative
        For each gate, its density relative to that of the others, in the order of
        `sparsebench.values.layout.GATE_NAMES`: input, forget, candidate and output gate of LSTM; reset
        gate, update gate and candidate of GRU; forget gate and candidate of MGU. A gate whose density
        would exceed 1 has 1, and the others share the rest.

    Raises
    ------
    TypeError, ValueError
        If a number is not positive, or there are as many as no cell type has gates.
    """

    relative: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "relative", tuple(map(float, listed("relative", self.relative))))
        for each in self.relative:
            positive("relative", each)
        if len(self.relative) not in GATES.values():
            raise ValueError(f"relative has {len(self.relative)} numbers: {_gates_in_words()}")

    def fits(self, variant: str) -> bool:
        """Whether its gates are as many as there are numbers."""
        return len(self.relative) == GATES[variant]

    def regions(self, context: Context) -> list[Region]:
        """One region for each gate of each matrix."""
        variant = context.layout.variant
        if not self.fits(variant):
            raise ValueError(
                f"relative has {len(self.relative)} numbers for a {variant} network: "
                f"{_gates_in_words()}"
            )
        places, relative = [], []
        for name in context.names:
            for rows, own in zip(context.gates(name), self.relative, strict=True):
                mask = np.zeros(context.weights[name].shape, np.bool_)
                mask[rows] = True
                places.append({name: mask})
                relative.append(own)
        return _regions(places, relative, context)


@kind("OwnAllocation")
@dataclass(frozen=True)
class ByName(Allocation):
    """Densities by hand: each matrix has the one of the first pattern that fits its name.

    Attributes
    ----------
    relative
        Pairs of a pattern for names, such as `layers.0.*` or `*.h2h` (`fnmatch`), and a density
        relative to that of the others. A matrix whose density would exceed 1 has 1, and the others
        share the rest.

    Raises
    ------
    TypeError, ValueError
        If it is not a list of pairs, or a number is not positive.
    """

    relative: tuple[tuple[str, float], ...]

    def __post_init__(self) -> None:
        pairs = tuple(map(_pair, listed("relative", self.relative)))
        object.__setattr__(self, "relative", pairs)
        for pattern, density in pairs:
            positive(f"relative density of {pattern}", density)

    def regions(self, context: Context) -> list[Region]:
        """One region for each matrix."""
        return _by_array(context, [self._of(name) for name in context.names])

    def _of(self, name: str) -> float:
        for pattern, density in self.relative:
            if fnmatchcase(name, pattern):
                return density
        patterns = ", ".join(pattern for pattern, _ in self.relative)
        raise ValueError(f"no pattern of {patterns} fits {name}: add ('*', 1.0) as the last")


def _pair(received: object) -> tuple[str, float]:
    match received:
        case (str() as pattern, int() | float() as density):
            return pattern, float(density)
    raise TypeError(
        f"relative holds {received!r}: give pairs of a pattern and a density, such as ('*.h2h', 2.0)"
    )


def densities(sizes: Sequence[int], relative: Sequence[float], keep: int) -> list[float]:
    """Densities in given proportions, 1 at most, of which some numbers of weights keep `keep`.

    Parameters
    ----------
    sizes
        Numbers of weights.
    relative
        Positive proportions of the densities.
    keep
        The number of weights kept in all, at most the sum of `sizes`.

    Returns
    -------
    list of float
        One density for each size.
    """
    full = [False] * len(sizes)
    while True:
        rest = keep - sum(size for size, is_full in zip(sizes, full, strict=True) if is_full)
        weight = math.fsum(
            share * size
            for size, share, is_full in zip(sizes, relative, full, strict=True)
            if not is_full
        )
        scale = rest / weight if weight else 0.0
        above = [
            not is_full and share * scale > 1 for share, is_full in zip(relative, full, strict=True)
        ]
        if not any(above):
            return [
                1.0 if is_full else share * scale
                for share, is_full in zip(relative, full, strict=True)
            ]
        full = [is_full or over for is_full, over in zip(full, above, strict=True)]


def counts(
    sizes: Sequence[int],
    relative: Sequence[float],
    keep: int,
    most: Sequence[int] | None = None,
) -> list[int]:
    """Whole numbers of weights to keep, by `densities`; the largest remainders are rounded up.

    Parameters
    ----------
    sizes, relative, keep
        As in `densities`.
    most
        The most that each may be, such as the weights that are left; by default, its size. Where the
        density asks for more, others keep more; the sum is less than `keep` only if there are less.
    """
    most = sizes if most is None else most
    exact = [
        density * size
        for density, size in zip(densities(sizes, relative, keep), sizes, strict=True)
    ]
    result = [min(math.floor(each), high) for each, high in zip(exact, most, strict=True)]
    order = sorted(
        range(len(exact)), key=lambda place: (math.floor(exact[place]) - exact[place], place)
    )
    left = min(keep, sum(most)) - sum(result)
    while left > 0:
        for place in order:
            if left > 0 and result[place] < most[place]:
                result[place] += 1
                left -= 1
    return result


def _by_array(context: Context, relative: Sequence[float]) -> list[Region]:
    places = [{name: np.ones(context.weights[name].shape, np.bool_)} for name in context.names]
    return _regions(places, relative, context)


def _regions(places: Sequence[Masks], relative: Sequence[float], context: Context) -> list[Region]:
    sizes = [sum(int(mask.sum()) for mask in each.values()) for each in places]
    there = [
        sum(int((mask & context.masks[name]).sum()) for name, mask in each.items())
        for each in places
    ]
    kept = counts(sizes, relative, kept_of(context), there)
    return [Region(each, own) for each, own in zip(places, kept, strict=True)]


def _gates_in_words() -> str:
    return "give one for each gate: " + ", ".join(
        f"{count} for {variant}" for variant, count in GATES.items()
    )
