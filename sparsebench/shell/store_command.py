"""`sparsebench store`: look at what was kept, clear it out, take it elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sparsebench.parts.store_entries import Entry


def add_store_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand and its own three."""
    store = commands.add_parser(
        "store", help="networks and figures that are kept: list, prune, export"
    )
    actions = store.add_subparsers(dest="action", required=True)
    listing = actions.add_parser(
        "list", help="what is kept or unfinished, and whether today's code would use it"
    )
    prune = actions.add_parser(
        "prune", help="delete what is of other code, and what was damaged and set aside"
    )
    prune.add_argument("--all", action="store_true", help="delete everything")
    prune.add_argument("--older-than", type=int, metavar="DAYS", help="only what is older")
    prune.add_argument("--dry-run", action="store_true", help="only say what would go")
    export = actions.add_parser("export", help="put what today's code would use into a ZIP archive")
    export.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.zip")
    for action in (listing, prune, export):
        action.add_argument(
            "--store", type=Path, metavar="DIR", help="the store (default: the user's cache)"
        )


def run(chosen: argparse.Namespace) -> int:
    """Do what was asked.

    Raises
    ------
    OSError
        If a file cannot be read, written or deleted.
    ValueError
        If an argument is wrong.
    """
    from sparsebench.parts.code_digest import ROOTS, code_digest
    from sparsebench.parts.store_entries import entries
    from sparsebench.shell.options import default_store

    root = chosen.store or default_store()
    if not root.is_dir():
        print(f"{root}: nothing is kept there")
        return 0
    found = list(entries(root))
    current = {code_digest(device, what) for device in ("cpu", "cuda") for what in ROOTS}
    if chosen.action == "list":
        _print_list(root, found, current)
    elif chosen.action == "prune":
        _prune(chosen, root, found, current)
    else:
        finished = [each for each in found if each.code in current and each.epoch is None]
        _export(chosen.output, finished)
    return 0


def _print_list(root: Path, found: Sequence[Entry], current: set[str]) -> None:
    from rich.console import Console

    from sparsebench.experiments.names import name_of
    from sparsebench.shell.terminal_tables import empty_table

    names = ["what", "seed", "trained", "commit", "device"]
    table = empty_table(str(root), names, ["accuracy", "kB", "used by this code"])
    for entry in found:
        kilobytes = f"{entry.size / 1000:.0f}"
        usable = entry.code in current
        if entry.epoch is not None:
            use = "unfinished" if usable else "no"
            table.add_row(entry.path.name, "", f"epoch {entry.epoch}", *[""] * 3, kilobytes, use)
            continue
        if entry.model is None:
            table.add_row(entry.path.name, *[""] * 5, kilobytes, "damaged")
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
            "yes" if usable else "no",
        )
    console = Console(markup=False)  # names are whatever stands in the records
    if found:
        console.print(table)
    used = [entry for entry in found if entry.code in current]
    console.print(
        f"{_amount(found)} in {root}, {_amount(used)} of them for this code", highlight=False
    )


def _prune(
    chosen: argparse.Namespace, root: Path, found: Sequence[Entry], current: set[str]
) -> None:
    from sparsebench.parts.store_entries import remove, sweep

    if chosen.older_than is not None and chosen.older_than < 0:
        raise ValueError(f"--older-than is {chosen.older_than}: give a number of days from 0 on")
    old = [
        entry
        for entry in found
        if chosen.all
        or entry.code not in current
        or (entry.model is None and entry.epoch is None)  # damaged
    ]
    if chosen.older_than is not None:
        limit = datetime.now(UTC) - timedelta(days=chosen.older_than)
        old = [entry for entry in old if _trained(entry) < limit]
    if chosen.dry_run:
        print(f"{_amount(old)} would be deleted")
        return
    gone = remove(old)
    swept = sweep(root)
    held = f"; {len(old) - len(gone)} are in use and stay" if len(gone) < len(old) else ""
    rests = f", and {swept} files that killed runs had begun to write" if swept else ""
    print(f"{_amount(gone)} deleted{rests}{held}")


def _export(output: Path, found: Sequence[Entry]) -> None:
    from sparsebench.parts.store_entries import pack

    packed = pack(found, output)
    damaged = f"; {len(found) - packed} are damaged and left out" if packed < len(found) else ""
    print(f"{output}: {packed} networks{damaged}")


def _trained(entry: Entry) -> datetime:
    """When a network was trained, as its record says, or else when its file was written."""
    if entry.model is not None:
        try:
            trained = datetime.fromisoformat(entry.model.provenance.created)
            return trained if trained.tzinfo else trained.replace(tzinfo=UTC)
        except ValueError:
            pass
    return datetime.fromtimestamp(entry.path.stat().st_mtime, UTC)


def _seed(case: dict[str, object]) -> object:
    inside = case.get("network", case)
    return inside.get("seed", "") if isinstance(inside, dict) else ""


def _amount(found: Sequence[Entry]) -> str:
    return f"{len(found)} networks, {sum(entry.size for entry in found) / 1e6:.1f} MB"
