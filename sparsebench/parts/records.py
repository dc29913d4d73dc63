"""The schema of result files and baselines: records, verdicts, provenances.

Keys are case digests and fields, never test names, so renaming a test loses no history. The schema
version is raised when a reader of the old version could misread the new one; fields may be added
without that. `sparsebench.parts.documents` reads and writes both kinds of files.
"""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any, NamedTuple

from msgspec import Struct, field, structs

from sparsebench.parts.files import shown
from sparsebench.values.identity import restore

SCHEMA = 1
RESULT, BASELINE = "sparsebench-result", "sparsebench-baseline"

USABLE = ("passed", "xfailed", "skipped")
"""Outcomes of items whose records may enter a baseline; other items failed or were cut short."""


class Commit(Struct, frozen=True):
    """The state of the working tree.

    Attributes
    ----------
    id, branch
        Empty outside a git checkout, or if git does not tell them.
    dirty
        Whether it has changes or untracked files, or git did not say that it has none
        (`sparsebench.parts.machine.commit`). In files written before 2026-12, no answer from git
        counts as clean.
    """

    id: str = ""
    branch: str = ""
    dirty: bool = False


class Provenance(Struct, frozen=True):
    """Where and with what a record was measured.

    Attributes
    ----------
    gpu, driver
        The GPU's name and its driver's version; empty on the CPU.
    deterministic
        Whether torch was restricted to deterministic algorithms in full precision
        (`sparsebench.engines.reproducibility`).
    code
        Fingerprint of the sources that decide results
        (`sparsebench.parts.code_digest.code_digest`).
    threads
        Threads that torch used (`sparsebench.engines.reproducibility`).
    """

    commit: Commit
    created: str
    cpu: str
    gpu: str
    device: str
    threads: int
    python: str
    torch: str
    numpy: str
    code: str
    driver: str = ""
    deterministic: bool = True


class Timing(Struct, frozen=True):
    """Median times of pruned and dense forward passes, interleaved in one run, in seconds.

    The `single` medians are for a batch of one string; files written before the pruned network ran
    through its sparse rows lack them. `engine` and `single_engine` are what ran the pruned network;
    older files lack them too.
    """

    pruned_median: float
    dense_median: float
    rounds: int
    batch_size: int
    steps: int
    density: float
    single_median: float | None = None
    single_dense_median: float | None = None
    engine: str = ""
    single_engine: str = ""

    @property
    def ratio(self) -> float:
        """Pruned time divided by dense time; below 1, sparsity pays."""
        return self.pruned_median / self.dense_median


class Record(Struct, kw_only=True, dict=True):
    """The measured figures of one case.

    Attributes
    ----------
    digest, case
        The case's identity, and its fields in plain form.
    experiment
        The name of the measurement, such as `base` or `pruning`.
    metrics
        Figures by name: accuracy 0-1, loss in nats, counts.
    history
        Series by name: per epoch or per step; of a prediction, per split or per network.
    properties
        Properties of the graph that a wired network was made from, and of its wiring
        (`sparsebench.parts.properties`).
    tables
        Tables of an analysis: figures by name and by property of graphs.
    weights
        Checksum of the trained weights that were evaluated, or pruned and evaluated.
    pruned_from
        Checksum of the trained weights that were pruned before the evaluated weights were
        fine-tuned.
    provenance
        Where the figures were measured: a key of the document's table of provenances.
    trained
        Where the weights were trained, if elsewhere: a key of the same table.
    numerics
        The version of the arithmetic, if equal versions give equal bits
        (`sparsebench.values.numerics`); empty if that is not promised, as on a GPU. Of a
        prediction, the library that made it.
    timing
        The timed forward pass, if there is one.
    outcome
        The outcome of the pytest item that measured it, or `interrupted`.
    """

    digest: str
    experiment: str
    case: dict[str, Any]
    metrics: dict[str, float]
    history: dict[str, list[float]] = {}
    properties: dict[str, float] = {}
    tables: dict[str, dict[str, float]] = {}
    weights: str = ""
    pruned_from: str = ""
    provenance: str = ""
    trained: str = ""
    numerics: str = ""
    timing: Timing | None = None
    outcome: str = "interrupted"

    @property
    def restored(self) -> Any:
        """The case itself, rebuilt once, because reports ask several times.

        Raises
        ------
        ValueError
            As `sparsebench.values.identity.restore`.
        """
        plain, case = self.__dict__.get("known", (None, None))
        if plain is not self.case:
            case = restore(self.case)
            self.__dict__["known"] = (self.case, case)
        return case


def with_history(record: Record, before: Record | None) -> Record:
    """A record; takes its training history from an earlier one of equal weights, if it has none."""
    if before is None or before.weights != record.weights or record.history:
        return record
    return structs.replace(record, history=before.history)


