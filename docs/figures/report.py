"""The shipped baseline's report: docs/report.md with its figures, and the README's pictures.

    python docs/figures/report.py

The pictures are of the page in a browser, and need Chromium on the path.
"""

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from sparsebench.report.page import Page
from sparsebench.report.site import report

HERE = Path(__file__).parent
BASELINE = HERE.parents[1] / "baselines" / "thesis"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
PICTURES = {
    "report-claims": ("#claims", "light", (1280, 700)),
    "report-pruning": ("#pruning", "dark", (1180, 880)),
    "report-cost": ("#cost", "light", (1180, 880)),
    "report-phone": ("#accuracy-by-family", "light", (390, 760)),
}
"""What each shows: a place on the page, the reader's colours, and the size of the window."""


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
    with tempfile.TemporaryDirectory() as folder:
        write_gallery(report([BASELINE], Path(folder)))
        take_pictures(Path(folder))


def write_gallery(page: Page) -> None:
    """docs/report.md: every figure under its title, with what it says."""
    lines = [INTRODUCTION]
    (HERE / "report").mkdir(exist_ok=True)
    for drawing in page.drawings:
        save(drawing.png, HERE / "report" / f"{drawing.name}.png")
        said = drawing.message.replace("\n", " ")
        lines.append(f"## {drawing.title}\n\n{said}\n\n![](figures/report/{drawing.name}.png)\n")
    (HERE.parent / "report.md").write_text("\n".join(lines), encoding="utf-8")


def take_pictures(site: Path) -> None:
    """Of the page in a browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        for name, (place, scheme, (width, height)) in PICTURES.items():
            page = browser.new_page(
                color_scheme=scheme, viewport={"width": width, "height": height}
            )
            page.goto((site / "index.html").as_uri())
            if place == "#claims":
                page.locator("#claims").get_by_label("published: verdict").select_option(
                    "contradicted"
                )
            page.locator(place).evaluate("each => each.scrollIntoView({behavior: 'instant'})")
            save(page.screenshot(), HERE / f"{name}.png")
            page.close()
        browser.close()


def save(png: bytes, path: Path) -> None:
    """In 256 colours, which is all these pictures need."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


if __name__ == "__main__":
    main()
