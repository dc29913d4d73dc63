"""Canaries: altered records that the gate must refuse, and sound ones that it must pass.

A gate that detects nothing is always green. So each run judges some records of the baseline once
more, altered in one way: if a change breaks the comparison, these items fail.

The comparison depends on the arithmetic of the two sides. So each canary sets it, whatever the
baseline records: the same on both sides, which must give the same bits, or different ones, which
may round differently.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.forward_time.items import SpeedItem
from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredItem
from sparsebench.harness.context import Bench
from sparsebench.harness.judgement import judge
from sparsebench.harness.measuring import ItemResult
from sparsebench.judging.gate import BaselineRecords
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.outcome import Cause, Outcome, Status
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest

Change = Callable[[Record], Record | None]
"""Alters a record; returns None to remove it."""


def as_it_is(record: Record) -> Record:
    """Change nothing."""
    return record


def lower(*points: float, **others: str) -> Change:
    """Lower accuracy by percentage points, cycled over seeds; `others` are fields to set."""

    def spoil(record: Record) -> Record:
        by = points[_seed(record) % len(points)]
        metrics = {**record.metrics, "accuracy": record.metrics["accuracy"] - by / 100}
        return msgspec.structs.replace(record, metrics=metrics, **others)

    return _where("accuracy", spoil)


def one_bit(record: Record) -> Record:
    """Lower the accuracy of the second of three seeds to the next floating-point number."""
    if _seed(record) != 1:
        return record
    metrics = {**record.metrics, "accuracy": math.nextafter(record.metrics["accuracy"], 0)}
    return msgspec.structs.replace(record, metrics=metrics)


def one_bit_of_a_loss(record: Record) -> Record:
    """Lower the last of the first losses to the next floating-point number, and change nothing else."""
    if "loss" not in record.history:
        return record
    *losses, last = record.history["loss"]
    return msgspec.structs.replace(record, history={"loss": [*losses, math.nextafter(last, 0)]})


def _seed(record: Record) -> int:
    return int(record.restored.seed)


def untimed(record: Record) -> Record:
    """Remove the forward time."""
    metrics = {name: figure for name, figure in record.metrics.items() if name != "time_ratio"}
    return msgspec.structs.replace(record, metrics=metrics, history={})


def more_kept(record: Record) -> Record:
    """Keep one weight more."""
    metrics = {**record.metrics, "kept": record.metrics["kept"] + 1}
    return msgspec.structs.replace(record, metrics=metrics)


def other_weights(record: Record) -> Record:
    """Other trained weights with the same figures."""
    return msgspec.structs.replace(record, weights="0")


def by_arithmetic(numerics: str) -> Callable[[Record], Record]:
    """Set the arithmetic; for a prediction, the library version."""
    return lambda record: msgspec.structs.replace(record, numerics=numerics)


ELSEWHERE = {"weights": "0"}
"""Fields that change when a record is trained anew."""


def later_losses(nats: float) -> Change:
    """Raise the first losses, and set other weights, as if trained elsewhere."""

    def spoil(record: Record) -> Record:
        history = {
            name: [loss + nats for loss in losses] if name.endswith("loss") else losses
            for name, losses in record.history.items()
        }
        elsewhere = ELSEWHERE if record.weights else {}
        return msgspec.structs.replace(record, history=history, **elsewhere)

    return spoil


def first_epoch(accuracy: float) -> Change:
    """Set the training accuracy of the first epoch."""

    def spoil(record: Record) -> Record:
        return msgspec.structs.replace(record, history={"train_accuracy": [accuracy]})

    return _where("accuracy", spoil)


def denser(record: Record) -> Record:
    """Change the density of the graph, as if the network was trained elsewhere."""
    properties = {**record.properties, "density": record.properties["density"] * 1.001}
    return msgspec.structs.replace(record, properties=properties, **ELSEWHERE)


def takes(ratio: float) -> Change:
    """Set the forward time, relative to the dense network's."""

    def spoil(record: Record) -> Record:
        metrics = {**record.metrics, "time_ratio": ratio}
        history = {"time_ratios": [ratio] * 4}
        return msgspec.structs.replace(record, metrics=metrics, history=history)

    return spoil


def another_r(difference: float, **others: str) -> Change:
    """Change the correlation of accuracy with the number of vertices; `others` are fields to set."""

    def spoil(record: Record) -> Record:
        row = record.tables["pearson"]
        tables = {**record.tables, "pearson": {**row, "nodes": row["nodes"] + difference}}
        return msgspec.structs.replace(record, tables=tables, **others)

    return spoil


def without_edges(record: Record) -> Record:
    """Remove the correlation of accuracy with the number of edges."""
    tables = {
        title: {name: figure for name, figure in row.items() if name != "edges"}
        for title, row in record.tables.items()
    }
    return msgspec.structs.replace(record, tables=tables)


def turned_round(record: Record) -> Record:
    """Reverse the sign of all correlations."""
    ends = {"pearson": "pearson", "pearson_low": "pearson_high", "pearson_high": "pearson_low"}
    turned = {
        title: {name: -figure for name, figure in record.tables[other].items()}
        for title, other in ends.items()
    }
    return msgspec.structs.replace(record, tables={**record.tables, **turned})


