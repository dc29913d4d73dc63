"""Training jobs that any process can do: all inputs go in, trained networks come out.

A job neither reads nor writes the store; whoever submitted it saves the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparsebench.harness.networks import Network, TrainingStart
from sparsebench.parts.examples import CLASS, CLASSES, Dataset
from sparsebench.parts.records import Provenance, Record, check_finite
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.stored_models import StoredModel
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import parameters, recurrent_weights
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import Weights
from sparsebench.values.numerics import numerics_of

if TYPE_CHECKING:
    from sparsebench.engines.population_training import Course, Start


class Interrupted(Exception):
    """The run is being stopped: training ends between two steps, on a GPU between two epochs."""


class ClusterLost(ConnectionError):
    """The cluster that trains cannot be reached or used."""


@dataclass(frozen=True, eq=False)
class Job:
    """A network to train.

    Attributes
    ----------
    case
        The case.
    experiment, metrics
        The `experiment` of its record, and the figures that the record always has.
    network
        Its structure.
    start
        Its state before the first epoch.
    """

    case: TrainedCase
    experiment: str
    metrics: tuple[str, ...]
    network: Network
    start: TrainingStart


Product = tuple[StoredModel, Weights]
"""A trained network, as it is stored."""


def train_together(
    jobs: Sequence[Job],
    dataset: Dataset,
    here: Provenance,
    device: str,
    on_epoch: Callable[[int], None] = lambda epoch: None,
    progress: Callable[[str], None] = lambda message: None,
    between_steps: Callable[[], None] = lambda: None,
) -> list[Product | Exception]:
    """Train networks of one kind as a population.

    Parameters
    ----------
    jobs
        Networks of one variant, protocol and readout.
    dataset
        The examples to train and test on.
    here, device
        Where the training takes place.
    on_epoch
        Called after each epoch with its number, from 1. An exception from it ends the training.
    progress
        Called when loops are compiled.
    between_steps
        Called between steps on a CPU; the time that it takes does not count. An exception from it
        ends the training.

    Returns
    -------
    list
        For each network, the trained network, or the error if a figure is not finite.
    """
    from sparsebench.engines.population_training import train_population

    first, waited = jobs[0].case, 0.0

    def wait() -> None:
        nonlocal waited
        begin = time.perf_counter()
        between_steps()
        waited += time.perf_counter() - begin

    begin = time.perf_counter()
    courses = train_population(
        [_start(job) for job in jobs],
        dataset,
        first.training,
        first.semantics.readout,
        device,
        on_epoch,
        progress,
        wait,
    )
    seconds = (time.perf_counter() - begin - waited) / len(jobs)
    products: list[Product | Exception] = []
    asked = dataset.test.asked
    for job, course in zip(jobs, courses, strict=True):
        metrics = _metrics(job, course, asked)
        if course.stopped is not None:
            metrics["stopped_step"] = course.stopped.step
        record = Record(
            digest=digest(job.case),
            experiment=job.experiment,
            case=canonical(job.case),
            metrics=metrics,
            history=course.history,
            weights=checksum(course.weights),
            pruned_from=_checksum_of_pruned(job),
            numerics=numerics_of(device),
        )
        try:
            check_finite(record)
        except ValueError as error:
            products.append(error)
        else:
            products.append((StoredModel(record, here, seconds=seconds), course.weights))
    return products


def _metrics(job: Job, course: Course, asked: int) -> dict[str, float]:
    """The figures of a network before and after training, according to what the task asks for."""
    before, after = course.before, course.after
    metrics: dict[str, float] = {"loss": after.loss}
    if asked == CLASS:
        metrics = {
            "accuracy": after.accuracy,
            "loss": after.loss,
            "strings": after.total,
            "accuracy_before": before.accuracy,
        }
    elif asked == CLASSES:
        metrics["letters_right"] = after.accuracy
    if "loss_before" in job.metrics:
        metrics["loss_before"] = before.loss
    if job.start.masking is not None:
        kept, total = recurrent_weights(job.network.layout, course.masks)
        metrics |= {
            "kept": kept,
            "density": kept / total,
            "parameters": parameters(job.network.layout, course.masks),
        }
    return metrics


def _start(job: Job) -> Start:
    """The state of a network at the start of this training."""
    from sparsebench.engines.population_training import Start

    begun = job.start
    structure = sparse_layout(job.network.layout, job.network.masks)
    return Start(structure, begun.weights, begun.seed, begun.epochs, begun.masking)


def _checksum_of_pruned(job: Job) -> str:
    pruned_from = job.start.pruned_from
    return "" if pruned_from is None else checksum(pruned_from)
