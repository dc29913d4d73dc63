"""Memorising functions with random values (report on capacity, section IV.E)."""

import pytest

from sparsebench import FunctionVariantsItem, few_points_items, function_items

WITHOUT = "the thesis profile alone trains on few points for long"


def functions(settings):
    return settings.planned(function_items(settings.work.tasks))


def alike(settings):
    whole = [item for item in function_items(settings.work.tasks) if item.plain]
    return settings.planned([FunctionVariantsItem(tuple(whole))])


def few(settings):
    work = settings.work.tasks
    return settings.planned([*few_points_items(work), *few_points_items(work, work.other_cells)])


def few_alike(settings):
    whole = [item for item in few_points_items(settings.work.tasks) if item.plain]
    return settings.planned([FunctionVariantsItem(tuple(whole))] if whole else [])


@pytest.mark.sparsebench(items=functions)
def test_random_function(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=alike)
def test_variants_are_alike(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=few, otherwise=WITHOUT)
def test_few_points(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=few_alike, otherwise=WITHOUT)
def test_variants_are_alike_on_few_points(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
