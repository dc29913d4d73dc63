"""Take the README's pictures of the report, from the shipped baseline; needs Chromium on the path.

python docs/figures/report.py
"""

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from sparsebench.experiments.report.site import report

HERE = Path(__file__).parent
BASELINE = HERE.parents[1] / "baselines" / "thesis.json"
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
PICTURES = {
    "report-claims": ("#claims", "light", (1280, 700)),
    "report-pruning": ("#pruning", "dark", (1180, 880)),
    "report-cost": ("#cost", "light", (1180, 880)),
    "report-phone": ("#accuracy-by-family", "light", (390, 760)),
}
"""What each shows: a place on the page, the reader's colours, and the size of the window."""


def main() -> None:
    """Write the pictures beside this file, in 256 colours, which is all they need."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        report([BASELINE], Path(folder))
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)
        for name, (place, scheme, (width, height)) in PICTURES.items():
            page = browser.new_page(
                color_scheme=scheme, viewport={"width": width, "height": height}
            )
            page.goto((Path(folder) / "index.html").as_uri())
            if place == "#claims":
                page.locator("#claims").get_by_label("published: verdict").select_option(
                    "contradicted"
                )
            page.locator(place).evaluate("each => each.scrollIntoView({behavior: 'instant'})")
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            picture.quantize(256, Image.Quantize.MAXCOVERAGE).save(
                HERE / f"{name}.png", optimize=True
            )
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
