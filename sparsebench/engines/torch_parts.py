"""The recurrent layers, the head and the embedding of somebody's PyTorch module, by their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from torch import nn

from sparsebench.engines.torch_conversion import from_torch, projected
from sparsebench.parts.own_network import OwnNetwork

_BY_HAND = "or write the test by hand with from_torch"


@dataclass(frozen=True)
class Parts:
    """Names of modules in a module, as `get_submodule` takes them.

    Attributes
    ----------
    recurrent, head
        The recurrent layers, and the linear layer that reads them.
    embedding
        The embedding in front; empty: there is none.
    """

    recurrent: str
    head: str
    embedding: str

    def network(self, module: nn.Module, reads: str) -> OwnNetwork:
        """The network of your own that they make up; see `from_torch`."""
        embedding = module.get_submodule(self.embedding) if self.embedding else None
        return from_torch(
            module.get_submodule(self.recurrent),
            module.get_submodule(self.head),
            embedding,
            reads,
        )


def parts_of(module: nn.Module) -> Parts:
    """Find the parts of a module, by their classes and sizes.

    Raises
    ------
    ValueError
        If there is not one `nn.RNN`, `nn.LSTM` or `nn.GRU`, or not one linear layer that has a place
        for its outputs.
    """
    inner = [(name, each) for name, each in module.named_modules() if name]
    recurrent = [(name, each) for name, each in inner if isinstance(each, nn.RNNBase)]
    kind = type(module).__name__
    if len(recurrent) != 1:
        raise ValueError(
            f"{kind} has {len(recurrent)} recurrent layers{_listed(name for name, _ in recurrent)}: "
            f"give a module with one nn.RNN, nn.LSTM or nn.GRU (of any number of layers), {_BY_HAND}"
        )
    ((name, layer),) = recurrent
    if layer.proj_size:
        raise ValueError(projected(layer.proj_size))
    outputs = layer.hidden_size * (2 if layer.bidirectional else 1)
    heads = [
        each for each, part in inner if isinstance(part, nn.Linear) and part.in_features == outputs
    ]
    if len(heads) != 1:
        raise ValueError(
            f"{kind} has {len(heads)} linear layers{_listed(heads)} that read {outputs} numbers, as "
            f"many as {name} gives: give a module with one, {_BY_HAND}"
        )
    embeddings = [
        each
        for each, part in inner
        if isinstance(part, nn.Embedding) and part.embedding_dim == layer.input_size
    ]
    if len(embeddings) > 1:
        raise ValueError(
            f"{kind} has {len(embeddings)} embeddings{_listed(embeddings)} that {name} may read: give "
            f"a module with one, {_BY_HAND}"
        )
    return Parts(name, heads[0], embeddings[0] if embeddings else "")


def _listed(names: Iterable[str]) -> str:
    some = [*names]
    return f" ({', '.join(some)})" if some else ""
