"""The report in a folder: the page, and every figure as SVG and as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sparsebench.experiments.report.page import TITLE, Page, Source, build
from sparsebench.parts.documents import read_document
from sparsebench.parts.files import check_inside, write_atomically

PAGE, FIGURES = "index.html", "figures"


def report(paths: Sequence[Path], folder: Path, title: str = TITLE) -> Page:
    """Read result files or baselines, oldest first, and write the report of them into a folder.

    Other files in the folder stay as they are. Nothing is written before everything is drawn.

    Raises
    ------
    OSError
        If a file cannot be read, or the folder cannot be written.
    ValueError
        If a file is not a sparsebench document.
    """
    documents = [read_document(path) for path in paths]
    sources = [Source(*each) for each in zip(names_of(paths), documents, strict=True)]
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file: name a folder for the report")
    page = build(sources, title)
    contents = {PAGE: page.html.encode("utf-8", "replace")}
    for drawing in page.drawings:
        contents[f"{FIGURES}/{drawing.name}.svg"] = drawing.svg
        contents[f"{FIGURES}/{drawing.name}.png"] = drawing.png
    for name in contents:
        check_inside(folder / name, folder)
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return page


def names_of(paths: Sequence[Path]) -> list[str]:
    """What files are called on a page that others read: as much of their paths as tells them apart."""
    ends = [path.absolute().parts for path in paths]
    for length in range(1, max(map(len, ends), default=0)):
        names = ["/".join(parts[-length:]) for parts in ends]
        if len(set(names)) == len(set(ends)):
            return names
    return [path.name for path in paths]
