"""The descriptor of an experiment: what others need to run, judge, compare and show it.

Code outside an experiment's folder does not use its classes or names. It asks the descriptor, which
the registry (`sparsebench.harness.registry`) finds by a case or a record. Experiments of other
projects have the same descriptor.
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
    from sparsebench.harness.forward_passes import TimedNetwork
    from sparsebench.harness.profiles import Settings
    from sparsebench.judging.claims import Claim, Contrast
    from sparsebench.parts.records import Record, Verdict


class NotMeasurable(LookupError):
    """A case cannot be measured in this run, for a reason outside the code, such as the device.

    The message says what to do instead. The item is skipped, or fails under `--sparsebench-gate`.
    """


Cost = tuple[str, float]
"""The name that a duration in seconds is stored under, and the factor to multiply it by."""


RecordOf = Callable[[Case], "Record | None"]
"""The record of a case, in a run or in its baseline; None where neither has it."""


def no_record(case: Case) -> None:
    """What is known of any case where there is no baseline."""


SHARES = ("accuracy", "accuracy_before", "accuracy_trained", "density")
"""Figures between 0 and 1, in every measurement."""


def late(place: str) -> Callable[..., Any]:
    """Return a function that imports another one on its first call, because that import is slow.

    Parameters
    ----------
    place
        Module and name, as in an entry point: `package.module:name`.
    """
    module, _, name = place.partition(":")

    def call(*arguments: Any) -> Any:
        return getattr(import_module(module), name)(*arguments)

    return call


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One measurement of an experiment: a class of cases, and how their records are made.

    Attributes
    ----------
    name
        The `experiment` field of its records.
    case
        The class of its cases, which has a kind (`sparsebench.values.kinds`).
    measure
        Makes the record of a case, from the case and the run; None if the benchmark makes the
        records.
    of
        Selects its own cases, if several measurements share the class; None: all others.
    networks
        Takes a case, and whether base models are trained from scratch, to the cases of the trained
        networks that it needs. None: the networks that its own network is made from, if it has one.
    cache_key
        Makes a text of everything that decides the figures besides the case and the code, such as
        the checksum of the weights. With it, records are cached in the store; without it, they are
        measured in every run.
    forward
        The network whose forward pass `time_forward` times; None: not timed.
    cost
        The cost of a case, or None if it is too cheap to plan. The part of its name before the
        first comma names a group of similar costs (`training wired gru, watts_strogatz`).
    policy
        How records are judged and compared; by default by accuracy.
    metrics, series, tables
        Names that every record has: figures, non-empty histories, tables.
    shares
        Figures between 0 and 1, besides `SHARES`.
    check
        Raises a `ValueError` for a record from a file that the experiment's own sections cannot
        show.
    stored_series
        Histories that baselines store; None: all.
    stores_model
        Selects the cases whose trained networks are stored with the baseline, and loaded from there
        by profiles that do not train from scratch (`sparsebench.harness.baseline_models`); None: no
        case.
    weights_of
        Takes a case to the trained network whose weights it measures: the baseline's records of
        both must have the same weights.
    analysed
        Takes a case to the cases whose baseline records it analyses; these are then wanted too.
    alike
        Takes a case to what stays the same for all seeds and numbers of networks that a run may ask
        for; by default the case without its seeds.
    """

    name: str
    case: type
    measure: Callable[[Any, Bench], Record] | None = None
    of: Callable[[Any], bool] | None = None
    networks: Callable[[Any, bool], list[Case]] | None = None
    cache_key: Callable[[Any, Bench], str] | None = None
    forward: Callable[[Any, Bench], TimedNetwork] | None = None
    cost: Callable[[Any], Cost | None] = lambda case: None
    policy: Policy = ACCURACY
    metrics: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    check: Callable[[Any, Record], None] = lambda case, record: None
    stored_series: tuple[str, ...] | None = None
    stores_model: Callable[[Any], bool] | None = None
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
    """The descriptor of one class of items, with what was published about them.

    Attributes
    ----------
    item
        The class.
    claims
        Takes an item to its claims: ranges for the figures of its networks.
    contrasts
        Takes an item to its contrasts: groups of networks of which one does better.
    verdicts
        Takes an item, its records and a confidence to verdicts by the experiment's own rules.
    """

    item: type
    claims: Callable[[Any], tuple[Claim, ...]] = _nothing_claimed
    contrasts: Callable[[Any], tuple[Contrast, ...]] = _nothing_claimed
    verdicts: Callable[[Any, Sequence[Record], float], Iterable[Verdict]] = _no_verdicts


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment's descriptor: what it measures, and how that is judged, compared and shown.

    Attributes
    ----------
    name
        Unique; for ours, the name of the folder.
    measurements
        What it measures.
    items
        Its classes of items.
    networks
        The kinds of networks that it trains, if it has its own.
    claimed
        Whether a run with these settings does enough work for the published claims to apply;
        otherwise they are not judged.
    tables
        Tables for the end of a run under `-v`, from all its records and verdicts, and from what is
        known of other cases, such as the dense network's; None: a plain table with a row for each item.
    sections
        Sections of the report (`sparsebench.report.contents.Section`), from what was measured
        (`sparsebench.report.measured.Measured`); None: a plain table of its records.
    claim_rows
        Published claims with their verdicts (`sparsebench.report.every_claim.ClaimRow`), from what
        was measured.
    points
        Weights, accuracy and time of its methods (`sparsebench.report.cost.Point`), from what was
        measured.
    remarks
        Sentences for the report's first section, from what was measured.
    markdown
        Markdown tables of claims and figures, from records.
    """

    name: str
    measurements: tuple[Measurement, ...]
    items: tuple[Items, ...] = ()
    networks: tuple[NetworkKind, ...] = ()
    claimed: Callable[[Settings], bool] = lambda settings: True
    tables: (
        Callable[[Sequence[Record], Sequence[Verdict], RecordOf], Iterable[RenderableType]] | None
    ) = None
    sections: Callable[[Any], Iterable[Any]] | None = None
    claim_rows: Callable[[Any], Iterable[Any]] = lambda measured: ()
    points: Callable[[Any], Iterable[Any]] = lambda measured: ()
    remarks: Callable[[Any], Iterable[str]] = lambda measured: ()
    markdown: Callable[[Sequence[Record]], Iterable[str]] = lambda records: ()

    def records(self, records: Iterable[Record]) -> list[Record]:
        """The records that belong to this experiment."""
        names = {measurement.name for measurement in self.measurements}
        return [record for record in records if record.experiment in names]
