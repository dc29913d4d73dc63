"""Sparse matrices as blocks of 16 rows and one column, or of single weights.

A block is stored if one of its weights is not zero. The rows of a matrix are cut into groups of the
height of a block; the last group is filled up with zeros.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparsebench.values.checks import whole_number

HEIGHT = 16
"""Rows of a block: single-precision numbers of the widest vector registers."""


@dataclass(frozen=True, eq=False)
class Blocks:
    """A matrix as its blocks.

    Attributes
    ----------
    shape
        Rows and columns of the matrix.
    starts
        (groups + 1,) int32: the number of the first block of each group of rows, and of all blocks.
    columns
        (blocks,) int32: the column of each block, rising within a group.
    values
        (blocks, height) float32.
    """

    shape: tuple[int, int]
    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray

    @property
    def size(self) -> int:
        """Bytes of the numbers, if a column takes two."""
        return 4 * self.values.size + 2 * self.columns.size + 4 * self.starts.size

    def matrix(self) -> np.ndarray:
        """The whole matrix, float32."""
        rows, columns = self.shape
        height = self.values.shape[1]
        groups = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))
        whole = np.zeros((-(-rows // height), columns, height), np.float32)
        whole[groups, self.columns] = self.values
        return whole.swapaxes(1, 2).reshape(-1, columns)[:rows]


def blocks_of(matrix: np.ndarray, height: int = HEIGHT) -> Blocks:
    """Cut a matrix into blocks, and leave out those that are zero.

    Parameters
    ----------
    matrix
        (rows, columns) float32.
    height
        Rows of a block.

    Returns
    -------
    Blocks
        Of which `matrix` makes the same again, bit for bit but for the sign of zeros.
    """
    whole_number("height", height, 1)
    rows, columns = matrix.shape
    groups = -(-rows // height)
    padded = np.zeros((groups * height, columns), np.float32)
    padded[:rows] = matrix
    cut = padded.reshape(groups, height, columns).swapaxes(1, 2)  # (groups, columns, height)
    there = cut.any(2)
    starts = np.concatenate([[0], np.cumsum(there.sum(1))]).astype(np.int32)
    return Blocks((rows, columns), starts, np.nonzero(there)[1].astype(np.int32), cut[there])


def smallest(matrix: np.ndarray) -> Blocks:
    """The matrix as blocks of 16 rows or as single weights, whichever takes fewer bytes."""
    return min((blocks_of(matrix, height) for height in (HEIGHT, 1)), key=lambda each: each.size)
