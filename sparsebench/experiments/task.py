"""Experiments on other tasks than the thesis's: what networks store, remember and predict.

The report on capacity and the proposal ask for them (`sparsebench.values.tasks`).
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.networks import origin_of
from sparsebench.experiments.together import model_of, network_of
from sparsebench.parts.random_tasks import stored_bits
from sparsebench.parts.records import Record
from sparsebench.parts.weights import parameters, recurrent_weights
from sparsebench.values.case import RetrainingCase, TaskCase
from sparsebench.values.tasks import NextLetters, RandomLabels, TextLetters


class NotOnThisDevice(LookupError):
    """A network that only the CPU's engine can train."""


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
        their bits are stored. Of letters, `bits_per_letter`: the loss in bits, and `letters_right`.

    Raises
    ------
    NotOnThisDevice
        If the run is on a GPU.
    """
    if bench.settings.device != "cpu":
        raise NotOnThisDevice(
            f"networks on {type(origin_of(case).data).__name__} are trained on the CPU alone by now: "
            "leave out --gpu"
        )
    network, model = network_of(case, bench), model_of(case, bench)
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
    task: Any = origin_of(case).data
    if isinstance(task, RandomLabels):
        metrics["bits"] = stored_bits(task.samples, metrics["accuracy"])
    elif isinstance(task, NextLetters | TextLetters):
        metrics["bits_per_letter"] = metrics["loss"] / math.log(2)
    return msgspec.structs.replace(
        model.training,
        metrics=metrics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )
