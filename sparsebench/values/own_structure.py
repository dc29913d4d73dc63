"""The structure of a network of your own, as PyTorch's recurrent layers define it.

Arrays are named as in `sparsebench.values.layout`: `embedding`, then for each layer `layers.0.i2h`,
`layers.0.h2h`, `layers.0.i2h_bias` and `layers.0.h2h_bias`, and `layers.0.reverse.i2h` and so on for
the direction that reads from the end, then `readout.weight` and `readout.bias`. Layers are numbered
through all stacks. What a network does not have, such as biases, has no array.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.layout import GATES, INPUT, Block, Layout
from sparsebench.values.protocol import check_torch_has

READS = ("last_step", "last_state", "every_step", "mean")
"""What the head reads of the last layer's outputs; the first is the default."""


class Direction(NamedTuple):
    """One direction of one layer.

    Attributes
    ----------
    name
        The start of its arrays' names.
    layer
        Number of the layer, counted through all stacks.
    inputs, size
        Numbers that it reads at each step, and its hidden units.
    bias
        Whether it has biases.
    reverse
        Whether it reads from the end.
    """

    name: str
    layer: int
    inputs: int
    size: int
    bias: bool
    reverse: bool


@dataclass(frozen=True)
class Stack:
    """Recurrent layers of one size, one above the other: one `nn.RNN`, `nn.LSTM` or `nn.GRU`.

    Attributes
    ----------
    layers
        Number of layers.
    size
        Hidden units of each layer, and of each direction.
    bias
        Whether layers have biases.
    bidirectional
        Whether each layer is read from both ends; the outputs of both directions lie side by side.
    dropout
        Share of outputs that training drops between the layers of the stack, 0-1.
    """

    layers: int
    size: int
    bias: bool = True
    bidirectional: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        whole_number("layers of a stack", self.layers, 1)
        whole_number("size of a stack", self.size, 1)
        instance_of("dropout of a stack", self.dropout, int, float)
        if not 0 <= self.dropout <= 1:
            raise ValueError(f"dropout of a stack is {self.dropout!r}: give a number from 0 to 1")
        for name in ("bias", "bidirectional"):
            instance_of(f"{name} of a stack", getattr(self, name), bool)

    @property
    def outputs(self) -> int:
        """Outputs of each of its layers."""
        return self.size * (1 + self.bidirectional)


@dataclass(frozen=True)
class OwnStructure:
    """The structure of a network of your own: its layers, and what stands around them.

    Attributes
    ----------
    variant
        The cell of all layers: `rnn_tanh`, `rnn_relu`, `lstm` or `gru`, which `torch.nn` has.
    stacks
        The recurrent layers, from the input.
    width
        Numbers that the first layer reads at each step.
    symbols
        Rows of the embedding; 0: none, frames of numbers are read.
    padding
        The row of the embedding that training leaves as it is, if any.
    classes
        Outputs of the linear head; 0: no head, the outputs are those of the last layer.
    head_bias
        Whether the head has a bias.
    reads
        What the head reads. `last_step`: the outputs at the last step, `outputs[:, -1]` in PyTorch.
        `last_state`: the last state of each direction, side by side; the same in networks of one
        direction. `every_step`: the outputs at each step. `mean`: their mean over the steps.
    batch_first
        Whether inputs and outputs have the batch on the first axis, and steps on the second.

    Raises
    ------
    TypeError, ValueError
        If `torch.nn` has no layer of the variant, or a size is not allowed.
    """

    variant: str
    stacks: tuple[Stack, ...]
    width: int
    symbols: int = 0
    padding: int | None = None
    classes: int = 0
    head_bias: bool = True
    reads: str = READS[0]
    batch_first: bool = False

    def __post_init__(self) -> None:
        check_torch_has(self.variant)
        one_of("reads", self.reads, READS)
        if not self.stacks:
            raise ValueError("stacks is empty: give one stack of layers at least")
        for name, least in (("width", 1), ("symbols", 0), ("classes", 0)):
            whole_number(name, getattr(self, name), least)
        for name in ("head_bias", "batch_first"):
            instance_of(name, getattr(self, name), bool)
        if self.padding is not None:
            whole_number("padding", self.padding, 0, self.symbols - 1)

    @property
    def directions(self) -> list[Direction]:
        """The directions of all layers, in the order of their states in PyTorch."""
        return list(self._directions())

    @property
    def outputs(self) -> int:
        """Numbers in each output: the head's or, without one, the last layer's."""
        return self.classes or self.stacks[-1].outputs

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The name and shape of every array."""
        result: dict[str, tuple[int, ...]] = {}
        if self.symbols:
            result["embedding"] = (self.symbols, self.width)
        for each in self._directions():
            rows = GATES[self.variant] * each.size
            result[f"{each.name}.i2h"] = (rows, each.inputs)
            result[f"{each.name}.h2h"] = (rows, each.size)
            if each.bias:
                result |= {f"{each.name}.i2h_bias": (rows,), f"{each.name}.h2h_bias": (rows,)}
        if self.classes:
            result["readout.weight"] = (self.classes, self.stacks[-1].outputs)
            if self.head_bias:
                result["readout.bias"] = (self.classes,)
        return result

    def prunable(self, target: str = "both") -> list[list[str]]:
        """The arrays that a target names, by layer and direction, as `sparsebench.prune` takes them.

        Parameters
        ----------
        target
            `i2h`, `h2h` or `both`.
        """
        one_of("target", target, ("i2h", "h2h", "both"))
        kinds = ("i2h", "h2h") if target == "both" else (target,)
        return [[f"{each.name}.{kind}" for kind in kinds] for each in self._directions()]

    @property
    def layout(self) -> Layout:
        """The layout for this package's engines.

        Raises
        ------
        ValueError
            If the engines cannot compute it; with what to do instead.
        """
        if any(stack.bidirectional for stack in self.stacks):
            raise ValueError(
                "a layer is bidirectional, and the engines read forward only: use network.forward or "
                "to_torch(network), or train layers of one direction"
            )
        if self.reads == "mean":
            raise ValueError(
                "the mean over the steps is read, and the engines read the last step or every step: "
                "network.reading('every_step') has outputs at every step, and the "
                "mean of these is the network's own, for the head is linear"
            )
        sizes = tuple(stack.size for stack in self.stacks for _ in range(stack.layers))
        blocks = tuple(
            Block(target - 1 if target else INPUT, target) for target in range(len(sizes))
        )
        return Layout(self.variant, sizes, blocks, self.width, self.symbols, self.outputs)

    def __str__(self) -> str:
        sizes = "-".join(str(each.size) for each in self.stacks for _ in range(each.layers))
        read = f"{self.symbols} symbols" if self.symbols else f"{self.width} numbers"
        return f"{self.variant} network of layers {sizes} for {read}"

    def _directions(self) -> Iterator[Direction]:
        layer, inputs = 0, self.width
        for stack in self.stacks:
            for _ in range(stack.layers):
                for reverse in (False, True)[: 1 + stack.bidirectional]:
                    name = f"layers.{layer}.reverse" if reverse else f"layers.{layer}"
                    yield Direction(name, layer, inputs, stack.size, stack.bias, reverse)
                layer, inputs = layer + 1, stack.outputs
