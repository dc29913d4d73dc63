"""Experiments are found by their cases and by their records, and other projects add their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness import registry
from sparsebench.harness.experiment import Experiment, Measurement
from sparsebench.harness.measuring import measure
from sparsebench.harness.registry import (
    experiment_of,
    experiments,
    is_trained,
    measurement_named,
    measurement_of,
    network_kind_of,
    register,
)
from sparsebench.harness.trained_models import model_of
from sparsebench.parts.records import Record
from sparsebench.values import kinds
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import Case, canonical, digest
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import Architecture
from sparsebench.values.tasks import RandomLabels
from tests.harness import small

BASE = BaseCase(Architecture("gru"), 0)


@dataclass(frozen=True)
class GradualCase:
    """Somebody else's: a network pruned and fine-tuned in two steps."""

    network: WiredCase
    percent: int

    @property
    def variant(self) -> str:
        return self.network.variant

    @property
    def last(self) -> FinetuningCase:
        """The network after both steps."""
        once = FinetuningCase(self.network, "both", self.percent // 2, training=small.RETRAINING)
        return FinetuningCase(once, "both", self.percent, training=small.RETRAINING)


def gradual(case: GradualCase, bench: Any) -> Record:
    model = model_of(case.last, bench)
    return Record(
        digest=digest(case),
        experiment="gradual",
        case=canonical(case),
        metrics={"accuracy": model.training.metrics["accuracy"]},
        weights=model.training.weights,
        provenance=bench.note(bench.here),
    )


GRADUAL = Measurement(
    name="gradual",
    case=GradualCase,
    measure=gradual,
    networks=lambda case, from_scratch: [case.last],
    metrics=("accuracy",),
)
THEIRS = Experiment(name="gradual_pruning", measurements=(GRADUAL,))


@pytest.fixture(autouse=True)
def _only_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What these tests register is forgotten after them."""
    for name in ("_BY_NAME", "_BY_CLASS"):
        monkeypatch.setattr(kinds, name, dict(getattr(kinds, name)))
    monkeypatch.setattr(registry, "_registered", {})
    kind("gradual")(GradualCase)
    registry._known.cache_clear()
    yield
    registry._known.cache_clear()
    registry._installed.cache_clear()


def test_every_record_of_ours_has_one_measurement() -> None:
    names = [each.name for one in experiments() for each in one.measurements]
    assert [each.name for each in experiments()] == list(registry.OURS)
    assert {name for name in names if names.count(name) > 1} == {"conformance", "string_counts"}


@pytest.mark.parametrize(
    ("case", "name"),
    [
        (small.wired(0), "wired"),
        (small.retraining(0), "retraining"),
        (replace(small.retraining(0), network=small.retraining(0)), "retraining"),
        (TaskCase("gru", RandomLabels(8), 0, 3), "task"),
        (FinetuningCase(TaskCase("gru", RandomLabels(8), 0, 3), "both", 50), "pruned_task"),
    ],
)
def test_a_case_is_measured_by_the_experiment_that_has_cases_of_it(case: Case, name: str) -> None:
    assert measurement_of(case).name == name
    assert measurement_named(name) is measurement_of(case)


def test_a_record_s_experiment_is_found_by_its_name() -> None:
    record = Record(digest="0", experiment="onset", case={}, metrics={})
    found = experiment_of(record)
    assert found is not None
    assert found.name == "base"
    record.experiment = "gradual"
    assert experiment_of(record) is None
    assert measurement_named("gradual") is None


def test_a_case_that_nobody_measures_is_refused_with_what_to_do() -> None:
    with pytest.raises(
        TypeError, match=r"no experiment measures a GradualCase: register one .* BaseC"
    ):
        measurement_of(GradualCase(small.wired(0), 80))
    with pytest.raises(
        TypeError, match="no experiment trains the network of a GradualCase: register"
    ):
        network_kind_of(GradualCase(small.wired(0), 80))  # type: ignore[arg-type]


def test_only_cases_of_trained_networks_are_trained() -> None:
    assert is_trained(small.wired(0))
    assert is_trained(small.retraining(0))
    for case in (
        GradualCase(small.wired(0), 80),
        LossTraceCase(BASE),
        PruningCase(BASE, "both", 50),
    ):
        assert not is_trained(case)


def test_another_project_s_case_is_measured_like_ours(tmp_path) -> None:
    register(THEIRS)
    case, bench = GradualCase(small.wired(0), 80), small.bench(tmp_path)
    record = measure(case, bench)
    assert record.metrics["accuracy"] == model_of(case.last, bench).training.metrics["accuracy"]
    assert experiment_of(record) is THEIRS


def test_a_name_of_records_that_cannot_name_a_file_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'Mine/1' cannot name a file of a baseline: use lower"):
        Measurement(name="Mine/1", case=GradualCase)


def test_an_experiment_that_is_defined_anew_takes_the_place_of_the_old() -> None:
    register(THEIRS)
    again = replace(THEIRS, measurements=(replace(GRADUAL, metrics=()),))
    register(again)
    assert experiments()[-1] is again
    assert measurement_of(GradualCase(small.wired(0), 80)).metrics == ()


@pytest.mark.parametrize(
    ("experiment", "error", "message"),
    [
        (replace(THEIRS, name="base"), ValueError, "experiment 'base' exists already: choose"),
        (
            replace(THEIRS, measurements=(replace(GRADUAL, name="wired"),)),
            ValueError,
            "measurement 'wired' of experiment 'gradual_pruning' is also one of experiment",
        ),
        (GRADUAL, TypeError, "Measurement.* is not an Experiment: give one with"),
    ],
)
def test_what_cannot_be_registered_is_refused(
    experiment: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        register(experiment)
    assert [each.name for each in experiments()] == list(registry.OURS)


class Point:
    """An entry point of an installed package."""

    def __init__(self, value: str, found: object) -> None:
        self.value, self._found = value, found

    def load(self) -> object:
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[Point]:
    """Entry points that are found from now on."""
    points: list[Point] = []
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    registry._installed.cache_clear()
    return points


def test_an_installed_package_brings_experiments(installed: list[Point]) -> None:
    installed.append(Point("theirs:EXPERIMENT", THEIRS))
    assert experiments()[-1] is THEIRS


@pytest.mark.parametrize("found", [ImportError("no module named torchvision"), GRADUAL, None])
def test_one_that_cannot_be_loaded_stops_nothing(installed: list[Point], found: object) -> None:
    installed.append(Point("theirs:EXPERIMENT", found))
    with pytest.warns(UserWarning, match="experiment theirs:EXPERIMENT cannot be loaded"):
        assert [each.name for each in experiments()] == list(registry.OURS)


def test_what_another_project_caches_is_found_until_its_file_says_something_else(
    tmp_path, monkeypatch
) -> None:
    measured: list[GradualCase] = []
    source = tmp_path / "theirs.py"
    source.write_text("rounds = 2\n")
    monkeypatch.setattr("sparsebench.harness.fingerprints.source_of", lambda make: str(source))

    def counted(case: GradualCase, bench: Any) -> Record:
        measured.append(case)
        return gradual(case, bench)

    cached = replace(GRADUAL, measure=counted, cache_key=lambda case, bench: "the same")
    register(replace(THEIRS, measurements=(cached,)))
    case = GradualCase(small.wired(0), 80)
    first = measure(case, small.bench(tmp_path))
    again = measure(case, small.bench(tmp_path))
    assert (first.digest, first.metrics) == (again.digest, again.metrics)
    source.write_text("# how often\nrounds = 2\n")
    measure(case, small.bench(tmp_path))
    assert len(measured) == 1
    source.write_text("rounds = 3\n")
    measure(case, small.bench(tmp_path))
    assert len(measured) == 2
