"""A thread trains what a run requested, while the run does something else."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
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


class Endless:
    """Trainings of small steps, or of one long step, that only end when they are told to.

    Attributes
    ----------
    begun, go_on
        Set when one has begun; to be set so that it ends.
    steps
        Steps that were done.
    long_step
        Whether nobody is asked to wait.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, long_step: bool) -> None:
        self._train, self._long_step = population_training.train_population, long_step
        self.begun, self.go_on, self.steps = Event(), Event(), 0
        monkeypatch.setattr(population_training, "train_population", self._train_long)

    def _train_long(self, *arguments: Any) -> Any:
        *_, between_steps = arguments
        self.begun.set()
        until = time.monotonic() + 20
        while not self.go_on.is_set():
            assert time.monotonic() < until
            time.sleep(0.01)
            self.steps += 1
            if not self._long_step:
                between_steps()
        return self._train(*arguments)

    @contextmanager
    def under_way(self, bench: Bench) -> Iterator[TrainAhead]:
        """The thread, which has begun to train."""
        with beginning(bench) as ahead:
            assert self.begun.wait(20)
            yield ahead

    def assert_rest(self) -> None:
        """Check that no steps are done."""
        before = self.steps
        time.sleep(0.2)
        assert self.steps == before


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Endless:
    """Trainings of many steps."""
    return Endless(monkeypatch, long_step=False)


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
    bench.training = ahead.beside
    for case in bench.requested.cases:
        model_of(case, bench)
    ahead.stop()
    assert sorted(seed for seeds in noted for seed in seeds) == [*range(12)]


@pytest.mark.usefixtures("impatient")
def test_stopped_it_ends_at_a_step_and_keeps_nothing_unfinished(
    tmp_path: Path, endless: Endless
) -> None:
    bench = a_run(tmp_path)
    with endless.under_way(bench):
        stopped_at = time.monotonic()
    assert time.monotonic() - stopped_at < 5
    assert [kept(bench, case) for case in CASES] == [None] * len(CASES)
    assert not bench.requested.failures


def ended() -> subprocess.Popen[bytes]:
    """A process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process


def test_where_something_is_timed_nothing_is_trained(
    tmp_path: Path, noted: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_ahead, "_CALM", 0.3)
    bench = a_run(tmp_path)
    ahead = TrainAhead(bench)
    with ahead.alone():
        ahead.begin(after=ended())
        time.sleep(0.2)
        assert not noted
    timed_at = time.monotonic()
    soon(lambda: noted)
    assert time.monotonic() - timed_at > 0.25
    ahead.stop()


def test_who_times_waits_for_a_step_and_training_waits_until_it_was_timed(
    tmp_path: Path, endless: Endless
) -> None:
    with endless.under_way(a_run(tmp_path)) as ahead:
        for _ in range(3):
            soon(lambda before=endless.steps: endless.steps > before)
            asked_at = time.monotonic()
            with ahead.alone():
                assert time.monotonic() - asked_at < 5
                endless.assert_rest()


def test_what_times_may_hold_parts_that_time(tmp_path: Path, endless: Endless) -> None:
    with endless.under_way(a_run(tmp_path)) as ahead, ahead.alone():
        with ahead.alone():
            pass
        endless.assert_rest()


def test_who_times_and_needs_a_network_gets_it(tmp_path: Path, endless: Endless) -> None:
    """The thread holds the network in the store; who waits for it would wait forever."""
    bench = a_run(tmp_path)
    ahead = TrainAhead(bench)
    bench.training = ahead.beside
    ahead.begin()
    assert endless.begun.wait(20)
    needs = Thread(target=model_of, args=[CASES[-1], bench], daemon=True)
    with ahead.alone():
        endless.go_on.set()
        needs.start()
        needs.join(20)
        assert not needs.is_alive()
    assert CASES[-1] in bench.requested.found
    ahead.stop()


def test_a_run_that_trains_does_not_wait_until_the_thread_is_calm(
    tmp_path: Path, endless: Endless, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_ahead, "_CALM", 60.0)
    with endless.under_way(a_run(tmp_path)) as ahead:
        with ahead.alone():
            before = endless.steps
        time.sleep(0.2)
        assert endless.steps == before
        with ahead.beside():
            soon(lambda: endless.steps > before)


def test_a_run_that_trains_before_it_times_is_alone_again(tmp_path: Path, endless: Endless) -> None:
    with endless.under_way(a_run(tmp_path)) as ahead, ahead.alone():
        before = endless.steps
        with ahead.beside():
            soon(lambda: endless.steps > before)
        endless.assert_rest()


def test_a_network_that_was_kept_waiting_goes_on_for_as_long_between_two_timed_parts(
    tmp_path: Path, endless: Endless, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may wait for it; those who time leave no time between them."""
    monkeypatch.setattr(train_ahead, "_PATIENCE", 0.3)
    with endless.under_way(a_run(tmp_path)) as ahead:
        begun_at, went_on = time.monotonic(), []
        after = None
        while time.monotonic() < begun_at + 2:
            with ahead.alone():
                before = endless.steps
                if after is not None and before > after + 1:
                    went_on.append(before - after)
                time.sleep(0.05)
                after = endless.steps
                assert after == before
    assert 1 <= len(went_on) <= 4
    assert min(went_on) > 2


