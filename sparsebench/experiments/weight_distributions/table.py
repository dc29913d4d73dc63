"""Distributions of weights: replicates taken together, and their statistics as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.weight_distributions.cases import WeightsCase
from sparsebench.parts.records import Record
from sparsebench.report.contents import Column, Entry, Table
from sparsebench.report.markdown import table as markdown_table
from sparsebench.report.words import VARIANT_TITLES
from sparsebench.values.case import BaseCase, origin_of
from sparsebench.values.protocol import CELL_TYPES, OTHER_TARGETS, TARGETS

SHOWN = {
    "count": "weights",
    "mean": "mean",
    "sd": "sd",
    "p01": "1 %",
    "p05": "5 %",
    "p25": "25 %",
    "p50": "median",
    "p75": "75 %",
    "p95": "95 %",
    "p99": "99 %",
    "lowest": "lowest",
    "highest": "highest",
    "near zero": "within 0.01",
}
"""Statistics of a record, and the headings of their columns."""


@dataclass(frozen=True)
class Stage:
    """What happened to a network before its weights were described.

    Attributes
    ----------
    networks
        `base models` or `wired networks`.
    variant, semantics
        Cell type and semantics of the networks.
    target, percent
        What was pruned, and the percentage; empty and 0 of trained networks.
    epochs
        Epochs of fine-tuning after that.
    """

    networks: str
    variant: str
    semantics: str
    target: str = ""
    percent: int = 0
    epochs: int = 0

    @property
    def words(self) -> str:
        """The stage in words."""
        if not self.target:
            return "trained"
        pruned = f"{self.percent} % of {self.target} pruned"
        if not self.epochs:
            return pruned
        return f"{pruned}, fine-tuned for {self.epochs} epoch{'s' * (self.epochs > 1)}"

    @property
    def order(self) -> tuple[object, ...]:
        """Sort key: base models first, in the thesis's order of cells; then what was pruned."""
        targets = ("", "both", "i2h", "h2h", *OTHER_TARGETS)
        return (
            self.networks,
            CELL_TYPES.index(self.variant),
            self.semantics != "published",
            targets.index(self.target),
            self.percent,
            self.epochs,
        )


def stage_of(case: WeightsCase) -> Stage | None:
    """The stage that a case is at; None if its network is neither the thesis's nor its fine-tuned
    form.
    """
    network, origin = case.network, origin_of(case.network)
    names = {BaseCase: "base models", WiredCase: "wired networks"}
    if type(origin) not in names or case.semantics.name is None:
        return None
    shared = names[type(origin)], case.variant, case.semantics.name
    if isinstance(network, FinetuningCase):
        if network.network != origin or network.percent is None or case.target is not None:
            return None
        return Stage(*shared, network.target, network.percent, network.training.length)
    if network != origin:
        return None
    return Stage(*shared, case.target or "", case.percent or 0)


def by_stage(records: Iterable[Record]) -> dict[Stage, list[Record]]:
    """Records of distributions by stage, in order.

    Of networks that were fine-tuned for several numbers of epochs, such as in several profiles, one
    number is shown: that of most networks, and the highest of these.
    """
    found: dict[Stage, list[Record]] = {}
    for record in records:
        if record.experiment == "weights" and (stage := stage_of(record.restored)):
            found.setdefault(stage, []).append(record)
    longest: dict[Stage, Stage] = {}
    for stage in found:
        if stage.epochs:
            pruned = replace(stage, epochs=0)
            known = longest.setdefault(pruned, stage)
            longest[pruned] = max(known, stage, key=lambda each: (len(found[each]), each.epochs))
    shown = (stage for stage in found if not stage.epochs or stage in longest.values())
    return {stage: found[stage] for stage in sorted(shown, key=lambda stage: stage.order)}


def counts_of(records: Sequence[Record], group: str) -> list[float]:
    """The histogram of a group over all records; empty if none has it."""
    found = [record.history[group] for record in records if group in record.history]
    return [sum(counts) for counts in zip(*found, strict=True)]


def groups_in(records: Sequence[Record]) -> list[str]:
    """The groups that any record has: targets first, then their gates, then layers."""
    names = dict.fromkeys(name for record in records for name in record.tables["count"])
    first = (*TARGETS, *OTHER_TARGETS)
    return sorted(
        names,
        key=lambda name: (
            first.index(name) if name in first else len(first),
            name.startswith("layers."),
            _by_numbers(name),
        ),
    )


def _by_numbers(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in name.split(".")]


def statistics_table(stages: dict[Stage, list[Record]]) -> Table:
    """A row for each stage and group: the means of its statistics over networks.

    Single layers are shown of trained base models alone: those of wired networks are another number
    of layers in each network, and what is pruned of each would fill megabytes.
    """
    rows: list[list[Entry]] = []
    for stage, records in stages.items():
        by_layer = stage.networks == "base models" and not stage.target
        for group in groups_in(records):
            if group.startswith("layers.") and not by_layer:
                continue
            figures = [_mean(records, statistic, group) for statistic in SHOWN]
            rows.append(
                [
                    stage.networks,
                    VARIANT_TITLES[stage.variant],
                    stage.semantics,
                    stage.words,
                    group,
                    len(records),
                    *figures,
                ]
            )
    return Table(
        "weights",
        "Weights that a network has, by group: means over networks of what each network's have",
        (
            Column("networks", choice=True),
            Column("variant", choice=True),
            Column("semantics", choice=True),
            Column("stage", choice=True),
            Column("group", choice=True),
            Column("number", ".0f"),
            *(Column(title, ".1f" if name == "count" else ".4f") for name, title in SHOWN.items()),
        ),
        rows,
        folded=True,
    )


def _mean(records: Sequence[Record], statistic: str, group: str) -> float | None:
    found = [record.tables.get(statistic, {}).get(group) for record in records]
    known = [each for each in found if each is not None]
    return fmean(known) if known else None


def markdown(records: Sequence[Record]) -> list[str]:
    """All recurrent weights by stage: count, sd, percentiles, and the share near zero."""
    stages = by_stage(records)
    if not stages:
        return []
    names = ("count", "mean", "sd", "p01", "p50", "p99", "near zero")
    rows = []
    for stage, found in stages.items():
        if stage.semantics != "published":
            continue
        figures = ((name, _mean(found, name, "both")) for name in names)
        texts = (
            "" if figure is None else format(figure, ".0f" if name == "count" else ".3f")
            for name, figure in figures
        )
        rows.append([stage.networks, stage.variant, stage.words, str(len(found)), *texts])
    columns = ["networks", "variant", "stage", "number", *(SHOWN[name] for name in names)]
    return [markdown_table(columns, rows)]
