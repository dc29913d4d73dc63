"""The shipped baseline's report: docs/results/figures.md with its figures, and pictures of the page.

    python docs/figures/report.py

The pictures are of the page in a browser, and need Chromium on the path. Those of two files show the
baseline beside a copy in which a few records were made worse, to have something to show.
"""

import io
import shutil
import tempfile
from pathlib import Path

import msgspec
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from sparsebench.parts.documents import read_document, write_document
from sparsebench.report.page import Page
from sparsebench.report.site import report

HERE = Path(__file__).parent
BASELINE = HERE.parents[1] / "baselines" / "thesis"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
DESK, PHONE, PAPER = (1280, 900), (390, 844), (794, 1123)
PICTURES = {
    "report-claims": ("#every-claim?published=contradicted", "light", "screen", (1280, 700)),
    "report-pruning": ("#pruning", "dark", "screen", (1180, 880)),
    "report-cost": ("#cost", "light", "screen", (1180, 880)),
    "report-phone": ("#accuracy-by-family", "light", "screen", (390, 760)),
    "report-first-desk": ("", "light", "screen", DESK),
    "report-first-dark": ("", "dark", "screen", DESK),
    "report-first-phone": ("", "light", "screen", PHONE),
    "report-first-print": ("", "light", "print", PAPER),
}
"""What each shows: an address on the page, the reader's colours, screen or paper, and its size."""

OF_TWO_FILES = {
    "report-two-desk": ("", "light", "screen", DESK),
    "report-two-dark": ("", "dark", "screen", DESK),
    "report-two-phone": ("", "light", "screen", PHONE),
    "report-two-print": ("", "light", "print", PAPER),
}
"""The same of the report of two files."""

INTRODUCTION = """# What was measured, drawn

Every figure of the report that

    sparsebench report baselines/thesis -o site

writes of the shipped baseline; the page itself has the numbers of each in a table, every claim with
its verdict, and what each thing cost. The tables are in [finetuning.md](finetuning.md),
[wired.md](wired.md), [graphs.md](graphs.md) and [capacity.md](capacity.md).
`python docs/figures/report.py` makes this page.
"""


def main() -> None:
    """Write the page and its figures, then the pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        one, two, worse = (Path(folder) / name for name in ("one", "two", "worse.json"))
        page = report([BASELINE], one)
        write_gallery(page, one, browser)
        take_pictures(one, PICTURES, browser)
        write_worse(worse)
        report([BASELINE, worse], two)
        take_pictures(two, OF_TWO_FILES, browser)
        browser.close()


def write_worse(path: Path) -> None:
    """The baseline with three kinds of records made worse, and some left out."""
    document = read_document(BASELINE)
    kept = []
    for record in document.records:
        case = record.case
        gru = "gru" in str(case)
        if record.experiment == "pruning" and gru and case.get("percent") == 80:
            lost = 0.052 if case.get("target") == "both" else 0.004
            accuracy = max(0.5, record.metrics["accuracy"] - lost)
            figures = {**record.metrics, "accuracy": accuracy}
            record = msgspec.structs.replace(record, metrics=figures)
        if record.experiment != "four_ways" or not gru:
            kept.append(record)
    document.records = kept
    write_document(path, document)


def write_gallery(page: Page, site: Path, browser: Browser) -> None:
    """docs/results/figures.md: every figure under its title, with what it says."""
    lines = [INTRODUCTION]
    (HERE / "report").mkdir(exist_ok=True)
    for drawing in page.drawings:
        tab = browser.new_page(viewport={"width": 1160, "height": 800})
        tab.goto((site / "figures" / f"{drawing.name}.svg").as_uri())
        save(tab.locator("svg").screenshot(), HERE / "report" / f"{drawing.name}.png")
        tab.close()
        said = drawing.message.replace("\n", " ")
        lines.append(f"## {drawing.title}\n\n{said}\n\n![](../figures/report/{drawing.name}.png)\n")
    (HERE.parent / "results" / "figures.md").write_text("\n".join(lines), encoding="utf-8")


def take_pictures(
    site: Path, pictures: dict[str, tuple[str, str, str, tuple[int, int]]], browser: Browser
) -> None:
    """Of the page in a browser."""
    for name, (place, scheme, media, (width, height)) in pictures.items():
        page = browser.new_page(
            color_scheme=scheme,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
        )
        page.emulate_media(media=media)
        page.goto((site / "index.html").as_uri() + place)
        page.wait_for_timeout(1000)
        save(page.screenshot(), HERE / f"{name}.png")
        page.close()


def save(png: bytes, path: Path) -> None:
    """In 256 colours, which is all these pictures need."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


if __name__ == "__main__":
    main()
