"""A function of a case becomes an experiment, whose figures are judged as all others are."""

from dataclasses import dataclass

import pytest

import sparsebench as sb
from sparsebench.harness import registry
from sparsebench.harness.measuring import measure
from sparsebench.harness.trained_models import request
from sparsebench.values import kinds
from tests.harness import small


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """What a test registers is forgotten after it."""
    for name in ("_BY_NAME", "_BY_CLASS"):
        monkeypatch.setattr(kinds, name, dict(getattr(kinds, name)))
    monkeypatch.setattr(registry, "_registered", {})
    yield
    registry._known.cache_clear()


@pytest.fixture
def scaled():
    """A case of a network whose weights are scaled, and its experiment."""

    @sb.kind("scaled weights")
    @dataclass(frozen=True)
    class Scaled(sb.OfNetwork):
        network: sb.TrainedCase
        factor: float

    @sb.measures(Scaled)
    def scaling(case, bench):
        weights = sb.trained_weights(case.network, bench)
        return sb.evaluate(
            case.network, {name: case.factor * array for name, array in weights.items()}, bench
        )

    return Scaled


def test_the_network_is_trained_and_measured(tmp_path, scaled):
    bench = small.bench(tmp_path)
    network = small.wired(0)
    cases = [scaled(network, 1.0), scaled(network, 0.0)]
    request(cases, bench)
    assert list(bench.requested.cases) == [network]
    same, zero = (measure(case, bench) for case in cases)
    assert same.experiment == "scaling"
    trained = measure(network, bench)
    assert same.metrics["accuracy"] == trained.metrics["accuracy"]
    assert zero.metrics["loss"] == pytest.approx(0.6931, abs=1e-4)
    assert same.weights == zero.weights == trained.weights
    assert same.numerics == trained.numerics != ""


def test_figures_that_are_not_exact_name_no_arithmetic(tmp_path):
    @sb.kind("clock")
    @dataclass(frozen=True)
    class Clock:
        seed: int

    @sb.measures(Clock, exact=False)
    def clock(case, bench):
        return {"accuracy": 0.5}

    record = measure(Clock(0), small.bench(tmp_path))
    assert (record.numerics, record.weights, record.trained) == ("", "", "")


def test_a_name_that_is_taken_is_refused(scaled):
    with pytest.raises(ValueError, match="'pruning' exists already"):

        @sb.measures(scaled)
        def pruning(case, bench):
            return {}


def test_an_item_has_a_case_for_each_seed_under_the_semantics_of_the_run():
    item = sb.CaseItem("gru", lambda seed, read: sb.base_case("gru", seed, read))
    assert item.id == "gru"
    assert item.cases([0, 2]) == [sb.base_case("gru", 0), sb.base_case("gru", 2)]
    corrected = sb.CaseItem(item.name, item.case, "corrected")
    assert corrected.id == "gru-corrected"
    assert corrected.cases([1]) == [sb.base_case("gru", 1, "corrected")]
