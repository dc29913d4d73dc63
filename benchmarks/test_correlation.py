"""Graph properties and accuracy: correlations and predictions (thesis, 6.3, 6.4 and 7.3)."""

import pytest

from sparsebench import correlation_items, prediction_items
from sparsebench.experiments.conformance.result_rows import disagreements, published_tables


def correlations(settings):
    graphs, first = settings.analysed
    return settings.planned(correlation_items(graphs, first=first))


def predictions(settings):
    (graphs, first), work = settings.analysed, settings.work
    return settings.planned(
        prediction_items(work.splits, graphs, work.predicted_variants, first=first)
    )


@pytest.mark.sparsebench(items=correlations)
def test_correlation(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=predictions)
def test_prediction(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(
    published_tables,
    otherwise="needs --sparsebench-artifacts DIR, the thesis author's repository with all 200 rows of "
    "a variant",
)
def test_the_author_s_rows_give_the_thesis_s_table(item):
    faults = disagreements(item)
    assert not faults, "\n".join([item.id, *faults])
