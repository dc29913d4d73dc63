"""One run of the benchmarks: measures items, collects the results, writes them at the end."""

from __future__ import annotations

import atexit
import gc
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sparsebench.harness.compile_ahead import compile_ahead
from sparsebench.harness.context import Bench
from sparsebench.harness.items import cases_of
from sparsebench.harness.measuring import ItemResult
from sparsebench.harness.profiles import Settings
from sparsebench.harness.registry import measurement_of, measurements
from sparsebench.harness.train_ahead import TrainAhead
from sparsebench.harness.trained_models import request
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Invocation, Record, Result
from sparsebench.shell.baselines import Update, update_baseline
from sparsebench.shell.gathering import Gathered, attach
from sparsebench.shell.option_paths import json_path
from sparsebench.shell.options import deviating, given_on_command_line, value
from sparsebench.shell.packaged import rerun
from sparsebench.shell.progress import Progress
from sparsebench.shell.settings import measures_nothing, missing_baseline, settings
from sparsebench.shell.unused import Asked, is_whole, unused
from sparsebench.values.identity import Case, digest

if TYPE_CHECKING:
    from sparsebench.shell.planning import Plan

_OF_THE_MACHINE = ("cpu", "gpu", "driver", "device", "torch", "numpy")
"""Fields of a provenance."""


class NotJudged(UserWarning):
    """A test measured an item without judging it, so its pass says nothing about the item."""


