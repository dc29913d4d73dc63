"""The pytest plugin: options, parametrization and fixtures. Importing it loads nothing but pytest.

A benchmark is a test with the marker `sparsebench(items)` and the argument `item`. The plugin makes
one test for each item that the run's settings select; the test measures and judges that item.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from sparsebench.shell.options import (
    add_gpu,
    add_options,
    given_in_ini,
    given_on_command_line,
    value,
)

if TYPE_CHECKING:
    from sparsebench.harness.measuring import ItemResult
    from sparsebench.shell.item_bench import ItemBench
    from sparsebench.shell.run import Run

_RUN = pytest.StashKey["Run"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of `sparsebench.shell.options`."""
    add_options(parser)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Generator[None, object, object]:
    """Declare `--gpu` after the project's own options, so that a project's `--gpu` takes precedence."""
    result = yield
    add_gpu(parser)
    return result


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the fixtures; check the options if any is given on the command line."""
    config.addinivalue_line(
        "markers",
        "sparsebench(items, otherwise=REASON): a test for each of these items; `items` is a list, "
        "or a function from the run's settings to one; REASON is why an empty one is skipped",
    )
    names = ("benchmark", "pytest_benchmark.plugin")
    timed = any(config.pluginmanager.hasplugin(name) for name in names)
    config.pluginmanager.register(_Timed() if timed else _Untimed(), "sparsebench-timing")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Collector(config), "sparsebench-collector")
    if value(config, "plan"):
        _plan_here(config)
    if given_on_command_line(config):
        run_of(config)


def _plan_here(config: pytest.Config) -> None:
    """Plan in this process even under xdist, whose workers would have nothing to run."""
    if not config.pluginmanager.hasplugin("terminal"):
        raise pytest.UsageError(
            "--sparsebench-plan writes to the terminal, which -p no:terminal takes away: leave one out"
        )
    for option, alone in (("dist", "no"), ("numprocesses", None), ("tx", [])):
        if hasattr(config.option, option):
            setattr(config.option, option, alone)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Check the options before anything is collected if the ini file sets any.

    Under xdist only the workers know which items are ours, so writing files is checked now, before
    xdist starts them.
    """
    if given_in_ini(session.config):
        from sparsebench.shell.settings import settings

        settings(session.config)
    if session.config.getoption("dist", "no") != "no":
        _check_writable_files(session.config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Check that files can be written before hours of work, if an item of ours is selected."""
    ours = any(
        item.get_closest_marker("sparsebench") or "sparsebench" in getattr(item, "fixturenames", ())
        for item in session.items
    )
    if ours and not hasattr(session.config, "workerinput"):
        _check_writable_files(session.config)


def _check_writable_files(config: pytest.Config) -> None:
    from sparsebench.shell.settings import check_writable_files

    check_writable_files(config)


def run_of(config: pytest.Config) -> Run:
    """The run of this pytest process, created on first use.

    Raises
    ------
    pytest.UsageError
        If an option is wrong.
    """
    run = config.stash.get(_RUN, None)
    if run is None:
        from sparsebench.shell.run import Run

        run = config.stash[_RUN] = Run(config)
        config.pluginmanager.register(run, "sparsebench-run")
    return run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each benchmark item that the settings select."""
    marker = metafunc.definition.get_closest_marker("sparsebench")
    if marker is None:
        return
    given = {**marker.kwargs, **({"items": marker.args[0]} if marker.args else {})}
    items = given.get("items", given.get("cells"))
    argument = next((name for name in ("item", "cell") if name in metafunc.fixturenames), None)
    if "cells" in given or argument == "cell":
        warnings.warn(
            f"{metafunc.definition.nodeid}: cell and cells are called item and items now",
            pytest.PytestDeprecationWarning,
            stacklevel=1,
        )
    if items is None or argument is None:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: write @pytest.mark.sparsebench(items), with a list of "
            "items such as pruning_items(), and give the test an argument named item"
        )
    run = run_of(metafunc.config)
    run.asked.append(items)
    try:
        chosen = run.settings.asked_for(items)
    except (TypeError, ValueError) as error:
        raise pytest.UsageError(f"{metafunc.definition.nodeid}: {error}") from error
    otherwise = pytest.mark.skip(reason=marker.kwargs.get("otherwise", "no items chosen"))
    metafunc.parametrize(
        argument,
        [pytest.param(item, id=item.id) for item in chosen]
        or [pytest.param(None, id="none", marks=otherwise)],
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach what an item measured to its report, which may cross processes.

    Of an error in the project's own code the report shows that code alone.
    """
    run = item.config.stash.get(_RUN, None)
    ours = run is not None and run.is_ours(item)
    if ours and call.excinfo is not None:
        from sparsebench.shell.tracebacks import shorten

        shorten(item, call.excinfo)
    report = yield
    if run is not None and ours:
        run.attach(item, report)
    return report


@pytest.fixture
def sparsebench(request: pytest.FixtureRequest) -> ItemBench:
    """Measures and judges the benchmark item: `sparsebench.measure(item)`, `sparsebench.judge(...)`."""
    from sparsebench.shell.item_bench import ItemBench

    return ItemBench(run_of(request.config), request.node)


class _Collector:
    """Collects the payloads of reports, from this process or from xdist workers."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(
        self, report: pytest.TestReport
    ) -> Generator[None, object, object]:
        """Add the payload of a report of our items, after all plugins have processed the report.

        Plugins may still change its outcome, and so does pytest when asked for the report's
        category.
        """
        if (run := self._config.stash.get(_RUN, None)) is not None:
            run.progress.clear()
        try:
            return (yield)
        finally:
            if self._is_ours(report):
                hook = self._config.hook
                status = hook.pytest_report_teststatus(report=report, config=self._config)
                run_of(self._config).gathered.add(report, status[0] if status else "")

    def _is_ours(self, report: pytest.TestReport) -> bool:
        """Whether a report is of one of our items, or may be: a worker may die before it sends them."""
        if hasattr(report, "sparsebench"):
            return True
        run = self._config.stash.get(_RUN, None)
        if run is None:
            return False
        died = str(report.when) == "???" and not run.gathered.chosen
        return died or run.gathered.knows(report.nodeid)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_benchmark_compare_machine_info(
    config: pytest.Config, machine_info: dict[str, Any], compared_benchmark: dict[str, Any]
) -> None:
    """Compare the facts about the machine with those of a saved run.

    Saved runs are loaded before it is known whether this run is one of ours.
    """
    if "sparsebench" in compared_benchmark["machine_info"]:
        machine_info["sparsebench"] = run_of(config).machine
    else:
        machine_info.pop("sparsebench", None)


class _Timed:
    """Fixtures for sessions with pytest-benchmark."""

    @pytest.fixture
    def time_forward(
        self, request: pytest.FixtureRequest, benchmark: Any
    ) -> Callable[[ItemResult], None]:
        """Times the forward pass of what was measured, beside the dense network's; not gated."""
        from sparsebench.shell.timing import time_forward

        return partial(time_forward, bench=run_of(request.config).bench, benchmark=benchmark)

    @pytest.fixture
    def time_together(
        self, request: pytest.FixtureRequest, benchmark: Any
    ) -> Callable[[ItemResult], None]:
        """Times all forward passes of what was measured; gated for items of `ForwardCase`."""
        from sparsebench.shell.timing import time_together

        return partial(time_together, bench=run_of(request.config).bench, benchmark=benchmark)


class _Untimed:
    """The same fixtures under `-p no:benchmark`, which do nothing."""

    @pytest.fixture
    def time_forward(self) -> Callable[[ItemResult], None]:
        """Does nothing."""
        return lambda measured: None

    @pytest.fixture
    def time_together(self) -> Callable[[ItemResult], None]:
        """Does nothing."""
        return lambda measured: None
