"""The real report in a real browser: tables, figures, accessibility, and nothing leaves the page."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Baseline, Item
from sparsebench.report.site import report
from tests.judging.records import forward
from tests.report import made_up
from tests.report.test_page import hostile_document

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

HERE = Path(__file__).parent
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OPEN = "document.querySelectorAll('details').forEach((each) => each.open = true)"
SIZES = {"desk": (1280, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"no Chromium here: install one of {', '.join(names)}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=[100, pytest.param(None, marks=pytest.mark.long)])
def site(
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
    thesis_baseline: Baseline,
) -> Path:
    """The report of the shipped baseline, with made-up analyses, times and an older file beside it.

    Of each experiment it has about so many records, from all of it, or all.
    """
    folder = tmp_path_factory.mktemp("site")
    records = thesis_baseline.records
    if request.param:
        grouped = defaultdict(list)
        for record in records:
            grouped[record.experiment].append(record)
        some = (own[:: len(own) // request.param or 1] for own in grouped.values())
        records = list(chain.from_iterable(some))
    shown = {record.digest for record in records}
    records = records + [
        record
        for record in (
            *(made_up.correlation(variant) for variant in ("rnn_tanh", "rnn_relu", "lstm", "gru")),
            *(made_up.prediction(variant) for variant in ("rnn_tanh", "gru")),
            *forward([0.4, 0.3, 0.1]),
        )
        if record.digest not in shown
    ]
    older = folder / "older.json"
    result = made_up.result(made_up.pruned())
    name = "benchmarks/test_some.py::test_a_long_name[rnn_relu-watts_strogatz-p80-corrected]"
    digests = [record.digest for record in result.records]
    result.items.append(Item(nodeid=name, outcome="passed", seconds=1.0, digests=digests))
    write_document(older, result)
    newest = Baseline(provenances=thesis_baseline.provenances, records=records)
    write_document(folder / "newest.json", newest)
    report([older, folder / "newest.json"], folder)
    return folder


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a few made-up records of every experiment."""
    folder = tmp_path_factory.mktemp("small")
    write_document(folder / "result.json", made_up.result(made_up.everything()))
    report([folder / "result.json"], folder)
    return folder


class Watched:
    """A page, with everything that it complained of or asked for."""

    def __init__(self, browser, address: str, **context) -> None:
        self.context = browser.new_context(**context)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def watched(browser, site) -> Iterator[Watched]:
    opened = Watched(browser, (site / "index.html").as_uri())
    opened.page.evaluate(OPEN)
    yield opened
    opened.context.close()


def test_nothing_is_complained_of_and_no_request_leaves_the_page(watched, site):
    watched.page.wait_for_timeout(200)
    assert watched.complaints == []
    assert {each.partition("#")[0] for each in watched.requests} == {(site / "index.html").as_uri()}


def test_every_table_sorts_by_every_column_both_ways(watched):
    assert watched.page.evaluate((HERE / "sorting.js").read_text(encoding="utf-8")) == []


def test_every_table_filters_and_says_how_many_rows_are_left(watched):
    assert watched.page.evaluate((HERE / "filtering.js").read_text(encoding="utf-8")) == []


def test_every_figure_renders(watched, site):
    drawn = watched.page.locator("figure .drawing svg[role=img]").evaluate_all(
        """all => all.map((each) => {
            const {width, height} = each.getBoundingClientRect();
            const paths = each.querySelectorAll("path").length;
            return {width, height, paths, empty: each.outerHTML.includes("NaN")};
        })"""
    )
    assert len(drawn) == len(list((site / "figures").glob("*.svg"))) >= 16
    for each in drawn:
        assert each["width"] > 100
        assert each["height"] > 100
        assert each["paths"] > 2
        assert not each["empty"]


def test_tables_can_be_worked_by_keyboard(browser, small_site):
    page = Watched(browser, (small_site / "index.html").as_uri()).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_function("location.hash === '#content'")
    table = page.locator("#every-claim")
    table.locator("thead button").first.focus()
    page.keyboard.press("Enter")
    assert table.locator("th").first.get_attribute("aria-sort") == "ascending"
    container = page.locator("[data-table]", has=table)
    container.get_by_label("Rows with").focus()
    page.keyboard.type("falls sharply")
    assert container.get_by_role("status").text_content() == "1 of 38 rows"
    page.context.close()


