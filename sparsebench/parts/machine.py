"""Provenance: the commit, machine and code that a measurement depends on besides its case."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sparsebench.parts.code_digest import code_digest
from sparsebench.parts.records import Commit, Provenance

_OTHER_REPOSITORY = (
    *(
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_COMMON_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
    ),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
)
"""Variables that name another repository than the folder's own; Git's hooks set some of them."""


def commit(folder: Path, apart: Path | None = None) -> Commit:
    """The git state of a folder's checkout; empty outside one, or before a first commit.

    A checkout is clean only if git says so. If git does not answer in time or at all, or refuses
    (another user's folder), it counts as dirty.

    Parameters
    ----------
    folder
        In the checkout.
    apart
        A folder whose changes do not count: that of baselines, which is where accepted figures go.
    """
    identity = _git(folder, "rev-parse", "--verify", "--quiet", "HEAD")
    if identity is None:
        return Commit(dirty=_in_checkout(folder))
    if not identity:
        return Commit()
    every_change = ("--porcelain", "--untracked-files=normal", "--ignore-submodules=none")
    return Commit(
        id=identity,
        branch=_git(folder, "rev-parse", "--abbrev-ref", "HEAD") or "",
        dirty=_git(folder, "status", *every_change, *_without(folder, apart)) != "",
    )


def _without(folder: Path, apart: Path | None) -> list[str]:
    """What git is told to leave a folder of the checkout out; nothing if it is the whole of it."""
    top = _git(folder, "rev-parse", "--show-toplevel")
    if apart is None or not top:
        return []
    root, left_out = Path(top).resolve(), apart.resolve()
    if root == left_out or not left_out.is_relative_to(root):
        return []
    name = left_out.relative_to(root).as_posix()
    return ["--", ":(top)", f":(top,exclude,literal){name}"]


def _git(folder: Path, *arguments: str) -> str | None:
    """The output of git; None if it fails.

    `rev-parse --quiet` reports a missing object by status 1 without output, which is not a failure.
    """
    chosen = {name: text for name, text in os.environ.items() if name not in _OTHER_REPOSITORY}
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True,
            env=chosen,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode and (done.returncode != 1 or done.stderr):
        return None
    return done.stdout.decode("utf-8", "backslashreplace").strip()


def _in_checkout(folder: Path) -> bool:
    """Whether a folder seems to lie in a checkout, judged without git."""
    here = folder.absolute()
    return any(os.path.exists(each / ".git") for each in (here, *here.parents))


def gpu_driver() -> str:
    """The version of NVIDIA's driver from `nvidia-smi`; empty without one."""
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().partition("\n")[0] if done.returncode == 0 else ""


@cache
def cpu_name() -> str:
    """The processor's model name, from the system."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@cache
def processor() -> str:
    """A name for the processor and the compiler of loops: equal names give equal machine code.

    Two trainings of one case under the same name have bit-identical weights.
    """
    from llvmlite import binding  # imported here because loading LLVM takes long

    target = binding.get_host_cpu_name()
    features = hashlib.sha256(binding.get_host_cpu_features().flatten().encode()).hexdigest()[:8]
    return f"{target}-{features}-numba{version('numba')}"


def machine_class(where: Provenance) -> str:
    """The kind of machine within which times are comparable, as a file name: GPU or processor.

    A processor's name alone says little in a cloud, so the compiler's name for it is added.
    """
    name = where.gpu or f"{where.cpu} {processor().partition('-numba')[0]}"
    return "-".join(re.findall(r"[a-z0-9.]+", name.lower()))


SAME_RUN_WITHIN = timedelta(hours=1)
"""Longest interval between times that count as taken in one run: the ratio of two programs' times
drifts with the state of the machine."""


def same_run(moments: Iterable[str]) -> bool:
    """Whether times, as in provenances, lie within `SAME_RUN_WITHIN`; unknown ones do not."""
    try:
        known = [datetime.fromisoformat(moment) for moment in moments]
        return not known or max(known) - min(known) <= SAME_RUN_WITHIN
    except (TypeError, ValueError):  # not a time, or one without a time zone
        return False


def provenance(
    folder: Path, device: str, gpu: str = "", driver: str = "", apart: Path | None = None
) -> Provenance:
    """The provenance of a measurement that is made now.

    Parameters
    ----------
    folder
        The project whose git state is noted.
    device, gpu, driver
        `cpu` or `cuda`, the GPU's name and its driver's version.
    apart
        As for `commit`.
    """
    return Provenance(
        commit=commit(folder, apart),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        cpu=cpu_name(),
        gpu=gpu,
        device=device,
        threads=1,
        python=platform.python_version(),
        torch=version("torch"),
        numpy=version("numpy"),
        code=code_digest(device),
        driver=driver,
    )
