"""Networks of cases: structure, initial state, and the networks that they are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sparsebench.parts.records import Provenance, Record
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import digest
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights

if TYPE_CHECKING:
    from sparsebench.engines.population_training import ChangesMasks


@dataclass(frozen=True, eq=False)
class Network:
    """The structure of a case's network.

    Attributes
    ----------
    layout
        Its blocks.
    masks
        Which weights it has; arrays without a mask are complete.
    name
        The name that it is cached under when trained: the case's digest and a checksum of the
        masks, because a project's own graph family or criterion may decide the masks.
    """

    layout: Layout
    masks: Masks
    name: str

    @classmethod
    def of(
        cls, case: TrainedCase, layout: Layout, masks: Masks, made_from: Weights | None = None
    ) -> Network:
        """Build the network of a case and give it the name that it is cached under.

        Parameters
        ----------
        case, layout, masks
            The case and its structure.
        made_from
            The trained weights that it starts with, if it is made from another network.
        """
        content = checksum({**(made_from or {}), **masks})
        return cls(layout, masks, f"{digest(case)}-{content[:12]}")


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network that another network is made from.

    Attributes
    ----------
    network
        Its structure.
    weights
        Its trained weights.
    """

    network: Network
    weights: Weights


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network.

    Attributes
    ----------
    weights
        Its named arrays.
    training
        The record of its training: accuracy, history, checksum of the weights.
    trained
        Where it was trained.
    fresh
        Whether code of this version trained it, now or in an earlier run; False for models that are
        stored with the baseline.
    """

    weights: Weights
    training: Record
    trained: Provenance
    fresh: bool


@dataclass(frozen=True, eq=False)
class TrainingStart:
    """The state of a network before its first epoch.

    Attributes
    ----------
    weights
        Its named arrays.
    seed
        Seed of the orders of its examples; each epoch has its own stream.
    epochs
        Epochs already trained, whose streams are skipped.
    pruned_from
        The trained weights before they were pruned to `weights`; None if nothing was pruned.
    masking
        How its masks change during this training; None: they stay.
    """

    weights: Weights
    seed: int
    epochs: int = 0
    pruned_from: Weights | None = None
    masking: ChangesMasks | None = None


def weights_of_seed(case: TrainedCase, network: Network) -> TrainingStart:
    """The usual initial state: the initial weights of the case's seed, before the first epoch."""
    return TrainingStart(initial_weights(network.layout, case.seed), case.seed)


def _drawn_anew(case: Any) -> str:
    return f"the network of a {type(case).__name__} came out as two different ones"


def _of_seed(case: Any, seed: int) -> TrainedCase:
    return replace(case, seed=seed)


def _its_network(case: Any) -> tuple[TrainedCase, ...]:
    return (case.network,) if hasattr(case, "network") else ()


@dataclass(frozen=True, kw_only=True)
class NetworkKind:
    """How the networks of one class of cases are made.

    Attributes
    ----------
    case
        The class of cases, a `TrainedCase`.
    made_from
        Takes a case to the cases of the trained networks that its network is made from, of any
        class; by default the case in its field `network`, if it has one.
    network
        Makes the structure from the case and the networks that it is made from, in that order.
    start
        Makes the initial state from the case, the structure and the networks that it is made from.
    not_reproducible
        The error message if a second call makes another structure.
    makers
        Takes a case to other classes and functions whose code decides its network, such as a
        project's own criterion.
    takes_gradient
        Takes a case to whether its training asks for gradients by weights that the network does not
        have, whose loop is compiled ahead.
    with_new_weights
        Takes a case and a seed to the case of the same network with random initial weights of that
        seed; by default the case with the seed.
    """

    case: type[TrainedCase]
    made_from: Callable[[Any], Sequence[TrainedCase]] = _its_network
    network: Callable[..., Network]
    start: Callable[..., TrainingStart]
    not_reproducible: Callable[[Any], str] = _drawn_anew
    makers: Callable[[Any], Iterable[Callable[..., Any]]] = lambda case: ()
    takes_gradient: Callable[[Any], bool] = lambda case: False
    with_new_weights: Callable[[Any, int], TrainedCase] = _of_seed
