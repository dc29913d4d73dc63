"""The page: every section, rendered by templates into one self-contained document."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from sparsebench.harness.registry import experiments
from sparsebench.judging.comparison import STATES, ending
from sparsebench.parts.records import Baseline, Record, Result
from sparsebench.report.contents import Drawing, Section, Table
from sparsebench.report.cost import cost_section, points
from sparsebench.report.data_tables import as_json, is_data, is_folded
from sparsebench.report.dense_column import DenseNetworks
from sparsebench.report.every_claim import every_claim
from sparsebench.report.history import Past, compared, history_section
from sparsebench.report.intake import admitted
from sparsebench.report.measured import Measured
from sparsebench.report.overview import (
    claims_section,
    inventory_section,
    newest_provenance,
    notices,
)
from sparsebench.report.plain_section import sections_of
from sparsebench.report.plain_text import plain
from sparsebench.report.verdict import verdict_section
from sparsebench.report.words import NOT_MEASURED, VERDICTS

TITLE = "Sparse recurrent networks: what was measured, beside what was published"


@dataclass(frozen=True)
class Source:
    """A file that the report is made from: its name and its content."""

    name: str
    document: Result | Baseline


@dataclass(frozen=True)
class Page:
    """The report.

    Attributes
    ----------
    html
        An HTML document.
    drawings
        Its figures.
    tables
        Tables that a script renders on demand; their CSV files serve readers without scripts.
    """

    html: str
    drawings: tuple[Drawing, ...]
    tables: tuple[Table, ...] = ()


def build(
    sources: Sequence[Source], title: str = TITLE, dense: DenseNetworks | None = None
) -> Page:
    """Build the report of the newest file, and of the changes since the older ones.

    Parameters
    ----------
    sources
        One or more, oldest first.
    title
        Title of the page.
    dense
        Where dense networks are looked up that the newest file lacks.

    Raises
    ------
    ValueError
        If there is no file.
    """
    if not sources:
        raise ValueError("no file to report: name one or more, oldest first")
    sections = _sections(sources, dense)
    shown = [each for section in sections for each in section.shown]
    drawings = tuple(each for each in shown if isinstance(each, Drawing))
    tables = [(each, is_folded(each)) for each in shown if isinstance(each, Table)]
    tables += [(each.numbers, True) for each in drawings if each.numbers is not None]
    return Page(
        _render(title, sections),
        drawings,
        tuple(table for table, closed in tables if is_data(table, closed)),
    )


def _sections(sources: Sequence[Source], dense: DenseNetworks | None) -> list[Section]:
    newest = sources[-1]
    shown = [admitted(source.document.records) for source in sources]
    records, left_out = shown[-1]
    measured = Measured(tuple(records), dense)
    files = [_past(source, found) for source, (found, _) in zip(sources, shown, strict=True)]
    across = compared(files)
    first = verdict_section(measured.once(points), across)
    remarks = dict.fromkeys(said for each in experiments() for said in each.remarks(measured))
    first = replace(first, said=(*notices(newest.document, left_out), *first.said, *remarks))
    return [
        first,
        *(section for each in experiments() for section in sections_of(each, measured)),
        cost_section(measured),
        *([history_section(files, across)] if across is not None else []),
        claims_section(every_claim(measured)),
        inventory_section(newest.name, newest.document, records, left_out),
    ]


def _past(source: Source, records: Sequence[Record]) -> Past:
    place = newest_provenance(source.document)
    ended = ending(source.document)
    items = source.document.items if isinstance(source.document, Result) else ()
    if place is None:
        return Past(source.name, "", tuple(records), ended, items)
    label = f"{source.name} ({place.commit.id[:8] or 'no commit'})"
    return Past(label, f"{place.cpu}, {place.gpu}", tuple(records), ended, items)


def _render(title: str, sections: Sequence[Section]) -> str:
    environment = _environment()
    loader = environment.loader
    assert loader is not None
    styles = loader.get_source(environment, "page.css")[0]
    script = environment.get_template("tables.js").render()
    # both are the package's own files, and are inserted unescaped
    return environment.get_template("page.html").render(
        title=title,
        sections=[each for each in sections if each.shown or not each.missing],
        lacking=[(each, missing) for each in sections for missing in each.missing],
        styles=Markup(styles),
        script=Markup(script),
        script_hash=_hash(script),
    )


def _hash(script: str) -> str:
    """The hash by which the page's security policy allows its only script."""
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
    environment.tests["data"] = is_data
    environment.tests["folded"] = is_folded
    environment.filters["table_json"] = lambda table: Markup(as_json(table))
    environment.globals["verdicts"] = (*VERDICTS.values(), NOT_MEASURED, *STATES)
    return environment
