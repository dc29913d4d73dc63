"""All programs compute the same outputs, and each has its times in the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sparsebench.experiments.engine_speed import rivals
from sparsebench.experiments.engine_speed.rivals import DENSE, SPARSE, Time


def outputs(name: str, layer: rivals.Layer) -> np.ndarray:
    said: Any = rivals.program(name, layer)()
    return np.asarray(said[0] if isinstance(said, tuple | list) else said)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
@pytest.mark.parametrize("variant", rivals.COMPARED)
@pytest.mark.parametrize(
    ("density", "pattern"), [(1.0, "single"), (0.3, "single"), (0.3, "16x1"), (0.3, "8x4")]
)
@pytest.mark.parametrize("batch", [1, 5])
def test_all_programs_have_the_outputs_of_the_network(
    variant: str, density: float, pattern: str, batch: int
) -> None:
    layer = rivals.layer_of(variant, 20, batch, density, pattern)
    expected, _ = layer.network.forward(layer.examples.inputs.swapaxes(0, 1))
    for name in (*DENSE, *SPARSE):
        try:
            said = outputs(name, layer)
        except ModuleNotFoundError:
            assert name == "ONNX Runtime"
            continue
        np.testing.assert_allclose(said, expected, atol=1e-5, err_msg=name)


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support")
def test_a_comparison_has_every_density_and_program() -> None:
    times, notes = rivals.compare("gru", 16, 2, seconds=0)
    wanted = {(density, pattern) for density, pattern in rivals.patterns_of_densities()}
    for name in (*SPARSE, "limit"):
        assert {(each.density, each.pattern) for each in times if each.program == name} == wanted
    assert all(each.seconds > 0 for each in times if each.program != "limit")
    dense = [each for each in times if each.program in DENSE]
    assert all(each.density == 1 for each in dense)
    assert len(dense) + len(notes) == len(DENSE)


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (4e12, 2 * 3 * 128 * 128 * 30 * 2 / 1e9),  # as many multiply-adds as fit into a second
        (1e6, 4 * 3 * 128 * 128 * (1 + 30) / 1e6),  # the recurrent weights are read at each step
    ],
)
def test_limits_are_of_multiply_adds_or_of_reading(
    monkeypatch: pytest.MonkeyPatch, reading: float, expected: float
) -> None:
    monkeypatch.setattr(rivals, "sgemm_rate", lambda: 1e9)
    monkeypatch.setattr(rivals, "_reading_rate", lambda: reading)
    layers = {(1.0, "single"): rivals.layer_of("gru", 128, 2, 1.0, "single")}
    assert rivals._limits(layers) == {(1.0, "single", "limit"): pytest.approx(expected)}
    small = {(1.0, "single"): rivals.layer_of("gru", 16, 2, 1.0, "single")}
    adds = 2 * 3 * 16 * 16 * 30 * 2 / 1e9
    assert rivals._limits(small) == {(1.0, "single", "limit"): pytest.approx(adds)}


@pytest.mark.parametrize("pattern", list(rivals.PATTERNS))
@pytest.mark.parametrize("density", [0.5, 0.02])
def test_a_layer_has_as_many_weights_as_its_density_says(pattern: str, density: float) -> None:
    layer = rivals.layer_of("gru", 50, 1, density, pattern)
    assert sum(layer.kept) == pytest.approx(density * 15_000, abs=16)


def test_masks_have_blocks_of_one_gate() -> None:
    layer = rivals.layer_of("lstm", 20, 1, 0.3, "16x1")
    for mask in layer.network.masks.values():
        gates = mask.reshape(4, 20, 20)
        assert (gates[:, :16] == gates[:, :1]).all()
        assert (gates[:, 16:] == gates[:, 16:17]).all()
    for mask in rivals.layer_of("gru", 10, 1, 0.3, "8x4").network.masks.values():
        gates = mask.reshape(3, 10, 10)
        assert (gates[:, :8, :4] == gates[:, :1, :1]).all()
        assert (gates[:, 8:, 8:] == gates[:, 8:9, 8:9]).all()
    with pytest.raises(ValueError, match="unknown pattern '4x4': choose one of single, 16x1, 8x4"):
        rivals.layer_of("gru", 8, 1, 0.5, "4x4")


def test_a_row_compares_with_the_faster_dense_program() -> None:
    def time(density: float, pattern: str, name: str, seconds: float) -> Time:
        return Time("gru", 50, 8, density, pattern, name, seconds)

    times = [time(1.0, "single", "PyTorch", 4e-3), time(1.0, "single", "ONNX Runtime", 2e-3)]
    for density, pattern in rivals.patterns_of_densities():
        block = {"single": 1.0, "16x1": 0.5, "8x4": 0.4}[pattern]
        times.append(time(density, pattern, "sparsebench", 1e-3 * density * block))
        times.append(time(density, pattern, "PyTorch CSR", 8e-3 * density))
        times.append(time(density, pattern, "SciPy CSR", 9e-3 * density))
        times.append(time(density, pattern, "limit", 5e-4 * density))
    assert rivals.table_row(times) == (
        "| gru 50, batch 8 | 4000 | 2000 | 2.00 | 4.00 / 8.00 / 10.00 | 10.00 / 20.00 / 25.00 | "
        "20.00 / 40.00 / 50.00 | 40.00 / 80.00 / 100.00 | 100.00 / 200.00 / 250.00 | "
        "2.50 | 12.50 | 500 | 50 |"
    )
    head, rule = rivals.TABLE_HEAD
    assert head.count("|") == rule.count("|") == rivals.table_row(times).count("|")
    assert rivals.against_dense(times, 0.1, "16x1").speed_up == pytest.approx(40)
    without = [each for each in times if each.program != "ONNX Runtime"]
    assert "| 4000 |  | 4.00 |" in rivals.table_row(without)
