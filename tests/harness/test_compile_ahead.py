"""What is compiled beside what is needed first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparsebench.engines.fused import ahead
from sparsebench.harness.compile_ahead import compile_ahead
from sparsebench.harness.trained_models import request
from tests.harness import small

CASES = [small.wired(0, variant) for variant in ("lstm", "gru", "rnn_tanh", "gru")]


@pytest.fixture
def begun(monkeypatch):
    """What a process was begun for."""
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(ahead, "start", lambda wanted: found.extend(wanted))
    return found


def bench_of(tmp_path, **settings):
    bench = small.bench(tmp_path)
    bench.settings = replace(bench.settings, threads=2, **settings)
    return bench


def test_the_last_is_compiled_first_and_the_first_is_left_to_this_process(tmp_path, begun) -> None:
    bench = bench_of(tmp_path)
    request(CASES, bench)
    compile_ahead(bench)
    assert [variant for variant, _ in begun] == ["rnn_tanh", "gru"]


@pytest.mark.parametrize(
    "settings", [{"threads": 1}, {"device": "cuda"}, {"scheduler": "tcp://x:1"}]
)
def test_not_where_this_process_has_one_core_or_does_not_train(tmp_path, begun, settings) -> None:
    bench = small.bench(tmp_path)
    bench.settings = replace(bench.settings, **{"threads": 2, **settings})
    for case in CASES:
        bench.requested.cases.setdefault(case)
    assert compile_ahead(bench) is None
    assert not begun


def test_a_single_loop_is_not_compiled_ahead(tmp_path, begun) -> None:
    bench = bench_of(tmp_path)
    request(CASES[:1], bench)
    assert compile_ahead(bench) is None
    assert not begun
