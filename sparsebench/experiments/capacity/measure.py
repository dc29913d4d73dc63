"""Experiments on tasks other than the thesis's: what networks store, remember and predict.

The report on capacity and the proposal ask for them (`sparsebench.values.tasks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

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
from sparsebench.values.case import TrainedCase, origin_of
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

if TYPE_CHECKING:
    from sparsebench.engines.fused.population import CpuPopulation


@dataclass(frozen=True, eq=False)
class _Answered:
    """A trained network with the test examples that judge it (`sparsebench.parts.task_kind`)."""

    metrics: Mapping[str, float]
    case: TrainedCase
    network: Network
    weights: Weights
    bench: Bench

    @cached_property
    def test(self) -> Examples:
        """The test examples."""
        return self.bench.dataset(self.case.data).test

    @cached_property
    def said(self) -> np.ndarray:
        """The network's outputs for the test examples."""
        return self.answer(self.test)

    def answer(self, examples: Examples) -> np.ndarray:
        """The network's outputs for other examples."""
        (said,) = self._population.logits(examples, 256)
        return said.reshape(*examples.answers.shape, -1) if examples.asked == CLASSES else said

    @cached_property
    def _population(self) -> CpuPopulation:
        from sparsebench.engines.fused.population import CpuPopulation

        structure = sparse_layout(self.network.layout, self.network.masks)
        return CpuPopulation([structure], [self.weights], "last_step", Training())


def check_device(case: TrainedCase, bench: Bench) -> None:
    """Refuse to train a wired network on a task in a run on a GPU.

    Raises
    ------
    NotMeasurable
        If it is wired and the run is on a GPU; the message says what to deselect.
    """
    wired = getattr(origin_of(case), "graph", None) is not None
    if bench.settings.device != "cpu" and wired:
        raise NotMeasurable(
            f"wired networks on {type(case.data).__name__} are trained on the CPU alone by now: "
            "leave out --gpu"
        )


def measure(case: TaskCase | FinetuningCase, bench: Bench) -> Record:
    """Train a network on a task, or prune a trained one and fine-tune it.

    Parameters
    ----------
    case
        The network, the task and the protocol.
    bench
        Trains the network, together with compatible ones that the run requested, or loads it from
        the store.

    Returns
    -------
    Record
        `loss` after the last epoch and `loss_before` the first: cross entropy in nats or squared
        error. `parameters`: all trained parameters. `kept`: recurrent weights. `density`: their
        share of those in the fully connected network, or in the network before pruning. For tasks
        with classes, `accuracy`, or `letters_right` if every step has an output. The task's own
        metrics (`sparsebench.parts.task_kind`).

    Raises
    ------
    NotMeasurable
        If the network is wired and the run is on a GPU.
    ValueError
        If a metric of the task has the name of one of these.
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
