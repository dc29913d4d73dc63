"""The report's sections on wired networks."""

from __future__ import annotations

from sparsebench.experiments.random_wiring.drawings import wirings_section
from sparsebench.experiments.random_wiring.pruning_section import wired_pruning_section
from sparsebench.experiments.random_wiring.section import wired_section
from sparsebench.report.contents import Section
from sparsebench.report.measured import Measured


def sections(measured: Measured) -> list[Section]:
    """Accuracy by family, pruned wired networks, and drawings of the graphs."""
    return [wired_section(measured), wired_pruning_section(measured), wirings_section(measured)]
