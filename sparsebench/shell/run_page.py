"""The page at the end of a run: what ran, what changed, the slowest items, and next steps."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from sparsebench.harness.comparing import of_the_machine
from sparsebench.harness.profiles import Settings
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.plain_text import plain
from sparsebench.shell.baselines import Update
from sparsebench.shell.gathering import NOT_RUN, Gathered
from sparsebench.shell.plan_summary import duration

_MOVED = 3
"""Changed records, undecided items and contradictions shown in detail."""

_LONGEST = 150
"""Characters of each: two lines of a terminal."""

_SLOWEST = 3
"""Slow items that are named."""

_DIGESTS = 4
"""Digests that are named."""

Line = tuple[str, str]
"""A label and a text; an empty label continues the previous one."""


@dataclass(frozen=True)
class Ended:
    """A finished run.

    Attributes
    ----------
    settings, gathered
        What was requested, measured and judged.
    seconds
        Duration of the run.
    folder
        Where pytest was called; paths are shown relative to it.
    update
        The result of an update, if there was one.
    unused
        Records of the baseline that none of the project's benchmarks measures.
    json
        The result file, if one was written.
    named
        Whether a result file was requested.
    fault
        Why a file could not be written; empty if all were.
    rerun
        Returns the command that reruns an item, given its node id.
    """

    settings: Settings
    gathered: Gathered
    seconds: float
    folder: Path
    update: Update | None = None
    unused: Sequence[Record] = ()
    json: Path | None = None
    named: bool = False
    fault: str = ""
    rerun: Callable[[str], str] = "pytest '{}'".format

    def shown(self, path: Path) -> str:
        """A path, relative to the run's folder if it is inside."""
        inside = path.is_relative_to(self.folder)
        return str(path.relative_to(self.folder)) if inside else str(path)


def page(ended: Ended, brief: bool = False) -> Iterator[Line]:
    """The lines of a run's page, without failures.

    Parameters
    ----------
    ended
        The run.
    brief
        Leave out what `-q` can do without.
    """
    yield "ran", _what_ran(ended)
    yield from _moved(ended)
    yield from _undecided(ended)
    yield from _thesis(ended, brief)
    yield from _unused(ended)
    if not brief:
        yield from _slowest(ended)
    if ended.json is not None:
        yield "result", ended.shown(ended.json)
        if not brief:
            yield "report", f"sparsebench report {shlex.quote(ended.shown(ended.json))} -o site"
    elif not brief and not ended.named:
        yield "result", "not written down: name a file with --sparsebench-json=PATH"
    if not brief:
        yield "tables", "of each experiment: add -v"


def _what_ran(ended: Ended) -> str:
    chosen, items = ended.settings, ended.gathered.items.values()
    ran = sum(item.outcome != NOT_RUN for item in items)
    of_all = f" of {len(items)}" if ran < len(items) else ""
    counts = Counter(record.experiment for record in ended.gathered.records.values())
    records = ", ".join(f"{number} {name}" for name, number in counts.items())
    found = f"{_counted(sum(counts.values()), 'record')} ({records})" if counts else "no records"
    return (
        f"{_counted(ran, 'item', of_all)}, {found}; {_seeds(chosen)}; {chosen.profile} profile; "
        f"{' and '.join(chosen.semantics)} semantics; {chosen.device}; {duration(ended.seconds)}"
    )


def _counted(count: int, what: str, of_all: str = "") -> str:
    return f"{count}{of_all} {what}{'' if count == 1 and not of_all else 's'}"


def _seeds(chosen: Settings) -> str:
    more = f", up to {chosen.max_seeds}" if chosen.max_seeds > chosen.seeds else ""
    return f"{_counted(chosen.seeds, 'seed')} each{more}"


def _moved(ended: Ended) -> Iterator[Line]:
    """The result of an update, or the comparison with the baseline."""
    settings, update = ended.settings, ended.update
    if update is not None:
        yield from _updated(ended, update)
    elif settings.update:
        baseline = ended.shown(settings.baseline_path)
        yield "baseline", f"{baseline} not rewritten: nothing to accept"
    else:
        against = [each for each in ended.gathered.verdicts if each.kind == "baseline"]
        counts = Counter(each.verdict for each in against)
        told = [
            f"{counts[verdict]} {words}"
            for verdict, words in _AGAINST_BASELINE.items()
            if counts[verdict]
        ]
        if told:
            compared = "comparison" if len(against) == 1 else "comparisons"
            yield "baseline", f"{settings.baseline}, {len(against)} {compared}: {', '.join(told)}"
        yield from (("" if told else "baseline", line) for line in _skipped(ended))


_AGAINST_BASELINE = {"pass": "as before", "inconclusive": "undecided", "fail": "MOVED"}


def _updated(ended: Ended, update: Update) -> Iterator[Line]:
    written = " and ".join(map(ended.shown, update.written)) or "no baseline"
    counts = f"{update.added} added, {len(update.moved)} moved, {update.unchanged} unchanged"
    yield "baseline", f"{written} rewritten: {counts}, {update.kept} kept"
    yield from (("", plain(f"moved: {line}", _LONGEST)) for line in update.moved[:_MOVED])
    if more := len(update.moved[_MOVED:]):
        yield "", f"and {more} more moved: `git diff` has them all"
    if update.former is not None:
        former = ended.shown(update.former)
        former = f"{former} is not read any more, for its records are in the folder"
        yield "", f"{former}: delete it"
    if update.untimed:
        yield "", f"{update.untimed} forward passes were not timed and not accepted: {_TO_TIME}"


