"""Every script that measures what things cost does its work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from tests.validation.starts import Start, check, named
from validation import ROOT

STARTS = {
    "gpu_check": Start(
        "--dry --out {folder}", r"^correctness: .*\"agrees\": true[\s\S]*^wired: .*dry"
    ),
    "gpu_model": Start(
        "--networks 1 --variants rnn_tanh --batch 2",
        r"^\| 1 rnn_tanh \| \d{3} \| 0\.\d\d \| 0\.0 \|",
    ),
    "measure_cluster": Start("--cases 2", "the same records, bit for bit"),
    "measure_compilers": Start("--rounds 1 --starts 1", r"g\+\+"),
    "measure_costs": Start(
        "{folder} --variants rnn_tanh gru --profile smoke",
        r"^ +\d+\.\d+ s  retraining gru on CopyTask[\s\S]*^ +\d+\.\d+ s  training rnn_tanh$",
    ),
    "measure_denormals": Start(
        "--epochs 1 --variants rnn_tanh", r"^rnn_tanh: \d\.\d\d times as long .* accuracies"
    ),
    "measure_gpu": Start("--networks 1 --variants rnn_tanh", "x the CPU engine")
    if torch.cuda.is_available()
    else Start("", "no CUDA device on this machine", status=1),
    "measure_inner": Start(
        "--turns 1 --variants rnn_tanh", r"^without compilation: \d\.\d\d to \d\.\d\d"
    ),
    "measure_mask_changes": Start(
        "--epochs 1 --rounds 1 --variants rnn_tanh --methods rigl --networks 2",
        r"^2 networks of 3 x 50 rnn_tanh, gradual: \d\.\d\d GB at most",
    ),
    "measure_method_times": Start(
        "--variants gru --units 16 --densities .5 --rounds 1 --csv {folder}/times.csv",
        r"^  units, 50 %: \d+\.\d\d / \d",
    ),
    "measure_pairs": Start(
        "--times 1 --rounds 5 --processes 2 --hidden 16",
        r"^\| GRU 16, a step, other processes \| \d",
    ),
    "measure_plan": Start("--cases 120", "124 cases, 1 of them finished"),
    "measure_report": Start("{folder}/few.json --rounds 1", r"^peak memory +\d+ MB$"),
    "measure_rivals": Start(
        "--variants gru --hidden 16 --batches 2 --seconds 0 --csv {folder}/rivals.csv",
        r"^\| gru 16, batch 2 \| \d+ \|",
    ),
    "measure_streaming": Start(
        "--variants gru --hidden 16 --densities .5 --layers 1 --steps 3 --rounds 1",
        r"^\| gru 16, step \| \d+\.\d \(",
    ),
    "measure_training_time": Start(
        "--variants rnn_tanh --percents 90 --rounds 1", r"^\| rnn_tanh \| 90 % \| [\d,]+ \| \d"
    ),
    "measure_startup": Start("--rounds 1", r"--collect-only -q: \d+\.\d\d s"),
}


@pytest.mark.parametrize("name", named(STARTS))
def test_a_script_does_its_work(name: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "baselines" / "thesis" / "base.json", tmp_path / "few.json")
    check(f"validation.performance.{name}", STARTS[name], tmp_path)
