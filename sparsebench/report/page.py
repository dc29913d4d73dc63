"""The page: every section, rendered by templates into one document that needs nothing else."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sparsebench.harness.registry import experiments
from sparsebench.judging.comparison import ending
from sparsebench.parts.records import Baseline, Record, Result
from sparsebench.report.contents import Drawing, Section
from sparsebench.report.cost import cost_section
from sparsebench.report.every_claim import every_claim
from sparsebench.report.history import Past, history_section
from sparsebench.report.intake import admitted
from sparsebench.report.measured import Measured
from sparsebench.report.overview import (
    claims_section,
    newest_provenance,
    summary_section,
)
from sparsebench.report.plain_section import sections_of
from sparsebench.report.plain_text import plain
from sparsebench.report.words import NOT_MEASURED, VERDICTS

TITLE = "Sparse recurrent networks: what was measured, beside what was published"


@dataclass(frozen=True)
class Source:
    """A file that the report is made from: what it is called, and what it holds."""

    name: str
    document: Result | Baseline


@dataclass(frozen=True)
class Page:
    """The report: an HTML document, and the figures in it."""

    html: str
    drawings: tuple[Drawing, ...]


def build(sources: Sequence[Source], title: str = TITLE) -> Page:
    """Make the report of the newest file, and of what became of it since the older ones.

    Parameters
    ----------
    sources
        One or more, oldest first.
    title
        Of the page.

    Raises
    ------
    ValueError
        If there is no file.
    """
    if not sources:
        raise ValueError("no file to report: name one or more, oldest first")
    sections = _sections(sources)
    drawings = tuple(
        shown for section in sections for shown in section.shown if isinstance(shown, Drawing)
    )
    return Page(_render(title, sections), drawings)


def _sections(sources: Sequence[Source]) -> list[Section]:
    newest = sources[-1]
    shown = [admitted(source.document.records) for source in sources]
    records, left_out = shown[-1]
    measured = Measured(tuple(records))
    claims = every_claim(measured)
    return [
        summary_section(newest.name, newest.document, records, left_out, claims),
        claims_section(claims),
        *(section for each in experiments() for section in sections_of(each, measured)),
        cost_section(measured),
        history_section(
            [_past(source, found) for source, (found, _) in zip(sources, shown, strict=True)]
        ),
    ]


def _past(source: Source, records: Sequence[Record]) -> Past:
    place = newest_provenance(source.document)
    ended = ending(source.document)
    if place is None:
        return Past(source.name, "", tuple(records), ended)
    label = f"{source.name} ({place.commit.id[:8] or 'no commit'})"
    return Past(label, f"{place.cpu}, {place.gpu}", tuple(records), ended)


def _render(title: str, sections: Sequence[Section]) -> str:
    environment = _environment()
    loader = environment.loader
    assert loader is not None
    styles, script = (loader.get_source(environment, name)[0] for name in ("page.css", "tables.js"))
    # both are this package's own, and are put into the page as they are
    return environment.get_template("page.html").render(
        title=title,
        sections=sections,
        styles=Markup(styles),
        script=Markup(script),
        script_hash=_hash(script),
    )


def _hash(script: str) -> str:
    """What the page's policy knows its only script by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sparsebench.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: plain(value) if type(value) is str else value,
    )
    environment.tests["drawing"] = lambda shown: isinstance(shown, Drawing)
    environment.globals["verdicts"] = (*VERDICTS.values(), NOT_MEASURED)
    return environment
