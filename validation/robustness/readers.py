"""The readers of foreign files, each with hostile inputs, and what they must give or refuse."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sparsebench.engines.checkpoints import read_base_checkpoint, read_wired_checkpoint
from sparsebench.engines.torch_state_dicts import from_state_dict
from sparsebench.experiments.conformance.base_models import published_accuracies
from sparsebench.parts import labelled_texts, own_data, texts
from sparsebench.parts.documents import read_baseline, read_document, write_document
from sparsebench.parts.examples import check_examples
from sparsebench.parts.graph_files import read_graph
from sparsebench.parts.labelled_texts import corpus_task, labelled_text
from sparsebench.parts.letters import text_letters
from sparsebench.parts.own_network_files import load_network
from sparsebench.parts.published_rows import contradictions, read_rows
from sparsebench.parts.records import Baseline, Result, check_finite
from sparsebench.parts.store import Store
from sparsebench.parts.store_entries import entries
from sparsebench.parts.store_names import MARK
from sparsebench.parts.tables import read_strings
from sparsebench.parts.texts import text_task
from sparsebench.parts.weight_files import load_weights, save_weights
from sparsebench.parts.wirings import orient, wire
from sparsebench.report.intake import admitted
from sparsebench.values.identity import canonical
from validation.robustness import hostile_files, hostile_own_data, hostile_pickles
from validation.robustness.hostile_files import SMALL, WEIGHTS, WIRED, Make
from validation.robustness.hostile_own_networks import archives, networks, state_dicts

LONGEST_ERROR = 4000
"""Characters of an error message."""


class Refused(Exception):
    """A reader refused its input as it documents."""


class Wrong(AssertionError):
    """A reader returned an invalid value."""


def _graph(path: Path) -> None:
    graph = read_graph(path)
    if not all(type(vertex) in (int, str) for vertex in graph):
        raise Wrong("a vertex of another kind")
    try:
        wire(orient(graph))
    except ValueError as error:  # such as an unconnected graph: the experiment names the file
        raise Refused from error


def _strings(path: Path) -> None:
    found = read_strings(path)
    if not set(found.answers.tolist()) <= {0, 1} or found.lengths.min() < 1:
        raise Wrong("no labelled strings")


def _rows(path: Path) -> None:
    rows = read_rows(path)
    for fault in rows.faults:
        _check_refusal(path, fault)
    for row in rows.found.values():
        contradictions(row.figures())
    if rows.faults or not rows.found:
        raise Refused


def _accuracies(path: Path) -> None:
    for accuracy in published_accuracies(path, "gru").values():
        if not 0 <= accuracy <= 1:
            raise Wrong(f"an accuracy of {accuracy}")


def _judged(path: Path, document: Result | Baseline) -> None:
    """Process a foreign document like the report, `compare` and an update."""
    for record in document.records:
        check_finite(record)
        try:
            if canonical(record.restored) is None:
                raise Wrong("no case")
        except ValueError:
            pass
    admitted(document.records)
    write_document(path.with_name("again.json"), document)
    if read_document(path.with_name("again.json")) != document:
        raise Wrong("another document, once it was written")


def _result(path: Path) -> None:
    _judged(path, read_document(path))


def _baseline(path: Path) -> None:
    _judged(path, read_baseline(path))


def _store(path: Path) -> None:
    """Read the record from a store that has the weights that it may name."""
    root = path.parent / "store"
    store = Store(root, "code", "cpu")
    record = store.weights_path(hostile_files.ENTRY).with_suffix(".json")
    save_weights(store.weights_path(hostile_files.ENTRY), WEIGHTS)
    (store.folder / MARK).touch()
    os.replace(path, record)
    found = list(entries(root))
    if [entry.path for entry in found] != [record]:
        raise Wrong("another entry")
    measured, whole = found[0].measured, found[0].whole  # loading may set damaged weights aside
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        if measured:
            loaded: object = store.load_record(hostile_files.ENTRY)
        else:
            loaded = store.load(hostile_files.ENTRY, SMALL.layout)
    for each in (root / "code-cpu").rglob("*.*"):
        each.unlink()
    if whole != (loaded is not None):
        raise Wrong("an entry that is whole for one and not for the other")
    if loaded is None:
        if [each.category.__name__ for each in told] != ["DamagedEntry"]:
            raise Wrong("nothing was said of a damaged entry")
        _check_refusal(root, str(told[0].message))
        raise Refused


def _text(path: Path) -> None:
    text_task.cache_clear()
    texts.GIVEN.clear()
    task = text_task(str(path), window=20)
    if not text_letters(task).train.inputs.max() < task.symbols:
        raise Wrong("a letter that is not in the alphabet")


def _corpus(path: Path) -> None:
    corpus_task.cache_clear()
    labelled_texts.GIVEN.clear()
    task = corpus_task(str(path))
    if not labelled_text(task).train.answers.max() < task.classes:
        raise Wrong("a label that is not there")


def _table(path: Path) -> None:
    _own(
        path,
        {"asks": "forecast", "answers": "y", "inputs": "x", "window": 1},
        {"asks": "classes", "answers": "kind", "sequence": "n", "inputs": ["x", "y"]},
        {"asks": "values", "answers": "y", "letters": "n"},
        {"asks": "values", "answers": "y", "inputs": "x", "group": "n"},
    )


def _arrays(path: Path) -> None:
    _own(
        path,
        {"asks": "forecast", "answers": "answers", "inputs": "answers", "window": 1},
        {"asks": "class", "letters": "inputs"},
        {"asks": "class", "group": "lengths"},
        {"asks": "classes"},
        {"asks": "values"},
    )


def _own(path: Path, *ways: dict[str, Any]) -> None:
    """Read somebody's own data in several ways; one must be possible."""
    refusals = []
    for way in ways:
        own_data.GIVEN.clear()
        try:
            task = own_data.own_data(path, test_share=0.5, **way)
        except ValueError as error:
            _check_refusal(path, str(error))
            refusals.append(error)
            continue
        made = own_data.own_examples(task)
        for examples in (made.train, made.test):
            check_examples(examples, task.symbols, task.width, task.classes)
    if len(refusals) == len(ways):
        raise refusals[0]