BROKEN = """() => {
    const broken = [];
    for (const cell of document.querySelectorAll("th, td")) {
        if (!cell.checkVisibility() || cell.parentElement.rowIndex > 80) continue;
        if (cell.closest("thead")?.offsetWidth === 1) continue; // of cards: heads are heard, not seen
        const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
            for (const word of node.data.matchAll(/[\\p{L}\\p{N}_.%]{2,}/gu)) {
                if (word[0].length > 30) continue; // a checksum, longer than a phone is wide
                const range = document.createRange();
                range.setStart(node, word.index);
                range.setEnd(node, word.index + word[0].length);
                const lines = new Set([...range.getClientRects()].map((each) => Math.round(each.top)));
                if (lines.size > 1) broken.push(`${cell.closest("table").id}: ${word[0]}`);
            }
        }
    }
    return broken;
}"""
"""Words in tables that stand in more than one line: their column is narrower than they are."""


@pytest.mark.parametrize(
    "width", [320, *(pytest.param(each, marks=pytest.mark.long) for each in (768, 1280))]
)
def test_no_column_is_narrower_than_its_longest_word(browser, site, width):
    opened = Watched(
        browser, (site / "index.html").as_uri(), viewport={"width": width, "height": 900}
    )
    opened.page.evaluate(OPEN)
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate(BROKEN) == []
    opened.context.close()


def test_a_word_that_is_broken_would_be_found(browser, small_site):
    opened = Watched(browser, (small_site / "index.html").as_uri())
    opened.page.add_style_tag(content="td { max-width: 2rem; overflow-wrap: anywhere; }")
    assert opened.page.evaluate(BROKEN)
    opened.context.close()


@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.long)])
def test_verdicts_are_not_cut_off(browser, site, width):
    opened = Watched(
        browser, (site / "index.html").as_uri(), viewport={"width": width, "height": 900}
    )
    beyond = opened.page.evaluate(
        """() => {
            const right = (each) => each.getBoundingClientRect().right;
            return [...document.querySelectorAll(".verdict")]
                .filter((each) => each.checkVisibility())
                .filter((each) => right(each) > right(each.closest(".scroll")))
                .map((each) => each.closest("table").id);
        }"""
    )
    assert set(beyond) == set()
    opened.context.close()


def test_a_filter_stands_in_the_address_and_comes_back_from_it(browser, small_site):
    address = (small_site / "index.html").as_uri()
    first = Watched(browser, address)
    container = first.page.locator("[data-table=every-claim]")
    container.get_by_label("variant").select_option("GRU")
    container.get_by_label("Rows with").fill("falls sharply")
    status = container.get_by_role("status").text_content()
    view = "#every-claim?rows=falls+sharply&variant=GRU"
    first.page.wait_for_function("view => location.hash === view", arg=view)
    first.context.close()
    again = Watched(browser, address + view)
    container = again.page.locator("[data-table=every-claim]")
    assert container.get_by_role("status").text_content() == status
    assert container.get_by_label("variant").input_value() == "GRU"
    assert again.page.evaluate("scrollY") > 0
    again.context.close()


def test_an_address_opens_the_closed_table_that_it_names(browser, small_site):
    opened = Watched(browser, (small_site / "index.html").as_uri() + "#methods?variant=GRU")
    table = opened.page.locator("#methods")
    assert table.is_visible()
    assert table.locator("tbody tr:visible").count() < table.locator("tbody tr").count()
    opened.context.close()


def test_a_view_that_no_table_has_does_nothing(browser, small_site):
    for view in ("#nothing?variant=GRU", "#verdicts?variant=%ZZ", "#by-percent?variant=nobody"):
        opened = Watched(browser, (small_site / "index.html").as_uri() + view)
        assert opened.complaints == []
        opened.context.close()


def test_a_figure_tells_the_value_beside_the_pointer(browser, small_site):
    opened = Watched(browser, (small_site / "index.html").as_uri())
    panel = opened.page.locator("#accuracy-by-percent g.panel").first
    panel.scroll_into_view_if_needed()
    mark = panel.locator("path[data-v][data-label]").first
    box = mark.bounding_box()
    tip = opened.page.locator(".tip")
    assert not tip.is_visible()
    opened.page.mouse.move(box["x"], box["y"])
    assert tip.text_content() == "ours, published: percent pruned 80, 0.995"
    opened.page.mouse.move(2, 2)
    assert not tip.is_visible()
    opened.context.close()


