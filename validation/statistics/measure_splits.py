"""The thesis author's R² on other splits of his own rows (docs/results/graphs.md).

    python -m validation.statistics.measure_splits DIR [--splits 200]

DIR is a checkout of his repository with all 200 rows of at least one variant.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sparsebench.engines.predictors import middle, splits
from sparsebench.experiments.conformance.result_rows import PublishedTable, network_table, tables_in
from sparsebench.experiments.graph_statistics.cases import REGRESSORS
from sparsebench.experiments.graph_statistics.prediction import FEATURES
from sparsebench.experiments.graph_statistics.prediction_claims import STRONG, printed


def measure(table: PublishedTable, count: int) -> None:
    """Print a line for every R² that the thesis prints for a variant."""
    networks = network_table(table)
    for regressor in REGRESSORS:
        for features, names in FEATURES.items():
            published = printed(table.variant, regressor, features)
            if published is None:
                continue
            found = splits(regressor, networks.columns(names), networks.accuracy, count)
            r2 = [split.r2 for split in found]
            low, high = middle(r2)
            reached, strong = (sum(each >= level for each in r2) for level in (published, STRONG))
            print(
                f"{table.variant}, {regressor}, {features}: the thesis {published:.2f}; median "
                f"{np.median(r2):.2f}, {low:.2f} to {high:.2f} in 95 % of {count} splits; as high "
                f"as the thesis's in {reached}, {STRONG} or more in {strong}",
                flush=True,
            )


def main() -> None:
    """Measure every variant whose rows are complete."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("artifacts", type=Path, metavar="DIR")
    parser.add_argument("--splits", type=int, default=200, help="how many")
    chosen = parser.parse_args()
    tables = tables_in(chosen.artifacts)
    if not tables:
        raise SystemExit(f"{chosen.artifacts}: no variant has all its 200 rows there")
    for table in tables:
        measure(table, chosen.splits)


if __name__ == "__main__":
    main()
