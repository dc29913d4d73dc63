"""Python processes that tests start, and wait for: most of the time of a short one is its imports."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]

_LOADED_BEFORE = ["torch._dynamo", "numba", "scipy.stats", "networkx"]
"""What takes longest to load, and is the same whoever loads it: nothing of ours or of pytest's."""


def run(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, which has loaded some libraries before it begins.

    The process is forked from one that did so once (`multiprocessing`'s fork server). Where there
    is none, such as on Windows, it is a new one.

    Parameters
    ----------
    arguments
        Those of `python`: `-m` and a module, `-c` and code, or a script; then what they are given.
    folder
        Where it runs.
    environment
        All variables of its environment.

    Returns
    -------
    subprocess.CompletedProcess
        What it printed is its `stdout`, errors too.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(_LOADED_BEFORE)
    with tempfile.TemporaryDirectory() as kept:
        printed = Path(kept) / "printed"
        process = server.Process(
            target=_work, args=(list(arguments), folder, dict(environment), printed)
        )
        process.start()
        process.join()
        text = printed.read_text(encoding="utf-8")
    assert process.exitcode is not None
    return subprocess.CompletedProcess(arguments, process.exitcode, text)


def _work(arguments: list[str], folder: Path, environment: dict[str, str], printed: Path) -> None:
    """What `python` does with its arguments, in this process."""
    with printed.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:] = [str(folder), *paths, *(path for path in sys.path if path not in ("", str(ROOT)))]
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    how, *given = arguments
    try:
        if how == "-m":
            sys.argv[:] = given
            runpy.run_module(given[0], run_name="__main__", alter_sys=True)
        elif how == "-c":
            sys.argv[:] = ["-c", *given[1:]]
            exec(compile(given[0], "<string>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv[:] = arguments
            runpy.run_path(how, run_name="__main__")
    finally:
        atexit._run_exitfuncs()
