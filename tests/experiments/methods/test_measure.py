"""Networks are trained once, together or alone, and their records say what is left of them."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.harness import executors
from sparsebench.harness.measuring import measure
from sparsebench.harness.trained_models import model_of, network_of, request
from sparsebench.parts.methods.allocations import ByName
from sparsebench.parts.methods.criteria import GradientSize
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import METHODS
from sparsebench.parts.methods.schedules import Dynamic, Gradual
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.parts.weights import prunable, recurrent_weights
from sparsebench.values.masks import marks
from sparsebench.values.sequence_tasks import AddingProblem
from tests.experiments.methods import tiny
from tests.harness import small

MOVING = {
    "rigl": Method(schedule=Dynamic(growth=GradientSize(16), every=2)),
    "gradual": Method(schedule=Gradual(every=2)),
    "set": Method(schedule=Dynamic(every=2, until=1.0)),
    "by_name": Method(allocation=ByName((("*.h2h", 2.0), ("*", 1.0)))),
}
"""Methods whose masks change within nine steps."""


def same(one, other):
    """Whether two records are of the same training, bit for bit."""
    return (one.weights, one.metrics, one.history) == (other.weights, other.metrics, other.history)


@pytest.mark.parametrize("name", MOVING)
@pytest.mark.parametrize("density", [0.25, 0.5])
def test_kept_density_and_parameters_add_up(tmp_path, name, density):
    bench, case = small.bench(tmp_path), tiny.case(MOVING[name], density)
    record = measure(case, bench)
    check_complete(record)
    check_finite(record)
    layout = network_of(case, bench).layout
    _, total = recurrent_weights(layout, {})
    whole = sum(np.prod(shape) for shape in layout.shapes().values())
    assert record.experiment == "method"
    assert record.metrics["kept"] == round(density * total)
    assert record.metrics["density"] == record.metrics["kept"] / total
    assert record.metrics["parameters"] == whole - total + record.metrics["kept"]
    assert record.metrics["accuracy"] == record.history["test_accuracy"][-1]
    assert len(record.history["train_loss"]) == tiny.TRAINING.epochs


@pytest.mark.parametrize("name", ["rigl", "gradual"])
def test_a_density_of_1_is_the_dense_network_bit_for_bit(tmp_path, name):
    bench = small.bench(tmp_path)
    dense = model_of(tiny.base(), bench).training
    record = measure(tiny.case(MOVING[name], 1.0), bench)
    assert record.weights == dense.weights
    assert record.history == dense.history
    assert all(
        record.metrics[name] == value
        for name, value in dense.metrics.items()
        if name in record.metrics
    )
    assert record.metrics["density"] == 1.0


@pytest.mark.parametrize("together", [1, 20])
def test_each_network_is_what_it_would_be_alone(tmp_path, noted, monkeypatch, together):
    monkeypatch.setitem(executors.AT_ONCE, "cpu", together)
    methods = [tiny.case(method, 0.5, seed) for method in MOVING.values() for seed in (0, 1)]
    dense = [tiny.case(Method(), 1.0, seed) for seed in (0, 1)]
    controls = [MaskControlCase(methods[0], each) for each in ("shuffled", "new_weights", "same")]
    cases = [*methods, *dense, *controls]
    bench = small.bench(tmp_path)
    request(cases, bench)
    assert noted == []
    measured = [measure(case, bench) for case in cases]
    assert sum(map(len, noted)) == len(cases)
    assert max(map(len, noted)) == (len(methods) + len(dense) if together > 1 else 1)
    monkeypatch.setitem(executors.AT_ONCE, "cpu", 1)
    for place in (0, 1, 4, 8):
        alone = measure(cases[place], small.bench(tmp_path / f"alone{place}"))
        assert same(alone, measured[place])


def test_what_is_in_the_store_is_not_trained_again(tmp_path, noted):
    case = MaskControlCase(tiny.case(MOVING["rigl"], 0.5), "shuffled")
    first = measure(case, small.bench(tmp_path))
    noted.clear()
    assert same(measure(case, small.bench(tmp_path)), first)
    assert noted == []


def counts(masks):
    """Weights left in each matrix."""
    return {name: int(mask.sum()) for name, mask in masks.items()}


@pytest.mark.parametrize(("variant", "name"), [("gru", "gradual"), ("rnn_relu", "set")])
def test_controls_keep_as_many_weights_in_every_matrix(tmp_path, variant, name):
    bench, case = small.bench(tmp_path), tiny.case(MOVING[name], 0.3, variant=variant)
    found = measure(case, bench)
    weights = model_of(case, bench).weights
    left = {
        name: marks(weights[name])
        for block in prunable(network_of(case, bench).layout, "both")
        for name in block
    }
    assert sum(counts(left).values()) == found.metrics["kept"]
    for each in ("same", "shuffled", "new_weights"):
        control = MaskControlCase(case, each)
        record = measure(control, bench)
        assert record.experiment == "mask_control"
        for figure in ("kept", "density", "parameters"):
            assert record.metrics[figure] == found.metrics[figure]
        assert counts(network_of(control, bench).masks) == counts(left)


def test_the_same_masks_from_the_start_are_the_method_if_it_prunes_there(tmp_path):
    bench, case = small.bench(tmp_path), tiny.case(METHODS["snip"], 0.3)
    method, control = measure(case, bench), measure(MaskControlCase(case, "same"), bench)
    assert method.weights == control.weights
    assert method.metrics == control.metrics


def test_networks_that_ask_for_numbers_have_a_loss_and_no_accuracy(tmp_path):
    task = AddingProblem(6, 32, 16)
    base = replace(tiny.base(), task=task)
    case = MethodCase(base, MOVING["rigl"], 0.5)
    record = measure(case, small.bench(tmp_path))
    check_complete(record)
    assert "accuracy" not in record.metrics
    assert record.metrics["loss"] == pytest.approx(record.history["test_loss"][-1])
