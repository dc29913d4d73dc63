"""`--sparsebench-plan`: what the benchmarks that pytest selected would train and measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from sparsebench.harness.context import Bench
from sparsebench.harness.cost_plan import CostPlan, plan
from sparsebench.shell.run import is_benchmark, wanted_cases
from sparsebench.values.identity import Case
from sparsebench.values.kinds import has_kind


@dataclass(frozen=True)
class Plan:
    """What a run would do.

    Attributes
    ----------
    costs
        Of all that is trained and measured.
    benchmarks, others
        How many benchmarks are selected, and how many tests that are none.
    faults
        A line for each test that is not in the plan, because its item cannot tell its cases.
    """

    costs: CostPlan
    benchmarks: int
    others: int
    faults: Sequence[str] = ()

    @property
    def exit_status(self) -> pytest.ExitCode:
        """As pytest's for the run: 5 where nothing is selected, 1 where some would fail."""
        if not self.benchmarks:
            return pytest.ExitCode.NO_TESTS_COLLECTED
        return pytest.ExitCode.TESTS_FAILED if self.faults else pytest.ExitCode.OK


def plan_of(items: Sequence[pytest.Item], bench: Bench) -> Plan:
    """Plan a run of the benchmarks among some items; nothing is trained.

    Parameters
    ----------
    items
        What pytest selected.
    bench
        Whose store tells what is finished and what things cost.
    """
    benchmarks = [item for item in items if is_benchmark(item)]
    faults: list[str] = []

    def cases() -> Iterator[Case]:
        for item in benchmarks:
            try:
                yield from _checked(wanted_cases(item, bench.settings))
            except Exception as error:  # an item may be anybody's
                reason = str(error).partition("\n")[0]
                faults.append(f"{item.nodeid}: {type(error).__name__}: {reason}")

    costs = plan(cases(), bench)
    return Plan(costs, len(benchmarks), len(items) - len(benchmarks), faults)


def _checked(cases: Sequence[Case]) -> Sequence[Case]:
    """What an item says that its cases are, if it is cases."""
    for case in cases:
        if not has_kind(type(case)):
            raise TypeError(
                f"its item's cases() lists a {type(case).__name__}: list cases of "
                "sparsebench.values.case, such as BaseCase"
            )
    return cases