def test_the_time_for_which_it_waited_is_not_that_of_the_training(
    tmp_path: Path, endless: Endless
) -> None:
    bench = a_run(tmp_path, CASES[:1])
    network = network_of(CASES[0], bench)
    with endless.under_way(bench) as ahead:
        begun_at = time.monotonic()
        with ahead.alone():
            time.sleep(1)
        endless.go_on.set()
        soon(lambda: kept(bench, CASES[0]))
        took = time.monotonic() - begun_at
    known = store_of(CASES[0], bench).load(network.name, network.layout)
    assert known is not None
    assert 0 < known[0].seconds < took - 0.9


def test_no_time_between_steps_or_epochs_is_that_of_the_training(tmp_path: Path) -> None:
    model_of(CASES[1], small.bench(tmp_path / "other"))  # its loops are ready from now on
    bench, waits = a_run(tmp_path, CASES[:1]), []

    def wait() -> None:
        waits.append(0)
        time.sleep(0.3)

    bench.between_steps = wait
    network = network_of(CASES[0], bench)
    model_of(CASES[0], bench)
    known = store_of(CASES[0], bench).load(network.name, network.layout)
    assert known is not None
    assert len(waits) > 2
    assert 0 < known[0].seconds < 0.6  # of two waits, where three epochs end


def test_who_waits_for_a_network_of_another_process_lets_the_run_time(
    tmp_path: Path, noted: list[list[int]]
) -> None:
    bench = a_run(tmp_path, CASES[:1])
    network = network_of(CASES[0], bench)
    with store_of(CASES[0], bench).training(network.name) as held:
        assert held
        with beginning(bench) as ahead:
            soon(lambda: ahead._trains)

            def times() -> None:
                for _ in range(3):
                    with ahead.alone():
                        pass

            timing = Thread(target=times, daemon=True)
            timing.start()
            timing.join(10)
            assert not timing.is_alive()
            assert not noted


@pytest.mark.parametrize("needed", [False, True])
def test_it_follows_a_process_whose_core_it_uses_unless_the_run_trains_before(
    tmp_path: Path, noted: list[list[int]], needed: bool
) -> None:
    ahead = TrainAhead(a_run(tmp_path))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        ahead.begin(after=process)
        time.sleep(0.2)
        assert not noted
        if needed:
            ahead.begin()
            soon(lambda: noted)
        assert process.stdin is not None
        process.stdin.write(b"\n")
    soon(lambda: noted)
    ahead.stop()


def test_who_waits_to_time_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Endless(monkeypatch, long_step=True)
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        endless.go_on.set()

    bench = a_run(tmp_path, progress=tell)
    with endless.under_way(bench) as ahead, ahead.alone():
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
