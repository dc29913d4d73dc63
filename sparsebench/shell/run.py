"""One run of the benchmarks: measures items, gathers what they found, writes it down at the end."""

from __future__ import annotations

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
from sparsebench.harness.trained_models import want
from sparsebench.parts.documents import write_document
from sparsebench.parts.records import Invocation, Record, Result
from sparsebench.shell.baselines import Update, update_baseline
from sparsebench.shell.gathering import Gathered, attach
from sparsebench.shell.options import (
    deviating,
    given_on_command_line,
    json_path,
    measures_nothing,
    missing_baseline,
    settings,
    value,
)
from sparsebench.shell.packaged import rerun
from sparsebench.shell.progress import Progress
from sparsebench.shell.unused import Asked, is_whole, unused
from sparsebench.values.identity import Case, digest

if TYPE_CHECKING:
    from sparsebench.shell.planning import Plan

_OF_THE_MACHINE = ("cpu", "gpu", "driver", "device", "torch", "numpy")
"""Fields of a provenance."""


class NotJudged(UserWarning):
    """A test measured an item and did not judge it: that it passed says nothing of the item."""


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
        self.progress = Progress(config)
        self.bench = Bench(self.settings, config.rootpath, self.progress.tell)
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
        """Put what an item has measured onto its report, in a form that travels between processes.

        The first report of a worker also says which items it was going to run.
        """
        measured = self.under_way.get(item.nodeid, [])
        chosen, self._untold = self._untold, []
        attach(report, measured, self.bench.provenances, chosen)
        if report.when == "teardown":
            self.under_way.pop(item.nodeid, None)

    def rerun(self, nodeid: str) -> str:
        """The command that runs an item again."""
        return rerun(self._config, nodeid, self.options)

    def is_ours(self, item: pytest.Item) -> bool:
        """Whether an item has our marker, or measures something by our fixture without it."""
        return item.nodeid in self.under_way or is_benchmark(item)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put those items first that want a process in which nothing has run yet."""
        items.sort(key=lambda item: not getattr(_asked_of(item), "in_young_process", False))

    def pytest_report_header(self) -> list[str]:
        """Say at once which baseline is missing, where the command line names options of ours."""
        return self._missing_baseline()

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """Say it before anything is trained, where only the selected items tell that it is wanted."""
        return self._missing_baseline() if any(map(is_benchmark, items)) else []

    def _missing_baseline(self) -> list[str]:
        told, self._told = self._told, True
        line = "" if told else missing_baseline(self.settings)
        return [line] if line else []

    def _tell_from_worker(self) -> None:
        """Say it from one of xdist's workers, which alone have collected items."""
        headed = given_on_command_line(self._config) and self._config.get_verbosity() >= 0
        if self._config.workerinput["workerid"] == "gw0" and not headed:  # type: ignore[attr-defined]
            for line in self._missing_baseline():
                self.progress.say(line)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what the selected items will want, so that it can be trained together, or plan it."""
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
                with suppress(Exception):  # what is wrong with an item, its own test will say
                    want(wanted_cases(item, self.settings), self.bench)
        if not measures_nothing(self._config):
            self._read_baseline(session.items)
            self._compiling = compile_ahead(self.bench)

    def _read_baseline(self, items: Sequence[pytest.Item]) -> None:
        """Read what the selected items will be held to, before anything is trained.

        In one of xdist's workers, which may not end so early, the items say what is wrong.

        Raises
        ------
        pytest.UsageError
            If a file of the baseline is damaged or from a newer version.
        """
        wanted: list[tuple[str, str]] = []
        for item in filter(is_benchmark, items):
            with suppress(Exception):
                cases = wanted_cases(item, self.settings)
                wanted += [(measurement_of(case).name, digest(case)) for case in cases]
        try:
            for experiment, name in wanted:
                self.bench.baseline.known.find(experiment, name)
        except (OSError, ValueError) as error:
            if not self._worker:
                raise pytest.UsageError(str(error)) from None
            self._unreadable = error

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Let no test seem to have judged its item that did not measure it, or did not judge it."""
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
        """Make room for a debugger."""
        self.progress.clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Make room for what pytest says of it."""
        self.progress.clear()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool | None:
        """Run nothing where a plan is asked for."""
        return None if self.plan is None else True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """Write the result file, and the baseline if asked to, whatever else happens.

        They are written before the other plugins finish, some of which raise or end the process. The
        file is written once more where these change how the run ends.
        """
        if self.plan is not None and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = self.plan.exit_status
        refused = session.exitstatus == pytest.ExitCode.USAGE_ERROR
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

    def _finish(self, session: pytest.Session) -> None:
        """Write what there is to write, and note what could not be written.

        A run that measured nothing leaves the file of an earlier one alone.
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
            with suppress(Exception):  # items that know some profiles only: nothing can be said
                self.unused = unused(self.asked, self.settings, self._baseline(), found)

    def _baseline(self) -> list[Record]:
        """All that the baseline holds, and that of times on this kind of machine."""
        baseline = self.bench.baseline
        names = [*baseline.stored.experiments, *(each.name for each in measurements())]
        return [record for name in dict.fromkeys(names) for record in baseline.known.records(name)]

    def _write(self, status: int) -> None:
        """Write the result file, if there is to be one, of a run that ends with an exit code."""
        if self.json is not None:
            write_document(self.json, self._result(int(status)))
            self.written = int(status)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int
    ) -> None:
        """Show the end of the run, or the plan."""
        if self.plan is not None:
            from sparsebench.shell.plan_summary import show_plan

            if exitstatus != pytest.ExitCode.USAGE_ERROR:  # such as a path that is not there
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
        """What the baseline knows of a case; nothing where it cannot be read."""
        try:
            return self.bench.baseline.of(case)
        except (OSError, TypeError, ValueError):
            return None

    @pytest.hookimpl(optionalhook=True, tryfirst=True)
    def pytest_benchmark_group_stats(
        self, config: pytest.Config, benchmarks: list[dict[str, Any]]
    ) -> list[Any] | None:
        """Show pytest-benchmark's table of our items under `-v`, or where one of its options is given.

        It has a line of 190 columns for each item that timed something.
        """
        given = any("--benchmark" in str(each) for each in config.invocation_params.args)
        ours = all(self.gathered.knows(each["fullname"]) for each in benchmarks)
        return [] if ours and not given and config.get_verbosity() < 1 else None

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_machine_info(self, machine_info: dict[str, Any]) -> None:
        """Add to pytest-benchmark's JSON what it does not know of the machine."""
        machine_info["sparsebench"] = self.machine

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Add everything else, which differs between runs of one machine."""
        output_json["sparsebench"] = msgspec.to_builtins(self.bench.here)

    @property
    def machine(self) -> dict[str, str]:
        """Facts about the machine that times depend on, and that stay as they are between runs."""
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


def wanted_cases(item: pytest.Item, settings: Settings) -> Sequence[Case]:
    """What a benchmark measures first; nothing if its benchmark item tells no cases."""
    asked = _asked_of(item)
    return cases_of(asked, settings.base_seeds(settings.seeds)) if hasattr(asked, "cases") else ()


def _asked_of(item: pytest.Item) -> Any:
    """The benchmark item that a test is for, if it is for one."""
    call = getattr(item, "callspec", None)
    return call.params.get("item", call.params.get("cell")) if call else None


def _seed_policy(chosen: Settings) -> str:
    """Which seeds a run measures, in words."""
    first = chosen.first_base_seed
    policy = f"seeds {first} to {first + chosen.seeds - 1} in every item"
    if chosen.max_seeds > chosen.seeds:
        policy += f", up to {chosen.max_seeds} where they decide nothing"
    if chosen.first_seed and not first:
        policy += f"; networks that the run trains have seeds from {chosen.first_seed} on"
    return policy


def _printable(argument: object) -> str:
    """An argument as text that JSON can hold, even if it came as bytes of no known encoding."""
    return str(argument).encode("utf-8", "backslashreplace").decode("utf-8")
