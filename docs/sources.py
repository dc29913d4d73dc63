"""The places of the five texts, joined with the claims that name them: docs/results/coverage.md.

`docs/results/sources.toml` lists the places and says what is allowed in it.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparsebench.harness.claims import claims, contrasts
from sparsebench.report.every_claim import ClaimRow, count_verdicts

FILE = Path(__file__).parent / "results" / "sources.toml"

TITLES = {
    "proposal": "The proposal",
    "thesis": "The thesis",
    "slides": "The slides",
    "report": "The report on capacity",
    "summary": "The thesis's summary on the web",
}
"""The five texts, by the keys of the file."""

PREFIXES = {"thesis, ": "thesis", "slides, ": "slides", "report on capacity, ": "report"}
"""How claims cite those of the five texts that claims are about."""

WORDS = {
    "holds": ("holds", "hold"),
    "contradicted": ("is contradicted", "are contradicted"),
    "open": ("is open", "are open"),
    "not measured": ("is not measured", "are not measured"),
}

Name = tuple[str, str]
"""A text and a place in it."""


@dataclass(frozen=True)
class Place:
    """A figure, table, question or finding.

    Attributes
    ----------
    text, place, says
        Where it is, and what it shows or states.
    run, page
        The benchmarks that answer it, and the page that shows the answer, beside `coverage.md`.
    see
        Other places whose claims answer it.
    shown, background
        What answers it without a claim; why there is nothing to measure.
    open
        What is missing.
    """

    text: str
    place: str
    says: str
    run: str = ""
    page: str = ""
    see: tuple[str, ...] = ()
    shown: str = ""
    background: str = ""
    open: str = ""

    @property
    def judged(self) -> bool:
        """Whether claims that name the place itself answer it."""
        return not (self.see or self.shown or self.background or self._missing)

    @property
    def _missing(self) -> bool:
        """Whether nothing answers it yet: neither benchmarks nor other places."""
        return bool(self.open) and not self.run

    @property
    def name(self) -> Name:
        """Its text and place."""
        return self.text, self.place


def places(path: Path = FILE) -> list[Place]:
    """The places of the file, in its order."""
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Place(text, **{**row, "see": tuple(row.get("see", ()))})
        for text, rows in found.items()
        for row in rows
    ]


def cited(row: ClaimRow) -> list[Name]:
    """The places that a claim names; none if it is from none of the five texts."""
    sources = [verdict.source for verdict in row.verdicts.values()]
    for claim in (*claims(row.item), *contrasts(row.item)):
        if claim.statement == row.statement:
            alone = claim.source.startswith("slides, ")
            sources.append(claim.source if alone else f"{claim.publication}, {claim.source}")
    source = sources[0] if sources else f"thesis, {row.source}"
    for prefix, text in PREFIXES.items():
        if source.startswith(prefix):
            return [(text, each) for each in _atoms(source.removeprefix(prefix))]
    return []


def _atoms(source: str) -> list[str]:
    """The places in a source: "section IV.A, fig 2-4" has four."""
    found = []
    for part in source.split(", "):
        several = re.fullmatch(r"(fig|table) (\d+)-(\d+)", part)
        if several:
            first, last = int(several[2]), int(several[3])
            found += [f"{several[1]} {number}" for number in range(first, last + 1)]
        else:
            found.append(part)
    return found


def claims_by_place(rows: Iterable[ClaimRow]) -> dict[Name, list[ClaimRow]]:
    """The claims that name each place."""
    found: dict[Name, list[ClaimRow]] = {}
    for row in rows:
        for name in cited(row):
            found.setdefault(name, []).append(row)
    return found


def answers(
    place: Place, known: Mapping[Name, Place], by_place: Mapping[Name, Sequence[ClaimRow]]
) -> list[ClaimRow]:
    """The claims that answer a place: its own, and those of the places that it refers to."""
    found = (
        [] if place.see or place.shown or place.background else list(by_place.get(place.name, ()))
    )
    for each in place.see:
        found += answers(known[_named(each)], known, by_place)
    return list({id(row): row for row in found}.values())


def faults(found: Sequence[Place], rows: Sequence[ClaimRow]) -> list[str]:
    """What does not match: places that only claims name, or only the file; references to no place."""
    known, by_place = {place.name: place for place in found}, claims_by_place(rows)
    told = [
        f"{text}, {name}: claims name it, the file does not"
        for text, name in by_place.keys() - known.keys()
    ]
    counts = Counter(place.name for place in found)
    told += [f"{text}, {name}: twice" for (text, name), count in counts.items() if count > 1]
    for place in found:
        where = ", ".join(place.name)
        if place.judged and place.name not in by_place:
            told.append(f"{where}: no claim names it, and nothing else answers it")
        if sum(map(bool, (place.shown, place.background, place.see))) > 1:
            told.append(f"{where}: answered in more than one way")
        if (place.shown or place.background) and place.name in by_place:
            told.append(f"{where}: claims name it, so it is judged, not shown or background")
        told += [
            f"{where}: refers to {each}, which is not in the file"
            for each in place.see
            if _named(each) not in known
        ]
    return told


def _named(reference: str) -> Name:
    text, _, place = reference.partition(": ")
    return text, place


def coverage(rows: Sequence[ClaimRow]) -> str:
    """A table of places for each text, after the counts of all."""
    found = places()
    known, by_place = {place.name: place for place in found}, claims_by_place(rows)
    judged = [row for row in rows if cited(row)]
    kinds = Counter(_kind(place, answers(place, known, by_place)) for place in found)
    missing = sum(bool(place.open) for place in found)
    counts = (
        f"{len(found)} places: {kinds['judged']} are answered by claims, {kinds['shown']} without "
        f"a claim, {kinds['background']} have nothing to measure; nothing is missing"
        f"{f' but at {missing}' if missing else ''}. "
        f"The {len(judged)} claims that name them: {_verdicts(count_verdicts(judged))}."
    )
    parts = [counts]
    for text, title in TITLES.items():
        lines = ["| where | what | answered by | verdict | page |", "|---|---|---|---|---|"]
        for place in found:
            if place.text == text:
                verdict, page = _verdict(place, known, by_place), _page(place, known)
                cells = (place.place, place.says, _answer(place), verdict, page)
                lines.append(f"| {' | '.join(cells)} |")
        parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts)


def _kind(place: Place, claims_of_it: Sequence[ClaimRow]) -> str:
    if claims_of_it:
        return "judged"
    if place.background:
        return "background"
    return "shown" if place.shown or place.see else "open"


def _verdict(
    place: Place, known: Mapping[Name, Place], by_place: Mapping[Name, Sequence[ClaimRow]]
) -> str:
    told = []
    if claims_of_it := answers(place, known, by_place):
        told.append(_verdicts(count_verdicts(claims_of_it)))
    elif place.background:
        told.append("nothing to measure")
    elif place.shown or place.see:
        told.append("shown, nothing claimed")
    if place.open:
        told.append(f"**open**: {place.open}")
    return "; ".join(told)


def _verdicts(counts: Mapping[str, int]) -> str:
    return ", ".join(
        f"{count} {WORDS[verdict][count > 1]}" for verdict, count in counts.items() if count
    )


def _answer(place: Place) -> str:
    told = [place.shown or place.background]
    if place.see:
        (text, first), *others = map(_named, place.see)
        home = "" if text == place.text else f"{text}: "
        told.append(f"see {home}{', '.join([first, *(name for _, name in others)])}")
    if place.run:
        told.append(f"`benchmarks/{place.run}`")
    return "; ".join(filter(None, told))


def _page(place: Place, known: Mapping[Name, Place]) -> str:
    pages = dict.fromkeys(_pages(place, known))
    return ", ".join(f"[{Path(each).stem}]({each})" for each in pages)


def _pages(place: Place, known: Mapping[Name, Place]) -> list[str]:
    """The place's page, or those of the places that it refers to."""
    if place.page or not place.see:
        return [place.page] if place.page else []
    return [page for each in place.see for page in _pages(known[_named(each)], known)]
