"""Networks before pruning, beside which tables show pruned ones: of a file, or else of a baseline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sparsebench.harness.experiment import RecordOf
from sparsebench.judging.metrics import accuracies
from sparsebench.report.terminal_tables import mean_in_percent
from sparsebench.values.identity import Case


@dataclass(frozen=True)
class DenseNetworks:
    """Where dense networks are looked up that a file lacks.

    Attributes
    ----------
    baseline
        The name of a baseline.
    record_of
        Returns its record of a case, or None.
    """

    baseline: str
    record_of: RecordOf


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
