"""Made-up documents: a few records of every experiment, with figures that make sense."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredPruningItem
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Baseline, Commit, Invocation, Provenance, Record, Result
from sparsebench.values.identity import canonical, digest
from tests.judging.records import networks, records, retrained


def provenance(
    commit: str = "c0ffee00c0ffee00", created: str = "2026-11-21T16:14:07"
) -> Provenance:
    """Where a made-up record was measured."""
    return Provenance(
        commit=Commit(commit, "main"),
        created=created,
        cpu="A processor",
        gpu="",
        device="cpu",
        threads=2,
        python="3.11.7",
        torch="2.13.0",
        numpy="2.4.6",
        code="72b4cbfc1924",
    )


def baseline(found: Iterable[Record], place: Provenance | None = None) -> Baseline:
    """A baseline of some records."""
    found = list(found)
    for record in found:
        record.provenance = "here"
    return Baseline(provenances={"here": place or provenance()}, records=found)


def result(found: Iterable[Record], place: Provenance | None = None) -> Result:
    """A result file of some records."""
    run = Invocation(
        profile="quick",
        semantics=["published"],
        seeds=3,
        seed_policy="0, 1, 2",
        device="cpu",
        claims="baseline",
        baseline="thesis",
        command=["pytest", "benchmarks", "-k", "gru and p80"],
        exit_status=0,
    )
    document = baseline(found, place)
    return Result(
        provenance=place or provenance(),
        run=run,
        provenances=document.provenances,
        records=document.records,
        verdicts=[],
        items=[],
    )


def base_models(variant: str = "gru", semantics: str = "published") -> list[Record]:
    """Three base models, whose accuracies rise for four epochs."""
    found = records(BaseItem(variant, semantics), [1.0, 0.999, 1.0])
    for record in found:
        record.history = {
            "test_accuracy": [0.8, 0.95, 0.99, record.metrics["accuracy"]],
            "train_accuracy": [0.93, 0.97, 0.99, 1.0],
        }
    return found


def pruned(
    variant: str = "gru",
    percents: Sequence[int] = (80, 90),
    semantics: str = "published",
    times: int = 1,
) -> list[Record]:
    """Three models, or so many times more, good at 80 % and no longer at 90 %."""
    found = []
    for percent in percents:
        item = PruningItem(variant, "both", percent, semantics)
        some = records(item, ([0.99, 1.0, 0.995] if percent <= 80 else [0.6, 0.7, 0.65]) * times)
        for record in some:
            kept = 45000.0 * (100 - percent) / 100
            record.metrics |= {"kept": kept, "prunable": 45000.0, "density": kept / 45000}
        found += some
    return found


def trained_again(
    epochs: int = 10,
    semantics: str = "published",
    models: int = 3,
    variant: str = "gru",
    **item: object,
) -> list[Record]:
    """Models that are good again after an epoch."""
    course = [0.995] * epochs
    return retrained(
        FinetuningItem(variant, "both", 90, epochs, semantics, **item), [course] * models
    )


def thresholds(epochs: int = 12, models: int = 3) -> list[Record]:
    """Models without their smallest weights, as good as before."""
    return retrained(ThresholdItem(epochs), [[1.0] * epochs] * models)


def wired(
    variant: str = "gru", graphs: int = 3, semantics: str = "published", better: float = 0.05
) -> list[Record]:
    """Networks of both families, those of Watts and Strogatz better on average."""
    above = [0.9 + better + 0.01 * (seed % 3) for seed in range(graphs)]
    below = [0.9 - 0.012 * (seed % 4) for seed in range(graphs)]
    found = networks(FamiliesItem(variant, graphs, semantics), above + below)
    for number, record in enumerate(found):
        record.properties = {
            name: 1.0 + number + place for place, name in enumerate(PROPERTIES)
        } | {"reaching_readout": 2.0, "parameters": 500.0, "recurrent_weights": 300.0 + number}
    return found


def wired_pruned(epochs: int = 10) -> list[Record]:
    """Pruned wired networks, good again."""
    found = networks(WiredPruningItem("gru", "both", 50, 2, epochs), [0.97, 0.96, 0.9, 0.91])
    for record in found:
        record.history["test_accuracy"] = [record.metrics["accuracy"]] * epochs
    return found


def four_ways() -> list[Record]:
    """As many weights in four ways."""
    item = FourWaysItem("gru", "watts_strogatz", 50, graphs=2)
    return networks(item, [0.99, 0.98, 0.95, 0.96, 0.9, 0.91, 0.8, 0.85])


def correlation(variant: str = "gru", pearson: float = 0.5) -> Record:
    """A correlation in which every property but the first has the same figure."""
    row = dict.fromkeys(PROPERTIES[1:], pearson)
    tables = {
        "pearson": row,
        "pearson_low": {name: figure - 0.1 for name, figure in row.items()},
        "pearson_high": {name: figure + 0.1 for name, figure in row.items()},
        "spearman": row,
        "partial": {name: figure for name, figure in row.items() if name != "nodes"},
        "p_adjusted": dict.fromkeys(row, 0.001),
        "watts_strogatz": row,
        "barabasi_albert": row,
        "within": row,
    }
    return _analysis("correlation", CorrelationCase(WiredPopulation(variant)), {}, tables=tables)


def prediction(
    variant: str = "gru",
    regressor: str = "random_forest",
    features: str = "all",
    splits: int = 100,
) -> Record:
    """A prediction over five splits and six networks."""
    tables = {}
    if regressor == "random_forest":
        tables = {
            "impurity": dict.fromkeys(PROPERTIES, 1 / 23),
            "permutation": {**dict.fromkeys(PROPERTIES, 0.01), "source_nodes": 0.4},
        }
    return _analysis(
        "prediction",
        PredictionCase(WiredPopulation(variant), regressor, features, splits),
        {"r2": 0.6, "r2_median": 0.55, "r2_low": 0.1, "r2_high": 0.8},
        tables=tables,
        history={
            "r2": [0.6, 0.5, 0.55, 0.1, 0.8],
            "true": [0.9, 0.95, 0.99, 0.8, 0.7, 1.0],
            "predicted": [0.91, 0.93, 0.97, 0.85, 0.75, 0.98],
        },
    )


def _analysis(
    experiment: str,
    case: CorrelationCase | PredictionCase,
    metrics: dict[str, float],
    **others: dict[str, object],
) -> Record:
    return Record(
        digest=digest(case),
        experiment=experiment,
        case=canonical(case),
        metrics={"networks": 200.0, **metrics},
        **others,  # type: ignore[arg-type]
    )


def other_cell() -> list[Record]:
    """Records of a cell type that the thesis does not have."""
    return [
        *base_models("mgu"),
        *pruned("mgu"),
        *trained_again(variant="mgu"),
        *wired("mgu"),
        correlation("mgu"),
        prediction("mgu"),
    ]


def everything() -> list[Record]:
    """A few records of every experiment."""
    return [
        *base_models(),
        *base_models("lstm", "corrected"),
        *pruned(),
        *pruned(semantics="corrected"),
        *trained_again(),
        *trained_again(semantics="corrected"),
        *thresholds(),
        *wired(),
        *wired("lstm", semantics="corrected"),
        *wired_pruned(),
        *four_ways(),
        correlation(),
        prediction(),
        prediction(regressor="ada_boost"),
        prediction(features="variances"),
    ]