class Run:
    """The run of one pytest process; registered as a plugin when created.

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
        self.progress = Progress(config)
        self.bench = Bench(self.settings, config.rootpath, self.progress.tell)
        self.ahead = TrainAhead(self.bench)
        self.bench.training, self.bench.alone = self.ahead.beside, self.ahead.alone
        self.gathered = Gathered()
        self.fault = ""
        self.update: Update | None = None
        self.json = json_path(config)
        self.asked: list[Asked] = []
        self.unused: list[Record] = []
        self.under_way: dict[str, list[ItemResult]] = {}
        self.written: int | None = None
        self.options = deviating(config)
        self.plan: Plan | None = None
        self._config = config
        self._worker = hasattr(config, "workerinput")
        self._untold: list[str] = []
        self._unreadable: Exception | None = None
        self._began = time.monotonic()
        self._told = False
        self._compiling: subprocess.Popen[bytes] | None = None

    def attach(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Attach what an item has measured to its report, in a form that can cross processes.

        A worker's first report also lists the items that it will run.
        """
        measured = self.under_way.get(item.nodeid, [])
        chosen, self._untold = self._untold, []
        attach(report, measured, self.bench.provenances, chosen)
        if report.when == "teardown":
            self.under_way.pop(item.nodeid, None)

    def rerun(self, nodeid: str) -> str:
        """The command that reruns an item."""
        return rerun(self._config, nodeid, self.options)

    def is_ours(self, item: pytest.Item) -> bool:
        """Whether an item has our marker, or uses our fixture to measure something."""
        return item.nodeid in self.under_way or is_benchmark(item)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Move items that need a fresh process to the front."""
        items.sort(key=lambda item: not getattr(_asked_of(item), "in_young_process", False))

    def pytest_report_header(self) -> list[str]:
        """Report a missing baseline at once, if the command line sets any of our options."""
        return self._missing_baseline()

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """Report a missing baseline before training, if only the selected items show the need."""
        return self._missing_baseline() if any(map(is_benchmark, items)) else []

    def _missing_baseline(self) -> list[str]:
        told, self._told = self._told, True
        line = "" if told else missing_baseline(self.settings)
        return [line] if line else []

    def _tell_from_worker(self) -> None:
        """Report a missing baseline from an xdist worker: only workers collect items."""
        headed = given_on_command_line(self._config) and self._config.get_verbosity() >= 0
        if self._config.workerinput["workerid"] == "gw0" and not headed:  # type: ignore[attr-defined]
            for line in self._missing_baseline():
                self.progress.say(line)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Register the cases of the selected items, to train compatible networks together; or plan."""
        chosen = [item.nodeid for item in session.items if is_benchmark(item)]
        self.gathered.choose(chosen)
        if self._worker:
            self._untold = chosen
        if self._worker and chosen:
            self._tell_from_worker()
        if value(self._config, "plan"):
            from sparsebench.shell.planning import plan_of

            self.plan = plan_of(session.items, self.bench)
            return
        for item in session.items:
            if is_benchmark(item):
                with suppress(Exception):  # a broken item fails in its own test
                    request(requested_cases(item, self.settings), self.bench)
        if not measures_nothing(self._config):
            self._read_baseline(session.items)
            self._compiling = compile_ahead(self.bench)
            if self._compiling is not None:
                self.ahead.begin(after=self._compiling)

    def _read_baseline(self, items: Sequence[pytest.Item]) -> None:
        """Read the baseline of the selected items before training.

        An xdist worker must not end this early, so there the items report the error.

        Raises
        ------
        pytest.UsageError
            If a file of the baseline is damaged or from a newer version.
        """
        wanted: list[tuple[str, str]] = []
        for item in filter(is_benchmark, items):
            with suppress(Exception):
                cases = requested_cases(item, self.settings)
                wanted += [(measurement_of(case).name, digest(case)) for case in cases]
        try:
            for experiment, name in wanted:
                self.bench.baseline.records.find(experiment, name)
        except (OSError, ValueError) as error:
            if not self._worker:
                raise pytest.UsageError(str(error)) from None
            self._unreadable = error

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Warn or fail if a test of an item did not measure or judge it."""
        __tracebackhide__ = True
        if self._unreadable is not None and is_benchmark(item):
            raise self._unreadable
        result = yield
        measured = self.under_way.get(item.nodeid, [])
        ids = [each.item.id for each in measured if each.item and each.outcome is None]
        told = ""
        if ids:
            told = (
                f"{', '.join(ids)}: measured and never judged: end with sparsebench.judge(measured)"
            )
        elif not measured and is_benchmark(item) and hasattr(_asked_of(item), "cases"):
            told = (
                f"{_asked_of(item).id}: never measured: measure it with sparsebench.measure(item), and "
                "judge what that returns"
            )
        if told and self.settings.gate:
            pytest.fail(f"{told}; under --sparsebench-gate, what is not judged fails")
        if told:
            item.warn(NotJudged(told))
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_exception_interact(self) -> None:
        """Clear the progress line for a debugger."""
        self.progress.clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Clear the progress line for pytest's message."""
        self.progress.clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool | None:
        """Run nothing if a plan is requested."""
        return None if self.plan is None else True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Write the result file, and the baseline if requested, even if other steps fail.

        They are written before other plugins finish, because some of these raise or end the
        process. The file is written again if a plugin changes the exit status.
        """
        if self.plan is not None and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = self.plan.exit_status
        refused = session.exitstatus == pytest.ExitCode.USAGE_ERROR
        self.ahead.stop()
        if self._compiling is not None:
            self._compiling.kill()
            self._compiling.wait()
        if refused or self._worker or measures_nothing(self._config):
            return (yield)
        self._finish(session)
        status: int = pytest.ExitCode.INTERRUPTED
        try:
            result = yield
            status = session.exitstatus
        except pytest.exit.Exception as error:
            status = session.exitstatus if error.returncode is None else error.returncode
            raise
        except Exception as error:
            usage = isinstance(error, pytest.UsageError)
            status = pytest.ExitCode.USAGE_ERROR if usage else pytest.ExitCode.TESTS_FAILED
            raise
        finally:
            if self.written not in (None, status):
                self._write(status)
        return result

    def pytest_unconfigure(self) -> None:
        """Let go of the baseline, and spare the process's end the search for cycles of objects.

        Python would look several times in all that torch and Numba have made: a second and more.
        """
        self.unused = []
        self.bench.forget()
        atexit.unregister(gc.freeze)  # of an earlier run in this process
        atexit.register(gc.freeze)

    def _finish(self, session: pytest.Session) -> None:
        """Write the files, and note what could not be written.

        A run that measured nothing does not touch the file of an earlier one.
        """
        for nodeid, measured in self.under_way.items():
            self.gathered.interrupt(nodeid, measured, self.bench.provenances)
        try:
            if self.gathered.tells:
                self._write(session.exitstatus)
            accepted = self.gathered.acceptable()
            if self.settings.update and accepted:
                self.update = update_baseline(
                    self.settings, self.bench, accepted, self.gathered.provenances
                )
        except (OSError, ValueError) as error:
            self.fault = str(error)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        owned = self.gathered.ran and self.asked and not self.fault
        if owned and is_whole(self._config, self.settings.baselines):
            found = self.gathered.records.values()
            with suppress(Exception):  # some items support only some profiles
                self.unused = unused(self.asked, self.settings, self._baseline(), found)

    def _baseline(self) -> list[Record]:
        """All records of the baseline, and of the baseline of times for this kind of machine."""
        baseline = self.bench.baseline
        names = [*baseline.stored.experiments, *(each.name for each in measurements())]
        return [
            record
            for name in dict.fromkeys(names)
            for record in baseline.records.of_experiment(name)
        ]

    def _write(self, status: int) -> None:
        """Write the result file, if one is requested, with the run's exit code."""
        if self.json is not None:
            write_document(self.json, self._result(int(status)))
            self.written = int(status)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int
    ) -> None:
        """Show the summary of the run, or the plan."""
        if self.plan is not None:
            from sparsebench.shell.plan_summary import show_plan

            if exitstatus != pytest.ExitCode.USAGE_ERROR:  # such as a path that does not exist
                show_plan(terminalreporter, self.plan, self.settings)
            return
        if not self._worker and (self.gathered.ran or self.fault):
            from sparsebench.shell.run_page import Ended
            from sparsebench.shell.summary import show

            ended = Ended(
                settings=self.settings,
                gathered=self.gathered,
                seconds=time.monotonic() - self._began,
                folder=self._config.invocation_params.dir,
                update=self.update,
                unused=self.unused,
                json=None if self.written is None else self.json,
                named=self.json is not None,
                fault=self.fault,
                rerun=self.rerun,
            )
            show(terminalreporter, ended, self._config.get_verbosity(), self._known)

    def _known(self, case: Case) -> Record | None:
        """The baseline's record of a case; None if there is none or it cannot be read."""
        try:
            return self.bench.baseline.of(case)
        except (OSError, TypeError, ValueError):
            return None

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_benchmark_group_stats(
        self, config: pytest.Config, benchmarks: list[dict[str, Any]]
    ) -> list[Any] | None:
        """Show pytest-benchmark's table of our items only under `-v` or with one of its options.

        It has a line of 190 columns for each timed item.
        """
        given = any("--benchmark" in str(each) for each in config.invocation_params.args)
        ours = all(self.gathered.knows(each["fullname"]) for each in benchmarks)
        return [] if ours and not given and config.get_verbosity() < 1 else None

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_machine_info(self, machine_info: dict[str, Any]) -> None:
        """Add facts about the machine to pytest-benchmark's JSON."""
        machine_info["sparsebench"] = self.machine

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Add the other facts, which differ between runs on one machine."""
        output_json["sparsebench"] = msgspec.to_builtins(self.bench.here)

    @property
    def machine(self) -> dict[str, str]:
        """Facts about the machine that affect times and stay the same between runs."""
        facts = msgspec.to_builtins(self.bench.here)
        return {name: facts[name] for name in _OF_THE_MACHINE}

    def _result(self, exit_status: int) -> Result:
        chosen = self.settings
        return Result(
            provenance=self.bench.here,
            run=Invocation(
                profile=chosen.profile,
                semantics=list(chosen.semantics),
                seeds=chosen.seeds,
                seed_policy=_seed_policy(chosen),
                device=chosen.device,
                claims=chosen.claims,
                baseline=chosen.baseline,
                command=["pytest", *map(_printable, self._config.invocation_params.args)],
                exit_status=exit_status,
            ),
            provenances=self.gathered.provenances,
            records=list(self.gathered.records.values()),
            verdicts=self.gathered.verdicts,
            items=list(self.gathered.items.values()),
            estimates=self.gathered.estimates,
        )


def is_benchmark(item: pytest.Item) -> bool:
    """Whether an item has our marker."""
    return item.get_closest_marker("sparsebench") is not None


def requested_cases(item: pytest.Item, settings: Settings) -> Sequence[Case]:
    """The cases that a benchmark measures first; empty if its item cannot list them."""
    asked = _asked_of(item)
    return cases_of(asked, settings.base_seeds(settings.seeds)) if hasattr(asked, "cases") else ()


def _asked_of(item: pytest.Item) -> Any:
    """The benchmark item of a test, or None."""
    call = getattr(item, "callspec", None)
    return call.params.get("item", call.params.get("cell")) if call else None


def _seed_policy(chosen: Settings) -> str:
    """The seeds of a run, in words."""
    first = chosen.first_base_seed
    policy = f"seeds {first} to {first + chosen.seeds - 1} in every item"
    if chosen.max_seeds > chosen.seeds:
        policy += f", up to {chosen.max_seeds} where they decide nothing"
    if chosen.first_seed and not first:
        policy += f"; networks that the run trains have seeds from {chosen.first_seed} on"
    return policy


def _printable(argument: object) -> str:
    """An argument as text that JSON can hold, even if it is bytes of unknown encoding."""
    return str(argument).encode("utf-8", "backslashreplace").decode("utf-8")
