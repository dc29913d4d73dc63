"""Feed hostile files to every reader of foreign files (docs/reference/untrusted.md).

    python -m validation.robustness.fuzz_readers [--reader NAME] [--inputs 100000] [--seed 0]

Each input (`hostile_files.py`, `hostile_pickles.py`) must be read, or refused with the error that
the reader documents. Anything else is a finding, and saved to a file: another error, an error that
does not name the file or is as long as a page, more than five seconds or a gigabyte, access to a
file outside the folder, compiled, executed or imported code, a process or a socket. Exits with 1 if
there are findings.
"""

from __future__ import annotations

import argparse
import codecs
import math
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sparsebench.engines.checkpoints import read_base_checkpoint, read_wired_checkpoint
from sparsebench.experiments.conformance.base_models import published_accuracies
from sparsebench.parts import labelled_texts, texts
from sparsebench.parts.documents import read_baseline, read_document, write_document
from sparsebench.parts.graph_files import read_graph
from sparsebench.parts.labelled_texts import corpus_task, labelled_text
from sparsebench.parts.letters import text_letters
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
from sparsebench.values.identity import canonical, restore
from validation.robustness import hostile_files, hostile_pickles
from validation.robustness.hostile_files import SMALL, WEIGHTS, WIRED, Make

SECONDS, MEMORY = 5.0, 2**30
"""Limits for one input: processor time in seconds, and bytes."""

LONGEST_ERROR = 4000
"""Characters of an error message."""

MOST_FINDINGS = 20
"""Findings after which a reader has failed and its remaining inputs are skipped."""

WARMING = 50
"""Warm-up inputs, which do not count: lazy imports may happen in them."""

SEEDS = 100
"""Files that Hypothesis draws per reader."""


class Refused(Exception):
    """A reader refused its input as it documents."""


class Wrong(AssertionError):
    """A reader returned an invalid value."""


# Readers


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
            if canonical(restore(record.case)) is None:
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
    "published rows": Reader("gru.csv", hostile_files.rows, _rows),
    "published accuracies": Reader("gru.csv", hostile_files.accuracies, _accuracies),
    "result": Reader("result.json", hostile_files.results, _result),
    "baseline": Reader("baseline.json", hostile_files.baselines, _baseline),
    "weights": Reader(
        "model.safetensors",
        hostile_files.weight_files,
        lambda path: load_weights(path, SMALL.layout),
    ),
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


# Forbidden actions

_IMPORTING = ("compile", "exec", "import", "code.__new__", "function.__new__", "marshal.")

_FORBIDDEN = (
    *(
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "subprocess.",
    ),
    *("socket.", "ctypes.", "urllib.", "webbrowser.", "os.kill", "pickle.", "builtins.input"),
)

_TOUCHING = ("os.", "shutil.", "tempfile.", "open")

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Forbidden(BaseException):
    """A reader did something forbidden; a BaseException, so that no reader catches it by mistake."""


class Overdue(BaseException):
    """A reader took too long."""


class Watch:
    """Audits Python's actions while a reader runs, and stops forbidden ones.

    Parameters
    ----------
    folder
        The only folder whose files may be accessed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = os.path.realpath(folder)
        self._forbidden: tuple[str, ...] | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, imports: bool = False) -> Iterator[None]:
        """Audit meanwhile; imports may be allowed, other actions are not."""
        self._forbidden = _FORBIDDEN if imports else (*_FORBIDDEN, *_IMPORTING)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._forbidden = None

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._forbidden is None:
            return
        if event.startswith(self._forbidden):
            self._stop(event, arguments)
        if event in ("os.listdir", "os.scandir") or not event.startswith(_TOUCHING):
            return
        if event == "open" and not arguments[2] & _WRITING:
            return
        touched = (
            arguments[:2] if event in ("os.rename", "os.link", "os.symlink") else arguments[:1]
        )
        for path in touched:
            if isinstance(path, str | bytes | os.PathLike):
                real = os.path.realpath(os.fsdecode(path))
                if os.path.commonpath([real, self._folder]) != self._folder:
                    self._stop(event, arguments)

    def _stop(self, event: str, arguments: tuple[Any, ...]) -> None:
        self._forbidden = None
        raise Forbidden(f"{event} {arguments!r:.300}")


def overdue(number: int, frame: object) -> None:
    """Handler of SIGPROF: stop a reader that takes too long."""
    raise Overdue(f"more than {SECONDS:g} s")


def _limit_memory() -> None:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    limit = int(pages) * os.sysconf("SC_PAGE_SIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


# Run


@dataclass
class Count:
    """Counts for the inputs of one reader."""

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    largest: int = 0


def fuzz(name: str, inputs: int, start: int, watch: Watch, folder: Path, findings: Path) -> Count:
    """Feed one reader, and save its findings."""
    reader, count = READERS[name], Count()
    make, path = reader.make(SEEDS), folder / reader.file
    codecs.lookup("raw_unicode_escape")  # opcodes are decoded with it before they are refused
    with suppress(ValueError):  # the first unknown kind loads all experiments, later ones none
        restore({"kind": "unknown"})
    for number in range(-WARMING, inputs):  # the warm-up does all lazy imports
        random = Random(f"{name} {start} {number}")
        content = make(random)
        path.write_bytes(content)
        begin = time.process_time()
        good = None
        try:
            with watch.watching(imports=number < 0):
                good = accepted(reader, path)
        except (Exception, Forbidden, Overdue) as error:
            kept = findings / f"{name.replace(' ', '-')}-{start}-{number}"
            kept.mkdir(parents=True, exist_ok=True)
            (kept / reader.file).write_bytes(content)
            told = "".join(traceback.format_exception(error, limit=-4))[-3000:]
            (kept / "error.txt").write_text(told, encoding="utf-8", errors="backslashreplace")
            count.findings.append(f"{kept}: {type(error).__name__}: {str(error)[:200]}")
            print(count.findings[-1], flush=True)
        seconds = time.process_time() - begin
        if number >= 0:
            count.inputs += 1
            count.accepted += good is True
            count.refused += good is False
            count.slowest = max(count.slowest, seconds)
            count.largest = max(count.largest, len(content))
        if len(count.findings) == MOST_FINDINGS:
            break
    return count


def main() -> None:
    """Fuzz the chosen readers and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", choices=READERS, action="append", help="only this one (again)")
    parser.add_argument("--inputs", type=int, default=100_000, help="for each reader")
    parser.add_argument("--seed", type=int, default=0, help="other inputs")
    parser.add_argument("--findings", type=Path, default=Path("results/findings"), metavar="DIR")
    chosen = parser.parse_args()
    signal.signal(signal.SIGPROF, overdue)
    failed = False
    print(
        "| reader | inputs | accepted | refused | findings | seconds | slowest, ms | largest, kB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        watch = Watch(Path(name))
        _limit_memory()
        for reader in chosen.reader or READERS:
            begin = time.perf_counter()
            found = fuzz(reader, chosen.inputs, chosen.seed, watch, Path(name), chosen.findings)
            seconds = time.perf_counter() - begin
            failed |= bool(found.findings)
            print(
                f"| {reader} | {found.inputs:,} | {found.accepted:,} | {found.refused:,} "
                f"| {len(found.findings)} | {seconds:.0f} | {1000 * found.slowest:.0f} "
                f"| {math.ceil(found.largest / 1000)} |",
                flush=True,
            )
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
