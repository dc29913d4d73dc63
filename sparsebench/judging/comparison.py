"""Compare the result files of several commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean

from sparsebench.judging.change import Change, in_pairs
from sparsebench.judging.metrics import time_ratio
from sparsebench.judging.movement import Movement, movement
from sparsebench.judging.names import name_of, pytest_name
from sparsebench.judging.policy import Policy
from sparsebench.judging.replicates import by_replicates
from sparsebench.parts.records import USABLE, Baseline, Item, Record, Result
from sparsebench.values.identity import unknown_in
from sparsebench.values.kinds import UnknownKind

STATES = ("regressed", "removed", "changed", "undecided", "improved", "added", "unchanged")
"""What can have happened to an item, the worst first."""


@dataclass(frozen=True)
class File:
    """One of several files.

    Attributes
    ----------
    name
        Shown for the file.
    records
        Its records.
    ended
        How its run ended (`ending`); empty if it ended well.
    items
        The pytest items of its run; empty for a baseline.
    """

    name: str
    records: Sequence[Record]
    ended: str = ""
    items: Sequence[Item] = ()

    @classmethod
    def of(cls, name: str, document: Result | Baseline) -> File:
        """The file of a document."""
        items = document.items if isinstance(document, Result) else ()
        return cls(name, document.records, ending(document), items)

    def measured_by(self, records: Sequence[Record]) -> list[str]:
        """Names of the pytest items that measured these records.

        First those that measured most of them, and among these the ones that measured least else.
        """
        counts = Counter(
            place for record in records for place in self._items_by_digest.get(record.digest, ())
        )
        order = sorted(counts, key=lambda each: (-counts[each], len(self.items[each].digests)))
        return [*dict.fromkeys(pytest_name(self.items[each]) for each in order)]

    @cached_property
    def _items_by_digest(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, item in enumerate(self.items):
            for digest in item.digests:
                found.setdefault(digest, []).append(place)
        return found


@dataclass(frozen=True)
class Comparison:
    """One item across several files.

    Attributes
    ----------
    name
        Experiment, variant and so on, in words; unique.
    measured_by
        Names of the pytest items that measured it, by which `pytest -k` selects them; the one that
        is only about it first. Empty if no file is the result of a run.
    experiment
        The `experiment` of its records.
    state
        One of `STATES`: the last file compared with the first.
    figure
        What `figures` are: accuracy 0-1, last loss in nats, and so on.
    figures
        For each file, the mean over the judged records, or None if the file lacks one of them. If
        the item was not judged, the mean over all its records in the file.
    ratios
        For each file, forward time relative to the dense network, or None if it was not timed.
    why
        The numbers behind the state.
    sure
        How sure that is.
    movement
        By how much it moved from the first file to the last, and in which seeds.
    removed
        Records of the first file that the last one lacks.
    absent
        The kind of case that is not installed here, if so; then only the records themselves are
        known.
    """

    name: str
    experiment: str
    state: str
    figure: str
    figures: tuple[float | None, ...]
    ratios: tuple[float | None, ...]
    why: str
    sure: str = ""
    movement: Movement = field(default_factory=Movement)
    removed: int = 0
    absent: str = ""
    measured_by: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The pytest item and the name: `test_base[gru]: base gru`."""
        if not self.measured_by:
            return self.name
        others = f" and {more} more" if (more := len(self.measured_by) - 1) else ""
        return f"{self.measured_by[0]}{others}: {self.name}"

    @property
    def reason(self) -> str:
        """All numbers behind the state."""
        return _joined(self.why, self.sure)

    @property
    def fell(self) -> bool:
        """Whether the mean or a seed got worse, though nothing proves that it did on average."""
        return self.state in ("changed", "undecided") and self.movement.worse > 0


def ending(document: Result | Baseline) -> str:
    """How the run that wrote a file ended, in words after "its run"; empty if it ended well."""
    if not isinstance(document, Result):
        return ""
    status = document.run.exit_status
    bad = Counter(each.outcome for each in document.items if each.outcome not in USABLE)
    if not status and not bad:
        return ""
    counts = ", ".join(f"{number} {outcome}" for outcome, number in bad.items())
    of_items = f", of {len(document.items)} items {counts}" if counts else ""
    return f"{_ENDINGS.get(status, 'failed')} (exit status {status}{of_items})"


_ENDINGS = {
    2: "was interrupted",
    3: "ended in an internal error",
    4: "was started with wrong arguments",
    5: "chose no items",
}
"""Meanings of pytest's exit statuses; any other means that something failed."""


