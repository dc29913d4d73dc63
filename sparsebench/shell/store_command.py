"""`sparsebench store`: list cached results, delete them, copy them elsewhere."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparsebench.parts.store_entries import Entry

_SECONDS_A_DAY = 86_400

_DEVICES = ("cpu", "cuda")

_SUBJECTS = ("base", "network", "wired")
"""Fields in which a case holds the network whose seed it has."""


def add_store_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand and its three actions."""
    store = commands.add_parser(
        "store", help="networks and figures that are kept: list, prune, export"
    )
    actions = store.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="what is kept, and whether today's code would use it")
    prune = actions.add_parser(
        "prune", help="list and delete what is of other code, and what was damaged and set aside"
    )
    prune.add_argument("--all", action="store_true", help="delete everything")
    prune.add_argument("--older-than", type=int, metavar="DAYS", help="only what is older")
    prune.add_argument("--dry-run", action="store_true", help="only list what would go")
    export = actions.add_parser("export", help="put what today's code would use into a ZIP archive")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.zip")
    for action in (listing, prune, export):
        action.add_argument(
            "--store", type=Path, metavar="DIR", help="the store (default: the user's cache)"
        )


def run(chosen: argparse.Namespace) -> int:
    """Run the chosen action.

    Raises
    ------
    OSError
        If a file cannot be read, written or deleted.
    ValueError
        If an argument is wrong.
    """
    from sparsebench.parts.store_entries import entries
    from sparsebench.shell.option_paths import default_store

    root = chosen.store or default_store()
    if not root.is_dir():
        print(f"{root}: nothing is kept there")
        return 0
    found = list(entries(root))
    uses = [_use(entry) for entry in found]
    if chosen.action == "list":
        _print_list(root, found, uses)
    elif chosen.action == "prune":
        _prune(chosen, root, found, uses)
    else:
        _export(
            chosen.output, [each for each, use in zip(found, uses, strict=True) if use == "yes"]
        )
    return 0


def _use(entry: Entry) -> str:
    """Whether the installed code would use an entry.

    `yes` or `no`, `unknown` if its experiment is not installed, or `damaged`.
    """
    from sparsebench.harness.fingerprints import code_of

    if entry.model is None:
        return "damaged"
    try:
        case = entry.model.record.restored
        codes = {code_of(device, [case]) for device in _DEVICES}
    except (TypeError, ValueError):
        return "unknown"
    return "yes" if entry.code in codes else "no"


def _print_list(root: Path, found: Sequence[Entry], uses: Sequence[str]) -> None:
    from sparsebench.judging.names import name_of
    from sparsebench.report.terminal_tables import console, empty_table

    names = ["what", "seed", "trained", "commit", "device"]
    table = empty_table(str(root), names, ["accuracy", "kB", "used by this code"])
    for column in table.columns:  # on a narrow terminal these wrap instead of being cut
        column.no_wrap = column.header not in ("what", "device", "used by this code")
        column.overflow = "fold"
    for entry, use in zip(found, uses, strict=True):
        kilobytes = f"{entry.size / 1000:.0f}"
        if entry.model is None:
            table.add_row(entry.path.name, *[""] * 5, kilobytes, use)
            continue
        record, where = entry.model.record, entry.model.provenance
        table.add_row(
            name_of(record),
            str(_seed(record.case)),
            where.created[:16],
            where.commit.id[:8],
            where.gpu or where.device,
            f"{record.metrics['accuracy']:.4f}" if "accuracy" in record.metrics else "",
            kilobytes,
            use,
        )
    if found:
        console().print(table)
    used = [each for each, use in zip(found, uses, strict=True) if use == "yes"]
    print(f"{_amount(found)} in {root}; for this code {_amount(used)}")


def _prune(
    chosen: argparse.Namespace, root: Path, found: Sequence[Entry], uses: Sequence[str]
) -> None:
    from sparsebench.parts.store_entries import begun, remove, sweep

    if chosen.older_than is not None and chosen.older_than < 0:
        raise ValueError(f"--older-than is {chosen.older_than}: give a number of days from 0 on")
    old = [
        entry
        for entry, use in zip(found, uses, strict=True)
        if chosen.all or use in ("no", "damaged")
    ]
    if chosen.older_than is not None:
        old = [entry for entry in old if _age(entry) > chosen.older_than * _SECONDS_A_DAY]
    rests = begun(root)
    for path in (*(path for entry in old for path in entry.everything), *rests):
        print(path.relative_to(root))
    if chosen.dry_run:
        print(f"{_amount(old)}{_rests(len(rests))} would be deleted from {root}")
        return
    gone = remove(old)
    held = f"; {len(old) - len(gone)} are in use and stay" if len(gone) < len(old) else ""
    print(f"{_amount(gone)}{_rests(sweep(rests))} deleted from {root}{held}")


def _export(output: Path, found: Sequence[Entry]) -> None:
    from sparsebench.parts.store_entries import pack

    packed = pack(found, output)
    damaged = f"; {len(found) - len(packed)} are damaged and left out"
    print(f"{output}: {_amount(packed)}{damaged if len(packed) < len(found) else ''}")


def _age(entry: Entry) -> float:
    """Seconds since a network was trained, by its record or else by its file's time."""
    if entry.model is not None:
        try:
            trained = datetime.fromisoformat(entry.model.provenance.created)
            aware = trained if trained.tzinfo else trained.replace(tzinfo=UTC)
            return (datetime.now(UTC) - aware).total_seconds()
        except ValueError:
            pass
    try:
        return time.time() - entry.path.stat().st_mtime
    except FileNotFoundError:  # its training finished meanwhile
        return 0.0


def _seed(case: object) -> object:
    """The seed of a case, or of its network."""
    while isinstance(case, dict):
        if "seed" in case:
            return case["seed"]
        case = next((case[name] for name in _SUBJECTS if name in case), None)
    return ""


def _amount(found: Iterable[Entry]) -> str:
    """Number of entries of each sort, and their total size."""
    sorts, size = dict.fromkeys(("networks", "measurements"), 0), 0
    for entry in found:
        sort = _sort(entry)
        sorts[sort] = sorts.get(sort, 0) + 1
        size += entry.size
    told = [f"{number} {sort}" for sort, number in sorts.items()]
    return f"{', '.join(told[:-1])} and {told[-1]}, {size / 1e6:.1f} MB"


def _sort(entry: Entry) -> str:
    if entry.model is None:
        return "damaged"
    return "measurements" if entry.measured else "networks"


def _rests(number: int) -> str:
    return f", and {number} files that killed runs had begun to write," if number else ""
