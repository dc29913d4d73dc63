"""Training of a dense base model on torch's layers, step by step as in the thesis.

The suite trains populations (`sparsebench.engines.population_training`). This training is used to
compare their speed and to check their steps.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from sparsebench.engines.batches import STACKED, check_classified_letters
from sparsebench.engines.network import StackedNetwork
from sparsebench.parts.examples import Examples
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import BaseCase
from sparsebench.values.masks import Weights
from sparsebench.values.seeding import stream


def training_steps(
    network: StackedNetwork,
    examples: Examples,
    case: BaseCase,
) -> Iterator[tuple[torch.Tensor, torch.Tensor, int]]:
    """Train a network batch by batch, over all epochs of a case's protocol.

    Parameters
    ----------
    network
        The network; its parameters are updated in place between two yields.
    examples
        Sequences of letters with one class each.
    case
        Seed, semantics and protocol. Each epoch's order has its own stream of the seed.

    Yields
    ------
    loss : Tensor
        () summed cross entropy of the batch, before the step.
    correct : Tensor
        () correctly classified examples of the batch, before the step.
    size : int
        Examples in the batch; the last one of an epoch may be smaller.
    """
    check_classified_letters(examples, *STACKED)
    device = network.readout.weight.device
    codes = torch.from_numpy(examples.inputs.astype(np.int64)).to(device)
    lengths = torch.from_numpy(examples.lengths).to(device)
    labels = torch.from_numpy(examples.answers).to(device)
    parameters = list(network.parameters())
    optimiser = torch.optim.Adam(parameters, lr=case.training.learning_rate)
    network.train()
    for epoch in range(case.training.length):
        order = stream("shuffle", case.seed, epoch).permutation(len(examples))
        for start in range(0, len(order), case.training.batch_size):
            batch = order[start : start + case.training.batch_size]
            steps = int(examples.lengths[batch].max())
            rows = torch.from_numpy(batch).to(device)
            logits = network(codes[rows, :steps].T, lengths[rows])
            loss = torch.nn.functional.cross_entropy(logits, labels[rows])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, case.training.clip_norm)
            optimiser.step()
            correct = (logits.detach().argmax(1) == labels[rows]).sum()
            yield loss.detach() * len(batch), correct, len(batch)


def start(case: BaseCase, device: str, weights: Weights | None = None) -> StackedNetwork:
    """A base model before its first step, or with given weights, on a device."""
    if weights is None:
        weights = initial_weights(case.architecture.layout, case.seed)
    return StackedNetwork(case.architecture, weights, case.semantics.readout).to(device)
