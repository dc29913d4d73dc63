"""Training as pieces of work that any process can do: what they need goes in, what is kept comes out.

A piece neither reads nor writes the store: whoever gave it out keeps what comes back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparsebench.harness.networks import Beginning, Network
from sparsebench.parts.examples import CLASS, CLASSES, Dataset
from sparsebench.parts.records import Provenance, Record, check_finite
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.stored_models import StoredModel
from sparsebench.parts.weight_files import checksum
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import canonical, digest
from sparsebench.values.masks import Weights
from sparsebench.values.numerics import numerics_of

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
    case
        What is asked for.
    experiment, metrics
        What its record is called, and which figures it always has.
    network
        Its structure.
    beginning
        Its state before the first epoch.
    """

    case: TrainedCase
    experiment: str
    metrics: tuple[str, ...]
    network: Network
    beginning: Beginning


Product = tuple[StoredModel, Weights]
"""A trained network, as it is kept."""


def train_together(
    jobs: Sequence[Job],
    dataset: Dataset,
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
    begin = time.perf_counter()
    courses = train_population(
        [_start(job) for job in jobs],
        dataset,
        first.training,
        first.semantics.readout,
        device,
        on_epoch,
        progress,
    )
    seconds = (time.perf_counter() - begin) / len(jobs)
    products: list[Product | Exception] = []
    wanted = dataset.test.asked
    for job, course in zip(jobs, courses, strict=True):
        metrics = _metrics(job, course, wanted)
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


def _metrics(job: Job, course: Course, wanted: int) -> dict[str, float]:
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
    if "loss_before" in job.metrics:
        metrics["loss_before"] = before.loss
    return metrics


def _start(job: Job) -> Start:
    """A network as it is before its first epoch here."""
    from sparsebench.engines.population_training import Start

    begun = job.beginning
    structure = sparse_layout(job.network.layout, job.network.masks)
    return Start(structure, begun.weights, begun.seed, begun.epochs)


def _checksum_of_pruned(job: Job) -> str:
    pruned_from = job.beginning.pruned_from
    return "" if pruned_from is None else checksum(pruned_from)