def _state_dict(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other precisions
        try:
            network = from_state_dict(path, head="head")
        except ArithmeticError as error:
            _check_refusal(path, str(error))
            raise Refused from error
    if (
        network.structure.classes < 1
        or network.forward(np.ones((1, 1, network.structure.width)))[0].ndim != 2
    ):
        raise Wrong("no network with a head")


def _own_network(path: Path) -> None:
    network = load_network(path)
    structure = network.structure
    axes = (1, 1) if structure.symbols else (1, 1, structure.width)
    said, _ = network.forward(np.zeros(axes, np.int64 if structure.symbols else np.float32))
    if said.shape[-1] != structure.outputs:
        raise Wrong(f"outputs of shape {said.shape}")


@dataclass(frozen=True)
class Reader:
    """A reader with its inputs.

    Attributes
    ----------
    file
        Name of the input file.
    make
        Given a number of examples, returns a function that makes inputs.
    read
        Reads a file, and processes it like the project.
    """

    file: str
    make: Callable[[int], Make]
    read: Callable[[Path], Any]


READERS = {
    "graph": Reader("graph.gpickle", hostile_pickles.graphs, _graph),
    "base checkpoint": Reader(
        "gru.pt", hostile_pickles.base_checkpoints, lambda path: read_base_checkpoint(path, "gru")
    ),
    "wired checkpoint": Reader(
        "network.pt",
        hostile_pickles.wired_checkpoints,
        lambda path: read_wired_checkpoint(path, WIRED),
    ),
    "strings": Reader("strings.csv", hostile_files.strings, _strings),
    "text": Reader("text.txt", hostile_files.texts, _text),
    "labelled texts": Reader("messages.csv", hostile_files.messages, _corpus),
    "own table": Reader("table.csv", hostile_own_data.tables, _table),
    "own arrays": Reader("arrays.npz", hostile_own_data.archives, _arrays),
    "published rows": Reader("gru.csv", hostile_files.rows, _rows),
    "published accuracies": Reader("gru.csv", hostile_files.accuracies, _accuracies),
    "result": Reader("result.json", hostile_files.results, _result),
    "baseline": Reader("baseline.json", hostile_files.baselines, _baseline),
    "weights": Reader(
        "model.safetensors",
        hostile_files.weight_files,
        lambda path: load_weights(path, SMALL.layout),
    ),
    "state dict": Reader("model.safetensors", state_dicts, _state_dict),
    "own network": Reader("own.safetensors", networks, _own_network),
    "own blocks": Reader("own.npz", archives, _own_network),
    "store": Reader("record.json", hostile_files.stored_records, _store),
}


def _check_refusal(path: Path, text: str) -> None:
    if str(path) not in text:
        raise Wrong(f"a refusal that does not name the file: {text[:200]}")
    if len(text) > LONGEST_ERROR:
        raise Wrong(f"a refusal of {len(text)} characters: {text[:200]}")


def accepted(reader: Reader, path: Path) -> bool:
    """Whether a file is read; false if it is refused as documented.

    Raises
    ------
    Exception
        Any other error.
    """
    try:
        reader.read(path)
    except Refused:
        return False
    except ValueError as error:
        _check_refusal(path, str(error))
        return False
    return True
