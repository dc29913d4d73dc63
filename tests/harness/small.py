"""Networks small enough to be trained within a test, and a bench to train them on."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from sparsebench.engines import population_training
from sparsebench.engines.population_training import Course, Start
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import model_of, request
from sparsebench.parts.records import Record
from sparsebench.values.case import BaseCase, TrainedCase
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.seeding import stream
from sparsebench.values.semantics import PUBLISHED
from tests.harness.settings import settings

DATA = ReberStrings(30, 30, 20, 20)
TRAINING = Training(epochs=3, batch_size=20, learning_rate=0.01)
RETRAINING = Training(epochs=2, batch_size=20, learning_rate=0.01)


def base(seed: int, variant: str = "rnn_tanh", **others: Any) -> BaseCase:
    """A dense network of two small layers, trained for as many steps."""
    chosen = {"semantics": PUBLISHED, "training": TRAINING, "data": DATA, **others}
    return BaseCase(Architecture(variant, layers=2, hidden_size=5), seed, **chosen)


def wired(
    seed: int,
    variant: str = "rnn_tanh",
    family: str = "barabasi_albert",
    vertices: int = 6,
    **others: Any,
) -> WiredCase:
    """A network on a few vertices, trained for three steps an epoch."""
    chosen = {"semantics": PUBLISHED, "training": TRAINING, "data": DATA, **others}
    return WiredCase(variant, GraphSpec(family, seed, vertices), seed, **chosen)


def retraining(seed: int, target: str = "both", percent: int = 50, **others: Any) -> FinetuningCase:
    """The same network, pruned and trained again."""
    return FinetuningCase(wired(seed, **others), target, percent, training=RETRAINING)


def finetuned(network: BaseCase, percent: int = 50) -> FinetuningCase:
    """A base model, pruned and fine-tuned."""
    return FinetuningCase(network, "both", percent, training=RETRAINING)


def bench(
    folder: Path, progress: Callable[[str], None] = lambda text: None, **chosen: Any
) -> Bench:
    """A bench whose store, and whose baselines if there were any, lie in a folder."""
    return Bench(settings(folder, **chosen), folder, progress)


def models(cases: Sequence[TrainedCase], chosen: Bench) -> list[Record]:
    """The records of some trainings, all of which are wanted before the first begins."""
    request(cases, chosen)
    return [model_of(case, chosen).training for case in cases]


def noted_trainings(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The seeds of each population that is trained from now on, one list for each."""
    train, noted = population_training.train_population, []

    def train_and_note(starts: Sequence[Start], *arguments: Any) -> list[Course]:
        noted.append([start.seed for start in starts])
        return train(starts, *arguments)

    monkeypatch.setattr(population_training, "train_population", train_and_note)
    return noted


def slow_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on each epoch takes a tenth of a second longer."""
    train = population_training.train_population

    def slowly(*arguments: Any) -> list[Course]:
        *others, on_epoch, progress, between_steps = arguments

        def after_a_while(epoch: int) -> None:
            time.sleep(0.1)
            on_epoch(epoch)

        return train(*others, after_a_while, progress, between_steps)

    monkeypatch.setattr(population_training, "train_population", slowly)


def broken_for_seed_1(error: type[Exception]) -> Callable[[int, np.random.RandomState], nx.Graph]:
    """A graph family, to be registered as `broken`, that fails for one seed."""
    bad = stream("graph", "broken", 1).random_sample()

    def family(vertices: int, random: np.random.RandomState) -> nx.Graph:
        if random.random_sample() == bad:
            raise error("not this one")
        return nx.path_graph(vertices)

    return family
