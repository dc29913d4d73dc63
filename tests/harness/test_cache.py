"""What was measured is kept, found by the same code, and never trusted when it is damaged."""

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness import registry
from sparsebench.harness.cache import NotCached
from sparsebench.harness.fingerprints import code_of, sources_of
from sparsebench.harness.forward_passes import forward_passes
from sparsebench.harness.measuring import measure
from sparsebench.harness.recent import Recent
from sparsebench.parts.code_digest import STRINGS
from sparsebench.parts.documents import write_document
from sparsebench.parts.pruning import CRITERIA
from sparsebench.parts.records import Baseline
from sparsebench.parts.store import DamagedEntry
from sparsebench.values.case import BaseCase
from sparsebench.values.checks import NotReproducible
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import PUBLISHED
from tests.experiments.graph_statistics.analyses import networks
from tests.harness import small

BASE = BaseCase(
    Architecture("gru", layers=1, hidden_size=4), 0, PUBLISHED, small.TRAINING, small.DATA
)
CASE = PruningCase(BASE, "both", 50)
POPULATION = WiredPopulation("rnn_tanh", 12)
ANALYSES = (
    CorrelationCase(POPULATION, 100),
    PredictionCase(POPULATION, "bayesian_ridge", splits=5),
)


@pytest.fixture
def measured(monkeypatch):
    """The cases that this process measures, and does not find."""
    found = []
    by_case = registry._known().by_case
    for kind in (PruningCase, CorrelationCase, PredictionCase):
        (measurement,) = by_case[kind]

        def note_and_measure(case, bench, really=measurement.measure):
            found.append(case)
            return really(case, bench)

        monkeypatch.setitem(by_case, kind, [replace(measurement, measure=note_and_measure)])
    return found


def folder_of(store):
    """The one folder of kept prunings in a store."""
    (path,) = store.glob(f"{code_of('cpu', [CASE])}-*")
    return path


@pytest.mark.parametrize("case", [CASE, *ANALYSES], ids=lambda case: type(case).__name__)
def test_a_second_run_finds_the_same_record(tmp_path, measured, case):
    known = Baseline(provenances={}, records=networks(POPULATION))
    write_document(tmp_path / "thesis" / "wired.json", known)
    first = measure(case, small.bench(tmp_path))
    bench = small.bench(tmp_path)
    second = measure(case, bench)
    assert measured == [case]
    assert second == first
    assert {second.provenance, second.trained} - {""} <= set(bench.provenances)


def test_what_was_measured_of_other_weights_is_not_found(tmp_path, measured, monkeypatch):
    case = replace(CASE, criterion="mine")
    monkeypatch.setitem(CRITERIA, "mine", lambda weights, name: weights[name])
    first = measure(case, small.bench(tmp_path))
    monkeypatch.setitem(CRITERIA, "mine", lambda weights, name: -weights[name])
    second = measure(case, small.bench(tmp_path))
    assert measured == [case, case]
    assert first.digest == second.digest


def test_what_other_code_measured_is_not_found(tmp_path, measured, monkeypatch):
    measure(CASE, small.bench(tmp_path))
    monkeypatch.setattr(
        "sparsebench.harness.cache.code_of",
        lambda device, cases: "0" * 12 if cases == [CASE] else code_of(device, cases),
    )
    measure(CASE, small.bench(tmp_path))
    assert measured == [CASE, CASE]


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty"])
def test_a_damaged_record_is_set_aside_and_measured_again(tmp_path, measured, damage):
    first = measure(CASE, small.bench(tmp_path))
    (path,) = folder_of(tmp_path).glob("*.json")
    content = path.read_text()
    figure = f"{first.metrics['accuracy']!r}"
    assert figure in content
    flipped = content.replace(figure, figure.replace("0.", "1.", 1), 1)
    path.write_text({"flipped": flipped, "cut": content[:-9], "empty": ""}[damage])
    with pytest.warns(DamagedEntry, match=r"set aside in .*; it is not used, but measured again"):
        second = measure(CASE, small.bench(tmp_path))
    assert second.metrics == first.metrics
    assert measured == [CASE, CASE]
    (aside,) = (folder_of(tmp_path) / "damaged").glob("*.json")
    assert aside.name == path.name
    measure(CASE, small.bench(tmp_path))
    assert len(measured) == 2


def test_a_store_that_cannot_be_written_costs_nothing_but_time(tmp_path, measured):
    first = measure(CASE, small.bench(tmp_path))
    folder = folder_of(tmp_path)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.write_text("in the way")
    with pytest.warns(
        NotCached, match="choose another folder with --sparsebench-store; the next run"
    ):
        second = measure(CASE, small.bench(tmp_path))
    assert second.metrics == first.metrics
    assert measured == [CASE, CASE]


def changing_on_call(number):
    """A criterion whose scores are others from one call on: what seldom draws is seldom caught."""
    calls = []

    def criterion(weights, name):
        calls.append(name)
        scores = np.abs(weights[name])
        return scores if len(calls) < number else scores.max() - scores

    return criterion


def kept(folder):
    """The prunings in a store."""
    return [*folder.glob(f"{code_of('cpu', [CASE])}-*/*.json")]


def test_a_criterion_that_draws_without_a_seed_is_refused_and_nothing_is_kept(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(
        CRITERIA, "dice", lambda weights, name: np.random.rand(*weights[name].shape)
    )
    with pytest.raises(NotReproducible, match=r"^criterion 'dice' gave two different scores of "):
        measure(replace(CASE, criterion="dice"), small.bench(tmp_path))
    assert kept(tmp_path) == []


def test_masks_are_the_same_for_the_key_the_measurement_and_the_timing(tmp_path, monkeypatch):
    """Two arrays are scored, each twice, once for all; where that was long ago, it is checked."""
    case = replace(CASE, criterion="seldom")
    monkeypatch.setitem(CRITERIA, "seldom", changing_on_call(5))
    bench = small.bench(tmp_path)
    measure(case, bench)
    forward_passes(case, bench)
    bench.recent = Recent()
    message = r"^criterion 'seldom' gave two different masks for the same weights: let it draw from"
    with pytest.raises(NotReproducible, match=message):
        forward_passes(case, bench)
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("case", [CASE.base, CASE], ids=["trained", "measured"])
def test_what_makes_the_strings_decides_what_is_trained_or_measured_on_them(case):
    assert STRINGS in sources_of(case)
