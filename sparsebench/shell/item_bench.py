"""The fixture of benchmark tests: measures an item and judges the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sparsebench.harness.context import Bench
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.harness.items import cases_of
from sparsebench.harness.jobs import ClusterLost
from sparsebench.harness.judgement import judge, not_measured, undecided
from sparsebench.harness.measuring import ItemResult, measure
from sparsebench.harness.trained_models import request
from sparsebench.judging.item import BenchmarkItem
from sparsebench.judging.outcome import Outcome
from sparsebench.parts.records import Record, check_complete, check_finite
from sparsebench.values.identity import Case, digest

if TYPE_CHECKING:
    from sparsebench.shell.run import Run


class ItemBench:
    """The fixture `sparsebench` of benchmark tests: measures its item and judges the results.

    Parameters
    ----------
    run
        The run of this process.
    node
        The pytest item.
    """

    def __init__(self, run: Run, node: pytest.Item) -> None:
        self._run = run
        self._node = node
        run.under_way.pop(node.nodeid, None)  # left by an earlier attempt

    @property
    def bench(self) -> Bench:
        """Data, models and settings, for tests with their own measurements."""
        return self._run.bench

    def measure(self, item: BenchmarkItem) -> ItemResult:
        """Measure all cases of an item in order; Ctrl-C keeps the finished ones."""
        __tracebackhide__ = True
        settings = self._run.settings
        measured = ItemResult(item, looks=len(settings.looks))
        self._under_way.append(measured)
        self._measure(measured, cases_of(item, settings.base_seeds(settings.seeds)))
        return measured

    def _measure(self, measured: ItemResult, cases: Sequence[Case]) -> None:
        """Measure the remaining cases."""
        __tracebackhide__ = True
        new = [case for case in cases if case not in measured.cases]
        request(new, self._run.bench)
        measured.cases += new
        for case in new:
            found = self._record_of(case)
            if isinstance(found, Outcome):
                _end(found)
            else:
                check_finite(found)
                measured.records.append(found)

    def _record_of(self, case: Case) -> Record | Outcome:
        """The record of a case, or the outcome of the item if there is none."""
        try:
            return measure(case, self._run.bench)
        except ClusterLost as lost:
            self._node.session.shouldfail = str(lost)  # other items would fail the same way
            raise
        except NotMeasurable as reason:
            return not_measured(reason, self._run.bench)

    def keep(self, record: Record) -> None:
        """Add a record that the test made itself to the result file; it never enters a baseline.

        Raises
        ------
        ValueError
            If its case cannot be read back, its digest belongs to another case, or a figure is
            missing, NaN or infinite.
        """
        if digest(record.restored) != record.digest:
            raise ValueError(
                f"digest {record.digest} is not that of the record's case: use digest()"
            )
        check_complete(record)
        check_finite(record)
        self._under_way.append(ItemResult(None, records=[record]))

    def judge(self, measured: ItemResult) -> None:
        """Fail the item if a claim or the baseline requires it.

        A claim that the baseline contradicts too is an expected failure; its reason gives the
        thesis's figures and ours. Without a baseline the item is skipped after its claims are
        judged; under `--sparsebench-gate` it fails.

        If the seeds decide nothing, up to `--sparsebench-max-seeds` are measured first.
        """
        __tracebackhide__ = True
        settings = self._run.settings
        for seeds in settings.looks[1:]:
            if measured.item is None or not undecided(measured, self._run.bench):
                break
            self._measure(measured, cases_of(measured.item, settings.base_seeds(seeds)))
        outcome = judge(measured, self._run.bench)
        if outcome.status == "failed":
            again = self._run.rerun(self._node.nodeid)
            outcome = replace(outcome, reason=f"{outcome.reason}\n  again     {again}")
        measured.outcome = outcome
        _end(outcome)

    @property
    def _under_way(self) -> list[ItemResult]:
        return self._run.under_way.setdefault(self._node.nodeid, [])


def _end(outcome: Outcome) -> None:
    """Raise pytest's exception for an outcome; a pass raises nothing."""
    __tracebackhide__ = True
    if outcome.status == "skipped":
        pytest.skip(outcome.reason)
    if outcome.status == "xfailed":
        pytest.xfail(outcome.reason)  # returns under --runxfail
    if outcome.status != "passed":
        pytest.fail(
            outcome.reason, pytrace=False
        )  # the numbers say what is wrong, not the test's code
