"""Hypothesis strategies for result files and baselines, and all that is in them."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from hypothesis import strategies as st

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.conformance.cases import ConformanceCase, WiredConformanceCase
from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.graph_statistics.cases import CorrelationCase, PredictionCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.parts.records import (
    Baseline,
    Commit,
    Estimate,
    Invocation,
    Item,
    Provenance,
    Record,
    Result,
    Timing,
    Verdict,
)
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import Case, canonical, digest
from tests.strategies import cases, finite, names, sizes

commits = st.builds(Commit, names, st.text(max_size=5), st.booleans())
provenances = st.builds(
    Provenance,
    commit=commits,
    created=names,
    cpu=st.text(max_size=9),
    gpu=names,
    device=names,
    threads=st.integers(1, 99),
    python=names,
    torch=names,
    numpy=names,
    code=names,
)
seconds = st.floats(1e-9, 1e6)
timings = st.builds(Timing, seconds, seconds, sizes, sizes, sizes, st.floats(0, 1))
_PROVENANCE = "here"
"""The key of every provenance that records refer to."""


def _record(
    case: Case,
    figures: dict[str, float],
    series: list[float],
    tables: dict[str, dict[str, float]],
    **fields: Any,
) -> Record:
    """A record with the figures that its experiment always has, and others."""
    experiment = EXPERIMENTS[type(case)]
    always = {"accuracy": 0.5, "accuracy_before": 0.4, "last_loss": 0.1}
    always |= {"strings": 10.0, "kept": 9.0, "networks": 8.0}
    always |= {"r2": 0.3, "r2_median": 0.2, "r2_low": 0.1, "r2_high": 0.4}
    rows = {name: {} for name in ("pearson", "pearson_low", "pearson_high", "p_adjusted")}
    return Record(
        digest=digest(case),
        case=canonical(case),
        experiment=experiment,
        metrics={**figures, **always},
        history={"loss": [*series, 0.1], "r2": [*series, 0.2]},
        tables={**tables, **rows},
        **fields,
    )


EXPERIMENTS = {
    BaseCase: "base",
    LossTraceCase: "onset",
    PruningCase: "pruning",
    WiredCase: "wired",
    FinetuningCase: "retraining",
    FourWaysCase: "four_ways",
    ForwardCase: "forward",
    ConformanceCase: "conformance",
    WiredConformanceCase: "conformance",
    CorrelationCase: "correlation",
    PredictionCase: "prediction",
}
records = st.builds(
    _record,
    case=cases,
    figures=st.dictionaries(names, finite, max_size=3),
    series=st.lists(finite, max_size=3),
    properties=st.dictionaries(names, finite, max_size=2),
    tables=st.dictionaries(names, st.dictionaries(names, finite, max_size=2), max_size=2),
    weights=names,
    provenance=st.sampled_from(["", _PROVENANCE]),
    trained=st.sampled_from(["", _PROVENANCE]),
    numerics=names,
    timing=st.none() | timings,
    outcome=names,
)
verdicts = st.builds(
    Verdict,
    item=names,
    kind=names,
    verdict=names,
    statement=st.text(max_size=9),
    expected=st.lists(finite, max_size=3),
    measured=st.lists(finite, max_size=3),
    interval=st.none() | st.tuples(finite, finite),
    source=names,
    digests=st.lists(names, max_size=2),
    reason=st.text(max_size=9),
)
estimates = st.builds(
    Estimate,
    item=names,
    experiment=names,
    accuracy=finite,
    low=finite,
    high=finite,
    method=st.text(max_size=9),
    seeds=sizes,
    strings=sizes,
    digests=st.lists(names, max_size=2),
)
items = st.builds(
    Item, nodeid=names, outcome=names, seconds=finite, digests=st.lists(names, max_size=2)
)
runs = st.builds(
    Invocation,
    profile=names,
    semantics=st.lists(names, max_size=2),
    seeds=sizes,
    seed_policy=names,
    device=names,
    claims=names,
    baseline=names,
    command=st.lists(st.text(max_size=5), max_size=3),
    exit_status=st.integers(0, 5),
)
_provenance_tables = st.builds(
    lambda here, others: {**others, _PROVENANCE: here},
    provenances,
    st.dictionaries(names, provenances, max_size=2),
)
_digest = attrgetter("digest")
baselines = st.builds(
    Baseline,
    provenances=_provenance_tables,
    records=st.lists(records, max_size=3, unique_by=_digest),
)
results = st.builds(
    Result,
    provenance=provenances,
    run=runs,
    provenances=_provenance_tables,
    records=st.lists(records, max_size=2, unique_by=_digest),
    verdicts=st.lists(verdicts, max_size=2),
    items=st.lists(items, max_size=2),
    estimates=st.lists(estimates, max_size=2),
)
documents = st.one_of(baselines, results)
