"""What an experiment is to whoever runs, judges, compares or shows it: a frozen descriptor.

Nobody outside an experiment's folder knows its classes or names: they ask its descriptor, which the
registry (`sparsebench.harness.registry`) finds by a case or by a record. Experiments of other projects
have the same descriptor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sparsebench.harness.networks import NetworkKind
from sparsebench.judging.accuracy_change import ACCURACY
from sparsebench.judging.policy import Policy
from sparsebench.parts.baseline_folder import check_names_a_file
from sparsebench.values.identity import Case, seedless

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sparsebench.harness.context import Bench
    from sparsebench.harness.forward_passes import Subject
    from sparsebench.harness.profiles import Settings
    from sparsebench.judging.claims import Claim, Contrast
    from sparsebench.parts.records import Record, Verdict


class NotMeasurable(LookupError):
    """A case cannot be measured in this run, through no fault of the code: on this device, say.

    An experiment raises it with what to do instead. The item is skipped, or fails where a run gates.
    """


Cost = tuple[str, float]
"""Under which name the seconds of a case are known, and how many times over it takes them."""


SHARES = ("accuracy", "accuracy_before", "accuracy_trained", "density")
"""Figures that lie from 0 to 1, whatever was measured."""


def late(place: str) -> Callable[..., Any]:
    """A function that is imported when it is first called: what draws and writes loads slowly.

    Parameters
    ----------
    place
        Its module and name, as in an entry point: `package.module:name`.
    """
    module, _, name = place.partition(":")

    def call(*arguments: Any) -> Any:
        return getattr(import_module(module), name)(*arguments)

    return call


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One thing that is measured: a kind of case, and how its record is made.

    Attributes
    ----------
    name
        What its records say in `experiment`.
    case
        The class of its cases, which has a kind (`sparsebench.values.kinds`).
    measure
        Makes the record of a case, from the run's context; None where its benchmark makes the records.
    of
        Which cases of the class are its own, where another measurement has the rest.
    networks
        The cases of the trained networks that a case needs; told whether the run trains those too that
        it would otherwise take from the baseline. None: those that its own network is made from, if it
        is a trained one, and no others.
    cache_key
        Makes a text of all that decides the figures and is neither in the case nor in the code, such as
        the checksum of the weights. With it, records are cached in the store; without it they are
        measured in every run.
    forward
        The network whose forward pass `time_forward` times, where one can be.
    cost
        What a case costs, or None where it costs too little to be planned. A name's part before its
        first comma names what is alike (`training wired gru, watts_strogatz`).
    policy
        How records are judged and compared; by default as accuracies are.
    metrics, series, tables
        Names of what every record has: figures, histories that are not empty, tables.
    shares
        Which of its figures lie from 0 to 1, besides `SHARES`.
    check
        Refuses a record from a file, by a `ValueError`, that the experiment's own sections could
        stumble over.
    kept_series
        The histories of its records that baselines hold; None: all.
    keeps_model
        Whether the trained network of a case lies beside the baseline, and is loaded from there by
        profiles that do not train from scratch; None: of no case.
    weights_of
        The trained network whose very weights a case measures: a baseline holds records of both that
        were measured with the same.
    analysed
        The cases whose records of the baseline are what a case analyses: they are asked for with it.
    alike
        What is the same of its cases whatever the seeds and the number of networks that a run asks
        for; by default a case without its seeds.
    """

    name: str
    case: type
    measure: Callable[[Any, Bench], Record] | None = None
    of: Callable[[Any], bool] | None = None
    networks: Callable[[Any, bool], list[Case]] | None = None
    cache_key: Callable[[Any, Bench], str] | None = None
    forward: Callable[[Any, Bench], Subject] | None = None
    cost: Callable[[Any], Cost | None] = lambda case: None
    policy: Policy = ACCURACY
    metrics: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    check: Callable[[Any, Record], None] = lambda case, record: None
    kept_series: tuple[str, ...] | None = None
    keeps_model: Callable[[Any], bool] | None = None
    weights_of: Callable[[Any], Case] | None = None
    analysed: Callable[[Any], Iterable[Case]] = lambda case: ()
    alike: Callable[[Any], Any] = seedless

    def __post_init__(self) -> None:
        check_names_a_file(self.name)


def _nothing_claimed(item: Any) -> tuple[Any, ...]:
    return ()


def _no_verdicts(item: Any, records: Sequence[Record], confidence: float) -> Iterable[Verdict]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Items:
    """One class of items, and what was published about them.

    Attributes
    ----------
    item
        The class.
    claims
        Ranges that their mean figures lie in.
    contrasts
        Groups of their networks that do better than others.
    verdicts
        Verdicts on their records, at a confidence, where other rules decide.
    """

    item: type
    claims: Callable[[Any], tuple[Claim, ...]] = _nothing_claimed
    contrasts: Callable[[Any], tuple[Contrast, ...]] = _nothing_claimed
    verdicts: Callable[[Any, Sequence[Record], float], Iterable[Verdict]] = _no_verdicts


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment: what it measures, and how that is judged, compared and shown.

    Attributes
    ----------
    name
        Unique; of ours, the name of the folder.
    measurements
        What it measures.
    items
        The classes of its items.
    networks
        The kinds of networks that it makes and trains, if these are its own.
    claimed
        Whether a run does as much as what was published speaks of; else claims are not judged.
    tables
        What the terminal shows at the end of a run, from all its records and verdicts; None: a plain
        table, with a row for each item.
    sections
        Sections of the report (`sparsebench.report.contents.Section`), from what was measured
        (`sparsebench.report.measured.Measured`); None: a plain table of its records.
    claim_rows
        What was published, with the verdicts of whatever was measured
        (`sparsebench.report.every_claim.ClaimRow`).
    points
        Weights, accuracy and time of its methods (`sparsebench.report.cost.Point`).
    markdown
        Tables in Markdown of claims and figures, from records.
    """

    name: str
    measurements: tuple[Measurement, ...]
    items: tuple[Items, ...] = ()
    networks: tuple[NetworkKind, ...] = ()
    claimed: Callable[[Settings], bool] = lambda settings: True
    tables: Callable[[Sequence[Record], Sequence[Verdict]], Iterable[RenderableType]] | None = None
    sections: Callable[[Any], Iterable[Any]] | None = None
    claim_rows: Callable[[Any], Iterable[Any]] = lambda measured: ()
    points: Callable[[Any], Iterable[Any]] = lambda measured: ()
    markdown: Callable[[Sequence[Record]], Iterable[str]] = lambda records: ()

    def records(self, records: Iterable[Record]) -> list[Record]:
        """Those among some records that are its own."""
        names = {measurement.name for measurement in self.measurements}
        return [record for record in records if record.experiment in names]
