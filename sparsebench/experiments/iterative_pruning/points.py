"""Points of iteratively pruned networks in the comparison of accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from sparsebench.experiments.iterative_pruning.table import by_round, epochs_of_protocol
from sparsebench.judging.metrics import accuracies
from sparsebench.report.cost import Method, Point, accuracies_of, dense_weights
from sparsebench.report.drawing import GREEN
from sparsebench.report.measured import Measured

REWOUND = Method("pruned in rounds, rewound", "v", GREEN)


def points(measured: Measured) -> Iterable[Point]:
    """A point for each round, without times: those are relative to a smaller dense network."""
    for found in measured.of(by_round):
        case = found.case
        yield Point(
            REWOUND,
            f"{case.target}, {case.percent} % in {case.rounds} rounds of {epochs_of_protocol(case)} "
            f"epochs, rewound to {case.rewind}",
            case.variant,
            case.semantics.name,
            found.rewound[0].metrics["kept"] / dense_weights(case.variant),
            fmean(accuracies(found.rewound)),
            len(found.rewound),
            None,
            case.percent,
            f"{case.target}, rewound to {case.rewind}",
            **accuracies_of(found.rewound),
        )
