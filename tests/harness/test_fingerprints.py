"""A case's fingerprint covers what it is made with, and nothing that others are made with."""

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness import registry
from sparsebench.harness.experiment import Experiment, Measurement
from sparsebench.harness.fingerprints import code_of, sources_of
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture
from tests.harness import small

BASE = BaseCase(Architecture("gru"), 0)
CASES = [BASE, PruningCase(BASE, "both", 50), small.wired(0), small.retraining(0)]


def codes():
    return [code_of("cpu", [case]) for case in CASES]


def test_an_experiment_that_is_added_leaves_the_fingerprints_of_the_others(monkeypatch):
    before = codes()
    monkeypatch.setattr(registry, "_registered", {})
    theirs = Measurement(name="theirs", case=type("TheirCase", (), {}), measure=codes)
    registry.register(Experiment(name="theirs", measurements=(theirs,)))
    try:
        assert codes() == before
    finally:
        registry._registered.clear()
        registry._known.cache_clear()


def test_networks_of_different_kinds_have_different_fingerprints():
    assert len(set(codes())) == len(CASES)


def test_what_a_network_is_made_from_is_in_its_fingerprint():
    assert sources_of(small.wired(0)) < sources_of(small.retraining(0))
    again = FinetuningCase(small.retraining(0), "h2h", 10)
    assert sources_of(again) == sources_of(small.retraining(0))


def test_a_cluster_is_asked_for_all_that_some_networks_are_made_with():
    both = code_of("cpu", [small.wired(0), small.retraining(0)])
    assert both == code_of("cpu", [small.retraining(0)])