def another_r2(difference: float, **others: str) -> Change:
    """Change the median R² of predictions; `others` are fields to set."""

    def spoil(record: Record) -> Record:
        middle = record.metrics["r2_median"] + difference
        metrics = {**record.metrics, "r2_median": middle}
        return msgspec.structs.replace(record, metrics=metrics, **others)

    return spoil


def predicts_nothing(record: Record) -> Record:
    """No split is predicted better than by its mean, and the uncertainty is large."""
    metrics = {**record.metrics, "r2_median": 0.0, "r2_low": -1.0, "r2_high": 1.0}
    return msgspec.structs.replace(record, metrics=metrics, history={"r2": [0.0] * 100})


def not_of(experiment: str) -> Change:
    """Remove the records of an experiment."""
    return lambda record: None if record.experiment == experiment else record


def unknown(record: Record) -> None:
    """Remove the record."""


def _where(metric: str, spoil: Callable[[Record], Record]) -> Change:
    """Apply a change only to records that have a metric."""
    return lambda record: spoil(record) if metric in record.metrics else record


Ending = tuple[Status, Cause]
PASSED: Ending = ("passed", "")
MOVED: Ending = ("failed", "baseline moved")
CONTRADICTED: Ending = ("failed", "claim contradicted")
UNDECIDED: Ending = ("failed", "undecided")


@dataclass(frozen=True)
class Canary:
    """Records for the gate to judge.

    Attributes
    ----------
    item
        The item whose records are taken from the baseline.
    ends
        The required ending, and its cause.
    now
        Alters the records before they are judged.
    before
        Alters the baseline that they are judged by.
    gate
        Whether `--sparsebench-gate` is given.
    exact
        Whether the same arithmetic made both sides, so that bits must be the same.
    untold
        Whether an engine that names no arithmetic, such as a GPU's, made the records of now.
    seeds
        Number of seeds. For seeds that the baseline lacks, the first seed's records are used: a
        claim about the share of seeds needs several seeds to change its verdict.
    """

    item: BenchmarkItem
    ends: Ending = PASSED
    now: Change = as_it_is
    before: Change = as_it_is
    gate: bool = False
    exact: bool = False
    untold: bool = False
    seeds: int = 3


_SOUND = FinetuningItem("gru", "i2h", 90, 2)
_NETWORK = WiredItem("gru", "watts_strogatz", 0)
_NETWORKS = FamiliesItem("gru", 8)
_CORRELATION, _PREDICTION = CorrelationItem("gru"), PredictionItem("gru", 2)

