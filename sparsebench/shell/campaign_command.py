"""`sparsebench campaign`: what a long run will do, before it does it."""

from __future__ import annotations

import argparse
import subprocess
import sys


def add_campaign_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    campaign = commands.add_parser("campaign", help="long runs: plan")
    actions = campaign.add_subparsers(dest="action", required=True)
    planning = actions.add_parser(
        "plan",
        help="how many cases, how many of them finished, how long the others will take",
        description="Takes what pytest takes, such as: benchmarks -k lstm --sparsebench-profile=thesis",
    )
    planning.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="...", help="pytest's (default: benchmarks)"
    )


def run(chosen: argparse.Namespace) -> int:
    """Collect as pytest would, and print the plan; pytest's exit status."""
    given = chosen.arguments or ["benchmarks"]
    command = [sys.executable, "-m", "pytest", *given, "--sparsebench-plan", "-q"]
    return subprocess.run([*command, "-p", "no:cacheprovider"], check=False).returncode
