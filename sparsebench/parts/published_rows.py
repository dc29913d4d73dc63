"""Rows of the thesis author's tables of wired networks: properties of the graph, and accuracy."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sparsebench.parts.csv_files import Cells, read_columns
from sparsebench.parts.files import FilePath, shown
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.protocol import ReberStrings

WHOLE = ("layers", "nodes", "edges", "source_nodes", "sink_nodes", "diameter")

_SUMMARISED = ("eccentricity", "degree", "closeness", "nodes_betweenness", "edge_betweenness")

PROPERTIES = (
    *WHOLE,
    "density",
    "average_shortest_path_length",
    *(f"{name}_{figure}" for name in _SUMMARISED for figure in ("mean", "var", "std")),
)
"""The columns about the graph and its wiring, as in `sparsebench.parts.properties`."""

ACCURACY = "test_acc"

TOLERANCE = 1e-9
"""Tolerance of a property; the author's and ours were measured to differ by 1.1e-16."""

STRINGS = ReberStrings().test_valid + ReberStrings().test_invalid
"""Number of test strings behind his accuracies."""

MOST_ROWS = 10_000
"""Most rows of a table; the thesis author's have 200."""

Figures = Mapping[str, float]
"""Column -> number."""

Key = tuple[str, int]
"""The family and number of a network."""


@dataclass(frozen=True)
class Row:
    """One network's line in a table.

    Attributes
    ----------
    place
        File and line, for errors.
    texts
        Column -> text.
    """

    place: str
    texts: Cells

    def figures(self) -> Figures:
        """All properties and the accuracy, as numbers.

        Raises
        ------
        ValueError
            With file, line and column of a text that is not a finite number.
        """
        figures = {}
        for name in (*PROPERTIES, ACCURACY):
            text = self.texts.get(name)
            try:
                figures[name] = float(text or "")
            except ValueError:
                figures[name] = math.nan
            if not math.isfinite(figures[name]):
                raise ValueError(f"{self.place}: {name} is {shown(text)}: write a finite number")
        return figures


@dataclass(frozen=True)
class Rows:
    """The rows of a table, and the errors of lines that belong to no known network."""

    found: dict[Key, Row]
    faults: list[str]


def read_rows(path: FilePath) -> Rows:
    """Read the rows of one variant; the error of a damaged line is collected, not raised.

    Parameters
    ----------
    path
        A UTF-8 CSV file named after the variant, with the columns mode, graph and graph_nr.
    """
    path, rows = Path(path), Rows({}, [])
    try:
        lines = read_columns(path, ("mode", "graph", "graph_nr"), (*PROPERTIES, ACCURACY))
        for count, (line, texts) in enumerate(lines):
            place = f"{path}, line {line}"
            if count == MOST_ROWS:
                rows.faults.append(f"{place}: more than {MOST_ROWS} rows: the others are not read")
                break
            mode, family, number = (texts[name] for name in ("mode", "graph", "graph_nr"))
            plain = re.fullmatch("0|[1-9][0-9]{0,5}", number or "")
            if mode != path.stem.upper() or family not in PUBLISHED_FAMILIES or not plain:
                rows.faults.append(
                    f"{place}: mode {shown(mode)}, graph {shown(family)} and graph_nr "
                    f"{shown(number)}: write {path.stem.upper()}, {' or '.join(PUBLISHED_FAMILIES)}, "
                    "and a number"
                )
            elif (family, int(plain[0])) in rows.found:
                rows.faults.append(f"{place}: a second row of {family} {number}")
            else:
                rows.found[family, int(plain[0])] = Row(place, texts)
    except (OSError, ValueError) as error:
        rows.faults.append(str(error))
    return rows


def contradictions(figures: Figures) -> list[str]:
    """Contradictions in a row, if it describes a connected graph of three vertices or more."""
    faults = [
        f"{name} is {figures[name]:g}, no whole number" for name in WHOLE if figures[name] % 1 != 0
    ]
    nodes, edges = figures["nodes"], figures["edges"]
    if nodes < 3 or edges < nodes - 1:
        return [*faults, f"{nodes:g} nodes and {edges:g} edges are no connected graph of three"]
    if figures["layers"] + figures["source_nodes"] + figures["sink_nodes"] - 2 > nodes:
        faults.append("the first and last layer and one node of each other are more than all nodes")
    if not figures["diameter"] / 2 <= figures["eccentricity_mean"] <= figures["diameter"]:
        faults.append("eccentricity_mean is not between half the diameter and the diameter")
    if not 0 <= figures[ACCURACY] <= 1:
        return [*faults, f"{ACCURACY} is {figures[ACCURACY]:g}, not from 0 to 1"]
    for name, law, expected in _identities(figures):
        if not abs(figures[name] - expected) <= TOLERANCE:
            faults.append(f"{name} is {figures[name]:.12g}, but {law} is {expected:.12g}")
    return faults


def differences(measured: Figures, published: Figures) -> list[str]:
    """The properties that differ by more than `TOLERANCE`, with both figures."""
    return [
        f"{name}: measured {measured[name]:.12g}, published {published[name]:.12g}, difference "
        f"{measured[name] - published[name]:+.3g}"
        for name in PROPERTIES
        if not abs(measured[name] - published[name]) <= TOLERANCE
    ]


def _identities(row: Figures) -> Iterator[tuple[str, str, float]]:
    """Columns that follow from others in every connected graph: name, formula, and value."""
    nodes, edges, length = row["nodes"], row["edges"], row["average_shortest_path_length"]
    yield "density", "edges / (nodes (nodes - 1))", edges / (nodes * (nodes - 1))
    yield "degree_mean", "twice the density", 2 * row["density"]
    mean = "nodes_betweenness_mean"
    yield mean, "(average_shortest_path_length - 1) / (nodes - 2)", (length - 1) / (nodes - 2)
    yield "edge_betweenness_mean", "average_shortest_path_length / edges", length / edges
    for name in _SUMMARISED:
        deviation = row[f"{name}_std"]
        yield f"{name}_var", f"the square of {name}_std", deviation * deviation
    share = round(row[ACCURACY] * STRINGS) / STRINGS
    yield ACCURACY, f"the nearest share of {STRINGS} strings", share
