"""The fused engine against torch's layers and the reference engine: ratios of medians in one run.

    pytest benchmarks/test_engine.py -rA

prints the table; docs/engine.md keeps the figures of one machine. An item fails below `FLOOR` of what
is promised: on a shared machine the same code's ratios were seen to move by a fifth.
"""

import sys

import pytest

from sparsebench.experiments.engine_speed import measure as speed
from sparsebench.values.protocol import VARIANTS, Architecture

FLOOR = 0.7

STEP = {"rnn_tanh": 50, "rnn_relu": 50, "gru": 25, "lstm": 14}
"""Wired networks' training step, times faster than that of torch.nn.GRU(50, 50, num_layers=3)."""

REFERENCE = {"rnn_tanh": 100, "rnn_relu": 100, "gru": 80, "lstm": 80}
"""The same, times faster than the reference engine."""


@pytest.fixture(autouse=True)
def _only_where_time_is_measured(sparsebench, request):
    if sparsebench.bench.settings.profile == "smoke":
        pytest.skip("the smoke profile sees that everything runs, not how fast")
    if request.config.getoption("benchmark_disable", False):
        (pytest.fail if sparsebench.bench.settings.gate else pytest.skip)(
            "--benchmark-disable: nothing is timed"
        )


@pytest.fixture(scope="module")
def roof():
    return speed.sgemm_rate()


@pytest.fixture
def expect(record_property):
    """Report a ratio, and fail where it lies below the floor of what is promised."""

    def check(what, comparison, promised, roof=None):
        share = f", {comparison.rate / roof:.0%} of sgemm" if roof else ""
        aim = f"promised {promised} x" if promised else "nothing promised"
        line = f"{what}: {comparison.speed_up:.2f} x ({aim}){share}"
        record_property("speed_up", comparison.speed_up)
        print(line)
        assert comparison.speed_up >= FLOOR * promised, line

    return check


def scale(promised):
    """What is promised without AVX-512: vectors are half as long."""
    from sparsebench.engines.fused.species import has_avx512

    return promised if has_avx512() else promised / 2


@pytest.mark.parametrize("variant", VARIANTS)
def test_training_step_of_wired_networks(variant, expect, roof):
    found = speed.wired_against_torch(variant)
    expect(f"{variant} wired step", found, scale(STEP[variant]), roof)


@pytest.mark.parametrize("variant", VARIANTS)
def test_training_step_against_the_reference(variant, expect):
    found = speed.wired_against_reference(variant)
    expect(f"{variant} wired step, reference", found, scale(REFERENCE[variant]))


@pytest.mark.parametrize("variant", VARIANTS)
def test_dense_base_model(variant, expect, roof):
    found = speed.dense_against_torch(Architecture(variant))
    expect(f"{variant} dense 3 x 50 step", found, 1, roof)


def test_thirty_pruned_copies(expect, roof):
    found = speed.pruned_against_torch(Architecture("gru"))
    expect("gru thirty pruned copies", found, scale(8), roof)


@pytest.mark.parametrize(("batch", "promised"), [(128, 3), (1, 1)], ids=["b128", "b1"])
@pytest.mark.parametrize("percent", [0, 50, 90], ids="p{}".format)
@pytest.mark.parametrize("variant", VARIANTS)
def test_forward_pass(variant, percent, batch, promised, expect):
    found = speed.forward_against_torch(Architecture(variant), percent, batch)
    expect(f"{variant} forward p{percent} batch {batch}", found, promised if percent == 90 else 0)


def test_two_threads(expect):
    import os

    if (os.cpu_count() or 1) < 2:
        pytest.skip("one core: nothing to share out")
    expect("gru wired step on two threads", speed.two_threads_against_one("gru"), 1.6)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
def test_memory_of_200_networks(record_property):
    megabytes = speed.population_megabytes("lstm")
    record_property("megabytes", megabytes)
    print(f"lstm, 200 networks in training: {megabytes:.0f} MB (promised 500 MB)")
    assert megabytes < 500
