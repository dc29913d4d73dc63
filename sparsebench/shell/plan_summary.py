"""The plan of a run, as `--sparsebench-plan` prints it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from rich.table import Table

from sparsebench.harness.cost_plan import CostPlan, Part, shipped_costs
from sparsebench.harness.profiles import Settings
from sparsebench.report.terminal_tables import empty_table, write_tables
from sparsebench.shell.planning import Plan

_FAULTS_SHOWN = 10


def show_plan(terminal: pytest.TerminalReporter, plan: Plan, settings: Settings) -> None:
    """Write a plan to the terminal, or that there is nothing to plan."""
    terminal.section("sparsebench", sep="=")
    if not plan.benchmarks:
        tests = f"{plan.others} {'test' if plan.others == 1 else 'tests'}"
        terminal.write_line(
            f"no benchmarks among {tests} selected: benchmarks are tests with the marker sparsebench; "
            "name the folder or file that has them, such as benchmarks"
        )
        return
    write_tables(terminal, [plan_table(plan.costs.parts)])
    for line in [*plan_account(plan.costs, settings), *plan_faults(plan.faults)]:
        terminal.write_line(line)


def plan_faults(faults: Sequence[str]) -> list[str]:
    """The benchmarks that the plan lacks, and why: a heading and the first few."""
    if not faults:
        return []
    lines = [
        f"{len(faults)} of the benchmarks are not in the plan, because they would fail at once:"
    ]
    lines += [f"  {fault}" for fault in faults[:_FAULTS_SHOWN]]
    if len(faults) > _FAULTS_SHOWN:
        lines.append(f"  and {len(faults) - _FAULTS_SHOWN} more")
    return lines


def plan_table(parts: Sequence[Part]) -> Table:
    """A row for each unfinished part of a plan, most expensive first, then the total."""
    names, figures = ["what", "semantics"], ["cases", "finished", "each", "left, on one core"]
    table = empty_table("what is to be done", names, figures)
    for part in sorted(parts, key=lambda part: -part.left):
        todo = part.cases - part.finished
        if todo:
            known = todo - part.unknown
            table.add_row(
                part.what,
                part.semantics,
                f"{part.cases:,}",
                f"{part.finished:,}",
                duration(part.left / known) if known else "?",
                duration(part.left) + (f" and {part.unknown:,} times ?" if part.unknown else ""),
            )
    table.add_section()
    cases, finished = (sum(getattr(part, name) for part in parts) for name in ("cases", "finished"))
    left = duration(sum(part.left for part in parts))
    table.add_row("all", "", f"{cases:,}", f"{finished:,}", "", left)
    return table


def plan_account(costs: CostPlan, settings: Settings) -> list[str]:
    """The duration of a run, its lower bound, and the source of the costs."""
    threads, shipped = settings.threads, shipped_costs()
    unknown = sum(part.unknown for part in costs.parts)
    here = f"{threads} {'threads' if threads > 1 else 'thread'} here"
    whole, longest = duration(costs.seconds(threads)), duration(costs.longest)
    chain = f"{longest} (the longest chain of networks that are made from each other)"
    lines = [
        f"with {here}: about {whole}. One thread trains a network, which is cached when it is done",
        f"on a cluster: all of it divided by its threads, and at least {chain}",
        "not counted: starting, compiling once (half a minute), timing forward passes",
    ]
    where = f"{shipped.machine}, commit {shipped.commit}"
    lines.append(f"costs: the medians of what the store holds; what it has not seen, as on {where}")
    if settings.device != "cpu":
        lines.append("all of this is said of CPU cores: a GPU that trains many networks takes less")
    if unknown:
        lines.append(f"what {unknown:,} cases cost nobody has measured: they are not in the sums")
    return lines


def duration(seconds: float) -> str:
    """A duration in a suitable unit."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