_TO_TIME = "leave out -n, --benchmark-disable and -p no:benchmark"


def _skipped(ended: Ended) -> Iterator[str]:
    """Numbers of items skipped because a baseline is missing, times counted separately."""
    settings, gathered = ended.settings, ended.gathered
    skipped = gathered.items_without_baseline()
    if not skipped:
        return
    passes = [
        records
        for item in gathered.items.values()
        if item.outcome == "skipped"
        and (records := [gathered.records[each] for each in item.digests])
        and of_the_machine(records[0].experiment)
    ]
    timed = sum(all("time_ratio" in each.metrics for each in records) for records in passes)
    if others := skipped - len(passes):
        yield (
            f"{_counted(others, 'item')} new: no records in {ended.shown(settings.baseline_path)}, so "
            "only the thesis's claims were judged; accept with --sparsebench-update-new"
        )
    if timed and not settings.judge_speed:
        yield (
            f"times of {_counted(timed, 'item')} are reported and not judged: where nothing else runs, "
            "judge them with --sparsebench-judge-speed"
        )
    elif timed:
        yield (
            f"{_counted(timed, 'item')} without times of this kind of machine in "
            f"{ended.shown(settings.times)}: accept theirs with --sparsebench-update-new"
        )
    if untimed := len(passes) - timed:
        yield f"{_counted(untimed, 'item')} not timed, so not judged: {_TO_TIME}"


def _undecided(ended: Ended) -> Iterator[Line]:
    """Comparisons with the baseline that more seeds could decide."""
    unclear = [
        each
        for each in ended.gathered.verdicts
        if each.kind == "baseline" and each.verdict == "inconclusive"
    ]
    names = [each.item for each in unclear]
    if names:
        yield "", f"undecided: {_some(names)}; --sparsebench-max-seeds=N measures more seeds"


def _some(names: Sequence[str]) -> str:
    """The first few names, and the number of others."""
    more = f" and {len(names) - _MOVED} more" if len(names) > _MOVED else ""
    return ", ".join(names[:_MOVED]) + more


def _thesis(ended: Ended, brief: bool) -> Iterator[Line]:
    """The thesis's claims: how many hold, and which contradictions are expected."""
    claimed = [each for each in ended.gathered.verdicts if each.kind == "claim"]
    counts = Counter(each.verdict for each in claimed)
    expected = [*_expected(claimed, ended.gathered.records)]
    told = [f"{counts[verdict]} {words}" for verdict, words in _CLAIMED.items() if counts[verdict]]
    if not told:
        return
    yield "thesis", f"{_counted(len(claimed), 'claim')}: {', '.join(told)}"
    if brief:
        return
    for each in expected[:_MOVED]:
        claim = f"{each.item}: {each.statement} ({each.source})"
        yield "", plain(f"expected: {claim}; ours: {_ours(each)}", _LONGEST)
    if more := len(expected[_MOVED:]):
        yield "", f"and {more} more, which the baseline contradicts too"


def _ours(verdict: Verdict) -> str:
    """The figure that a claim was judged by."""
    count = len(verdict.measured)
    if not count:
        return verdict.reason
    true_of = "" if verdict.true_of is None else f", true of {verdict.true_of} of {count}"
    return f"{fmean(verdict.measured):.4f}{true_of}"


_CLAIMED = {"pass": "hold", "fail": "contradicted", "inconclusive": "need more seeds"}


def _expected(claimed: Iterable[Verdict], records: Mapping[str, Record]) -> Iterator[Verdict]:
    """The verdicts on claims that the baseline contradicts too."""
    for each in claimed:
        measured = (records[digest] for digest in each.digests if digest in records)
        if each.verdict == "fail" and any(record.outcome == "xfailed" for record in measured):
            yield each


def _unused(ended: Ended) -> Iterator[Line]:
    if ended.unused:
        counts = Counter(record.experiment for record in ended.unused)
        told = ", ".join(f"{number} {name}" for name, number in counts.items())
        first = ", ".join(record.digest for record in ended.unused[:_DIGESTS])
        more = " ..." if len(ended.unused) > _DIGESTS else ""
        folder = ended.shown(ended.settings.baseline_path)
        why = "of earlier benchmarks, or of ones that are not here"
        found = f"{_counted(len(ended.unused), 'record')} of {folder} ({told})"
        asked = f"asked for by no benchmark of this project under any profile: {why}"
        yield "unused", f"{found} {asked}. They gate nothing and stay: {first}{more}"


def _slowest(ended: Ended) -> Iterator[Line]:
    items = sorted(ended.gathered.items.values(), key=lambda item: -item.seconds)
    label = "slowest"
    for item in items[:_SLOWEST]:
        if item.seconds >= 0.1:
            yield label, f"{duration(item.seconds)}  {item.nodeid}"
            label = ""
