"""Points of the dense models in the comparison of accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.forward_time.times import times_of_base_models
from sparsebench.experiments.pruning.table import ThesisItem, ThesisResult, by_item, item_of
from sparsebench.parts.records import Record
from sparsebench.report.cost import DENSE, Method, Point, accuracies_of
from sparsebench.report.drawing import INK
from sparsebench.report.intake import admitted
from sparsebench.report.measured import Measured
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import subject_of

_DENSE = Method(DENSE, "*", INK)


def points(measured: Measured) -> Iterable[Point]:
    """A point for each variant and semantics; models that the file lacks are the baseline's."""
    found = [each for each in measured.of(by_item) if isinstance(each.item, BaseItem)]
    here = {each.item for each in found}
    for result in found:
        yield _point(measured, result)
    if measured.dense is not None:
        records, _ = admitted(_of_the_baseline(measured, here))
        for result in by_item(records):
            yield _point(measured, result, f"from the baseline {measured.dense.baseline}")


def _point(measured: Measured, result: ThesisResult, setting: str = "") -> Point:
    item, count = result.item, len(result.records)
    forward = measured.of(times_of_base_models)
    time = result.ratio if result.ratio is not None else forward.get((item.variant, 0))
    return Point(
        _DENSE, setting, item.variant, item.semantics, 1.0, result.accuracy, count, time,
        **accuracies_of(result.records),
    )  # fmt: skip


def _of_the_baseline(measured: Measured, here: Set[ThesisItem]) -> Iterator[Record]:
    """The baseline's records of models that the file has only pruned."""
    assert measured.dense is not None
    subjects = (subject_of(record.restored) for record in measured.records)
    models = dict.fromkeys(each for each in subjects if isinstance(each, BaseCase))
    for case in models:
        item = item_of(case)
        if item is not None and item not in here:
            record = measured.dense.record_of(case)
            if record is not None:
                yield record
