"""What others ask of the experiment."""

from dataclasses import replace

import pytest

from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.experiments.methods.descriptor import EXPERIMENT
from sparsebench.experiments.methods.items import MethodItem
from sparsebench.harness.registry import experiments, items_of, measurement_of, network_kind_of
from sparsebench.parts.methods.criteria import GradientSize
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.schedules import Dynamic
from sparsebench.parts.records import check_complete
from sparsebench.values.protocol import Training
from tests.experiments.methods import tiny
from tests.experiments.methods.records import of_item


def test_it_is_one_of_ours():
    assert EXPERIMENT in experiments()
    assert [measurement_of(case).name for case in (tiny.case(), CONTROL)] == [
        "method",
        "mask_control",
    ]
    assert isinstance(tiny.item(), EXPERIMENT.items[0].item)


CONTROL = MaskControlCase(tiny.case(), "shuffled")


def test_a_control_is_made_from_the_network_of_the_method():
    assert network_kind_of(CONTROL).made_from(CONTROL) == (tiny.case(),)
    assert network_kind_of(tiny.case()).made_from(tiny.case()) == ()


@pytest.mark.parametrize("case", [tiny.case(), CONTROL])
def test_costs_grow_with_the_epochs_and_are_known_by_cell_type_and_task(case):
    name, size = measurement_of(case).cost(case)
    assert name == "methods gru on SequentialDigits"
    base = tiny.base(training=Training(6, 16, 0.01))
    longer = (
        replace(case, base=base)
        if isinstance(case, MethodCase)
        else replace(case, network=replace(case.network, base=base))
    )
    assert measurement_of(case).cost(longer) == (name, 2 * size)


def test_the_parts_of_a_method_make_its_networks():
    """Their code decides what is cached."""
    makers = set(network_kind_of(tiny.case()).makers(tiny.case(METHODS["rigl"])))
    assert {type(part) for part in (METHODS["rigl"].allocation, METHODS["rigl"].pattern)} < makers
    assert {Dynamic, GradientSize} < makers


@pytest.mark.parametrize("metric", ["loss", "kept", "density", "parameters"])
def test_a_record_without_its_figures_is_refused(metric):
    (record,) = of_item(tiny.item(), {"": [0.5]})
    check_complete(record)
    del record.metrics[metric]
    with pytest.raises(ValueError, match=metric):
        check_complete(record)


def test_items_say_what_they_are_judged_by():
    assert items_of(tiny.item()).item is MethodItem
