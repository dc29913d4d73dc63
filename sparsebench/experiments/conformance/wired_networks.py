"""Experiment: the thesis author's own wired networks, rebuilt from his graphs, compared with his
figures.

A checkout may have a network's graph, its trained weights and its row in a table, in any
combination; all that can be compared is compared. His program numbered the vertices of a layer in
the order in which a recursion met them, which partly came from Python's sets. So masks are compared
up to that order, and the network is run in his order.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import numpy as np

from sparsebench.experiments.conformance.cases import WiredConformanceCase
from sparsebench.harness.context import Bench
from sparsebench.harness.evaluating import evaluated
from sparsebench.harness.profiles import Settings
from sparsebench.parts.published_rows import (
    ACCURACY,
    STRINGS,
    Figures,
    Row,
    contradictions,
    differences,
    read_rows,
)
from sparsebench.parts.records import Record
from sparsebench.parts.renumbering import renumbering
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.string_files import strings_checksum
from sparsebench.parts.tables import read_strings
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.identity import canonical, digest
from sparsebench.values.layout import GATES, INPUT, Layout
from sparsebench.values.masks import Masks
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import PUBLISHED
from sparsebench.values.wiring import Wiring

EVERY_NETWORK = 0.02
"""Accuracy, 0-1. Other batch compositions were measured to move 56 of the author's networks by at
most 0.0098 and by 0.0005 in the median (in another program; here, 20 of them by 0.0088 and 0.0005).
His batches were shuffled; ours are in file order."""

Key = tuple[str, str, int]
"""The variant, family and number of a network."""

_FILES = {"graph": "**/graphs/*/*.gpickle", "weights": "**/state_dicts/structure/*/*.pt"}
_TABLES = "**/results/structure/*.csv"
_LOOKED_FOR = (
    "graphs/VARIANT/FAMILY_NR.gpickle, state_dicts/structure/VARIANT/FAMILY_NR.pt or "
    "results/structure/variant.csv"
)


@dataclass(frozen=True)
class WiredNetwork:
    """The files and the table row of one wired network in a checkout of the author's repository.

    Attributes
    ----------
    variant, family, number
        The names by which its files are found.
    graph, weights
        The files; None if missing.
    row
        Its row of the table; None if missing.
    """

    variant: str
    family: str
    number: int
    graph: Path | None = None
    weights: Path | None = None
    row: Row | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.variant}-{self.family}-{self.number}"


@dataclass(frozen=True)
class Survey:
    """The networks below a folder, in order, and the faults of other files and rows."""

    networks: tuple[WiredNetwork, ...]
    faults: tuple[str, ...]
    id = "files"


@dataclass(frozen=True)
class WiredAgreement:
    """What was compared for a network, and the disagreements.

    Attributes
    ----------
    checks
        What was compared.
    faults
        Each disagreement, with its figures.
    record
        The measured accuracy; None if the network could not be run.
    published
        The author's accuracy, 0-1.
    """

    checks: list[str]
    faults: list[str]
    record: Record | None = None
    published: float | None = None

    @property
    def difference(self) -> float | None:
        """Measured minus published accuracy; None if one of them is missing."""
        if self.record is None or self.published is None:
            return None
        return self.record.metrics["accuracy"] - self.published


def survey(folder: Path) -> Survey:
    """Find every wired network below a folder that has a graph, weights or a table row.

    Raises
    ------
    ValueError
        If the folder has no file of the author's experiments.
    """
    faults: list[str] = []
    files = {kind: _files(folder, pattern, faults) for kind, pattern in _FILES.items()}
    rows = _rows(folder, faults)
    keys = files["graph"].keys() | files["weights"].keys() | rows.keys()
    if not keys and not faults and not any(folder.glob("**/state_dicts/prune/*.pt")):
        raise ValueError(
            f"{folder}: no {_LOOKED_FOR} below it: give a checkout of the author's repository"
        )
    ordered = sorted(keys, key=lambda key: (VARIANTS.index(key[0]), *key[1:]))
    networks = (
        WiredNetwork(*key, files["graph"].get(key), files["weights"].get(key), rows.get(key))
        for key in ordered
    )
    return Survey(tuple(networks), tuple(faults))


def _files(folder: Path, pattern: str, faults: list[str]) -> dict[Key, Path]:
    """The files of one kind by network; misnamed and duplicate files are faults."""
    found: dict[Key, Path] = {}
    for path in sorted(folder.glob(pattern)):
        named = re.fullmatch(r"(.*)_(0|[1-9][0-9]{0,5})", path.stem)
        variant, family = path.parent.name.lower(), named[1] if named else ""
        if named is None or variant not in VARIANTS or family not in PUBLISHED_FAMILIES:
            faults.append(
                f"{path}: not called VARIANT/FAMILY_NR by a variant ({', '.join(VARIANTS)}), a "
                f"family ({', '.join(PUBLISHED_FAMILIES)}) and a number"
            )
            continue
        key = variant, family, int(named[2])
        if key in found:
            faults.append(f"{path}: {found[key]} is of the same network: keep one")
        found.setdefault(key, path)
    return found


def _rows(folder: Path, faults: list[str]) -> dict[Key, Row]:
    """The rows of all tables by network; misnamed tables and duplicate rows are faults."""
    found: dict[Key, Row] = {}
    for path in sorted(folder.glob(_TABLES)):
        if path.stem not in VARIANTS:
            faults.append(f"{path}: not called by a variant ({', '.join(VARIANTS)})")
            continue
        table = read_rows(path)
        faults += table.faults
        for (family, number), row in table.found.items():
            key = path.stem, family, number
            if key in found:
                faults.append(f"{row.place}: {found[key].place} is of the same network: keep one")
            found.setdefault(key, row)
    return found


def surveys(settings: Settings) -> list[Survey]:
    """The survey of the run's checkout; empty if the run has none."""
    return [survey(settings.artifacts)] if settings.artifacts else []


