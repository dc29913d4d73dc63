"""One run of the benchmarks: measures items, gathers what they found, writes it down at the end."""

from __future__ import annotations

import sys
import time
from typing import Any

import msgspec
import pytest

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.cells import Cell
from sparsebench.experiments.measuring import Measured, expected_contradictions, judge, measure
from sparsebench.experiments.verdicts import BaselineMissing, BaselineMoved, ClaimContradicted
from sparsebench.parts.records import (
    USABLE,
    Item,
    Provenance,
    Record,
    Result,
    Verdict,
    check_finite,
    write_document,
)
from sparsebench.parts.records import Run as RunFacts
from sparsebench.shell.baselines import Update, update_baseline
from sparsebench.shell.options import json_path, settings

_MEASURED = pytest.StashKey[Measured]()
_SECONDS_BETWEEN_LINES = 10.0


class _Payload(msgspec.Struct):
    """What travels with an item's report."""

    records: list[Record]
    verdicts: list[Verdict]
    provenances: dict[str, Provenance]


class Run:
    """The run of one pytest process; registered as a plugin once it exists.

    Parameters
    ----------
    config
        Pytest's configuration.

    Raises
    ------
    pytest.UsageError
        If an option is wrong.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.settings = settings(config)
        self.bench = Bench(self.settings, config.rootpath, self._progress)
        self.records: dict[str, Record] = {}
        self.verdicts: list[Verdict] = []
        self.items: list[Item] = []
        self.update: Update | None = None
        self.json = json_path(config)
        self.under_way: dict[str, Measured] = {}
        self._config = config
        self._worker = hasattr(config, "workerinput")
        self._last_line = time.monotonic()

    def attach(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Put what an item measured onto its report, in a form that travels between processes."""
        measured = self.under_way.pop(item.nodeid, None)
        if measured is not None:
            payload = _Payload(measured.records, measured.verdicts, self.bench.provenances)
            report.__dict__["sparsebench"] = msgspec.to_builtins(payload)

    def collect(self, report: pytest.TestReport) -> None:
        """Keep what came with a report, and how the item ended."""
        payload = msgspec.convert(report.__dict__["sparsebench"], _Payload)
        outcome = str(report.outcome)
        if hasattr(report, "wasxfail"):
            outcome = "xfailed" if report.skipped else "xpassed"
        self.bench.provenances.update(payload.provenances)
        self._keep(payload.records, outcome)
        self.verdicts += payload.verdicts
        digests = [record.digest for record in payload.records]
        self.items.append(
            Item(nodeid=report.nodeid, outcome=outcome, seconds=report.duration, digests=digests)
        )

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the result file, and the baseline if asked to, whatever else happened."""
        if self._worker or self._config.option.collectonly:
            return
        for nodeid, measured in self.under_way.items():
            self._keep(measured.records, "interrupted")
            digests = [record.digest for record in measured.records]
            self.items.append(
                Item(nodeid=nodeid, outcome="interrupted", seconds=0.0, digests=digests)
            )
        if self.settings.update:
            usable = [record for record in self.records.values() if record.outcome in USABLE]
            self.update = update_baseline(self.settings, self.bench, usable)
        if self.json is not None and (self.items or not session.testscollected):
            write_document(self.json, self._result(int(exitstatus)))

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the tables."""
        if not self._worker and self.records:
            from sparsebench.shell.summary import show

            show(
                terminalreporter,
                self.settings,
                self.records.values(),
                self.verdicts,
                self.update,
                self.json,
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_machine_info(self, machine_info: dict[str, Any]) -> None:
        """Let our facts ride in pytest-benchmark's JSON."""
        machine_info["sparsebench"] = msgspec.to_builtins(self.bench.here)

    def _keep(self, records: list[Record], outcome: str) -> None:
        for record in records:
            record.outcome = outcome
            self.records[record.digest] = record

    def _result(self, exit_status: int) -> Result:
        chosen = self.settings
        return Result(
            provenance=self.bench.here,
            run=RunFacts(
                profile=chosen.profile,
                semantics=list(chosen.semantics),
                seeds=chosen.seeds,
                seed_policy=f"seeds 0 to {chosen.seeds - 1} in every cell",
                device=chosen.device,
                claims=chosen.claims,
                baseline=chosen.baseline,
                command=["pytest", *map(_printable, self._config.invocation_params.args)],
                exit_status=exit_status,
            ),
            provenances=self.bench.provenances,
            records=list(self.records.values()),
            verdicts=self.verdicts,
            items=self.items,
        )

    def _progress(self, text: str) -> None:
        """Show a line now and then, although pytest captures what items print."""
        if time.monotonic() - self._last_line < _SECONDS_BETWEEN_LINES:
            return
        self._last_line = time.monotonic()
        capture = self._config.pluginmanager.getplugin("capturemanager")
        terminal = self._config.pluginmanager.getplugin("terminalreporter")
        with capture.global_and_fixture_disabled():
            if terminal is None or self._worker:
                print(f"sparsebench: {text}", file=sys.stderr, flush=True)
            else:
                terminal.ensure_newline()
                terminal.write_line(f"sparsebench: {text}")
                terminal.flush()


class ItemBench:
    """What a benchmark test works with: measures its cell and judges what it found.

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

    @property
    def bench(self) -> Bench:
        """Data, models and settings, for tests that measure something of their own."""
        return self._run.bench

    def measure(self, cell: Cell) -> Measured:
        """Measure every case of a cell, one after another; what is finished survives Ctrl-C."""
        cases = cell.cases(range(self._run.settings.seeds))
        measured = self._run.under_way[self._node.nodeid] = Measured(cell, cases)
        for case in cases:
            self.keep(measure(case, self._run.bench))
        return measured

    def keep(self, record: Record) -> None:
        """Keep a record that the test made itself.

        Raises
        ------
        ValueError
            If one of its figures is NaN or infinite.
        """
        check_finite(record)
        nodeid = self._node.nodeid
        self._run.under_way.setdefault(nodeid, Measured(None)).records.append(record)

    def judge(self, measured: Measured) -> None:
        """Fail the item where a claim or the baseline says so.

        A claim that the baseline contradicts too is a strict expected failure, whose reason gives
        the thesis's figures and ours. Without a baseline the item is skipped, after the claims.
        """
        __tracebackhide__ = True
        expected = expected_contradictions(measured, self._run.bench)
        if expected:
            self._node.add_marker(
                pytest.mark.xfail(reason=expected, raises=ClaimContradicted, strict=True)
            )
        try:
            judge(measured, self._run.bench)
        except BaselineMissing as reason:
            pytest.skip(str(reason))
        except (BaselineMoved, ClaimContradicted) as verdict:
            again = f"pytest '{self._node.nodeid}'"
            raise type(verdict)(f"{verdict}\n  again     {again}") from None


def _printable(argument: object) -> str:
    """An argument as text that JSON can hold, even if it came as bytes of no known encoding."""
    return str(argument).encode("utf-8", "backslashreplace").decode("utf-8")