def compare(
    files: Sequence[File],
    policy_of: Callable[[str], Policy],
    same_machine: bool = True,
    same_run: bool = True,
) -> list[Comparison]:
    """Compare the records of two or more files, item by item, over the union of their items.

    Parameters
    ----------
    files
        Oldest first. All seeds of an item are judged together.
    policy_of
        Takes the name of an experiment to the policy that compares its records.
    same_machine
        Whether all were measured on one kind of machine; otherwise times are shown and not judged.
    same_run
        Whether all times were taken within one run; otherwise they may differ by more.

    Returns
    -------
    list of Comparison
        Ordered by state; within a state, those that got worse by most first, then by name.

    Raises
    ------
    ValueError
        If there are fewer than two files, or a record's case has no known kind.
    """
    if len(files) < 2:
        raise ValueError(f"{len(files)} file to compare: give two or more, oldest first")
    grouped = [by_replicates(file.records) for file in files]
    names = dict.fromkeys(key for groups in grouped for key in groups)
    compared = [
        _compared(
            files,
            [groups.get(name, []) for groups in grouped],
            policy_of,
            same_machine,
            same_run,
        )
        for name in names
    ]
    return sorted(
        compared, key=lambda item: (STATES.index(item.state), -item.movement.worse, item.name)
    )


def _compared(
    files: Sequence[File],
    columns: list[list[Record]],
    policy_of: Callable[[str], Policy],
    same_machine: bool,
    same_run: bool,
) -> Comparison:
    first, last = columns[0], columns[-1]
    known = next(column[0] for column in columns if column)
    policy = policy_of(known.experiment)
    unknown = unknown_in(known.case)
    absent = unknown.absent if unknown else ""
    judged: set[str] = set()
    moved = movement(first, last, policy)
    sure = ""
    if first and last:
        removed = _removed(first, last)
        if policy.of_the_machine and not same_machine:
            state, why = "undecided", "times of another kind of machine"
        else:
            try:
                found = policy.change(first, last, same_run)
            except UnknownKind:
                found = Change("undecided", f"{absent}: nobody can judge it")
            state, why, sure = found.kind, found.what, found.sure or moved.sure
        if policy.in_pairs(first, last):
            judged = {record.digest for _, record in in_pairs(first, last)}
            if not len(first) == len(judged) == len(last):
                why = _joined(
                    why,
                    f"judged and shown: the {len(judged)} that both have, of {len(first)} records in "
                    f"the first file and {len(last)} in the last",
                )
        if removed:
            why = _joined(why, f"{removed} of {len(first)} records are gone{_whose(files[-1])}")
    elif last:
        removed = 0
        state, why = "added", f"not in the first file{_whose(files[0])}"
    else:
        removed = max(map(len, columns))
        state, why = "removed", f"not in the last file{_whose(files[-1])}"
    return Comparison(
        name=name_of(known),
        experiment=known.experiment,
        state=state,
        figure=policy.figure,
        figures=tuple(_mean(_shown(column, judged), policy.figure_of) for column in columns),
        ratios=tuple(time_ratio(_shown(column, judged)) for column in columns),
        why=why,
        sure=sure,
        movement=moved,
        removed=removed,
        absent=absent,
        measured_by=_measured_by(files, columns),
    )


def _measured_by(files: Sequence[File], columns: Sequence[Sequence[Record]]) -> tuple[str, ...]:
    """Names of pytest items in the newest file that has some."""
    for file, column in zip(reversed(files), reversed(columns), strict=True):
        if found := file.measured_by(column):
            return tuple(found)
    return ()


def _joined(*said: str) -> str:
    return "; ".join(filter(None, said))


def _removed(first: Sequence[Record], last: Sequence[Record]) -> int:
    """How many records were lost; if all seeds differ, by how many there are fewer."""
    pairs = in_pairs(first, last)
    return len(first) - len(pairs) if pairs else max(0, len(first) - len(last))


def _whose(file: File) -> str:
    return f", whose run {file.ended}" if file.ended else ""


def _shown(column: Sequence[Record], judged: set[str]) -> list[Record]:
    """The judged records, if a file has them all; all its records if none were judged."""
    if not judged:
        return list(column)
    found = [record for record in column if record.digest in judged]
    return found if len(found) == len(judged) else []


def _mean(records: Sequence[Record], take: Callable[[Record], float | None]) -> float | None:
    known = [figure for record in records if (figure := take(record)) is not None]
    return fmean(known) if known else None
