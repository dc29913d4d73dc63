"""A scheduler and workers of Dask in processes of their own, which tests may kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

ROOT = Path(__file__).parents[2]


class Cluster:
    """A scheduler on a free port of this machine, and its workers, of one thread each.

    Parameters
    ----------
    folder
        Where it writes.
    workers
        How many are started at once.
    """

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder, self._file = folder, folder / "scheduler.json"
        folder.mkdir(parents=True, exist_ok=True)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._start(
            "scheduler", "--host=127.0.0.1", "--port=0", "--no-dashboard",
            f"--scheduler-file={self._file}",
        )  # fmt: skip
        until = time.monotonic() + 60
        while not self._file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(0.1)  # it is written in one go, but not atomically
        self.address = str(msgspec.json.decode(self._file.read_bytes())["address"])
        for _ in range(workers):
            self.add_worker()

    def add_worker(self, root: Path = ROOT) -> None:
        """Start another worker, with the package that lies in a folder."""
        arguments = ["--nthreads=1", "--no-nanny", "--no-dashboard", f"--name={len(self.workers)}"]
        arguments += [f"--local-directory={self._folder}", f"--scheduler-file={self._file}"]
        self.workers.append(self._start("worker", *arguments, root=root))

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill -9."""
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)

    def close(self) -> None:
        """Kill whatever still runs."""
        for process in [*self.workers, self.scheduler]:
            if process.poll() is None:
                self.kill(process)

    def _start(self, what: str, *arguments: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
        with (self._folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments],
                cwd=root,
                env={**os.environ, "PYTHONPATH": str(root)},
                stdout=log,
                stderr=log,
            )
