"""`sparsebench report`: a page of everything that was measured, beside what was published."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sparsebench.report.dense_column import DenseNetworks


def add_report_command(commands: Any) -> None:
    """Add `report` to a parser's commands."""
    report = commands.add_parser(
        "report", help="a page of everything that was measured, beside what was published"
    )
    report.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="result files or baselines, oldest first",
    )
    report.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="the folder to write it to"
    )
    report.add_argument("--title", help="of the page")
    report.add_argument(
        "--baseline",
        type=Path,
        metavar="DIR",
        help="the baseline that dense networks are taken from where the newest file has only pruned "
        "ones (default: the one that its run was judged by, if it is in ./baselines or came with "
        "the package)",
    )


def run(chosen: argparse.Namespace) -> int:
    """Write the page, and return the exit status.

    Raises
    ------
    OSError, ValueError
        If a file cannot be read, or the folder cannot be written.
    """
    from sparsebench.report.page import TITLE
    from sparsebench.report.site import PAGE, report

    dense = _dense_networks(chosen.files, chosen.baseline)
    page = report(chosen.files, chosen.output, chosen.title or TITLE, dense)
    print(f"{chosen.output / PAGE}: {len(page.drawings)} figures")
    return 0


def _dense_networks(files: Sequence[Path], named: Path | None) -> DenseNetworks | None:
    """The baseline as a source of dense networks; None if none is found.

    Raises
    ------
    ValueError
        If the named folder has no baseline.
    """
    from sparsebench.harness.registry import measurement_of
    from sparsebench.parts.baseline_folder import BaselineFolder, has_baseline
    from sparsebench.parts.records import Record
    from sparsebench.report.dense_column import DenseNetworks
    from sparsebench.values.identity import Case, digest

    if named is not None and not has_baseline(named):
        raise ValueError(
            f"--baseline is {named}, which has no records: name the folder of a baseline, such as "
            "baselines/thesis"
        )
    folder = named or next(filter(has_baseline, _candidates(files[-1])), None)
    if folder is None:
        return None
    baseline = BaselineFolder(folder)

    def record_of(case: Case) -> Record | None:
        return baseline.get(measurement_of(case).name, digest(case))

    return DenseNetworks(folder.name, record_of)


def _candidates(newest: Path) -> list[Path]:
    """Where the baseline may lie that the newest file's run was judged by."""
    from sparsebench.parts.documents import PARTS, TEXT, read_document
    from sparsebench.parts.records import Result
    from sparsebench.shell.packaged import packaged

    if newest.is_dir():  # a baseline itself
        return []
    document = read_document(newest)
    name = document.run.baseline if isinstance(document, Result) else ""
    if not PARTS.fullmatch(name + TEXT):
        return []
    folders = [Path("baselines"), *filter(None, [packaged("baselines")])]
    return [folder / name for folder in folders]
