"""Terminal tables of iterative pruning, one for each protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.experiments.iterative_pruning.table import Round, by_round, epochs_of_protocol
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import ACCURACY_TITLE, empty_table, mean_in_percent


def round_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """Mean accuracies round by round: rewound networks and their controls."""
    protocols: dict[str, list[Round]] = {}
    for found in by_round(records):
        protocols.setdefault(_title(found.case), []).append(found)
    for title, rounds in protocols.items():
        columns = ["dense", "rewound", "new weights", "pruned once", "time / dense"]
        table = empty_table(title, ["variant", "round", "gone"], columns)
        for found in rounds:
            table.add_row(
                found.case.variant,
                str(found.case.rounds),
                f"{found.case.percent} %",
                mean_in_percent([each.metrics["accuracy_original"] for each in found.rewound]),
                *(
                    mean_in_percent(accuracies(each))
                    for each in (found.rewound, found.new, found.once)
                ),
                "" if found.ratio is None else f"{found.ratio:.2f}",
            )
        yield table


def _title(case: IterativePruningCase) -> str:
    whole = epochs_of_protocol(case)
    epochs = "1 epoch" if whole == 1 else f"{whole} epochs"
    to = f"epoch {case.rewind}" if case.rewind else "the first weights"
    return (
        f"{case.target} pruned in rounds, rewound to {to}, trained for {epochs}, "
        f"{case.semantics.name}: {ACCURACY_TITLE}"
    )
