"""`--sparsebench-plan`: what the selected benchmarks would train and measure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from sparsebench.harness.context import Bench
from sparsebench.harness.cost_plan import CostPlan, plan
from sparsebench.shell.run import is_benchmark, requested_cases
from sparsebench.values.identity import Case
from sparsebench.values.kinds import has_kind


@dataclass(frozen=True)
class Plan:
    """The plan of a run.

    Attributes
    ----------
    costs
        Costs of all training and measuring.
    benchmarks, others
        Numbers of selected benchmarks, and of other tests.
    faults
        A line for each benchmark missing from the plan, because its item cannot list its cases.
    """

    costs: CostPlan
    benchmarks: int
    others: int
    faults: Sequence[str] = ()

    @property
    def exit_status(self) -> pytest.ExitCode:
        """The exit status of such a run: 5 if nothing is selected, 1 if some items would fail."""
        if not self.benchmarks:
            return pytest.ExitCode.NO_TESTS_COLLECTED
        return pytest.ExitCode.TESTS_FAILED if self.faults else pytest.ExitCode.OK


def plan_of(items: Sequence[pytest.Item], bench: Bench) -> Plan:
    """Plan a run of the benchmarks among some items, without training.

    Parameters
    ----------
    items
        The selected pytest items.
    bench
        Its store tells what is finished, and what the rest costs.
    """
    benchmarks = [item for item in items if is_benchmark(item)]
    faults: list[str] = []

    def cases() -> Iterator[Case]:
        for item in benchmarks:
            try:
                yield from _checked(requested_cases(item, bench.settings))
            except Exception as error:  # items may be user code
                reason = str(error).partition("\n")[0]
                faults.append(f"{item.nodeid}: {type(error).__name__}: {reason}")

    costs = plan(cases(), bench)
    return Plan(costs, len(benchmarks), len(items) - len(benchmarks), faults)


def _checked(cases: Sequence[Case]) -> Sequence[Case]:
    """The cases that an item lists; refuses other objects."""
    for case in cases:
        if not has_kind(type(case)):
            raise TypeError(
                f"its item's cases() lists a {type(case).__name__}: list cases of "
                "sparsebench.values.case, such as BaseCase"
            )
    return cases
