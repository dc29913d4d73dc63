"""`sparsebench campaign`: what a long run will do, before it does it."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from sparsebench.shell.packaged import packaged

_NO_PREFIX = "\0"
"""No argument begins with it, so argparse takes none for an option of its own."""


def add_campaign_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    campaign = commands.add_parser("campaign", help="long runs: plan")
    actions = campaign.add_subparsers(dest="action", required=True)
    planning = actions.add_parser(
        "plan",
        help="how many cases, how many of them finished, how long the others will take",
        usage="sparsebench campaign plan [pytest's options, files and folders]",
        description="Takes what pytest takes, such as\n"
        "  sparsebench campaign plan benchmarks -k lstm --sparsebench-profile=thesis",
        epilog="`pytest --help` lists the options.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prefix_chars=_NO_PREFIX,
        add_help=False,
    )
    planning.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        metavar="...",
        help="pytest's; without a path among them, the folder benchmarks is planned, or the package's "
        "own benchmarks where there is no such folder",
    )
    planning.set_defaults(print_help=planning.print_help)


def run(chosen: argparse.Namespace) -> int:
    """Collect as pytest would, and print the plan; pytest's exit status."""
    given = chosen.arguments
    if given[:1] in (["-h"], ["--help"]):
        chosen.print_help()
        return 0
    if given[:1] == ["--"]:  # from here on, all is pytest's: it is so anyway
        given = given[1:]
    command = [sys.executable, "-m", "pytest", *planning(), *given]
    return subprocess.run(command, check=False).returncode


def planning() -> list[str]:
    """What pytest is told before the user's arguments.

    Only pytest knows which of these are paths. It turns to `testpaths` if none is: to the folder
    `benchmarks`, or where there is none to the installed package's.
    """
    own = None if Path("benchmarks").is_dir() else packaged("benchmarks")
    benchmarks = "benchmarks" if own is None else shlex.quote(str(own))
    return ["--sparsebench-plan", "-q", "-o", f"testpaths={benchmarks}"]
