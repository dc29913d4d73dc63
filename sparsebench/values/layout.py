"""Layouts: the blocks of a recurrent network, and the names and shapes of its arrays.

A block is one recurrent layer with its own weights and hidden state. The blocks that lead into the
same layer run side by side, and the layer's output is their sum. In a stacked network every layer
has one block, which reads the layer below.

The arrays are `embedding`, then those of each block in order, then `readout.weight` and
`readout.bias`. A block that reads the layer right below has the arrays `layers.2.i2h`,
`layers.2.h2h`, `layers.2.i2h_bias` and `layers.2.h2h_bias`, numbered by the layer that it leads
into; a block that skips layers is named `skips.0.2`, after the layers that it reads and leads into.
Gates are stacked by rows, in PyTorch's order where it has such a layer (`GATE_NAMES`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparsebench.values.checks import one_of, whole_number

GATE_NAMES: Mapping[str, tuple[str, ...]] = {
    "rnn_tanh": ("",),
    "rnn_relu": ("",),
    "lstm": ("i", "f", "g", "o"),
    "gru": ("r", "z", "n"),
    "mgu": ("f", "n"),
}
"""Gates of each cell type in the order of their rows; a cell without gates has one set of rows without
a name. The equations are in `sparsebench.engines.reference`."""

GATES = {variant: len(names) for variant, names in GATE_NAMES.items()}
"""Gates per cell: rows of weights for each hidden unit."""

INPUT = -1
"""The source of a block that reads the embedding."""


@dataclass(frozen=True)
class Block:
    """A recurrent layer from one layer (or `INPUT`) to a higher one."""

    source: int
    target: int

    def __post_init__(self) -> None:
        whole_number("source layer of a block", self.source, INPUT)
        whole_number("target layer of a block", self.target, self.source + 1)

    @property
    def name(self) -> str:
        """The start of its arrays' names."""
        return f"skips.{self.source}.{self.target}" if self.skips else f"layers.{self.target}"

    @property
    def skips(self) -> bool:
        """Whether there are layers between the one that it reads and the one that it leads into."""
        return self.source != self.target - 1

    @property
    def order(self) -> tuple[int, bool, int]:
        """The key by which the blocks of a layout are sorted."""
        return self.target, self.skips, self.source


@dataclass(frozen=True)
class Layout:
    """The blocks of a network, and its sizes.

    Attributes
    ----------
    variant
        The cell of all blocks.
    sizes
        Hidden units of each layer.
    blocks
        Sorted by target layer, then by source; the block from the layer right below comes first.
    width
        Entries of the embedding, or of the vectors that are read if there is no embedding.
    symbols
        Rows of the embedding; 0: no embedding, the network reads vectors.
    classes
        Rows of the readout, which reads the last layer.

    Raises
    ------
    TypeError, ValueError
        If a size is not positive; if a block leads out of the network, is repeated or out of order;
        or if a layer has no block from right below it.
    """

    variant: str
    sizes: tuple[int, ...]
    blocks: tuple[Block, ...]
    width: int
    symbols: int = 128
    classes: int = 2

    def __post_init__(self) -> None:
        one_of("variant", self.variant, GATES)
        for layer, size in enumerate(self.sizes):
            whole_number(f"size of layer {layer}", size, 1)
        for name, least in (("width", 1), ("symbols", 0), ("classes", 1)):
            whole_number(name, getattr(self, name), least)
        for block in self.blocks:
            if block.target >= len(self.sizes):
                raise ValueError(
                    f"block {block.name} leads into layer {block.target}, but the layers are "
                    f"0 to {len(self.sizes) - 1}"
                )
        ordered = sorted(set(self.blocks), key=lambda block: block.order)
        if list(self.blocks) != ordered:
            raise ValueError(
                f"blocks {[block.name for block in self.blocks]} come twice or out of order: sort "
                "them by target layer, the one from the layer below first, then by source"
            )
        direct = [block.target for block in self.blocks if not block.skips]
        if not self.sizes or direct != list(range(len(self.sizes))):
            raise ValueError(
                f"layers {direct} of {len(self.sizes)} have a block from right below: every layer "
                "needs one, layer 0 from the input, and no other layer may be named"
            )
        if any(block.source == INPUT and block.target > 0 for block in self.blocks):
            raise ValueError("a block leads from the input past layer 0: only layer 0 reads it")

    def inputs(self, block: Block) -> int:
        """The number of values that a block reads at each step."""
        return self.width if block.source == INPUT else self.sizes[block.source]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every array."""
        result: dict[str, tuple[int, ...]] = {}
        if self.symbols:
            result["embedding"] = (self.symbols, self.width)
        for block in self.blocks:
            hidden = self.sizes[block.target]
            rows = GATES[self.variant] * hidden
            result[f"{block.name}.i2h"] = (rows, self.inputs(block))
            result[f"{block.name}.h2h"] = (rows, hidden)
            result[f"{block.name}.i2h_bias"] = (rows,)
            result[f"{block.name}.h2h_bias"] = (rows,)
        result["readout.weight"] = (self.classes, self.sizes[-1])
        result["readout.bias"] = (self.classes,)
        return result

    def __str__(self) -> str:
        if len(self.blocks) == len(self.sizes) and set(self.sizes) == {self.width}:
            return f"{len(self.sizes)} x {self.width} {self.variant} network"
        sizes = "-".join(str(size) for size in self.sizes)
        return f"{self.variant} network of layers {sizes} with {len(self.blocks)} blocks"