def wired_networks(settings: Settings) -> list[WiredNetwork]:
    """The networks of the run's checkout."""
    return [network for found in surveys(settings) for network in found.networks]


def measure(network: WiredNetwork, bench: Bench) -> WiredAgreement:
    """Compare a network's graph, weights and row, and run it on the author's test strings.

    A file that is missing, damaged or of another network is a fault. Each network is measured once
    per run, however often it is requested.
    """
    return bench.once(network, lambda: _measure(network, bench))


def _measure(network: WiredNetwork, bench: Bench) -> WiredAgreement:
    checks: list[str] = []
    faults: list[str] = []
    figures: Figures = {}
    record = None
    try:
        if network.row:
            checks.append("row")
            figures = network.row.figures()
            faults += [f"{network.row.place}: {fault}" for fault in contradictions(figures)]
        if network.graph:
            wiring, properties = _wiring_and_properties(network.graph)
            if network.row:
                checks.append("properties")
                faults += [f"{network.graph}: {each}" for each in differences(properties, figures)]
            if network.weights:
                checks.append("masks")
                record = _run(network, network.weights, wiring, bench)
            if record:
                record.properties = properties
            if record and network.row:
                checks.append("accuracy")
                record.metrics["published"] = figures[ACCURACY]
                faults += _accuracy_faults(record.metrics["accuracy"], figures[ACCURACY])
    except (OSError, ValueError) as error:
        faults.append(str(error))
    return WiredAgreement(checks, faults, record, figures.get(ACCURACY))


def _wiring_and_properties(path: Path) -> tuple[Wiring, dict[str, float]]:
    from sparsebench.parts.graph_files import read_graph
    from sparsebench.parts.properties import graph_properties
    from sparsebench.parts.wirings import orient, wire

    graph = read_graph(path)
    try:
        wiring = wire(orient(graph))
        return wiring, graph_properties(graph, wiring)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _run(network: WiredNetwork, path: Path, wiring: Wiring, bench: Bench) -> Record | None:
    """Evaluate the stored weights on the author's strings, in file order; None without strings.

    Raises
    ------
    OSError, ValueError
        If a file cannot be read, or the stored masks are not those of the wiring.
    """
    from sparsebench.engines.checkpoints import read_wired_checkpoint

    layout = wired_layout(wiring, network.variant)
    weights, masks = read_wired_checkpoint(path, layout)
    stored = _stored_wiring(path, layout, masks)
    if renumbering(wiring, stored) is None:
        raise ValueError(
            f"{path}: its masks keep {len(stored.edges)} edges that in no order of the vertices inside "
            f"layers are the graph's {len(wiring.edges)}"
        )
    test = path.parents[3].parent / "dataset" / "test_data.csv"
    if not test.exists():
        return None
    strings = bench.once((read_strings, test), lambda: read_strings(test))
    if len(strings) != STRINGS:
        raise ValueError(f"{test}: {len(strings)} strings, not the {STRINGS} of the accuracies")
    case = WiredConformanceCase(
        network.variant,
        network.family,
        network.number,
        graph=checksum({"sizes": np.array(stored.sizes), "edges": np.array(stored.edges)}),
        weights=checksum(weights),
        strings=strings_checksum(strings),
    )
    plan = sparse_layout(layout, masks)
    result = evaluated(plan, weights, PUBLISHED.readout, strings, case.batch_size, bench)
    metrics = {"accuracy": result.accuracy, "strings": result.total}
    if math.isfinite(result.loss):
        metrics["loss"] = result.loss
    return Record(
        digest=digest(case),
        experiment="conformance",
        case=canonical(case),
        metrics=metrics,
        weights=case.weights,
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
    )


def _stored_wiring(path: Path, layout: Layout, masks: Masks) -> Wiring:
    """The wiring that the stored masks belong to, with vertices in the author's order.

    Raises
    ------
    ValueError
        If the masks do not belong to the wiring.
    """
    first = [0, *accumulate(layout.sizes)]
    edges = []
    for block in layout.blocks:
        if block.source != INPUT:
            vertices = masks[f"{block.name}.i2h"][:: GATES[layout.variant]]
            edges += [
                (first[block.source] + int(source), first[block.target] + int(target))
                for target, source in np.argwhere(vertices)
            ]
    try:
        stored = Wiring(layout.sizes, tuple(sorted(edges)))
    except ValueError as error:
        raise ValueError(f"{path}: its masks are of no wiring: {error}") from None
    expected = wired_masks(stored, layout, PUBLISHED.gate_masks)
    for name, mask in masks.items():
        if not np.array_equal(mask, expected[name]):
            raise ValueError(
                f"{path}: the mask of {name} does not repeat each vertex's row for every gate"
            )
    return stored


def _accuracy_faults(measured: float, published: float) -> list[str]:
    difference = measured - published
    figures = f"measured {measured:.5f}, published {published:.5f}, difference {difference:+.5f}"
    return [] if abs(difference) <= EVERY_NETWORK else [f"accuracy: {figures}"]
