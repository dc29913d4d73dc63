"""Short definitions of an own experiment: a case, a function of it, and items.

`measures` registers an experiment with one measurement, which is often enough. An experiment that needs
more has a descriptor of its own (`sparsebench.harness.experiment`).
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
    """Register the decorated function as an experiment that measures cases of one class.

    The function takes a case and the run's `Bench`, and returns figures by name. Its name becomes that
    of the experiment and of its records. A network in a case's field `network` is trained first.

    Parameters
    ----------
    case
        A frozen dataclass with a kind (`sparsebench.kind`).
    exact
        Whether the figures are the same bit for bit on every CPU, as all figures of the CPU engine are.
        The gate then compares bits; otherwise it compares accuracies within a margin.

    Returns
    -------
    Callable
        The decorator, which returns the function itself.

    Raises
    ------
    ValueError
        If an experiment already has the function's name.
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
        Makes a case from a seed and the name of the semantics.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`; an item with `published`, the default, is
        measured under each semantics of the run.
    """

    name: str
    case: Callable[[int, str], Case]
    semantics: str = "published"

    @property
    def id(self) -> str:
        """The name; for other semantics than the published ones, followed by their name."""
        return self.name + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One case for each seed."""
        return [self.case(seed, self.semantics) for seed in seeds]


def trained_weights(network: TrainedCase, bench: Bench) -> Weights:
    """The named arrays of a trained network.

    Parameters
    ----------
    network
        Its case; the network is trained now if it is neither cached nor stored with the baseline.
    bench
        The run.

    Returns
    -------
    Mapping
        Name -> float32 array, as in `sparsebench.values.layout.Layout.shapes`.
    """
    return model_of(network, bench).weights


def evaluate(network: TrainedCase, weights: Weights, bench: Bench) -> dict[str, float]:
    """Evaluate a network on its test data with other weights.

    Parameters
    ----------
    network
        The case of the network, a classifier of whole sequences.
    weights
        Its named arrays, with the shapes of those from `trained_weights`.
    bench
        The run.

    Returns
    -------
    dict
        `accuracy`, 0-1; `loss`, the mean cross entropy in nats; `strings`, the number of test strings.
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
