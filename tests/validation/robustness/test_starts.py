"""Every script that breaks the code, or feeds it what nobody should trust, does its work."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.validation.starts import Start, check, named

STARTS = {
    "fuzz_readers": Start(
        "--reader graph --inputs 20 --findings {folder}", r"^\| graph \| 20 \| \d+ \| \d+ \| 0 \|"
    ),
    "measure_faults": Start("--only damaged", "^damaged: 3 of 3"),
    "measure_mutants": Start(
        "'a change is a pass' --first gate", r"^\| a change is a pass \| red \|"
    ),
    "measure_provenances": Start(
        "baselines/thesis/method.json --commits 1 --again 1 --any",
        "^1 records measured again, 0 with other bits$",
    ),
    "measure_unchanged": Start(
        "--runs 1 --processors host --threads 4 --profile smoke --only 'base and gru'",
        r"^\| host \| 4 \| 0 \| green \|",
    ),
    "other_processors": Start(
        "--names host --variants rnn_relu --batches 75", "^12 trainings, 0 with other bits$"
    ),
}


@pytest.mark.parametrize("name", named(STARTS))
def test_a_script_does_its_work(name: str, tmp_path: Path) -> None:
    check(f"validation.robustness.{name}", STARTS[name], tmp_path)
