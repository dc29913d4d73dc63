"""Networks that cannot be made or trained fail their own items, and are not tried again."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from sparsebench.engines import population_training
from sparsebench.engines.populations import Stopped
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.measuring import measure
from sparsebench.harness.recent import Recent
from sparsebench.harness.trained_models import model_of, network_of, request
from sparsebench.parts.graphs import FAMILIES
from sparsebench.parts.pruning import CRITERIA
from sparsebench.values.checks import NotReproducible
from tests.harness import small

ERRORS = [ValueError, ZeroDivisionError, nx.NetworkXError, MemoryError, FileNotFoundError]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("error", ERRORS)
def test_a_network_that_cannot_be_made_fails_alone(tmp_path, monkeypatch, noted, threads, error):
    monkeypatch.setitem(FAMILIES, "broken", small.broken_for_seed_1(error))
    cases = [small.wired(seed, family="broken") for seed in range(3)]
    bench = small.bench(tmp_path, threads=threads)
    request(cases, bench)
    model_of(cases[0], bench)
    assert sorted(noted) == [[0], [2]]
    for _ in range(2):
        with pytest.raises(error, match="not this one"):
            model_of(cases[1], bench)
    model_of(cases[2], bench)
    assert len(noted) == 2


@pytest.mark.parametrize("threads", [1, 2])
def test_a_training_that_fails_is_raised_for_its_own_network_and_not_tried_again(
    tmp_path, monkeypatch, threads
):
    noted = []

    def train(starts, *arguments):
        noted.extend(start.seed for start in starts)
        if starts[0].seed == 1:
            raise ArithmeticError("broken down")
        return trained(starts, *arguments)

    trained = population_training.train_population
    monkeypatch.setattr(population_training, "train_population", train)
    cases = [small.wired(seed) for seed in range(3)]
    bench = small.bench(tmp_path, threads=threads)
    request(cases, bench)
    for _ in range(2):
        with pytest.raises(ArithmeticError, match="broken down"):
            model_of(cases[1], bench)
        model_of(cases[0], bench)
        model_of(cases[2], bench)
    assert sorted(noted) == [0, 1, 2]


def test_a_network_that_cannot_be_made_does_not_fail_the_retraining_of_others(
    tmp_path, monkeypatch
):
    monkeypatch.setitem(FAMILIES, "broken", small.broken_for_seed_1(ValueError))
    cases = [small.retraining(seed, family="broken") for seed in range(3)]
    bench = small.bench(tmp_path)
    request(cases, bench)
    model_of(cases[0], bench)
    with pytest.raises(ValueError, match="not this one"):
        model_of(cases[1], bench)
    model_of(cases[2], bench)


def by_chance(vertices, random):
    """A path in an order of its own each time."""
    return nx.path_graph(np.random.permutation(vertices))


def test_a_family_that_ignores_its_generator_is_named_and_nothing_is_trained(
    tmp_path, noted, monkeypatch
):
    monkeypatch.setitem(FAMILIES, "stray", by_chance)
    cases = [small.wired(seed, family="stray", vertices=20) for seed in range(3)]
    bench = small.bench(tmp_path)
    request(cases, bench)
    for case in [*cases, replace(small.retraining(0), network=cases[0])]:
        with pytest.raises(
            NotReproducible, match=r"^family 'stray' drew two different graphs from"
        ):
            measure(case, bench)
    assert noted == []
    assert [*bench.settings.store.glob("*/*.json")] == []


def test_a_criterion_that_draws_without_a_seed_trains_nothing_again(tmp_path, noted, monkeypatch):
    monkeypatch.setitem(
        CRITERIA, "dice", lambda weights, name: np.random.rand(*weights[name].shape)
    )
    cases = [replace(small.retraining(seed), criterion="dice") for seed in range(2)]
    bench = small.bench(tmp_path)
    request(cases, bench)
    for case in cases:
        with pytest.raises(
            NotReproducible, match=r"^criterion 'dice' gave two different scores of"
        ):
            measure(case, bench)
    assert sorted(noted) == [[0], [1]]  # the networks that should have been pruned


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            small.wired(0, family="seldom"),
            "family 'seldom' drew two different graphs from one seed",
        ),
        (small.retraining(0), "criterion 'seldom' gave two different masks for the same weights"),
    ],
    ids=["family", "criterion"],
)
def test_what_changes_in_the_middle_of_a_run_is_no_broken_disk(
    tmp_path, noted, monkeypatch, case, message
):
    """What seldom draws may draw the same twice."""
    bench = small.bench(tmp_path)
    monkeypatch.setitem(FAMILIES, "seldom", lambda n, random: nx.path_graph(n))
    monkeypatch.setitem(CRITERIA, "seldom", lambda weights, name: weights[name])
    if isinstance(case, FinetuningCase):
        case = replace(case, criterion="seldom")
    network_of(case, bench)
    bench.recent = Recent()
    trained = len(noted)
    monkeypatch.setitem(FAMILIES, "seldom", lambda n, random: nx.complete_graph(n))
    monkeypatch.setitem(CRITERIA, "seldom", lambda weights, name: -weights[name])
    with pytest.raises(NotReproducible, match=f"^{message}: let it draw from"):
        measure(case, bench)
    assert len(noted) == trained


def test_a_network_that_was_stopped_says_at_which_step(tmp_path, monkeypatch):
    def train(starts, *arguments):
        return [
            replace(course, stopped=Stopped(7, "why")) for course in trained(starts, *arguments)
        ]

    trained = population_training.train_population
    case = small.wired(0)
    sound = model_of(case, small.bench(tmp_path / "sound")).training
    monkeypatch.setattr(population_training, "train_population", train)
    stopped = model_of(case, small.bench(tmp_path / "stopped")).training
    assert stopped.metrics == {**sound.metrics, "stopped_step": 7}
    assert stopped.history == sound.history


def test_a_network_that_overflows_says_so_and_is_not_trained_again(tmp_path, noted):
    training = replace(small.TRAINING, learning_rate=1e30, clip_norm=1e30)
    case = small.wired(0, "rnn_relu", training=training)
    bench = small.bench(tmp_path)
    for _ in range(2):
        with pytest.raises((ArithmeticError, ValueError), match="NaN or infinite"):
            measure(case, bench)
    assert noted == [[0]]
