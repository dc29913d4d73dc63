"""Hypothesis's profile, the files that tests may need, and what tests of several folders share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sparsebench.parts.documents import read_baseline
from sparsebench.parts.records import Baseline

# Deadlines and the check for slow data only measure how busy the machine is.
# `make test` draws fewer examples than `make test-all`, which takes the profile `thorough`.
for _profile, _examples in (("default", 15), ("thorough", 100)):
    settings.register_profile(
        _profile,
        deadline=None,
        derandomize="CI" in os.environ,
        max_examples=_examples,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("default")

# Tests run in as many processes as there are cores. Threads of torch's own, in each of them, would wait
# for each other most of the time: tests of engines took twice as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Ten thousand items and the shipped baseline live to the end: Python looks for cycles in all of them
# once where it would five times.
gc.set_threshold(*gc.get_threshold()[:2], 200)

_REPOSITORY = Path(__file__).parents[1]

_SLOW = ("engines/gpu", "engines/fused", "validation", "guide", "report", "test_docs.py")
"""Folders and files that take longest. Processes take whole files in this order (`make test`), so
the last ones should be short."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow ones first; the order within a folder stays."""
    slow = [Path(__file__).parent / folder for folder in _SLOW]
    items.sort(key=lambda item: not any(map(item.path.is_relative_to, slow)))


def without_plugins(config: pytest.Config) -> list[str]:
    """Options of runs that tests start: without what our own tests leave out, and without Hypothesis,
    whose plugin imports all of it at the end of each process.
    """
    return [*config.getini("addopts"), "-p", "no:hypothesispytest"]


@pytest.fixture
def pytester(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> pytest.Pytester:
    """Pytest's own, whose runs leave out the plugins that they do not need, and do not rewrite
    assertions: to know of which plugins, each run would read the lists of all installed files.
    """
    options = [*without_plugins(pytestconfig), "--assert=plain"]
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(options))
    return pytester


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """The checkout of the thesis author's repository, which lies beside this one."""
    folder = _REPOSITORY.parent / "shared" / "author-artifacts"
    if not folder.is_dir():
        pytest.skip(f"the author's files are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def thesis_baseline() -> Baseline:
    """The shipped baseline, which each process reads once: tests do not change it."""
    return read_baseline(_REPOSITORY / "baselines" / "thesis")


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the examples of property tests write to, over and over."""
    return tmp_path_factory.mktemp("scratch")


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The seeds of each population that this process trains."""
    from tests.harness.small import noted_trainings

    return noted_trainings(monkeypatch)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress is told, and a failure seen, twenty times a second."""
    monkeypatch.setattr("sparsebench.harness.queue._SECONDS_BETWEEN_LOOKS", 0.05)


@pytest.fixture(scope="module")
def one_width() -> Iterator[None]:
    """Batches of any size run through the loops for one width, which other tests compile anyway.

    No bit depends on it (tests/engines/fused/test_population.py).
    """
    from sparsebench.engines.fused import forward, population
    from sparsebench.engines.fused.loop_spec import LoopSpec, training_lanes

    widths = {"float32": training_lanes(), "float64": 4}

    def spec(variant: str, dtype: str, lanes: int) -> LoopSpec:
        return LoopSpec(variant, dtype, widths[dtype])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population, "LoopSpec", spec)
        patch.setattr(forward, "lanes_for", lambda strings: widths["float32"])
        yield