@pytest.mark.parametrize(
    ("scheme", "size"),
    [
        ("light", "phone"),
        ("dark", "desk"),
        pytest.param("light", "desk", marks=pytest.mark.long),
        pytest.param("dark", "phone", marks=pytest.mark.long),
    ],
)
def test_an_accessibility_checker_finds_nothing_serious(browser, small_site, scheme, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe here")
    width, height = SIZES[size]
    opened = Watched(
        browser,
        (small_site / "index.html").as_uri(),
        color_scheme=scheme,
        viewport={"width": width, "height": height},
    )
    opened.page.locator("details").first.evaluate("each => each.open = true")
    found = (
        axe.Axe().run(opened.page, options={"resultTypes": ["violations"]}).response["violations"]
    )
    serious = [
        (each["id"], each["help"], [node["html"][:200] for node in each["nodes"][:3]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []
    opened.context.close()


def test_a_phone_scrolls_tables_and_figures_and_not_the_page(browser, site):
    opened = Watched(
        browser, (site / "index.html").as_uri(), viewport={"width": 360, "height": 740}
    )
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    reachable = (
        "each => each.tabIndex === 0 && (each.ariaLabel || each.hasAttribute('aria-labelledby'))"
    )
    for name in (".scroll", ".drawing"):
        assert opened.page.locator(name).first.evaluate(reachable)
    opened.context.close()


def test_paper_has_no_controls_and_cuts_nothing_off(browser, small_site):
    opened = Watched(browser, (small_site / "index.html").as_uri(), color_scheme="dark")
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".controls").first.is_visible()
    style = "each => getComputedStyle(each).overflowX"
    assert opened.page.locator(".scroll").first.evaluate(style) == "visible"
    opened.page.set_viewport_size({"width": 718, "height": 1000})  # A4 within margins of 10 mm
    cut = """() => [...document.querySelectorAll("table")]
        .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > 720)
        .map((each) => each.id)"""
    assert opened.page.evaluate(cut) == []
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    opened.context.close()


def test_without_scripts_everything_can_be_read(browser, site):
    opened = Watched(browser, (site / "index.html").as_uri(), java_script_enabled=False)
    assert opened.page.locator("#every-claim tbody tr").count() > 150
    assert not opened.page.locator(".controls").first.is_visible()
    opened.page.locator("summary", has_text="best method").click()
    assert opened.page.locator("#best-corrected").is_visible()
    details = opened.page.locator("details")
    named = details.locator("[data-table]").last.get_attribute("data-table")
    closed = details.filter(has=opened.page.locator(f"[data-table={named}]")).last
    closed.locator("summary").click()
    assert closed.get_by_role("link", name=f"tables/{named}.csv").is_visible()
    opened.context.close()


def test_colours_follow_the_reader_s_scheme(browser, small_site, scheme):
    opened = Watched(browser, (small_site / "index.html").as_uri(), color_scheme=scheme)
    background = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    ink = opened.page.locator("figure svg text").first.evaluate(
        "each => getComputedStyle(each).fill"
    )
    dark = "rgb(22, 24, 29)"
    assert (background == dark) == (scheme == "dark")
    assert (ink == "rgb(232, 233, 237)") == (scheme == "dark")
    opened.context.close()


HOSTILE = (
    "<script>window.got = 1; alert(1)</script><img src=x onerror='window.got = 1'>"
    "\"'><svg onload=window.got=1> $\\frac{1}{0}$ javascript:alert(1)"
)


def test_hostile_text_does_nothing(browser, tmp_path):
    write_document(tmp_path / "hostile.json", hostile_document(HOSTILE))
    report([tmp_path / "hostile.json"], tmp_path / "site", HOSTILE)
    opened = Watched(browser, (tmp_path / "site" / "index.html").as_uri())
    assert opened.page.evaluate("window.got") is None
    assert opened.complaints == []
    assert {each.partition("#")[0] for each in opened.requests} == {opened.requests[0]}
    assert opened.page.locator("h1").text_content() == HOSTILE
    opened.context.close()


def test_the_policy_stops_what_gets_in_all_the_same(browser, small_site):
    opened = Watched(browser, (small_site / "index.html").as_uri())
    opened.page.evaluate(
        """() => {
        const script = document.createElement("script");
        script.textContent = "window.got = 1";
        document.body.append(script);
        const image = new Image();
        image.src = "https://example.org/x.png";
        document.body.append(image);
      }"""
    )
    opened.page.wait_for_timeout(300)
    assert opened.page.evaluate("window.got") is None
    assert any("Content Security Policy" in each for each in opened.complaints)
    opened.context.close()
