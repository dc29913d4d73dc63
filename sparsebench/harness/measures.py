"""The short way to an experiment of one's own: a case, a function of it, and items.

`measures` registers an experiment that measures one thing, which is all that most need. What else an
experiment may have is said by its descriptor (`sparsebench.harness.experiment`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sparsebench.harness.context import Bench
from sparsebench.harness.evaluating import evaluated
from sparsebench.harness.experiment import Experiment, Measurement
from sparsebench.harness.items import suffix
from sparsebench.harness.registry import register
from sparsebench.harness.trained_models import model_of, network_of
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import Case, canonical, digest
from sparsebench.values.masks import Weights

Figures = Mapping[str, float]
Measure = TypeVar("Measure", bound=Callable[[Any, Bench], Figures])


def measures(case: type, *, exact: bool = True) -> Callable[[Measure], Measure]:
    """Register the decorated function as an experiment, which measures cases of one class.

    The function takes a case and the run's `Bench`, and returns figures by name; its own name is that
    of the experiment and of its records. What a case has in its field `network` is trained first.

    Parameters
    ----------
    case
        A frozen dataclass with a kind (`sparsebench.kind`).
    exact
        Whether the figures come out the same bit for bit on every CPU, as all do that the CPU engine
        computes. The gate then compares bits; otherwise it holds accuracies to a margin.

    Returns
    -------
    Callable
        The decorator, which leaves the function as it is.

    Raises
    ------
    ValueError
        If an experiment has the function's name already.
    """

    def decorate(function: Measure) -> Measure:
        name = function.__name__

        def measure(each: Case, bench: Bench) -> Record:
            network = getattr(each, "network", None)
            model = None if network is None else model_of(network, bench)
            return Record(
                digest=digest(each),
                experiment=name,
                case=canonical(each),
                metrics={key: float(value) for key, value in function(each, bench).items()},
                weights="" if model is None else model.training.weights,
                numerics=bench.numerics if exact else "",
                provenance=bench.note(bench.here),
                trained="" if model is None else bench.note(model.trained),
            )

        measurement = Measurement(name=name, case=case, measure=measure, networks=_networks)
        register(Experiment(name=name, measurements=(measurement,)))
        return function

    return decorate


def _networks(case: Any, from_scratch: bool) -> list[Case]:
    return [case.network] if hasattr(case, "network") else []


@dataclass(frozen=True)
class CaseItem:
    """A benchmark item with one case for each seed.

    Attributes
    ----------
    name
        Its id in the brackets of the pytest item: lower case letters, digits, dashes.
    case
        Makes a case of a seed and of the name of the semantics.
    semantics
        `published` stands for those that the run asks for.
    """

    name: str
    case: Callable[[int, str], Case]
    semantics: str = "published"

    @property
    def id(self) -> str:
        """The name; under other than the published semantics, with theirs."""
        return self.name + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One for each seed."""
        return [self.case(seed, self.semantics) for seed in seeds]


def trained_weights(network: TrainedCase, bench: Bench) -> Weights:
    """The named arrays of a trained network.

    Parameters
    ----------
    network
        Its case; the network is trained now if it is not known yet.
    bench
        The run's.
    """
    return model_of(network, bench).weights


def evaluate(network: TrainedCase, weights: Weights, bench: Bench) -> dict[str, float]:
    """How a network does on its test data with other weights.

    Parameters
    ----------
    network
        The case of the network, a classifier of whole sequences.
    weights
        Its named arrays, of the shapes that `trained_weights` gives.
    bench
        The run's.

    Returns
    -------
    dict
        `accuracy`, 0-1; `loss`, the mean cross entropy in nats; `strings`, how many were classified.
    """
    structure = network_of(network, bench)
    result = evaluated(
        sparse_layout(structure.layout, structure.masks),
        weights,
        network.semantics.readout,
        bench.dataset(network.data).test,
        network.training.batch_size,
        bench,
    )
    return {"accuracy": result.accuracy, "loss": result.loss, "strings": result.total}
