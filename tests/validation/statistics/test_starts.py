"""Every script that measures how far figures move, and what the gate makes of it, does its work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.experiments.conformance.test_result_rows import write_rows
from tests.validation.starts import Start, check, named

STARTS = {
    "compare_gates": Start(
        "--seeds 2 --epochs 1", r"^before minus after: [+-]0\.\d{4}, 95 % interval"
    ),
    "measure_coverage": Start(
        "--sizes 5 --samples 2 --resamples 99", r"^\| 5 \| bootstrap-t \| [01]\.\d+ "
    ),
    "measure_false_alarms": Start(
        "--runs 1 -- --sparsebench-profile=smoke -k 'test_wired and rnn_tanh-watts'",
        r"^\d of \d+ items failed in 1 runs",
    ),
    "measure_draws": Start(
        "--draws 2 --seeds 2 --epochs 1 --variants rnn_tanh --percents 0 90 --store {folder} "
        "--rows {folder}/rows.jsonl",
        r"^\| rnn_tanh \| 90 \| 0\.\d+ 0\.\d+ \| 0\.\d+ \| 0\.\d+ \| ",
    ),
    "measure_forecasts": Start(
        "--stretches 1 --epochs 2 --recipes 14",
        r"^\| 12 \| 32 \| 2 \| 0\.01 to 1e-05 \| 0\.01 \| \d+\.\d\d ",
    ),
    "measure_gates": Start(
        "--variants gru --seeds 1 --epochs 1", r"^\| gru \| 1 : 1 : 4 \| 0\.\d+ \| 0\.0+ \|"
    ),
    "measure_hessian_free": Start(
        "--steps 4 --units 4 --train 40 --seeds 1 --seconds 0.1",
        r"^\| 4 \| Hessian-free \| [\s\S]*^\| 4 \| Adam \| \d\.\d+ ",
    ),
    "measure_rates": Start(
        "--epochs 1 --seeds 1 --optimisers adam --variants rnn_tanh", r"^adam 0\.02: mean 0\.\d+"
    ),
    "measure_recall": Start(
        "--variants rnn_tanh --units 4 --epochs 1 --seeds 1",
        r"^rnn_tanh, 4 units, 80 % pruned, a random mask on new weights: \d+",
    ),
    "measure_splits": Start("{folder} --splits 2", "^gru, random_forest, all: "),
    "measure_strings": Start(
        "--sizes 90 90 30 30 --rounds 2 --draws 2",
        r"^\| length \| \d+\.\d \| \d+\.\d ± [\s\S]+^\| lengths, invalid strings \| \d+\.\d\d \|",
    ),
    "measure_times": Start(
        "--unchanged 1 --slowed 1 -- -k rnn_tanh", "^unchanged: [01] of 1 runs are red"
    ),
    "measure_tolerances": Start(
        "--seeds 1 --conditions again --variants rnn_tanh", r"accuracy: 0 of \d+ moved"
    ),
    "measure_twins": Start(
        "--graphs 1 --twins 1 --epochs 1 --variants gru", r"^gru +accuracy of twins apart"
    ),
}


@pytest.mark.parametrize("name", named(STARTS))
def test_a_script_does_its_work(name: str, tmp_path: Path) -> None:
    write_rows(tmp_path, "gru")
    check(f"validation.statistics.{name}", STARTS[name], tmp_path)
