"""Records of methods with figures that tests choose."""

from collections.abc import Iterable, Mapping, Sequence

from sparsebench.experiments.methods.cases import MaskControlCase
from sparsebench.experiments.methods.items import MethodItem
from sparsebench.parts.records import Record
from sparsebench.parts.weights import recurrent_weights
from sparsebench.values.identity import Case, canonical, digest

Figures = Mapping[str, Sequence[float]]
"""By control, or under an empty name for the method itself, one for each seed."""


def record(case: Case, figure: str, value: float) -> Record:
    """The record of a case."""
    control = isinstance(case, MaskControlCase)
    method = case.network if control else case
    _, total = recurrent_weights(method.base.layout, {})
    kept = round(method.density * total)
    return Record(
        digest=digest(case),
        experiment="mask_control" if control else "method",
        case=canonical(case),
        metrics={
            "loss": 1.5,
            figure: value,
            "kept": kept,
            "density": kept / total,
            "parameters": kept + 100,
        },
    )


def of_item(item: MethodItem, figures: Figures, figure: str = "accuracy") -> list[Record]:
    """The records of an item: of the controls that are named, and of the method."""
    seeds = range(len(next(iter(figures.values()))))
    return [
        record(case, figure, value)
        for control, values in figures.items()
        for case, value in zip(item.groups(seeds)[control], values, strict=True)
    ]


def without_doubles(records: Iterable[Record]) -> list[Record]:
    """As in a file of results: a record for each digest."""
    return list({each.digest: each for each in records}.values())
