"""Experiment: what graph properties reveal about accuracy (thesis, sections 6.3 and 6.4)."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.graph_statistics import correlation, prediction
from sparsebench.experiments.graph_statistics.cases import CorrelationCase, PredictionCase
from sparsebench.experiments.graph_statistics.comparison import CORRELATIONS, PREDICTIONS
from sparsebench.experiments.graph_statistics.correlation_claims import correlation_verdicts
from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.graph_statistics.prediction_claims import prediction_verdicts
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late
from sparsebench.values.identity import Case


def _networks(case: CorrelationCase | PredictionCase, from_scratch: bool) -> list[Case]:
    return [*case.population.networks] if from_scratch else []


def _alike(case: CorrelationCase | PredictionCase) -> CorrelationCase | PredictionCase:
    """A case without the choice and number of networks, to find cases of the same analysis."""
    return replace(case, population=replace(case.population, graphs=1, first=0))


def _correlation_cost(case: CorrelationCase) -> Cost:
    return f"correlation, {case.resamples}", 1


def _prediction_cost(case: PredictionCase) -> Cost:
    return f"prediction, {case.regressor} of {case.features}", case.splits


EXPERIMENT = Experiment(
    name="graph_statistics",
    tables=late("sparsebench.experiments.graph_statistics.summary:analysis_tables"),
    sections=late("sparsebench.experiments.graph_statistics.sections:sections"),
    claim_rows=late("sparsebench.experiments.graph_statistics.claim_rows:claim_rows"),
    markdown=late("sparsebench.experiments.graph_statistics.table:markdown"),
    items=(
        Items(item=CorrelationItem, verdicts=correlation_verdicts),
        Items(item=PredictionItem, verdicts=prediction_verdicts),
    ),
    measurements=(
        Measurement(
            name="correlation",
            case=CorrelationCase,
            measure=correlation.measure,
            networks=_networks,
            cache_key=correlation.cache_key,
            cost=_correlation_cost,
            policy=CORRELATIONS,
            metrics=("networks",),
            tables=("pearson", "pearson_low", "pearson_high", "p_adjusted"),
            analysed=lambda case: case.population.networks,
            alike=_alike,
        ),
        Measurement(
            name="prediction",
            case=PredictionCase,
            measure=prediction.measure,
            networks=_networks,
            cache_key=prediction.cache_key,
            cost=_prediction_cost,
            policy=PREDICTIONS,
            metrics=("networks", "r2", "r2_median", "r2_low", "r2_high"),
            series=("r2",),
            analysed=lambda case: case.population.networks,
            alike=_alike,
        ),
    ),
)
