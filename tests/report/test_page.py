"""The page: every section, whatever is missing, and nothing in a file can become markup."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.random_wiring.items import WiredItem
from sparsebench.harness.registry import experiments
from sparsebench.judging.comparison import STATES
from sparsebench.parts.records import Commit
from sparsebench.report.contents import Column, Missing, Section, Table
from sparsebench.report.measured import Measured
from sparsebench.report.page import Source, _render, build
from sparsebench.report.plain_section import sections_of
from sparsebench.report.plain_text import plain
from sparsebench.report.words import NOT_MEASURED, VERDICTS
from sparsebench.shell.options import OPTIONS
from tests.judging.records import networks
from tests.report import made_up
from tests.report.reading import tables
from tests.report.test_drawing import HOSTILE

ROOT = Path(__file__).parents[2]

OF_EXPERIMENTS = [
    section.name
    for each in experiments()
    for section in sections_of(each, Measured(tuple(made_up.everything())))
    if section.shown
]
NAMES = ["verdict", *OF_EXPERIMENTS, "cost", "claims", "inventory", "lacking"]

MARKED = {*VERDICTS.values(), NOT_MEASURED, *STATES}
"""Words that the page itself puts into a span."""


class Reader(HTMLParser):
    """Notes the elements of a document, with the names of their attributes, and its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.values: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, tuple(name for name, _ in attributes)))
        self.values += [value or "" for _, value in attributes]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def page():
    return build([Source("new.json", made_up.result(made_up.everything()))])


def test_every_section_is_there_in_order(page):
    assert {"base", "pruning", "finetuning", "wired", "correlation"} < set(NAMES)
    assert re.findall(r'<section id="([^"]+)"', page.html) == NAMES
    assert [f'href="#{name}"' in page.html for name in NAMES] == [True] * len(NAMES)


def test_ids_are_unique(page):
    ids = re.findall(r'\sid="([^"]+)"', page.html)
    ids += [table.name for table in page.tables]  # a script makes these
    assert len(ids) == len(set(ids))


def test_captions_and_figures_are_unique(page):
    captions = re.findall("<caption[^>]*>([^<]+)<", page.html)
    assert len(captions) == len(set(captions))
    names = [drawing.name for drawing in page.drawings]
    assert len(names) == len(set(names)) >= 14


def test_every_colour_follows_the_page_but_those_of_the_map(page):
    fixed = {
        drawing.name: colours
        for drawing in page.drawings
        if (colours := set(re.findall('(?:fill|stroke)="#[0-9a-f]{6}', drawing.inline)))
    }
    assert set(fixed) == {"correlation-map"}


def test_nothing_is_fetched_and_no_handler_runs(page):
    found = Reader(page.html)
    attributes = {name for _, names in found.elements for name in names}
    assert not {name for name in attributes if name.startswith("on")}
    assert not {"src", "action", "background", "poster", "srcset"} & attributes
    assert not {"iframe", "object", "embed", "link", "base", "form", "img"} & {
        tag for tag, _ in found.elements
    }
    links = re.findall(r'href="([^"]*)"', page.html)
    assert {link for link in links if link[0] != "#"} == {
        f"tables/{table.name}.csv" for table in page.tables
    }
    assert "default-src 'none'" in page.html


