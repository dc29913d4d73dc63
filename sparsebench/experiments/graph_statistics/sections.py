"""The report's sections on graph properties and accuracy."""

from __future__ import annotations

from sparsebench.experiments.graph_statistics.correlation_section import correlation_section
from sparsebench.experiments.graph_statistics.prediction_section import prediction_section
from sparsebench.report.contents import Section
from sparsebench.report.measured import Measured


def sections(measured: Measured) -> list[Section]:
    """Correlations, then predictions."""
    return [correlation_section(measured), prediction_section(measured)]
