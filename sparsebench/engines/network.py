"""A stacked recurrent classifier on torch's recurrent layers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from sparsebench.engines.torch_networks import recurrent_layers
from sparsebench.parts.weights import check_shapes
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture

_TORCH_NAMES = {
    "i2h": "weight_ih_l{}",
    "h2h": "weight_hh_l{}",
    "i2h_bias": "bias_ih_l{}",
    "h2h_bias": "bias_hh_l{}",
}


class StackedNetwork(nn.Module):
    """Embedding, recurrent layers, and a linear readout of one step (thesis, section 5.1).

    Parameters
    ----------
    architecture
        The cell type and sizes.
    weights
        Named arrays, as in `sparsebench.values.layout.Layout.shapes`.
    readout
        `padded` or `last_step`, see `sparsebench.values.semantics.Semantics`.

    Raises
    ------
    ValueError
        If `torch.nn` has no layer of the cell type, or the weights do not fit the architecture.
    """

    def __init__(self, architecture: Architecture, weights: Weights, readout: str) -> None:
        super().__init__()
        check_shapes(weights, architecture.layout, "the given weights")
        hidden = architecture.hidden_size
        self.architecture = architecture
        self.readout_step = readout
        self.embedding = nn.Embedding(architecture.symbols, hidden)
        self.recurrent = recurrent_layers(
            architecture.variant, hidden, hidden, num_layers=architecture.layers
        )
        self.readout = nn.Linear(hidden, architecture.classes)
        with torch.no_grad():
            for name, parameter in self.named_arrays():
                parameter.copy_(torch.from_numpy(np.ascontiguousarray(weights[name])))

    def forward(self, codes: Tensor, lengths: Tensor) -> Tensor:
        """Classify a batch of strings.

        Parameters
        ----------
        codes
            (T, B) int64: ASCII codes by time step, padded with zeros.
        lengths
            (B,) int64: true lengths; used only by the `last_step` readout.

        Returns
        -------
        Tensor
            (B, classes) logits.
        """
        outputs, _ = self.recurrent(self.embedding(codes))  # (T, B, H)
        if self.readout_step == "padded":
            return self.readout(outputs[-1])
        strings = torch.arange(codes.shape[1], device=codes.device)
        return self.readout(outputs[lengths - 1, strings])

    def named_arrays(self) -> Iterator[tuple[str, Tensor]]:
        """Each parameter with its name in `sparsebench.values.layout`."""
        yield "embedding", self.embedding.weight
        for layer in range(self.architecture.layers):
            for kind, torch_name in _TORCH_NAMES.items():
                yield f"layers.{layer}.{kind}", getattr(self.recurrent, torch_name.format(layer))
        yield "readout.weight", self.readout.weight
        yield "readout.bias", self.readout.bias

    def weights(self) -> dict[str, np.ndarray]:
        """A copy of the parameters as named float32 arrays."""
        return {name: item.detach().cpu().numpy().copy() for name, item in self.named_arrays()}