CANARIES = {
    "base-as-it-is": Canary(BaseItem("gru"), PASSED),
    "pruned-as-it-is": Canary(PruningItem("gru", "both", 50), PASSED),
    "retrained-as-it-is": Canary(_SOUND, PASSED),
    "wired-as-it-is": Canary(_NETWORK, PASSED),
    "base-of-the-same-bits": Canary(BaseItem("gru"), PASSED, exact=True),
    "pruned-of-the-same-bits": Canary(PruningItem("gru", "both", 50), PASSED, exact=True),
    "retrained-of-the-same-bits": Canary(_SOUND, PASSED, exact=True),
    "wired-of-the-same-bits": Canary(_NETWORK, PASSED, exact=True),
    "correlated-as-it-is": Canary(_CORRELATION, PASSED, exact=True),
    "predicted-as-it-is": Canary(_PREDICTION, PASSED, exact=True),
    "as-fast-as-before": Canary(SpeedItem("gru"), PASSED, takes(0.5), takes(0.5)),
    "rounding": Canary(PruningItem("gru", "both", 50), PASSED, lower(0.05)),
    "other-numerics": Canary(_NETWORK, PASSED, other_weights),
    "correlated-in-other-networks": Canary(_CORRELATION, PASSED, another_r(0.01, **ELSEWHERE)),
    "predicted-by-another-library": Canary(_PREDICTION, PASSED, another_r2(0.01)),
    "base-a-point-lower": Canary(BaseItem("gru"), MOVED, lower(1)),
    "pruned-a-point-lower": Canary(PruningItem("gru", "both", 50), MOVED, lower(1)),
    "pruned-a-point-higher": Canary(PruningItem("gru", "both", 80), MOVED, lower(-1)),
    "retrained-a-point-lower": Canary(_SOUND, MOVED, lower(1)),
    "trained-anew-a-point-lower": Canary(BaseItem("gru"), MOVED, lower(1, weights="0")),
    "a-weight-more": Canary(PruningItem("gru", "both", 50), MOVED, more_kept),
    "other-bits": Canary(_NETWORK, MOVED, other_weights, exact=True),
    "one-bit-of-one-seed": Canary(PruningItem("gru", "both", 50), MOVED, one_bit, exact=True),
    "one-bit-of-one-loss": Canary(BaseItem("gru"), MOVED, one_bit_of_a_loss, exact=True),
    "a-string-of-a-network": Canary(_NETWORK, MOVED, lower(0.016), exact=True),
    "gru-uneven": Canary(_SOUND, MOVED, lower(3, 2, 3, **ELSEWHERE), exact=True),
    "gru-more-uneven": Canary(_SOUND, MOVED, lower(4.5, 3, 4, **ELSEWHERE), exact=True),
    "lstm-uneven": Canary(
        FinetuningItem("lstm", "i2h", 90, 2), MOVED, lower(5, 3, 5, **ELSEWHERE), exact=True
    ),
    "rnn-uneven": Canary(
        PruningItem("rnn_tanh", "i2h", 10), MOVED, lower(45, 40, 42, **ELSEWHERE), exact=True
    ),
    "a-gru-six-points-lower": Canary(_NETWORK, MOVED, lower(5.9, **ELSEWHERE), exact=True),
    "an-lstm-nine-points-lower": Canary(
        WiredItem("lstm", "watts_strogatz", 0), MOVED, lower(9, **ELSEWHERE), exact=True
    ),
    "an-rnn-at-chance": Canary(
        WiredItem("rnn_tanh", "watts_strogatz", 0), MOVED, lower(45, **ELSEWHERE), exact=True
    ),
    "elsewhere-uneven-and-gated": Canary(
        _SOUND, UNDECIDED, lower(4.5, 3, 4, **ELSEWHERE), gate=True, untold=True
    ),
    "another-arithmetic-and-gated": Canary(_NETWORK, ("failed", "another arithmetic"), gate=True),
    "elsewhere-one-far-lower": Canary(_SOUND, MOVED, lower(6.1, 0, 0, **ELSEWHERE)),
    "other-first-losses": Canary(BaseItem("gru"), MOVED, later_losses(0.002)),
    "network-with-other-first-losses": Canary(_NETWORK, MOVED, later_losses(0.002)),
    "another-graph": Canary(_NETWORK, MOVED, denser),
    "networks-three-points-lower": Canary(_NETWORKS, MOVED, lower(3, **ELSEWHERE)),
    "another-correlation": Canary(_CORRELATION, MOVED, another_r(0.01), exact=True),
    "other-networks-far-away": Canary(_CORRELATION, MOVED, another_r(-1, **ELSEWHERE)),
    "a-property-missing": Canary(_CORRELATION, MOVED, without_edges, exact=True),
    "another-prediction": Canary(_PREDICTION, MOVED, another_r2(0.01), exact=True),
    "correlations-turned-round": Canary(_CORRELATION, CONTRADICTED, turned_round, before=unknown),
    "nothing-predicted": Canary(_PREDICTION, CONTRADICTED, predicts_nothing, before=unknown),
    "not-timed": Canary(SpeedItem("gru"), ("skipped", "not timed"), untimed, takes(0.5)),
    "a-fifth-slower": Canary(SpeedItem("gru"), MOVED, takes(0.6), takes(0.5)),
    "claim-lost": Canary(
        PruningItem("gru", "both", 10), CONTRADICTED, lower(5), before=unknown, seeds=8
    ),
    "contradiction-gone": Canary(
        BaseItem("lstm"),
        ("failed", "contradiction gone"),
        first_epoch(0.93),
        first_epoch(0.89),
        seeds=8,
    ),
    "part-of-the-baseline-gone": Canary(BaseItem("gru"), MOVED, before=not_of("onset")),
    "no-baseline": Canary(_NETWORK, ("skipped", "baseline missing"), before=unknown),
    "no-baseline-and-gated": Canary(
        _NETWORK, ("failed", "baseline missing"), before=unknown, gate=True
    ),
}


def judged(canary: Canary, bench: Bench) -> Outcome:
    """Judge a canary's records.

    Raises
    ------
    LookupError
        If the baseline has no records of the canary's item.
    """
    cases = canary.item.cases(range(canary.seeds))
    settings = replace(
        bench.settings, update="", claims="baseline", gate=canary.gate, judge_speed=True
    )
    found: list[Record] = []
    for case in cases:
        record = bench.baseline.of(case)
        if record is None and isinstance(canary.item, SpeedItem):  # the canary sets the times
            record = Record(
                digest=digest(case), experiment="forward", case=canonical(case), metrics={"kept": 1}
            )
        if record is None and canary.seeds > 3 and found:
            record = msgspec.structs.replace(found[0], digest=digest(case), case=canonical(case))
        if record is None:
            raise LookupError(f"baseline {settings.baseline!r} has no records of {canary.item}")
        found.append(record)
    aviary = Bench(settings, bench.settings.baselines, bench.progress)
    aviary.here = bench.here  # asked of git and of the machine once
    made_now = "one" if canary.exact else "" if canary.untold else "another"
    was, now = by_arithmetic("one"), by_arithmetic(made_now)
    before = [was(old) for record in found if (old := canary.before(record)) is not None]
    aviary.baseline.records = BaselineRecords.of(before)
    now_measured = [now(new) for record in found if (new := canary.now(record)) is not None]
    return judge(ItemResult(canary.item, cases, now_measured), aviary)
