"""The parts of a PyTorch module are found by their classes and sizes."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from sparsebench.engines.torch_parts import Parts, parts_of


def module(**parts: nn.Module) -> nn.ModuleDict:
    return nn.ModuleDict(parts)


def test_they_are_named_as_submodules() -> None:
    inner = nn.Sequential(nn.Dropout(0.1), nn.LSTM(4, 5, 2))
    found = module(
        words=nn.Embedding(7, 4), encoder=inner, other=nn.Linear(3, 2), out=nn.Linear(5, 3)
    )
    assert parts_of(found) == Parts("encoder.1", "out", "words")
    network = parts_of(found).network(found.eval(), "every_step")
    assert (network.structure.symbols, network.structure.classes) == (7, 3)
    assert torch.equal(torch.from_numpy(network.weights["readout.bias"].copy()), found["out"].bias)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"head": nn.Linear(2, 2)}, "0 recurrent layers: give a module with one nn.RNN"),
        ({"a": nn.GRU(2, 3), "b": nn.GRU(2, 3)}, r"2 recurrent layers \(a, b\)"),
        ({"a": nn.GRU(2, 3)}, "0 linear layers that read 3 numbers, as many as a gives"),
        (
            {"a": nn.GRU(2, 3), "b": nn.Linear(3, 3), "c": nn.Linear(3, 2)},
            r"2 linear layers \(b, c\) .* by hand with from_torch",
        ),
        (
            {
                "a": nn.GRU(2, 3),
                "b": nn.Linear(3, 3),
                "c": nn.Embedding(4, 2),
                "d": nn.Embedding(4, 2),
            },
            r"2 embeddings \(c, d\) that a may read",
        ),
        ({"a": nn.LSTM(2, 6, proj_size=3), "b": nn.Linear(3, 2)}, "proj_size=3 projects"),
    ],
)
def test_a_module_with_none_or_several_is_refused(parts: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parts_of(module(**parts))
