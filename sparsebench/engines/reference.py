"""The reference engine: the definition of what a network computes, step by step, in plain PyTorch.

Every faster engine is tested against it, so it is written for clarity alone. Cell equations and the
order of gates are PyTorch's (`torch.nn.RNN`, `torch.nn.LSTM`, `torch.nn.GRU`). The minimal gated unit
(Zhou et al. 2016) is written in the form of PyTorch's GRU: its gate multiplies the candidate's product
with the hidden units, not the hidden units before the product.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from sparsebench.values.checks import one_of
from sparsebench.values.layout import INPUT, Layout
from sparsebench.values.masks import Masks, Weights, masked
from sparsebench.values.semantics import CHOICES


class ReferenceNetwork:
    """A network of blocks that multiplies masks into the weights at every use.

    Parameters
    ----------
    layout
        The blocks and sizes.
    weights
        Named arrays, as in `layout.shapes`.
    masks
        Masks of some of them, true where a weight is kept.
    readout
        `padded` or `last_step`, see `sparsebench.values.semantics.Semantics`.
    dtype
        `torch.float64` for an oracle, `torch.float32` as in training.

    Attributes
    ----------
    parameters : dict
        Name -> leaf tensor, for gradients. A pruned weight keeps its value and gets no gradient.
    """

    def __init__(
        self,
        layout: Layout,
        weights: Weights,
        masks: Masks,
        readout: str,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        one_of("semantics switch readout", readout, CHOICES["readout"])
        masked(weights, masks)  # refuses masks that do not fit
        self.layout = layout
        self.readout = readout
        self.parameters = {
            name: torch.from_numpy(np.array(array)).to(dtype).requires_grad_()
            for name, array in weights.items()
        }
        self._masks = {name: torch.from_numpy(mask).to(dtype) for name, mask in masks.items()}

    def logits(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The outputs for a batch of sequences, at the step of the readout.

        Parameters
        ----------
        inputs
            (T, B) int64 codes of letters by time step, padded with zeros, or (T, B, width) vectors
            if the network has no embedding.
        lengths
            (B,) int64: true lengths; used only by the `last_step` readout.

        Returns
        -------
        Tensor
            (B, classes).
        """
        said = self.logits_at_every_step(inputs)
        steps, batch = said.shape[:2]
        read = torch.full((batch,), steps - 1) if self.readout == "padded" else lengths - 1
        return said[read, torch.arange(batch)]

    def logits_at_every_step(self, inputs: Tensor) -> Tensor:
        """The outputs after every step, (T, B, classes)."""
        used = {
            name: parameter * self._masks[name] if name in self._masks else parameter
            for name, parameter in self.parameters.items()
        }
        read = used["embedding"][inputs] if self.layout.symbols else inputs  # (T, B, width)
        outputs: list[Tensor] = []  # (T, B, units) of each layer
        for block in self.layout.blocks:
            own = self._block(
                block.name, used, read if block.source == INPUT else outputs[block.source]
            )
            if block.target == len(outputs):
                outputs.append(own)
            else:
                outputs[block.target] = outputs[block.target] + own
        return outputs[-1] @ used["readout.weight"].T + used["readout.bias"]

    def loss(
        self,
        inputs: Tensor,
        lengths: Tensor,
        answers: Tensor,
        class_weights: Tensor | None = None,
    ) -> Tensor:
        """The mean loss of a batch.

        Parameters
        ----------
        inputs, lengths
            See `logits`.
        answers
            (B,) int64 classes, or (T, B) classes after every step with -1 where none is asked for,
            for the mean cross entropy in nats. (B, classes) numbers, for the mean squared error.
        class_weights
            (classes,) factors of the cross entropies before their mean; None: 1.
        """
        if answers.is_floating_point():
            return torch.nn.functional.mse_loss(self.logits(inputs, lengths), answers)
        if answers.ndim == 1:
            return _cross_entropy(self.logits(inputs, lengths), answers, class_weights)
        said = self.logits_at_every_step(inputs)
        there = torch.arange(len(inputs))[:, None] < lengths
        asked = torch.where(there, answers, -1)
        return _cross_entropy(said.flatten(0, 1), asked.flatten(), class_weights)

    def arrays(self) -> dict[str, np.ndarray]:
        """The parameters as named arrays."""
        return {name: item.detach().numpy().copy() for name, item in self.parameters.items()}

    def _block(self, name: str, used: Mapping[str, Tensor], inputs: Tensor) -> Tensor:
        """A block's output at every step, (T, B, H), for inputs (T, B, K)."""
        i2h, h2h = used[f"{name}.i2h"], used[f"{name}.h2h"]
        i2h_bias, h2h_bias = used[f"{name}.i2h_bias"], used[f"{name}.h2h_bias"]
        step = _STEPS[self.layout.variant]
        hidden = inputs.new_zeros(inputs.shape[1], h2h.shape[1])
        cell = torch.zeros_like(hidden)
        outputs = []
        for values in inputs:
            from_input = values @ i2h.T + i2h_bias
            from_hidden = hidden @ h2h.T + h2h_bias
            hidden, cell = step(from_input, from_hidden, hidden, cell)
            outputs.append(hidden)
        return torch.stack(outputs)


