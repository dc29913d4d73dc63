"""Patterns: which sets of weights may be kept together.

A pattern is a frozen dataclass with a kind (`sparsebench.values.kinds`) and a method `choose`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from sparsebench.parts.methods.allocations import Region
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import Scores
from sparsebench.parts.methods.tape import ordered_sum
from sparsebench.values.checks import whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.layout import GATES
from sparsebench.values.masks import Masks, Weights


class Pattern(ABC):
    """Base class of patterns."""

    @abstractmethod
    def choose(self, scores: Scores, region: Region, context: Context) -> dict[str, np.ndarray]:
        """Choose the weights of a region to keep.

        Parameters
        ----------
        scores
            By name, in arrays of the weights' shapes. High scores are kept.
        region
            The weights to choose from, and how many are to be kept.
        context
            The network. Only weights that it has now (`context.masks`) can be kept.

        Returns
        -------
        dict
            For each array of the region, a boolean mask of its shape.
        """

    def rounding(self, context: Context) -> int:
        """By how many weights the number kept of a region may differ from the number asked for."""
        return 0

    def check_density(self, density: float) -> None:  # noqa: B027  (most patterns can have any)
        """Refuse a density, 0-1, that no network can have with this pattern, whatever its size.

        Raises
        ------
        ValueError
            With the densities that it can have.
        """


@kind("Unstructured")
@dataclass(frozen=True)
class Unstructured(Pattern):
    """Any weights; of equal scores, the first by position go first."""

    def choose(self, scores: Scores, region: Region, context: Context) -> dict[str, np.ndarray]:
        """The `region.keep` weights with the highest scores."""
        there = {name: place & context.masks[name] for name, place in region.places.items()}
        pooled = np.concatenate([scores[name][mask] for name, mask in there.items()])
        kept = np.ones(pooled.size, np.bool_)
        kept[np.argsort(pooled, kind="stable")[: max(0, pooled.size - region.keep)]] = False
        return _scattered(kept, there)


@kind("Blocks")
@dataclass(frozen=True)
class Blocks(Pattern):
    """Blocks of weights are kept or removed together, by their mean score.

    Blocks do not cross the border between two gates. Where the size of a gate is no multiple of a
    block's, those at the end are smaller.

    Attributes
    ----------
    rows, columns
        The size of a block.
    """

    rows: int = 16
    columns: int = 1

    def __post_init__(self) -> None:
        whole_number("rows", self.rows, 1)
        whole_number("columns", self.columns, 1)

    def choose(self, scores: Scores, region: Region, context: Context) -> dict[str, np.ndarray]:
        """Blocks with the highest means, as many as come nearest to `region.keep` weights."""
        there = {name: place & context.masks[name] for name, place in region.places.items()}
        numbers, first = [], 0
        for name, mask in there.items():
            blocks = self._blocks(name, context)
            numbers.append(first + blocks[mask])
            first += int(blocks.max()) + 1
        numbered = np.concatenate(numbers)
        pooled = np.concatenate([scores[name][mask] for name, mask in there.items()])
        sizes = np.bincount(numbered, minlength=first)
        means = np.bincount(numbered, pooled.astype(np.float64), first) / np.maximum(sizes, 1)
        present = np.flatnonzero(sizes)
        best = present[np.argsort(-means[present], kind="stable")]
        kept = np.concatenate([[0], np.cumsum(sizes[best])])
        chosen = np.zeros(first, np.bool_)
        chosen[best[: int(np.argmin(np.abs(kept - region.keep)))]] = True
        return _scattered(chosen[numbered], there)

    def rounding(self, context: Context) -> int:
        """Half a block."""
        return (self.rows * self.columns + 1) // 2

    def _blocks(self, name: str, context: Context) -> np.ndarray:
        """The number of each weight's block in an array."""
        rows, columns = context.weights[name].shape
        per_gate = rows // GATES[context.layout.variant]
        row = np.arange(rows)
        down = row // per_gate * -(-per_gate // self.rows) + row % per_gate // self.rows
        across = -(-columns // self.columns)
        return down[:, None] * across + np.arange(columns) // self.columns


@kind("NOfM")
@dataclass(frozen=True)
class NOfM(Pattern):
    """Of each group of m consecutive weights in a row, n are kept; the allocation has no say.

    The density is n / m; another one is refused, and so are rows that are no multiple of m.

    Attributes
    ----------
    n, m
        Weights kept, and weights in a group.
    """

    n: int = 2
    m: int = 4

    def __post_init__(self) -> None:
        whole_number("m", self.m, 2)
        whole_number("n", self.n, 1, self.m - 1)

    def choose(self, scores: Scores, region: Region, context: Context) -> dict[str, np.ndarray]:
        """The n highest scores of each group."""
        self.check_density(context.density)
        masks = {}
        for name, place in region.places.items():
            rows, columns = place.shape
            if columns % self.m:
                raise ValueError(
                    f"{name} has rows of {columns} weights, no multiple of {self.m}: the end of a row "
                    "would be kept whole; choose a multiple of units and of inputs"
                )
            able = np.where(place & context.masks[name], scores[name], -np.inf)
            order = np.argsort(-able.reshape(rows, -1, self.m), axis=2, kind="stable")
            kept = np.zeros(order.shape, np.bool_)
            np.put_along_axis(kept, order[:, :, : self.n], True, axis=2)
            masks[name] = kept.reshape(rows, columns) & place & context.masks[name]
        return masks

    def check_density(self, density: float) -> None:
        """Refuse any but n / m."""
        if not math.isclose(density, self.n / self.m):
            raise ValueError(
                f"density is {density:g}: {self.n}:{self.m} keeps {self.n / self.m:g} of the weights, "
                "give that"
            )


@kind("WholeUnits")
@dataclass(frozen=True)
class WholeUnits(Pattern):
    """Whole hidden units are removed: all recurrent weights that lead into them, and all that lead out.

    A unit's score is the sum over its weights. All layers compete, whatever the allocation says of
    them together; an allocation with more than one region is refused. Each layer keeps a unit.
    """

    def choose(self, scores: Scores, region: Region, context: Context) -> dict[str, np.ndarray]:
        """Units with the highest scores, as many as come nearest to `region.keep` weights."""
        if len(region.places) != len(context.names):
            raise ValueError(
                "whole units are removed from all layers: choose the allocation Global()"
            )
        sizes = context.layout.sizes
        there = dict(context.masks)
        value = self._values(scores, context)
        weights = self._values(context.masks, context)  # none if a unit has gone before
        left = [set(np.flatnonzero(each).tolist()) for each in weights]
        order = sorted(
            (value[layer][unit], layer, unit) for layer in range(len(sizes)) for unit in left[layer]
        )
        best, error = there, abs(_count(there) - region.keep)
        for _, layer, unit in order:
            if len(left[layer]) == 1:  # its last one
                continue
            left[layer].discard(unit)
            there = self._without(there, layer, unit, context)
            now = abs(_count(there) - region.keep)
            if now > error:
                break
            best, error = there, now
        return {name: best[name] & place for name, place in region.places.items()}

    def rounding(self, context: Context) -> int:
        """Half the weights of the largest unit."""
        whole = {name: np.ones(context.weights[name].shape, np.bool_) for name in context.names}
        largest = max(
            _count(whole) - _count(self._without(whole, layer, 0, context))
            for layer in range(len(context.layout.sizes))
        )
        return (largest + 1) // 2

    def _values(self, scores: Weights, context: Context) -> list[np.ndarray]:
        """The sum of scores of each unit's weights, by layer."""
        values = [np.zeros(units) for units in context.layout.sizes]
        for name in context.names:
            own = np.where(context.masks[name], scores[name], 0).astype(np.float64)
            target, source = _layers_of(name, context)
            for row, sums in enumerate(own):
                values[target][row % len(values[target])] += ordered_sum(sums)
            if source is not None:
                for column, sums in enumerate(own.T):
                    values[source][column] += ordered_sum(sums)
        return values

    def _without(
        self, masks: Masks, layer: int, unit: int, context: Context
    ) -> dict[str, np.ndarray]:
        """The masks without one unit."""
        result = {}
        for name in context.names:
            mask = masks[name].copy()
            target, source = _layers_of(name, context)
            if target == layer:
                mask[unit :: context.layout.sizes[layer]] = False
            if source == layer:
                mask[:, unit] = False
            result[name] = mask
        return result


def _layers_of(name: str, context: Context) -> tuple[int, int | None]:
    """The layer that an array's rows lead into, and that which its columns read; None: the input."""
    owner, _, what = name.rpartition(".")
    block = next(each for each in context.layout.blocks if each.name == owner)
    if what == "h2h":
        return block.target, block.target
    return block.target, None if block.source < 0 else block.source


def _count(masks: Masks) -> int:
    return sum(int(mask.sum()) for mask in masks.values())


def _scattered(kept: np.ndarray, there: Masks) -> dict[str, np.ndarray]:
    """Masks of arrays, from whether each of the weights in `there` is kept, one after another."""
    ends = np.cumsum([int(mask.sum()) for mask in there.values()])
    masks = {}
    for (name, mask), part in zip(there.items(), np.split(kept, ends[:-1]), strict=True):
        masks[name] = np.zeros(mask.shape, np.bool_)
        masks[name][mask] = part
    return masks
