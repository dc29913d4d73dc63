"""Training a dense base model, step by step as the thesis did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from sparsebench.engines.batches import STACKED, check_classified_letters
from sparsebench.engines.evaluation import evaluate
from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.reproducibility import reproducible
from sparsebench.parts.examples import Dataset, Examples
from sparsebench.parts.snapshots import Snapshot
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import BaseCase
from sparsebench.values.masks import Weights
from sparsebench.values.seeding import stream

History = dict[str, list[float]]
"""Figures per epoch (or per step), under their names."""


@dataclass(frozen=True)
class Trained:
    """A trained network and how it got there.

    Attributes
    ----------
    weights
        Named arrays after the last epoch.
    history
        `train_loss` (mean over strings, nats), `train_accuracy` (while the weights move),
        `test_loss` and `test_accuracy` after each epoch.
    correct, total
        Test strings classified right after the last epoch, and all of them.
    """

    weights: dict[str, np.ndarray]
    history: History
    correct: int
    total: int


def training_steps(
    network: StackedNetwork,
    examples: Examples,
    case: BaseCase,
    optimiser: torch.optim.Adam | None = None,
    done: int = 0,
) -> Iterator[tuple[torch.Tensor, torch.Tensor, int]]:
    """Train a network, a batch at a time, over all epochs of a case's protocol.

    Parameters
    ----------
    network
        The network; its parameters are updated in place between two yields.
    examples
        Sequences of letters that have one class each.
    case
        Seed, semantics and protocol. Each epoch's order has its own stream of the seed.
    optimiser
        That of the epochs before; None: a fresh one.
    done
        How many epochs the network has had already.

    Yields
    ------
    loss : Tensor
        () summed cross entropy of the batch, before the step.
    correct : Tensor
        () examples of the batch classified right, before the step.
    size : int
        Examples in the batch; the last one of an epoch may be short.
    """
    check_classified_letters(examples, *STACKED)
    device = network.readout.weight.device
    codes = torch.from_numpy(examples.inputs.astype(np.int64)).to(device)
    lengths = torch.from_numpy(examples.lengths).to(device)
    labels = torch.from_numpy(examples.answers).to(device)
    parameters = list(network.parameters())
    optimiser = optimiser or _adam(network, case)
    network.train()
    for epoch in range(done, case.training.length):
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


def train(
    case: BaseCase,
    dataset: Dataset,
    device: str,
    on_epoch: Callable[[Snapshot], None] = lambda snapshot: None,
    begun: Snapshot | None = None,
) -> Trained:
    """Train a base model from scratch, evaluating it on the test half after every epoch.

    A training that was cut short goes on from any of its snapshots and ends as it would have.

    Parameters
    ----------
    case
        What to train.
    dataset
        What it is trained on, in one piece, and judged by.
    device
        `cpu` or `cuda`.
    on_epoch
        Called after each epoch with a snapshot, which shares nothing with the training.
    begun
        A snapshot of the same case's training to go on from; None: from the beginning.

    Returns
    -------
    Trained
        Final weights and the history. On the CPU, the same bit for bit however many threads torch
        is allowed, and wherever the training was cut short.

    Raises
    ------
    FloatingPointError
        If the loss becomes NaN or infinite.
    """
    examples, test = _whole(dataset), dataset.test
    network = start(case, device, None if begun is None else begun.weights)
    optimiser = _adam(network, case, begun)
    history: History = {
        "train_loss": [], "train_accuracy": [], "test_loss": [], "test_accuracy": []
    }  # fmt: skip
    done = 0
    if begun is not None:
        done, history = begun.epoch, _copied(begun.history)
    with reproducible():
        result = evaluate(network, test, case.training.batch_size)
        steps = training_steps(network, examples, case, optimiser, done)
        for epoch in range(done + 1, case.training.length + 1):
            seen, loss, correct = 0, torch.zeros((), device=device), torch.zeros((), device=device)
            while seen < len(examples):
                batch_loss, batch_correct, size = next(steps)
                loss, correct, seen = loss + batch_loss, correct + batch_correct, seen + size
            mean_loss = _finite(float(loss) / seen, case, f"epoch {epoch}")
            result = evaluate(network, test, case.training.batch_size)
            network.train()
            history["train_loss"].append(mean_loss)
            history["train_accuracy"].append(int(correct) / seen)
            history["test_loss"].append(result.loss)
            history["test_accuracy"].append(result.accuracy)
            on_epoch(_snapshot(epoch, network, optimiser, history))
    return Trained(network.weights(), history, result.correct, result.total)


def first_losses(case: BaseCase, dataset: Dataset, steps: int, device: str) -> list[float]:
    """The mean loss of each of the first training steps, before chance has grown differences.

    Parameters
    ----------
    case
        What to train.
    dataset
        What it is trained on, in one piece.
    steps
        How many steps; fewer come back if the protocol is over before.
    device
        `cpu` or `cuda`.

    Returns
    -------
    list of float
        One mean cross entropy per step, in nats.

    Raises
    ------
    FloatingPointError
        If a loss becomes NaN or infinite.
    """
    losses: list[float] = []
    with reproducible():
        for loss, _, size in training_steps(start(case, device), _whole(dataset), case):
            losses.append(_finite(float(loss) / size, case, f"step {len(losses) + 1}"))
            if len(losses) == steps:
                break
    return losses


def _whole(dataset: Dataset) -> Examples:
    """What every epoch of a base model trains on: its strings are held at once."""
    (examples,) = dataset.pieces(0)
    return examples


def _adam(
    network: StackedNetwork, case: BaseCase, begun: Snapshot | None = None
) -> torch.optim.Adam:
    """The optimiser before the first step, or as it was when a snapshot was taken."""
    parameters = list(network.parameters())
    optimiser = torch.optim.Adam(parameters, case.training.learning_rate)
    if begun is not None:
        for name, parameter in network.named_arrays():
            optimiser.state[parameter] = {
                "step": torch.tensor(float(begun.steps)),
                "exp_avg": torch.tensor(begun.means[name], device=parameter.device),
                "exp_avg_sq": torch.tensor(begun.squares[name], device=parameter.device),
            }
    return optimiser


def _snapshot(
    epoch: int, network: StackedNetwork, optimiser: torch.optim.Adam, history: History
) -> Snapshot:
    states = {name: optimiser.state[parameter] for name, parameter in network.named_arrays()}
    means, squares = (
        {name: state[kind].cpu().numpy().copy() for name, state in states.items()}
        for kind in ("exp_avg", "exp_avg_sq")
    )
    taken = int(states["readout.bias"]["step"])  # each parameter has had as many steps
    return Snapshot(epoch, taken, network.weights(), means, squares, _copied(history))


def _copied(history: Mapping[str, list[float]]) -> History:
    return {name: list(series) for name, series in history.items()}


def _finite(loss: float, case: BaseCase, when: str) -> float:
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"{case.variant}, seed {case.seed}: the loss is {loss} in {when}: lower the learning "
            "rate or the clipping norm"
        )
    return loss