def _cross_entropy(logits: Tensor, answers: Tensor, class_weights: Tensor | None) -> Tensor:
    """The weighted mean over all answers that are not -1."""
    total = torch.nn.functional.cross_entropy(
        logits, answers, class_weights, ignore_index=-1, reduction="sum"
    )
    return total / (answers >= 0).sum()


def _rnn_tanh(
    from_input: Tensor, from_hidden: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    return torch.tanh(from_input + from_hidden), cell


def _rnn_relu(
    from_input: Tensor, from_hidden: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    return torch.relu(from_input + from_hidden), cell


def _lstm(
    from_input: Tensor, from_hidden: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    entry, forget, candidate, exit_ = (from_input + from_hidden).chunk(4, dim=1)
    cell = torch.sigmoid(forget) * cell + torch.sigmoid(entry) * torch.tanh(candidate)
    return torch.sigmoid(exit_) * torch.tanh(cell), cell


def _gru(
    from_input: Tensor, from_hidden: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    input_reset, input_update, input_new = from_input.chunk(3, dim=1)
    hidden_reset, hidden_update, hidden_new = from_hidden.chunk(3, dim=1)
    reset = torch.sigmoid(input_reset + hidden_reset)
    update = torch.sigmoid(input_update + hidden_update)
    new = torch.tanh(input_new + reset * hidden_new)
    return (1 - update) * new + update * hidden, cell


def _mgu(
    from_input: Tensor, from_hidden: Tensor, hidden: Tensor, cell: Tensor
) -> tuple[Tensor, Tensor]:
    input_forget, input_new = from_input.chunk(2, dim=1)
    hidden_forget, hidden_new = from_hidden.chunk(2, dim=1)
    forget = torch.sigmoid(input_forget + hidden_forget)
    new = torch.tanh(input_new + forget * hidden_new)
    return (1 - forget) * hidden + forget * new, cell


_STEPS = {
    "rnn_tanh": _rnn_tanh,
    "rnn_relu": _rnn_relu,
    "lstm": _lstm,
    "gru": _gru,
    "mgu": _mgu,
}


def train_step(
    network: ReferenceNetwork,
    optimiser: torch.optim.Optimizer,
    codes: Tensor,
    lengths: Tensor,
    labels: Tensor,
    clip_norm: float,
) -> float:
    """One training step in place: loss, gradients, clipping, the optimiser's update.

    Returns
    -------
    float
        The mean cross entropy before the step, in nats.
    """
    loss = network.loss(codes, lengths, labels)
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters.values(), clip_norm)
    optimiser.step()
    return float(loss.detach())
