"""Records of rounds with figures that tests choose."""

from collections.abc import Mapping, Sequence

from sparsebench.experiments.iterative_pruning.items import IterativePruningItem
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest

Accuracies = Mapping[str, Sequence[float]]
"""By `rewound`, `new` and `once`, one for each seed."""


def of_round(item: IterativePruningItem, accuracies: Accuracies) -> list[Record]:
    """The records of an item."""
    (seeds,) = {len(each) for each in accuracies.values()}
    cases = item.cases(range(seeds))
    values = [each for name in ("rewound", "new", "once") for each in accuracies.get(name, ())]
    return [
        Record(
            digest=digest(case),
            experiment="iterative_pruning",
            case=canonical(case),
            metrics={
                "accuracy": accuracy,
                "strings": 6250,
                "accuracy_before": 0.5,
                "accuracy_original": 0.99,
                "kept": 4608 * (100 - case.percent) // 100,
                "density": 1 - case.percent / 100,
                "round": case.rounds,
            },
        )
        for case, accuracy in zip(cases, values, strict=True)
    ]


FIRST = IterativePruningItem("gru", "both", (50,), 3)
SECOND = IterativePruningItem("gru", "both", (50, 75), 3)


def two_rounds() -> list[Record]:
    """Of three seeds: the second round tells rewound networks from their controls."""
    return [
        *of_round(FIRST, {"rewound": [0.98, 0.97, 0.99], "new": [0.98, 0.96, 0.99]}),
        *of_round(
            SECOND,
            {"rewound": [0.97, 0.96, 0.95], "new": [0.91, 0.9, 0.89], "once": [0.93, 0.96, 0.95]},
        ),
    ]
