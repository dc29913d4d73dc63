"""A recurrent layer by our engines, PyTorch, ONNX Runtime and sparse matrices of PyTorch and SciPy.

    python -m validation.performance.measure_rivals [--variants gru lstm] [--hidden 50 128 256 512]
        [--batches 1 8 32 128] [--seconds 2] [--csv FILE]

times all programs of each cell type, size and batch in turn in one run, on one thread, and prints a
row for each, as `benchmarks/test_engine.py` does. `--csv` keeps every time: `docs/figures/rivals.py`
draws it. ONNX Runtime comes with the extra `onnx`.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import astuple, fields
from pathlib import Path

from sparsebench.experiments.engine_speed import rivals


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=rivals.COMPARED, choices=rivals.COMPARED)
    parser.add_argument("--hidden", nargs="+", type=int, default=rivals.HIDDEN)
    parser.add_argument("--batches", nargs="+", type=int, default=rivals.BATCHES)
    parser.add_argument("--seconds", type=float, default=rivals.SECONDS, help="for each row")
    parser.add_argument("--csv", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    times: list[rivals.Time] = []
    print("\n".join(rivals.TABLE_HEAD), flush=True)
    for variant in chosen.variants:
        for hidden in chosen.hidden:
            for batch in chosen.batches:
                found, notes = rivals.compare(variant, hidden, batch, chosen.seconds)
                times += found
                print(rivals.table_row(found), *notes, flush=True)
    if chosen.csv:
        with chosen.csv.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(field.name for field in fields(rivals.Time))
            rows.writerows((*astuple(each)[:-1], f"{each.seconds:.3e}") for each in times)


if __name__ == "__main__":
    main()
