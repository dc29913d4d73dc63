"""Functions whose values are drawn by chance, learned by heart (report on capacity, section IV.E)."""

import pytest

from sparsebench import FunctionVariantsCell, function_cells


def functions(settings):
    return settings.planned(function_cells(settings.work.tasks))


def alike(settings):
    whole = [cell for cell in function_cells(settings.work.tasks) if cell.plain]
    return settings.planned([FunctionVariantsCell(tuple(whole))])


@pytest.mark.sparsebench(cells=functions)
def test_random_function(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=alike)
def test_variants_are_alike(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))