class Verdict(Struct, kw_only=True, frozen=True):
    """The verdict of a claim or of the baseline on the records of one benchmark item.

    Attributes
    ----------
    item
        The id of the benchmark item, as in the name of the pytest item; `cell` in files.
    kind
        `claim` or `baseline`.
    verdict
        `pass`, `fail` or `inconclusive`.
    statement
        What was expected, in words.
    expected
        Of a claim, the range of the figure; of a baseline, its figures, one per seed.
    measured
        The judged figure, one per seed.
    interval
        If `true_of` is given, the interval of the share of seeds or pairs for which a claim is
        true; otherwise that of the mean of the figures. Its confidence is told in the reason (95 %
        unless there were several interim looks). None if there are too few values.
    source
        The source of the expectation.
    digests
        The judged records.
    reason
        The numbers behind the verdict.
    true_of
        For how many of the measured figures a claim about models is true; None otherwise, and in
        files written before 2026-12.
    """

    item: str = field(name="cell")
    kind: str
    verdict: str
    statement: str
    expected: list[float]
    measured: list[float]
    interval: tuple[float, float] | None
    source: str
    digests: list[str]
    reason: str
    true_of: int | None = None


class Estimate(Struct, kw_only=True, frozen=True):
    """The mean accuracy of one group of replicates of an item, with its 95 % interval.

    Attributes
    ----------
    item, experiment
        What was measured; the item is `cell` in files.
    accuracy, low, high
        The mean over seeds and its interval, 0-1.
    method
        The method of the interval (`sparsebench.judging.intervals`).
    seeds, strings
        The number of seeds, and of strings that each was measured on.
    digests
        The records.
    """

    item: str = field(name="cell")
    experiment: str
    accuracy: float
    low: float
    high: float
    method: str
    seeds: int
    strings: int
    digests: list[str]


class Item(Struct, kw_only=True, frozen=True):
    """One pytest item of the run: its outcome, its seconds, and the records that it used.

    The outcome is one of pytest's, `interrupted`, `not run` if the run ended before it, or a
    plugin's own.
    """

    nodeid: str
    outcome: str
    seconds: float
    digests: list[str]


class Invocation(Struct, kw_only=True, frozen=True):
    """How a run was started, and pytest's exit status at its end."""

    profile: str
    semantics: list[str]
    seeds: int
    seed_policy: str
    device: str
    claims: str
    baseline: str
    command: list[str]
    exit_status: int


class Baseline(Struct, kw_only=True):
    """Records that later runs are compared with."""

    schema: int = SCHEMA
    kind: str = BASELINE
    provenances: dict[str, Provenance]
    records: list[Record]


class Result(Struct, kw_only=True):
    """Everything that one run measured and concluded."""

    schema: int = SCHEMA
    kind: str = RESULT
    provenance: Provenance
    run: Invocation
    provenances: dict[str, Provenance]
    records: list[Record]
    verdicts: list[Verdict]
    items: list[Item]
    estimates: list[Estimate] = []


class Needs(NamedTuple):
    """What every record of an experiment has: metrics, non-empty histories, tables."""

    metrics: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


DESCRIPTORS = "sparsebench.harness.registry"
"""The module with `needs_of`, which tells what records of an experiment need. It belongs to a
higher layer and is imported when the first record is read."""


DEEPEST = 16
"""Most levels of dictionaries and lists in a case; ours have three."""


def check_depth(record: Record) -> None:
    """Refuse a record whose case is nested too deeply to be restored.

    Raises
    ------
    ValueError
        With the record and the limit.
    """
    level: list[Any] = [record.case]
    for _ in range(DEEPEST + 1):
        if not level:
            return
        inner = (value.values() if isinstance(value, dict) else value for value in level)
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
    raise ValueError(
        f"record {shown(record.digest)} has a case nested more than {DEEPEST} deep: restore the file"
    )


def check_complete(record: Record) -> None:
    """Refuse a record without the figures that its experiment always has.

    Records of an experiment that is not installed are not checked.

    Raises
    ------
    ValueError
        With what is missing, or for a forward pass without a time.
    """
    needs: Needs = import_module(DESCRIPTORS).needs_of(record.experiment)
    absent = [name for name in needs.metrics if name not in record.metrics]
    absent += [f"history of {name}" for name in needs.series if not record.history.get(name)]
    absent += [f"table of {name}" for name in needs.tables if name not in record.tables]
    if absent:
        raise ValueError(
            f"{record.experiment} record {shown(record.digest)} lacks {' and '.join(absent)}: restore "
            "the file, or measure again"
        )
    timing = record.timing
    if timing is not None and not (timing.pruned_median > 0 and timing.dense_median > 0):
        raise ValueError(
            f"{record.experiment} record {shown(record.digest)} has a forward pass that took no time: "
            "restore the file, or measure again"
        )


def check_finite(record: Record) -> None:
    """Refuse a record with a figure that JSON cannot hold.

    Raises
    ------
    ValueError
        With the figure that is NaN or infinite.
    """
    series = [
        *((name, [figure]) for name, figure in record.metrics.items()),
        *record.history.items(),
        *((name, [figure]) for name, figure in record.properties.items()),
        *((name, list(row.values())) for name, row in record.tables.items()),
    ]
    for name, figures in series:
        if not all(math.isfinite(figure) for figure in figures):
            raise ValueError(
                f"{shown(name)} of {record.experiment} record {shown(record.digest)} is NaN or "
                "infinite and cannot be stored or compared: find out what overflowed"
            )
