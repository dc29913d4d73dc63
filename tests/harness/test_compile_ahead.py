"""What is compiled beside what is needed first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sparsebench.engines.fused import ahead
from sparsebench.engines.fused.ahead import Loop
from sparsebench.engines.fused.loop_spec import lanes_for
from sparsebench.harness.compile_ahead import compile_ahead
from sparsebench.harness.registry import network_kind_of
from sparsebench.harness.trained_models import request
from sparsebench.parts.methods.named import METHODS
from tests.experiments.methods import tiny
from tests.harness import small

CASES = [small.wired(0, variant) for variant in ("lstm", "gru", "rnn_tanh", "gru")]


@pytest.fixture
def begun(monkeypatch):
    """What a process was begun for."""
    found: list[ahead.Loop] = []
    monkeypatch.setattr(ahead, "start", lambda wanted: found.extend(wanted))
    return found


def bench_of(tmp_path, **settings):
    bench = small.bench(tmp_path)
    bench.settings = replace(bench.settings, threads=2, **settings)
    return bench


@pytest.mark.parametrize(
    ("variants", "order"),
    [
        ("lstm gru", "gru"),
        ("lstm gru rnn_tanh gru", "rnn_tanh gru"),
        ("lstm gru rnn_tanh rnn_relu", "rnn_tanh rnn_relu gru"),
        ("lstm gru rnn_tanh rnn_relu mgu", "rnn_relu mgu rnn_tanh gru"),
    ],
)
def test_the_first_half_is_left_to_this_process_and_the_other_is_compiled_from_its_start(
    tmp_path, begun, variants, order
) -> None:
    """And then what is left of the first half, from its end, but for the very first."""
    bench = bench_of(tmp_path)
    request([small.wired(0, variant) for variant in variants.split()], bench)
    compile_ahead(bench)
    assert begun == [Loop(variant, lanes_for(32)) for variant in order.split()]


def test_batches_of_other_sizes_that_share_a_loop_are_compiled_once(tmp_path, begun) -> None:
    bench = bench_of(tmp_path)
    wide = [replace(case, training=replace(case.training, batch_size=128)) for case in CASES]
    request([*CASES, *wide], bench)
    compile_ahead(bench)
    assert [loop.variant for loop in begun] == ["rnn_tanh", "gru"]


@pytest.mark.parametrize(("method", "gradients"), [("rigl", [True]), ("set", []), ("snip", [True])])
def test_gradients_are_compiled_ahead_for_methods_that_take_them(
    tmp_path, begun, method, gradients
) -> None:
    bench = bench_of(tmp_path)
    request([CASES[0], tiny.case(METHODS[method])], bench)
    compile_ahead(bench)
    assert [loop.gradient for loop in begun] == [*gradients, False]


def test_a_kind_that_cannot_tell_whether_it_takes_gradients_stops_nothing(
    tmp_path, begun, monkeypatch
) -> None:
    kind = replace(network_kind_of(CASES[0]), takes_gradient=lambda case: 1 / 0)
    monkeypatch.setattr("sparsebench.harness.compile_ahead.network_kind_of", lambda case: kind)
    bench = bench_of(tmp_path)
    request(CASES, bench)
    compile_ahead(bench)
    assert len(begun) == 2


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
