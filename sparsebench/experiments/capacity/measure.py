"""Experiments on other tasks than the thesis's: what networks store, remember and predict.

The report on capacity and the proposal ask for them (`sparsebench.values.tasks`).
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import RetrainingCase
from sparsebench.harness.context import Bench
from sparsebench.harness.networks import Network
from sparsebench.harness.trained_models import network_and_model, network_of
from sparsebench.parts.embedded_reber import ENVELOPE
from sparsebench.parts.examples import Examples
from sparsebench.parts.plan import plan
from sparsebench.parts.random_tasks import stored_bits
from sparsebench.parts.records import Record
from sparsebench.parts.weights import parameters, recurrent_weights
from sparsebench.values.case import TrainedCase
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training
from sparsebench.values.tasks import VALID_LETTERS, NextLetters, RandomLabels, TextLetters


def _remembered(network: Network, weights: Weights, test: Examples) -> float:
    from sparsebench.engines.fused.population import CpuPopulation

    population = CpuPopulation(
        [plan(network.layout, network.masks)], [weights], "last_step", Training()
    )
    (said,) = population.logits(test, 256)
    rows, last = np.arange(len(test)), test.lengths - 2
    logits = said.reshape(*test.answers.shape, -1)[rows, last]
    one, other = (VALID_LETTERS.index(letter) for letter in ENVELOPE)
    right = np.where(test.answers[rows, last] == one, 1, -1)
    return float(((logits[:, one] - logits[:, other]) * right > 0).mean())


class NotOnThisDevice(LookupError):
    """A network that only the CPU's engine can train."""


def check_device(case: TrainedCase, bench: Bench) -> None:
    """Refuse to train a network on a task where the run is on a GPU.

    Raises
    ------
    NotOnThisDevice
        Saying what to leave out.
    """
    if bench.settings.device != "cpu":
        raise NotOnThisDevice(
            f"networks on {type(case.data).__name__} are trained on the CPU alone by now: "
            "leave out --gpu"
        )


def measure(case: TaskCase | RetrainingCase, bench: Bench) -> Record:
    """Train a network on a task, or prune one that was and train what is left.

    Parameters
    ----------
    case
        The network, the task and the protocol.
    bench
        Trains the network, together with others that the run wants, or knows where it lies.

    Returns
    -------
    Record
        `loss` after the last epoch and `loss_before` the first: cross entropy in nats or squared error.
        `parameters`: all that is trained; `kept`: recurrent weights; `density`: their share of those
        that the network would have, or had before it was pruned. Of random labels, `bits`: how many of
        their bits are stored. Of letters, `bits_per_letter`: the loss in bits, and `letters_right`; of
        the embedded grammar, `remembered`: the share of strings of whose two framing letters the right
        one is said to be the more likely, when it has to come again.

    Raises
    ------
    NotOnThisDevice
        If the run is on a GPU.
    """
    check_device(case, bench)
    network, model = network_and_model(case, bench)
    kept, total = recurrent_weights(network.layout, network.masks)
    if isinstance(case, RetrainingCase):
        whole = network_of(case.network, bench)
        total, _ = recurrent_weights(whole.layout, whole.masks)
    metrics = {
        **model.training.metrics,
        "parameters": parameters(network.layout, network.masks),
        "kept": kept,
        "density": kept / total,
    }
    task: Any = case.data
    if isinstance(task, RandomLabels):
        metrics["bits"] = stored_bits(task.samples, metrics["accuracy"])
    elif isinstance(task, NextLetters | TextLetters):
        metrics["bits_per_letter"] = metrics["loss"] / math.log(2)
    if isinstance(task, NextLetters) and task.grammar == "embedded_reber":
        metrics["remembered"] = _remembered(network, model.weights, bench.dataset(task).test)
    return msgspec.structs.replace(
        model.training,
        metrics=metrics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )
