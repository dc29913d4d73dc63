"""Inventory of the runs, and the table of all claims."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from sparsebench.judging.comparison import ending
from sparsebench.judging.names import name_of, pytest_name
from sparsebench.parts.records import USABLE, Baseline, Commit, Item, Provenance, Record, Result
from sparsebench.report.contents import Column, Entry, Section, Table
from sparsebench.report.every_claim import SIDES, ClaimRow, by_chance, count_verdicts, sides
from sparsebench.report.intake import LeftOut
from sparsebench.report.plain_text import plain
from sparsebench.report.words import NOT_MEASURED, VERDICTS
from sparsebench.values.identity import subject_of
from sparsebench.values.semantics import SEMANTICS

_SHOWN_LEFT_OUT = 100
"""Most left-out records that are listed."""


def notices(document: Result | Baseline, left_out: Sequence[LeftOut]) -> list[str]:
    """Notices at the top: a run that did not end well, records left out."""
    said = []
    if ended := ending(document):
        said.append(f"The run {ended}: what it did not measure is missing here.")
    if left_out:
        said.append(
            f"{len(left_out)} records of the file are not valid and are left out; the last table of "
            "the page says why."
        )
    return said


def inventory_section(
    path: str,
    document: Result | Baseline,
    records: Sequence[Record],
    left_out: Sequence[LeftOut],
) -> Section:
    """What was run and where, and the number of records of each kind."""
    shown = [_facts(path, document), _experiments(records)]
    if isinstance(document, Result) and document.items:
        shown.append(_pytest_items(document.items, records))
    if document.provenances:
        shown.append(_provenances(document, records))
    if left_out:
        shown.append(_left_out(left_out))
    return Section("inventory", "What is in the file", (), tuple(shown))


_ABOUT = (
    "How claims are judged: a claim about models holds if the exact 95 % interval of the share of "
    "seeds (or pairs) for which it is true lies above one half; it is contradicted if the "
    "interval lies below, and open otherwise. Three of three seeds therefore leave it open, six "
    "of six decide. A claim about a mean is judged by the 95 % interval of the mean, from twelve "
    "pairs on. A claim about predictions is tried on many splits: it holds if it is true on at "
    "least 95 % of them, and is contradicted at 5 % or fewer. The thesis's programs behave as the "
    "published semantics; the corrected semantics do what its text says, and are judged by the "
    "same claims. The claims of the report on capacity are judged under the corrected semantics; "
    "the bits found here are a lower bound, so they contradict nothing."
)
"""The introduction above the table."""


def claims_section(claims: Sequence[ClaimRow]) -> Section:
    """Every claim with its source, our measurements under both semantics, and the verdicts."""
    measured = [row for row in claims if row.verdicts]
    others = [row for row in claims if not row.verdicts]
    shown = [_counts(claims), _every_claim(measured)] if measured else []
    if others:
        shown.append(_not_measured(others))
    return Section(
        "claims", "The publications, claim by claim", (_sentence(claims), _ABOUT), tuple(shown)
    )


def _sentence(claims: Sequence[ClaimRow]) -> str:
    hold, contradicted, undecided, unmeasured = count_verdicts(claims).values()
    decided, chance = by_chance(claims)
    return (
        f"Of {len(claims)} claims, each judged under the semantics that it is about, {hold} hold, "
        f"{contradicted} are contradicted, {undecided} are open and {unmeasured} were not measured. "
        f"{decided} claims are decided. If every measured claim were true of exactly half of the "
        f"networks, at most about {chance:.0f} would be decided by chance."
    )


def _counts(claims: Sequence[ClaimRow]) -> Table:
    rows: list[Sequence[Entry]] = []
    for experiment in dict.fromkeys(row.experiment for row in claims):
        of_these = [row for row in claims if row.experiment == experiment]
        rows += [
            (experiment, semantics, *count_verdicts(of_these, semantics).values())
            for semantics in SEMANTICS
            if any(semantics in (row.speaks_of, *row.verdicts) for row in of_these)
            or all(row.speaks_of == "published" for row in of_these)
        ]
    return Table(
        "verdicts",
        "Verdicts on the claims, by experiment",
        (
            Column("experiment"),
            Column("semantics", choice=True),
            *(Column(verdict, "d") for verdict in (*VERDICTS.values(), NOT_MEASURED)),
        ),
        rows,
    )


def _facts(path: str, document: Result | Baseline) -> Table:
    facts: list[tuple[str, str]] = [("file", path), ("kind", document.kind)]
    if isinstance(document, Result):
        run, place = document.run, document.provenance
        facts += [
            ("profile", run.profile),
            ("semantics", ", ".join(run.semantics)),
            ("seeds per item", f"{run.seeds}; {run.seed_policy}"),
            ("claims", run.claims),
            ("baseline", run.baseline),
            ("command", shlex.join(run.command)),
            ("exit status", str(run.exit_status)),
            *_place(place),
        ]
    else:
        newest = newest_provenance(document)
        if newest is not None:
            facts += [(f"newest record: {name}", text) for name, text in _place(newest)]
    return Table(
        "facts",
        "What was run, and where",
        (Column("what"), Column("value")),
        [(name, plain(text)) for name, text in facts if text],
    )


def newest_provenance(document: Result | Baseline) -> Provenance | None:
    """The provenance of a document's newest records; None if no record has one."""
    if isinstance(document, Result):
        return document.provenance
    return max(document.provenances.values(), key=lambda each: each.created, default=None)


def _state(commit: Commit, letters: int | None = None) -> str:
    if not commit.dirty:
        return commit.id[:letters]
    return (
        f"{commit.id[:letters]} with changes, or unchecked"
        if commit.id
        else "unknown: git did not answer"
    )


def _place(place: Provenance) -> list[tuple[str, str]]:
    commit = place.commit
    return [
        ("commit", _state(commit)),
        ("branch", commit.branch),
        ("measured at", place.created),
        ("processor", place.cpu),
        ("GPU", " ".join(part for part in (place.gpu, place.driver) if part)),
        ("device", f"{place.device}, {place.threads} threads"),
        ("versions", f"Python {place.python}, torch {place.torch}, numpy {place.numpy}"),
        ("code", place.code),
        ("deterministic", "yes" if place.deterministic else "no"),
    ]


def _experiments(records: Sequence[Record]) -> Table:
    counts: dict[tuple[str, str], list[str]] = {}
    for record in records:
        counts.setdefault((record.experiment, _semantics_of(record)), []).append(record.outcome)
    rows: list[Sequence[Entry]] = [
        (
            experiment.replace("_", " "),
            semantics,
            len(outcomes),
            sum(each not in USABLE for each in outcomes),
        )
        for (experiment, semantics), outcomes in sorted(counts.items())
    ]
    return Table(
        "experiments",
        "Records in the file, by experiment",
        (
            Column("experiment"),
            Column("semantics", choice=True),
            Column("records", "d"),
            Column("of which failed or interrupted", "d"),
        ),
        rows,
    )


def _pytest_items(items: Sequence[Item], records: Sequence[Record]) -> Table:
    names = {record.digest: name_of(record) for record in records}
    rows = []
    for item in items:
        found = dict.fromkeys(names[digest] for digest in item.digests if digest in names)
        more = f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else ""
        rows.append(
            (
                plain(pytest_name(item), 200),
                plain(item.outcome, 20),
                item.seconds,
                len(item.digests),
                plain("; ".join(list(found)[:_MOST_NAMES]) + more, 1000),
            )
        )
    return Table(
        "pytest-items",
        "What each pytest item measured; pytest -k 'NAME' runs one again",
        (
            Column("pytest item"),
            Column("outcome", choice=True),
            Column("seconds", ".1f"),
            Column("records", "d"),
            Column("measured"),
        ),
        rows,
        folded=True,
    )


_MOST_NAMES = 5
"""Most groups of records that are listed for one pytest item."""


def _semantics_of(record: Record) -> str:
    semantics = getattr(subject_of(record.restored), "semantics", None)
    return "" if semantics is None else plain(semantics.name, 80)


def _provenances(document: Result | Baseline, records: Sequence[Record]) -> Table:
    counts: dict[str, int] = {}
    for record in records:
        counts[record.provenance] = counts.get(record.provenance, 0) + 1
    rows = [
        (
            name,
            _state(place.commit, letters=12),
            place.commit.branch,
            place.created,
            place.cpu,
            place.gpu,
            f"{place.device}, {place.threads} threads",
            place.torch,
            counts.get(name, 0),
        )
        for name, place in sorted(document.provenances.items(), key=lambda each: each[1].created)
    ]
    names = ("provenance", "commit", "branch", "measured at", "processor", "GPU", "device", "torch")
    return Table(
        "provenances",
        "Where the records were measured",
        (*(Column(name) for name in names), Column("records", "d")),
        rows,
    )


def _left_out(left_out: Sequence[LeftOut]) -> Table:
    rows = [(each.digest, each.experiment, each.reason) for each in left_out[:_SHOWN_LEFT_OUT]]
    beyond = len(left_out) - len(rows)
    more = f" (the first {_SHOWN_LEFT_OUT}; {beyond} more)" if beyond else ""
    return Table(
        "left-out",
        f"Records that are left out{more}",
        (Column("record"), Column("experiment", choice=True), Column("reason")),
        rows,
    )


def _range(row: ClaimRow) -> str:
    """The claimed range in words; an end at `FAR` is open."""
    if row.high >= FAR:
        return f"{row.low:.2f} or more"
    return f"{row.high:.2f} or less" if row.low <= -FAR else f"{row.low:.2f} to {row.high:.2f}"


FAR = 1e9


def _every_claim(claims: Sequence[ClaimRow]) -> Table:
    rows = [
        (
            row.statement,
            *found[:2],
            *row.subject,
            *found[2:],
            _range(row),
            row.source,
            row.experiment,
        )
        for row, found in ((row, sides(row)) for row in claims)
    ]
    return Table(
        "every-claim",
        "Every claim that was measured: verdict, figures, what was published, and where",
        (
            Column("claim"),
            *SIDES[:2],
            Column("variant", choice=True),
            Column("pruned", choice=True),
            Column("percent", "d"),
            *SIDES[2:],
            Column("published range"),
            Column("source"),
            Column("experiment", choice=True),
        ),
        rows,
    )


def _not_measured(claims: Sequence[ClaimRow]) -> Table:
    return Table(
        "other-claims",
        f"{len(claims)} claims of which nothing was measured here",
        (
            Column("claim"),
            Column("variant", choice=True),
            Column("pruned", choice=True),
            Column("percent", "d"),
            Column("published range"),
            Column("source"),
            Column("experiment", choice=True),
        ),
        [(row.statement, *row.subject, _range(row), row.source, row.experiment) for row in claims],
        folded=True,
    )
