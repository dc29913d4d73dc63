"""What graph properties say about accuracy: correlations and predictions (thesis, 6.3, 6.4 and 7.3)."""

import pytest

from sparsebench import correlation_cells, prediction_cells
from sparsebench.experiments.conformance.result_rows import disagreements, published_tables


def correlations(settings):
    graphs, first = settings.analysed
    return settings.planned(correlation_cells(graphs, first=first))


def predictions(settings):
    graphs, first = settings.analysed
    return settings.planned(prediction_cells(settings.work.splits, graphs, first=first))


@pytest.mark.sparsebench(cells=correlations)
def test_correlation(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=predictions)
def test_prediction(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(
    published_tables,
    otherwise="needs --sparsebench-artifacts DIR, the thesis author's repository with all 200 rows of "
    "a variant",
)
def test_the_author_s_rows_give_the_thesis_s_table(cell):
    faults = disagreements(cell)
    assert not faults, "\n".join([cell.id, *faults])
