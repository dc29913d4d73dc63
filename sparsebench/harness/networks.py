"""Networks that cases speak of: their structure, what they begin with, and what they are made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sparsebench.parts.records import Provenance, Record
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.weights import initial_weights
from sparsebench.values.case import TrainedCase
from sparsebench.values.identity import digest
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights


@dataclass(frozen=True, eq=False)
class Network:
    """The structure of a case's network.

    Attributes
    ----------
    layout
        Its blocks.
    masks
        Which weights it has, where it has not all.
    name
        Under which it is cached when trained: the case's digest and, as a project's own graph family
        or criterion may decide the masks, that of the masks.
    """

    layout: Layout
    masks: Masks
    name: str

    @classmethod
    def of(
        cls, case: TrainedCase, layout: Layout, masks: Masks, made_from: Weights | None = None
    ) -> Network:
        """The network of a case, under the name that is its own.

        Parameters
        ----------
        case, layout, masks
            What it is.
        made_from
            The trained weights that it begins with, if it is made from another network.
        """
        content = checksum({**(made_from or {}), **masks})
        return cls(layout, masks, f"{digest(case)}-{content[:12]}")


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A network that another is made from: its structure and its trained weights."""

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
        Whether this run's code trained it, in this process or an earlier one that was cut short;
        not so for the models that are stored with the baseline.
    """

    weights: Weights
    training: Record
    trained: Provenance
    fresh: bool


@dataclass(frozen=True, eq=False)
class Beginning:
    """A network's state before its first epoch.

    Attributes
    ----------
    weights
        Its named arrays.
    seed
        Of the orders in which it sees the examples; each epoch's is a stream of its own.
    epochs
        How many of these streams earlier trainings have used up.
    pruned_from
        The trained weights that were pruned to these; None: none were.
    """

    weights: Weights
    seed: int
    epochs: int = 0
    pruned_from: Weights | None = None


def weights_of_seed(case: TrainedCase, network: Network) -> Beginning:
    """Where most networks begin: the initial weights of the case's seed."""
    return Beginning(initial_weights(network.layout, case.seed), case.seed)


def _drawn_anew(case: Any) -> str:
    return f"the network of a {type(case).__name__} came out as two different ones"


def _its_network(case: Any) -> tuple[TrainedCase, ...]:
    return (case.network,) if hasattr(case, "network") else ()


@dataclass(frozen=True, kw_only=True)
class NetworkKind:
    """How networks of one kind of case are made.

    Attributes
    ----------
    case
        The class of their cases, a `TrainedCase`.
    made_from
        The cases of the trained networks that one is made from, which may be of any kind; by default
        the one in its field `network`, or none if it has no such field.
    network
        The structure, from the case and from what it is made from, in that order.
    beginning
        The state before the first epoch, from the case, the structure and what it is made from.
    complaint
        What is wrong where the structure is another one when it is asked for again.
    """

    case: type[TrainedCase]
    made_from: Callable[[Any], Sequence[TrainedCase]] = _its_network
    network: Callable[..., Network]
    beginning: Callable[..., Beginning]
    complaint: Callable[[Any], str] = _drawn_anew
