"""The column of the dense networks in a table of pruned ones."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.harness.experiment import Known
from sparsebench.judging.metrics import accuracies
from sparsebench.report.terminal_tables import mean_in_percent
from sparsebench.values.identity import Case


def dense_accuracy(networks: Iterable[Case], known: Known) -> str:
    """The mean accuracy, in %, of some networks before they were pruned, of those that are known.

    Parameters
    ----------
    networks
        Each may be there several times.
    known
        The record of a case, if there is one.
    """
    found = (known(network) for network in dict.fromkeys(networks))
    return mean_in_percent(accuracies([record for record in found if record is not None]))
