"""The column of the dense networks in a table of pruned ones."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.harness.experiment import RecordOf
from sparsebench.judging.metrics import accuracies
from sparsebench.report.terminal_tables import mean_in_percent
from sparsebench.values.identity import Case


def dense_accuracy(networks: Iterable[Case], record_of: RecordOf) -> str:
    """The mean accuracy, in %, of networks before pruning, over those with a known record.

    Parameters
    ----------
    networks
        Duplicates are allowed.
    record_of
        Returns the record of a case, or None.
    """
    found = (record_of(network) for network in dict.fromkeys(networks))
    return mean_in_percent(accuracies([record for record in found if record is not None]))
