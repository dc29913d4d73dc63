"""Experiments on other tasks than the thesis's: what networks store, remember and predict.

The report on capacity and the proposal ask for them (`sparsebench.values.tasks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.harness.networks import Network
from sparsebench.harness.trained_models import network_and_model, network_of
from sparsebench.parts.examples import CLASSES, Examples
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import name_of, task_kind_of
from sparsebench.parts.weights import parameters, recurrent_weights
from sparsebench.values.case import TrainedCase
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training


@dataclass(frozen=True, eq=False)
class _Answered:
    """A trained network beside the examples that it is judged by (`sparsebench.parts.task_kind`)."""

    metrics: Mapping[str, float]
    case: TrainedCase
    network: Network
    weights: Weights
    bench: Bench

    @cached_property
    def test(self) -> Examples:
        """The examples."""
        return self.bench.dataset(self.case.data).test

    @cached_property
    def said(self) -> np.ndarray:
        """What the network says of them."""
        from sparsebench.engines.fused.population import CpuPopulation

        structure = sparse_layout(self.network.layout, self.network.masks)
        population = CpuPopulation([structure], [self.weights], "last_step", Training())
        (said,) = population.logits(self.test, 256)
        return said.reshape(*self.test.answers.shape, -1) if self.test.asked == CLASSES else said


def check_device(case: TrainedCase, bench: Bench) -> None:
    """Refuse to train a network on a task where the run is on a GPU.

    Raises
    ------
    NotMeasurable
        Saying what to leave out.
    """
    if bench.settings.device != "cpu":
        raise NotMeasurable(
            f"networks on {type(case.data).__name__} are trained on the CPU alone by now: "
            "leave out --gpu"
        )


def measure(case: TaskCase | FinetuningCase, bench: Bench) -> Record:
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
        that the network would have, or had before it was pruned. Where classes are asked for,
        `accuracy`, or after every step `letters_right`; and the task's own metrics
        (`sparsebench.parts.task_kind`).

    Raises
    ------
    NotMeasurable
        If the run is on a GPU.
    ValueError
        If a metric of the task's own is called as another.
    """
    check_device(case, bench)
    network, model = network_and_model(case, bench)
    kept, total = recurrent_weights(network.layout, network.masks)
    if isinstance(case, FinetuningCase):
        whole = network_of(case.network, bench)
        total, _ = recurrent_weights(whole.layout, whole.masks)
    metrics = {
        **model.training.metrics,
        "parameters": parameters(network.layout, network.masks),
        "kept": kept,
        "density": kept / total,
    }
    answered = _Answered(metrics, case, network, model.weights, bench)
    own = task_kind_of(case.data).metrics(case.data, answered)
    if taken := sorted(own.keys() & metrics.keys()):
        raise ValueError(
            f"metrics of {name_of(case.data)} are called {' and '.join(taken)}, as others are: "
            "choose other names"
        )
    metrics.update({name: float(figure) for name, figure in own.items()})
    return msgspec.structs.replace(
        model.training,
        metrics=metrics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )
