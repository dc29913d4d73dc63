"""Memorising functions with random values (report on capacity, section IV.E)."""

import pytest

from sparsebench import FunctionVariantsItem, function_items


def functions(settings):
    return settings.planned(function_items(settings.work.tasks))


def alike(settings):
    whole = [item for item in function_items(settings.work.tasks) if item.plain]
    return settings.planned([FunctionVariantsItem(tuple(whole))])


@pytest.mark.sparsebench(items=functions)
def test_random_function(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=alike)
def test_variants_are_alike(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
