"""A benchmark small enough to train within a test."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
import pytest
import scipy.stats  # noqa: F401
import torch

import sparsebench.engines.fused.ahead
import sparsebench.engines.fused.population
import sparsebench.engines.population_training
import sparsebench.engines.timing
import sparsebench.shell.plan_summary
import sparsebench.shell.planning
import sparsebench.shell.run_page
import sparsebench.shell.summary
import sparsebench.shell.tracebacks  # noqa: F401 - as below
from sparsebench.harness.train_ahead import TrainAhead
from sparsebench.parts import strings
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline
from sparsebench.shell import item_bench, timing
from tests.judging.records import records
from tests.shell import projects
from tests.shell.result_files import ITEM

# pytester forgets the modules that its runs import: what most of them load when they need it is
# loaded once, here. torch's and Numba's can be loaded only once in a process: an optimiser and a
# compiled function now load those that they leave for later.
torch.optim.Adam([torch.zeros(1, requires_grad=True)])
numba.njit(lambda: 0)()

TINY = """
from dataclasses import dataclass

import pytest

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class TinyItem:
    percent: int
    semantics: str = "published"

    @property
    def id(self):
        return f"tiny-p{self.percent}" + ("" if self.semantics == "published" else "-corrected")

    def cases(self, seeds):
        shape, data = Architecture("rnn_tanh", layers=1, hidden_size=8), ReberStrings(40, 40, 20, 20)
        bases = [
            BaseCase(shape, seed, SEMANTICS[self.semantics], Training(epochs=1), data)
            for seed in seeds
        ]
        return [PruningCase(base, "both", self.percent) for base in bases]


@pytest.mark.sparsebench([TinyItem(50), TinyItem(90)])
def test_tiny(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
"""


@pytest.fixture(autouse=True)
def _nothing_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks are trained when an item needs them, so that tests know by which."""
    monkeypatch.setattr(TrainAhead, "begin", lambda self, after=None: None)


_strings_of = cache(strings.generate_strings)


@pytest.fixture(autouse=True)
def _strings_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that ask for the same strings draw them once."""
    monkeypatch.setattr(strings, "generate_strings", _strings_of)


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that are to be accepted are taken in a tenth of the rounds, without pauses between."""
    monkeypatch.setattr(timing, "_ROUNDS", 10)
    monkeypatch.setattr(timing, "_PAUSE", 0.0)


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """A project with the tiny benchmark on three seeds, and its own places for models and baselines."""
    pytester.makeini(
        "[pytest]\nsparsebench_store = store\nsparsebench_baselines = baselines\n"
        "sparsebench_seeds = 3\n"
    )
    pytester.makepyfile(test_tiny=TINY)
    return pytester


@pytest.fixture
def quick(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """The same project, which takes its accuracies from the air."""
    projects.measure_nothing(project)
    return project


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """Writes a file with records of one item that have these accuracies."""

    def write(name: str, accuracies: Sequence[float], numerics: str = "", **chosen: Any) -> str:
        path = tmp_path / name
        made = records(ITEM, accuracies, **chosen)
        for record in made:
            record.numerics = numerics
        write_document(path, Baseline(provenances={}, records=made))
        return str(path)

    return write


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that a test starts is no worker of xdist, even if the test is; it leaves no trace."""
    # a project's conftest.py may replace it
    monkeypatch.setattr(item_bench, "measure", item_bench.measure)
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _nothing_is_changed_for_good() -> Iterator[None]:
    """A test that breaks the tests after it fails itself.

    pytester puts modules and finders back, but not what a module did to the standard library: the
    backport of `importlib.metadata`, which Dask loads, takes its finder of packages away. Load such
    libraries in a process of their own, or at the top of this file.
    """
    yield
    version("pytest")
