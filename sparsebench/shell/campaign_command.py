"""`sparsebench campaign`: show the plan of a long run without running it."""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from sparsebench.shell.packaged import packaged

_NO_PREFIX = "\0"
"""An option prefix that no argument starts with, so argparse takes none for its own option."""


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
    """Collect as pytest would, print the plan, and return pytest's exit status."""
    given = chosen.arguments
    if given[:1] in (["-h"], ["--help"]):
        chosen.print_help()
        return 0
    if given[:1] == ["--"]:  # redundant: all arguments are pytest's
        given = given[1:]
    command = [sys.executable, "-m", "pytest", *planning(), *given]
    return subprocess.run(command, check=False).returncode


def planning() -> list[str]:
    """The arguments that pytest gets before the user's.

    Only pytest can tell which of the user's arguments are paths. If none is, it uses `testpaths`:
    the folder `benchmarks` or, without one, the installed package's.
    """
    own = None if Path("benchmarks").is_dir() else packaged("benchmarks")
    benchmarks = "benchmarks" if own is None else shlex.quote(str(own))
    return ["--sparsebench-plan", "-q", "-o", f"testpaths={benchmarks}"]