def test_the_policy_knows_the_script(page):
    script = re.search("<script>(.*?)</script>", page.html, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.html
    others = page.html.count('<script type="application/json">')
    assert others == len(page.tables)
    assert page.html.count("<script") == 1 + others


def test_a_file_without_records_says_what_is_missing_in_a_line_each():
    html = build([Source("empty.json", made_up.baseline([]))]).html
    sections = re.findall(r'<section id="([^"]+)"', html)
    assert sections == ["verdict", "claims", "inventory", "lacking"]
    assert "<figure" not in html
    commands = [unescape(each) for each in re.findall("<code>(pytest [^<]+)</code>", html)]
    assert {each.split()[1] for each in commands} >= {
        f"benchmarks/test_{name}.py"
        for name in ("base", "pruning", "finetuning", "wired", "wired_pruning", "correlation")
    }
    for command in commands:
        assert (ROOT / command.split()[1]).exists()
        named = set(re.findall(r"--sparsebench-[a-z-]*[a-z]", command))
        assert named <= {option.switch for option in OPTIONS}


def test_what_is_there_is_shown_where_the_rest_is_missing():
    page = build([Source("some.json", made_up.result(made_up.base_models()))])
    assert "base-by-epoch" in {drawing.name for drawing in page.drawings}
    assert "pruned base models under the published semantics" in page.html


def test_records_that_cannot_be_understood_are_named():
    spoilt = made_up.base_models()
    spoilt[0].case = {"kind": "Nonsense"}
    html = build([Source("spoilt.json", made_up.baseline(spoilt))]).html
    assert "1 records of the file are not valid" in html
    assert spoilt[0].digest in html


def test_the_newest_file_is_shown_with_what_became_of_the_older_ones():
    worse = made_up.pruned(percents=[80])
    for record in worse:
        record.metrics["accuracy"] -= 0.2
    places = [made_up.provenance(commit) for commit in ("1" * 16, "2" * 16)]
    html = build(
        [
            Source("old.json", made_up.result(made_up.pruned(percents=[80]), places[0])),
            Source("new.json", made_up.result(worse, places[1])),
        ]
    ).html
    verdict = html[html.index('<section id="verdict"') : html.index('<section id="pruning"')]
    assert "Since the oldest file: 1 regressed." in verdict
    assert (
        "The worst: pruning gru both p80, accuracy 0.9950 -&gt; 0.7950 (-20.00 points)." in verdict
    )
    assert "seed 0: 0.9900 -&gt; 0.7900, -20.00 points" in verdict
    history = html[html.index('<section id="history"') :]
    assert "1 regressed" in history
    assert "old.json (11111111)" in history
    assert "new.json (22222222)" in history


def test_every_section_of_the_shipped_baseline_can_be_made(thesis_baseline):
    """The section on base models raised, and was told as such on the page, where no test looked."""
    html = build([Source("thesis", thesis_baseline)]).html
    assert "could not be made" not in html
    assert len(html.encode()) < 4_000_000


def hostile_document(text: str):
    """A document in which every text that may be anything is a hostile one."""
    document = made_up.result(networks(WiredItem("gru", text, 0), [0.9]))
    place = made_up.provenance()
    place = msgspec.structs.replace(
        place, commit=Commit(text, text), created=text, cpu=text, gpu=text, device=text, python=text,
        torch=text, numpy=text, code=text, driver=text,
    )  # fmt: skip
    run = msgspec.structs.replace(
        document.run, profile=text, semantics=[text], seed_policy=text, device=text, claims=text,
        baseline=text, command=[text, text],
    )  # fmt: skip
    for record in document.records:
        record.outcome = record.weights = record.numerics = text
        record.provenance = text
    return msgspec.structs.replace(document, provenance=place, provenances={text: place}, run=run)


def hostile_page(text: str) -> str:
    older, newer = hostile_document(text), hostile_document(text)
    newer.records[0].metrics["accuracy"] = 0.1
    spoilt = made_up.base_models()[0]
    spoilt.digest, spoilt.case = text, {"kind": text}
    newer.records.append(spoilt)
    return build([Source(text, older), Source(text, newer)], text).html


@pytest.fixture(scope="module")
def harmless() -> Reader:
    return Reader(hostile_page("harmless"))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_anywhere_in_a_file_stays_text(harmless, text):
    html = hostile_page(text)
    found = Reader(html)
    assert found.elements == harmless.elements
    assert not re.search("[\0\x1b\u202e]", html)
    assert len(html) < 1_000_000


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: text not in MARKED))
def test_no_text_in_a_section_can_become_markup(text):
    def read(said):
        table = Table("table", said, (Column(said, choice=True), Column(said)), [(said, said)])
        section = Section("name", said, (said,), (table,), (Missing(said, said),))
        return Reader(_render(said, [section]))

    found = read(text)
    assert found.elements == read("harmless").elements
    assert plain(text) in "".join(found.texts)


def test_a_cell_type_that_the_thesis_does_not_have_has_rows_and_no_claims():
    found = [*made_up.everything(), *made_up.other_cell()]
    assert "MGU" in build([Source("new.json", made_up.result(found))]).html
    with_rows = {
        table.name
        for each in experiments()
        for section in sections_of(each, Measured(tuple(found)))
        for table in tables(section).values()
        if any("MGU" in row for row in table.rows)
    }
    assert with_rows == {
        "base-by-epoch-numbers",
        "base-finals",
        "accuracy-by-percent-numbers",
        "regain-published-numbers",
        "every-network",
        "wired-distributions",
        "correlations",
        "essential-properties",
        "r-squared-published-numbers",
        "importances-published-numbers",
    }
