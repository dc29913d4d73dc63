"""Analyses in the shipped baseline are of the networks that lie there.

Where they are not, the gate takes them for analyses of other networks, and allows what chance may do.
"""

from __future__ import annotations

import pytest

from sparsebench.experiments.graph_statistics.cases import WiredPopulation
from sparsebench.experiments.graph_statistics.network_table import table_of
from sparsebench.parts.baseline_folder import TEXT, BaselineFolder
from sparsebench.parts.documents import baseline_at
from sparsebench.parts.records import Record
from sparsebench.values.identity import digest, restore
from validation import ROOT

FOLDER = ROOT / "baselines" / "thesis"


@pytest.fixture(scope="module")
def wired() -> dict[str, Record]:
    return {record.digest: record for record in BaselineFolder(FOLDER).records("wired")}


@pytest.mark.parametrize("name", ["correlation", "prediction"])
def test_they_are_of_the_networks_that_lie_there(name: str, wired: dict[str, Record]) -> None:
    """Those of profiles that are run often, which are text."""
    found = {}
    checksums: dict[WiredPopulation, str] = {}
    for record in baseline_at(FOLDER / f"{name}{TEXT}").records:
        population = restore(record.case).population
        if population not in checksums:
            own = [wired[digest(case)] for case in population.networks]
            checksums[population] = table_of(own).checksum
        found[record.digest] = (record.weights, checksums[population])
    assert found
    assert [name for name, (was, now) in found.items() if was != now] == []
