"""Networks of your own as PyTorch modules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sparsebench.engines.torch_masks import apply_masks
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.own_structure import Stack
from sparsebench.values.protocol import VARIANTS, check_torch_has

_LAYERS: dict[str, tuple[Callable[..., nn.RNNBase], dict[str, str]]] = {
    "rnn_tanh": (nn.RNN, {"nonlinearity": "tanh"}),
    "rnn_relu": (nn.RNN, {"nonlinearity": "relu"}),
    "lstm": (nn.LSTM, {}),
    "gru": (nn.GRU, {}),
}
assert tuple(_LAYERS) == VARIANTS
_KINDS = {
    "i2h": "weight_ih_l{}",
    "h2h": "weight_hh_l{}",
    "i2h_bias": "bias_ih_l{}",
    "h2h_bias": "bias_hh_l{}",
}

_PLACE: dict[str, Any] = {"device": "cpu", "dtype": torch.float32}
"""Where arrays are made, and how, whatever the defaults of torch are."""

TorchState = Any
"""h, or (h, c) of an LSTM, of one stack; for several stacks, a tuple of these."""


def recurrent_layers(variant: str, inputs: int, hidden: int, **options: Any) -> nn.RNNBase:
    """Recurrent layers of `torch.nn`.

    Parameters
    ----------
    variant
        The cell type.
    inputs, hidden
        Numbers that the first layer reads at each step, and units of each layer.
    options
        Others of the class, such as `num_layers`.

    Raises
    ------
    ValueError
        If `torch.nn` has no layer of the cell type.
    """
    check_torch_has(variant)
    layer, own = _LAYERS[variant]
    return layer(inputs, hidden, **own, **options)


class TorchNetwork(nn.Module):
    """A network of your own in PyTorch: embedding, recurrent layers and linear head.

    Parameters
    ----------
    stacks
        The recurrent layers, from the input.
    head, embedding
        As for `from_torch`.
    reads
        As in `OwnStructure`.

    Attributes
    ----------
    embedding, stacks, head
        `nn.Embedding` or None; an `nn.ModuleList` with the `nn.RNN`, `nn.LSTM` or `nn.GRU` of each
        stack; `nn.Linear` or None. Their state dicts load into your own module's layers.
    """

    def __init__(
        self,
        stacks: Iterable[nn.RNNBase],
        head: nn.Linear | None,
        embedding: nn.Embedding | None,
        reads: str,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.stacks = nn.ModuleList(stacks)
        self.head = head
        self.reads = reads

    def forward(
        self, inputs: Tensor, lengths: Tensor | None = None, state: TorchState = None
    ) -> tuple[Tensor, TorchState]:
        """Compute outputs and the last state; see `OwnNetwork.forward` for all shapes.

        Raises
        ------
        ValueError
            If inputs have no axis of the batch, or too many axes.
        """
        first: Any = self.stacks[0]
        batch_first = first.batch_first
        axes = ["batch", "steps"] if batch_first else ["steps", "batch"]
        axes += [str(first.input_size)] if self.embedding is None else []
        if inputs.ndim != len(axes):
            raise ValueError(
                f"inputs have the shape {tuple(inputs.shape)}: give ({', '.join(axes)}), for one "
                f"sequence by inputs.unsqueeze({0 if batch_first else 1})"
            )
        values = inputs if self.embedding is None else self.embedding(inputs)
        several = len(self.stacks) > 1
        before = state if several and state is not None else [state] * len(self.stacks)
        after = []
        for stack, its in zip(self.stacks, before, strict=True):
            values, last = _run(stack, values, lengths, its)
            after.append(last)
        read = self._read(values.transpose(0, 1) if batch_first else values, lengths, after[-1])
        said = read if self.head is None else self.head(read)
        if self.reads == "every_step" and batch_first:
            said = said.transpose(0, 1)
        return said, tuple(after) if several else after[0]

    def _read(self, values: Tensor, lengths: Tensor | None, state: TorchState) -> Tensor:
        """What the head reads of the outputs (T, B, units)."""
        if self.reads == "every_step":
            return values
        if self.reads == "last_state":
            last: Any = self.stacks[-1]
            h = state[0] if isinstance(state, tuple) else state
            sides = 2 if last.bidirectional else 1
            return torch.cat(list(h[-sides:]), dim=1)
        if self.reads == "mean":
            counts = values.shape[0] if lengths is None else lengths.to(values)[:, None]
            return values.sum(0) / counts
        if lengths is None:
            return values[-1]
        return values[lengths - 1, torch.arange(values.shape[1], device=values.device)]


def to_torch(network: OwnNetwork) -> TorchNetwork:
    """Make PyTorch layers of a network of your own, in single precision, on the CPU.

    Pruned weights are zero and stay so in training (`apply_masks`).

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    TorchNetwork
        A module whose `stacks`, `head` and `embedding` are layers of `torch.nn`; in evaluation mode.
    """
    structure, stacks = network.structure, []
    width = structure.width
    for stack in structure.stacks:
        options: dict[str, Any] = {"num_layers": stack.layers, "bias": stack.bias}
        options |= {"batch_first": structure.batch_first, "bidirectional": stack.bidirectional}
        options |= {"dropout": stack.dropout, **_PLACE}
        stacks.append(recurrent_layers(structure.variant, width, stack.size, **options))
        width = stack.outputs
    head = embedding = None
    if structure.classes:
        head = nn.Linear(width, structure.classes, structure.head_bias, **_PLACE)
    if structure.symbols:
        embedding = nn.Embedding(structure.symbols, structure.width, structure.padding, **_PLACE)
    made = TorchNetwork(stacks, head, embedding, structure.reads).eval()
    theirs = torch_names(structure.stacks)
    with torch.no_grad():
        for name, array in network.weights.items():
            made.get_parameter(theirs[name]).copy_(torch.from_numpy(np.array(array)))
    apply_masks(made, {theirs[name]: mask for name, mask in network.masks.items()})
    return made


def torch_names(stacks: Sequence[Stack]) -> dict[str, str]:
    """Our names of the arrays of a network of some stacks -> names in a `TorchNetwork`."""
    result = {"embedding": "embedding.weight"}
    layer = 0
    for place, stack in enumerate(stacks):
        for own in range(stack.layers):
            for ours, theirs in (("", ""), (".reverse", "_reverse")):
                for kind, name in _KINDS.items():
                    result[f"layers.{layer}{ours}.{kind}"] = (
                        f"stacks.{place}.{name.format(own)}{theirs}"
                    )
            layer += 1
    return result | {f"readout.{part}": f"head.{part}" for part in ("weight", "bias")}


def _run(
    stack: nn.Module, values: Tensor, lengths: Tensor | None, state: TorchState
) -> tuple[Tensor, TorchState]:
    """Outputs and last state of one stack; with lengths, as of a packed sequence."""
    if lengths is None:
        return stack(values, state)
    first: bool = stack.batch_first  # type: ignore[assignment]
    packed = pack_padded_sequence(values, lengths.cpu(), first, enforce_sorted=False)
    said, last = stack(packed, state)
    steps = values.shape[1 if first else 0]
    return pad_packed_sequence(said, first, total_length=steps)[0], last
