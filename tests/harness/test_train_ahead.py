"""A thread trains what a run requested, while the run does something else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from sparsebench.engines import population_training
from sparsebench.harness import train_ahead
from sparsebench.harness.cache import store_of
from sparsebench.harness.context import Bench
from sparsebench.harness.train_ahead import TrainAhead
from sparsebench.harness.trained_models import model_of, network_of, request
from sparsebench.parts.graphs import FAMILIES
from sparsebench.parts.records import Record
from sparsebench.values.case import TrainedCase
from tests.harness import small

CASES = [small.wired(seed) for seed in range(4)]


def a_run(folder: Path, cases: Sequence[TrainedCase] = CASES, **chosen: Any) -> Bench:
    """A bench on two cores that has requested some networks."""
    bench = small.bench(folder, **{"threads": 2, **chosen})
    request(cases, bench)
    return bench


@contextmanager
def beginning(bench: Bench) -> Iterator[TrainAhead]:
    """The thread, begun, and stopped in the end."""
    ahead = TrainAhead(bench)
    ahead.begin()
    try:
        yield ahead
    finally:
        ahead.stop()


def kept(bench: Bench, case: TrainedCase) -> Record | None:
    """What the store holds of a case."""
    network = network_of(case, bench)
    known = store_of(case, bench).load(network.name, network.layout)
    return known and known[0].record


def soon(so: Callable[[], object]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + 20
    while not so():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> tuple[Event, Event]:
    """Set when a training has begun; and until then its first epoch does not end."""
    train, begun, go_on = population_training.train_population, Event(), Event()

    def waits(*arguments: Any) -> Any:
        *others, on_epoch, progress = arguments

        def when_told(epoch: int) -> None:
            begun.set()
            while not go_on.is_set():
                time.sleep(0.01)
                on_epoch(0)
            on_epoch(epoch)

        return train(*others, when_told, progress)

    monkeypatch.setattr(population_training, "train_population", waits)
    return begun, go_on


def test_it_trains_the_last_ones_first_and_comes_to_the_same_weights(
    tmp_path: Path, noted: list[list[int]]
) -> None:
    bench = a_run(tmp_path / "ahead")
    with beginning(bench):
        soon(lambda: len(noted) == len(CASES) and kept(bench, CASES[0]))
    assert noted == [[3], [2], [1], [0]]
    expected = small.models(CASES, small.bench(tmp_path / "alone"))
    assert [model_of(case, bench).training.weights for case in CASES] == [
        record.weights for record in expected
    ]
    assert len(noted) == 2 * len(CASES)


def test_networks_that_others_are_made_from_are_trained_first(
    tmp_path: Path, noted: list[list[int]]
) -> None:
    bench = a_run(tmp_path, [small.retraining(5)])
    with beginning(bench):
        soon(lambda: kept(bench, small.retraining(5)))
    assert noted == [[5], [5]]


def test_run_and_thread_train_nothing_twice(tmp_path: Path, noted: list[list[int]]) -> None:
    bench = a_run(tmp_path, [small.wired(seed) for seed in range(12)])
    ahead = TrainAhead(bench)
    bench.before_training = ahead.begin
    for case in bench.requested.cases:
        model_of(case, bench)
    ahead.stop()
    assert sorted(seed for seeds in noted for seed in seeds) == [*range(12)]


@pytest.mark.usefixtures("impatient")
def test_stopped_it_ends_within_an_epoch_and_keeps_nothing_unfinished(
    tmp_path: Path, waiting: tuple[Event, Event]
) -> None:
    bench = a_run(tmp_path)
    with beginning(bench):
        assert waiting[0].wait(20)
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 5
    assert [kept(bench, case) for case in CASES] == [None] * len(CASES)
    assert not bench.requested.failures


def test_where_something_is_timed_nothing_is_trained(
    tmp_path: Path, noted: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_ahead, "_CALM", 0.3)
    bench = a_run(tmp_path)
    ahead = TrainAhead(bench)
    with ahead.alone():
        ahead.begin()
        time.sleep(0.2)
        assert not noted
    timed_at = time.monotonic()
    soon(lambda: noted)
    assert time.monotonic() - timed_at > 0.25
    ahead.stop()


def test_who_times_waits_for_the_network_under_way(
    tmp_path: Path, noted: list[list[int]], waiting: tuple[Event, Event]
) -> None:
    begun, go_on = waiting
    bench = a_run(tmp_path)
    with beginning(bench) as ahead:
        assert begun.wait(20)
        go_on.set()
        with ahead.alone():
            assert kept(bench, CASES[-1]) is not None
            count = len(noted)
            time.sleep(0.2)
            assert len(noted) == count


def test_what_times_may_hold_parts_that_time(tmp_path: Path) -> None:
    ahead = TrainAhead(a_run(tmp_path))
    with ahead.alone(), ahead.alone():
        pass


def test_who_waits_to_time_is_told_why(tmp_path: Path, waiting: tuple[Event, Event]) -> None:
    begun, go_on = waiting
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        go_on.set()

    bench = a_run(tmp_path, progress=tell)
    with beginning(bench) as ahead:
        assert begun.wait(20)
        with ahead.alone():
            pass
    assert told[0] == "waiting to time: a network that is needed later is trained"


def test_what_fails_fails_again_where_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FAMILIES, "broken", small.broken_for_seed_1(ValueError))
    cases = [small.wired(seed, family="broken") for seed in range(3)]
    bench = a_run(tmp_path, cases)
    with beginning(bench):
        soon(lambda: kept(bench, cases[0]))
    assert not bench.requested.failures
    with pytest.raises(ValueError, match="not this one"):
        model_of(cases[1], bench)


@pytest.mark.parametrize(
    "chosen",
    [
        {"threads": 1},
        {"device": "cuda"},
        {"scheduler": "tcp://localhost:1"},
        {"judge_speed": True},
        {"profile": "thesis"},
    ],
    ids=str,
)
def test_it_does_not_run_where_another_core_is_not_free(
    tmp_path: Path, noted: list[list[int]], chosen: dict[str, Any]
) -> None:
    with beginning(a_run(tmp_path, **chosen)) as ahead:
        assert ahead._thread is None
    assert not noted
