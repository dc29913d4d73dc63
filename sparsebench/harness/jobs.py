"""Training as pieces of work that any process can do: what they need goes in, what is kept comes out.

A piece neither reads nor writes the store: whoever gave it out keeps what comes back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparsebench.harness.architectures import Network, TrainedCase, origin_of
from sparsebench.parts.initialisations import reinitialised
from sparsebench.parts.machine import processor
from sparsebench.parts.plan import plan
from sparsebench.parts.records import Provenance, Record, check_finite
from sparsebench.parts.sequences import CLASS, CLASSES, Material, asked
from sparsebench.parts.snapshots import Snapshot
from sparsebench.parts.store import StoredModel
from sparsebench.parts.strings import Dataset
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import BaseCase, RetrainingCase, TaskCase, WiredCase
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import Weights, masked

if TYPE_CHECKING:
    from sparsebench.engines.population_training import Course, Start


class Interrupted(Exception):
    """The run is being stopped: a training gives up between two epochs."""


class ClusterLost(ConnectionError):
    """The cluster that trains cannot be reached, or is no use."""


@dataclass(frozen=True, eq=False)
class Job:
    """A network to train.

    Attributes
    ----------
    case, network
        What is asked for, and its structure.
    start
        The trained weights that it goes on from; None: those of its seed.
    """

    case: TrainedCase
    network: Network
    start: Weights | None = None


Product = tuple[StoredModel, Weights]
"""A trained network, as it is kept."""


def train_together(
    jobs: Sequence[Job],
    dataset: Material,
    here: Provenance,
    device: str,
    on_epoch: Callable[[int], None] = lambda epoch: None,
    progress: Callable[[str], None] = lambda message: None,
) -> list[Product | Exception]:
    """Train networks of one kind as a population.

    Parameters
    ----------
    jobs
        Networks of one variant, protocol and readout.
    dataset
        What they are trained on and judged by.
    here, device
        Where this is done.
    on_epoch
        Called after each epoch with its number, from 1. What it raises ends the training.
    progress
        Told when loops are compiled.

    Returns
    -------
    list
        For each network what is kept of it, or why nothing is: a figure that is not finite.
    """
    from sparsebench.engines.population_training import train_population

    first = jobs[0].case
    assert not isinstance(first, BaseCase)
    begin = time.perf_counter()
    courses = train_population(
        [_start(job) for job in jobs],
        dataset,
        first.training,
        origin_of(first).semantics.readout,
        device,
        on_epoch,
        progress,
    )
    seconds = (time.perf_counter() - begin) / len(jobs)
    products: list[Product | Exception] = []
    for job, course in zip(jobs, courses, strict=True):
        metrics = _metrics(job.case, course, asked(dataset.test))
        if course.stopped is not None:
            metrics["stopped_step"] = course.stopped.step
        record = Record(
            digest=digest(job.case),
            experiment=_experiment(job.case),
            case=canonical(job.case),
            metrics=metrics,
            history=course.history,
            weights=checksum(course.weights),
            pruned_from="" if job.start is None else checksum(job.start),
            processor=processor() if device == "cpu" else "",
        )
        try:
            check_finite(record)
        except ValueError as error:
            products.append(error)
        else:
            products.append((StoredModel(record, here, seconds=seconds), course.weights))
    return products


def _experiment(case: TrainedCase) -> str:
    if isinstance(origin_of(case), TaskCase):
        return "task" if isinstance(case, TaskCase) else "pruned_task"
    return "wired" if isinstance(case, WiredCase) else "retraining"


def _metrics(case: TrainedCase, course: Course, wanted: int) -> dict[str, float]:
    """What a network did before and after its training, by what it was asked for."""
    before, after = course.before, course.after
    metrics: dict[str, float] = {"loss": after.loss}
    if wanted == CLASS:
        metrics = {
            "accuracy": after.accuracy,
            "loss": after.loss,
            "strings": after.total,
            "accuracy_before": before.accuracy,
        }
    elif wanted == CLASSES:
        metrics["letters_right"] = after.accuracy
    if isinstance(origin_of(case), TaskCase):
        metrics["loss_before"] = before.loss
    return metrics


def train_base(
    case: BaseCase,
    dataset: Dataset,
    here: Provenance,
    device: str,
    on_epoch: Callable[[Snapshot], None] = lambda snapshot: None,
    begun: Snapshot | None = None,
) -> Product:
    """Train a base model from scratch, or go on from a snapshot of its training."""
    from sparsebench.engines.training import train

    begin = time.perf_counter()
    result = train(case, dataset, device, on_epoch, begun)
    seconds = time.perf_counter() - begin
    if begun is not None:
        seconds *= case.training.epochs / max(1, case.training.epochs - begun.epoch)
    record = Record(
        digest=digest(case),
        experiment="base",
        case=canonical(case),
        metrics={"accuracy": result.correct / result.total, "strings": result.total},
        history=result.history,
        weights=checksum(result.weights),
    )
    return StoredModel(record, here, seconds=seconds), result.weights


def _start(job: Job) -> Start:
    """A network as it is before its first epoch here."""
    from sparsebench.engines.population_training import Start

    case, network = job.case, job.network
    structure = plan(network.layout, network.masks)
    if isinstance(case, WiredCase):
        return Start(structure, initial_weights(network.layout, case.seed), case.seed)
    if isinstance(case, TaskCase):
        weights = initial_weights(network.layout, case.seed)
        drawn = reinitialised(weights, network.layout, case.initialisation, case.seed)
        return Start(structure, drawn, case.seed)
    assert isinstance(case, RetrainingCase)
    assert job.start is not None
    weights = masked(job.start, network.masks)
    if case.order is None:  # the orders go on where the training left off
        return Start(structure, weights, case.seed, case.network.training.epochs)
    return Start(structure, weights, case.order)
