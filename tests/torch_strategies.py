"""Strategies for PyTorch modules: recurrent layers of all kinds, with what stands around them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from hypothesis import strategies as st
from torch import nn

from sparsebench.engines.torch_networks import TorchNetwork
from sparsebench.values.own_structure import READS

_sizes = st.integers(1, 5)


class Sequences(NamedTuple):
    """Inputs for a network, and how many of their steps are true."""

    inputs: np.ndarray
    lengths: np.ndarray

    @property
    def tensors(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The same for PyTorch."""
        return torch.from_numpy(self.inputs), torch.from_numpy(self.lengths)


@st.composite
def recurrent(draw: st.DrawFn, inputs: int | None = None, **fixed: Any) -> nn.RNNBase:
    """One of PyTorch's recurrent layers, with random weights."""
    kind = fixed.get("kind") or draw(st.sampled_from([nn.RNN, nn.LSTM, nn.GRU]))
    options: dict[str, Any] = {
        "num_layers": draw(st.integers(1, 3)),
        "bias": draw(st.booleans()),
        "batch_first": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
    }
    options["dropout"] = draw(st.sampled_from([0.0, 0.5])) if options["num_layers"] > 1 else 0.0
    if kind is nn.RNN:
        options["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    options |= {name: value for name, value in fixed.items() if name != "kind"}
    torch.manual_seed(draw(st.integers(0, 1000)))
    return kind(inputs or draw(_sizes), draw(_sizes), **options)


@st.composite
def torch_networks(draw: st.DrawFn, **fixed: Any) -> TorchNetwork:
    """One or two stacks, with or without embedding and head, in training mode as they come."""
    first = draw(recurrent(**fixed))
    stacks = [first]
    if draw(st.booleans()):
        same: dict[str, Any] = {"kind": type(first), "batch_first": first.batch_first}
        if isinstance(first, nn.RNN):
            same["nonlinearity"] = first.nonlinearity
        stacks.append(draw(recurrent(outputs(first), **{**fixed, **same})))
    head = embedding = None
    if draw(st.booleans()):
        head = nn.Linear(outputs(stacks[-1]), draw(_sizes), draw(st.booleans()))
    if draw(st.booleans()):
        padding = draw(st.sampled_from([None, 0]))
        embedding = nn.Embedding(draw(_sizes), first.input_size, padding)
    return TorchNetwork(stacks, head, embedding, draw(st.sampled_from(READS)))


@st.composite
def sequences(draw: st.DrawFn, network: TorchNetwork) -> Sequences:
    """Inputs of up to four sequences of up to six steps."""
    batch, steps = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    lengths = np.array(draw(st.lists(st.integers(1, steps), min_size=batch, max_size=batch)))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    first: Any = network.stacks[0]
    shape = (batch, steps) if first.batch_first else (steps, batch)
    if network.embedding is not None:
        return Sequences(random.integers(0, network.embedding.num_embeddings, shape), lengths)
    numbers = random.standard_normal((*shape, first.input_size))
    return Sequences(numbers.astype(np.float32), lengths)


def outputs(layer: nn.RNNBase) -> int:
    """The numbers that a layer hands on at each step."""
    return layer.hidden_size * (2 if layer.bidirectional else 1)


def converted(module: TorchNetwork) -> Any:
    """The network of your own that a module is."""
    from sparsebench.engines.torch_conversion import from_torch

    return from_torch(module.stacks, module.head, module.embedding, module.reads)


def flat(value: Any) -> list[np.ndarray]:
    """The arrays of outputs, or of a state."""
    if isinstance(value, tuple):
        return [each for part in value for each in flat(part)]
    return [np.asarray(value.detach() if isinstance(value, torch.Tensor) else value)]
