"""The report as a folder: the page, every figure as an SVG file, long tables as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from sparsebench.parts.documents import read_document
from sparsebench.parts.files import FilePath, check_inside, write_atomically
from sparsebench.report.data_tables import as_csv
from sparsebench.report.dense_column import DenseNetworks
from sparsebench.report.page import TITLE, Page, Source, build
from sparsebench.values.checks import listed

PAGE, FIGURES, TABLES = "index.html", "figures", "tables"


def report(
    paths: Sequence[FilePath],
    folder: FilePath,
    title: str = TITLE,
    dense: DenseNetworks | None = None,
) -> Page:
    """Read result files or baselines, oldest first, and write their report into a folder.

    Other files in the folder are not touched. Nothing is written until everything is rendered.

    Parameters
    ----------
    paths, folder, title
        The files, the folder, and the title of the page.
    dense
        Where dense networks are looked up that the newest file lacks.

    Raises
    ------
    OSError
        If a file cannot be read, or the folder cannot be written.
    ValueError
        If a file is not a sparsebench document.
    """
    files, folder = [*map(Path, listed("paths", paths))], Path(folder)
    documents = [read_document(file) for file in files]
    sources = [Source(*each) for each in zip(names_of(files), documents, strict=True)]
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file: name a folder for the report")
    page = build(sources, title, dense)
    contents = {PAGE: page.html.encode("utf-8", "replace")}
    for drawing in page.drawings:
        contents[f"{FIGURES}/{drawing.name}.svg"] = drawing.svg
    for table in page.tables:
        contents[f"{TABLES}/{table.name}.csv"] = as_csv(table).encode("utf-8", "replace")
    for name in contents:
        check_inside(folder / name, folder)
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return page


def names_of(files: Sequence[Path]) -> list[str]:
    """Names of files on a page for other readers: paths relative to their common folder."""
    whole = [file.absolute().parts for file in files]
    folders = zip(*(parts[:-1] for parts in whole), strict=False)
    shared = sum(1 for _ in takewhile(lambda names: len(set(names)) == 1, folders))
    return ["/".join(parts[shared:]) for parts in whole]
