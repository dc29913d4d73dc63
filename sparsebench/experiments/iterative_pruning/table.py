"""Rounds of iterative pruning and their controls, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.judging.intervals import Interval, accuracy_interval, mean_interval
from sparsebench.judging.metrics import accuracies, time_ratio
from sparsebench.parts.records import Record
from sparsebench.report.contents import Column, Entry, Table
from sparsebench.report.markdown import table
from sparsebench.report.words import VARIANT_TITLES, interval_text
from sparsebench.values.identity import digest, seedless
from sparsebench.values.protocol import CELL_TYPES, TARGETS


@dataclass(frozen=True)
class Round:
    """The records of one round, one for each seed.

    Attributes
    ----------
    case
        The case of the first seed's rewound network.
    rewound
        Networks rewound to an early epoch in every round.
    new
        New random weights under the same masks.
    once
        Networks with equally many weights, pruned once and rewound; none in the first round.
    """

    case: IterativePruningCase
    rewound: Sequence[Record]
    new: Sequence[Record]
    once: Sequence[Record]

    @property
    def original(self) -> float:
        """Mean accuracy of the networks before any pruning, 0-1."""
        return fmean(record.metrics["accuracy_original"] for record in self.rewound)

    @property
    def over_new(self) -> list[float]:
        """Advantage in accuracy of each rewound network over new weights of the same seed."""
        return _differences(self.rewound, self.new)

    @property
    def over_once(self) -> list[float]:
        """Advantage in accuracy of each rewound network over one-shot pruning with the same seed."""
        return _differences(self.rewound, self.once)

    @property
    def ratio(self) -> float | None:
        """Forward time relative to a dense network of the same size; None if it was not timed."""
        return time_ratio(self.rewound)


def by_round(records: Iterable[Record]) -> list[Round]:
    """Group records of this experiment into rounds, in order; others are left out."""
    protocols: dict[tuple[str, str, int], dict[tuple[tuple[int, ...], str], list[Record]]] = {}
    for record in records:
        if record.experiment == "iterative_pruning":
            case: IterativePruningCase = record.restored
            protocol = digest(seedless(case.original)), case.target, case.rewind
            groups = protocols.setdefault(protocol, {})
            groups.setdefault((case.percents, case.start), []).append(record)
    return sorted((each for groups in protocols.values() for each in _rounds(groups)), key=_order)


def _rounds(groups: dict[tuple[tuple[int, ...], str], list[Record]]) -> Iterator[Round]:
    """The rounds of one protocol, without those that are only controls of others."""
    iterated = {percents[-1] for percents, _ in groups if len(percents) > 1}
    for (percents, start), rewound in groups.items():
        new = groups.get((percents, "new"), [])
        control = len(percents) == 1 and percents[0] in iterated and not new
        if start == "rewound" and not control:
            once = groups.get((percents[-1:], "rewound"), []) if len(percents) > 1 else []
            yield Round(rewound[0].restored, rewound, new, once)


def _order(found: Round) -> tuple[object, ...]:
    case = found.case
    protocol = TARGETS.index(case.target), CELL_TYPES.index(case.variant), epochs_of_protocol(case)
    return *protocol, case.rewind, case.percents


def epochs_of_protocol(case: IterativePruningCase) -> int:
    """Epochs of the first network's training; a round repeats all of them, or the remaining ones."""
    return int(case.original.training.epochs)


def _differences(better: Sequence[Record], worse: Sequence[Record]) -> list[float]:
    others = {each.restored.seed: each.metrics["accuracy"] for each in worse}
    seeds = {each.restored.seed: each.metrics["accuracy"] for each in better}
    return [seeds[seed] - others[seed] for seed in sorted(seeds.keys() & others.keys())]


COLUMNS = (
    Column("variant", choice=True),
    Column("pruned", choice=True),
    Column("epochs", ".0f"),
    Column("rewound to", ".0f"),
    Column("round", ".0f"),
    Column("% pruned", ".0f"),
    Column("weights left", ".0f"),
    Column("seeds", ".0f"),
    Column("unpruned", ".4f"),
    Column("rewound", ".4f"),
    Column("95 %, rewound"),
    Column("new weights", ".4f"),
    Column("95 %, new weights"),
    Column("pruned once", ".4f"),
    Column("95 %, pruned once"),
    Column("rewound - new weights"),
    Column("rewound - pruned once"),
    Column("time / dense", ".2f"),
)


def rounds_table(rounds: Sequence[Round]) -> Table:
    """A row for each round: mean accuracies with their intervals, and differences within seeds."""
    return Table(
        "iterative-pruning-rounds",
        "Mean test accuracy after each round of iterative pruning, beside new random weights under the "
        "same masks and a single pruning of as many weights; intervals are 95 %",
        COLUMNS,
        [_row(each) for each in rounds],
    )


def rounds_markdown(records: Iterable[Record]) -> str:
    """The same in Markdown, without forward times."""
    found = rounds_table(by_round(records))
    columns = found.columns[:-1]
    return table(
        [column.title for column in columns],
        [
            [column.text(entry) for column, entry in zip(columns, row[:-1], strict=True)]
            for row in found.rows
        ],
    )


def markdown(records: Iterable[Record]) -> list[str]:
    """The table of rounds; empty if there are none."""
    found = [record for record in records if record.experiment == "iterative_pruning"]
    return [rounds_markdown(found)] if found else []


def _row(found: Round) -> tuple[Entry, ...]:
    case = found.case
    return (
        VARIANT_TITLES[case.variant],
        case.target,
        epochs_of_protocol(case),
        case.rewind,
        case.rounds,
        case.percent,
        found.rewound[0].metrics["kept"],
        len(found.rewound),
        found.original,
        *_mean(found.rewound),
        *_mean(found.new),
        *_mean(found.once),
        _difference(found.over_new),
        _difference(found.over_once),
        found.ratio,
    )


def _mean(records: Sequence[Record]) -> tuple[float | None, str]:
    if not records:
        return None, ""
    values = accuracies(records)
    interval = accuracy_interval(values, int(records[0].metrics["strings"]))
    return fmean(values), interval_text(interval)


def _difference(values: Sequence[float]) -> str:
    if not values:
        return ""
    interval: Interval | None = mean_interval(values)
    bounds = f" ({interval_text(interval, '+.3f')})" if interval else ""
    return f"{fmean(values):+.3f}{bounds}"
