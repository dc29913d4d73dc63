"""What a measurement depends on besides its case: the commit, the machine and the code."""

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
"""Variables that name a repository in place of the one that a folder lies in. Git's hooks have some."""


def commit(folder: Path) -> Commit:
    """The git state of the checkout that a folder lies in; empty if there is none, or no commit yet.

    Only what git says is unchanged counts as clean: where it does not answer, in time or at all, or
    refuses to (a folder of another user), the checkout counts as changed.
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
        dirty=_git(folder, "status", *every_change) != "",
    )


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers; None if it cannot tell.

    `rev-parse --quiet` says that something is not there by a status of 1 and without a word.
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
    """Whether a folder seems to lie in a checkout, as far as can be told without git."""
    here = folder.absolute()
    return any(os.path.exists(each / ".git") for each in (here, *here.parents))


def gpu_driver() -> str:
    """The version of NVIDIA's driver, as `nvidia-smi` tells it; empty without one."""
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
    """The processor's model name, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


@cache
def processor() -> str:
    """A name for the processor, as the compiler of loops sees it, and for that compiler.

    Where two trainings of one case share it, their weights are the same bit for bit.
    """
    from llvmlite import binding  # loads LLVM, which takes a while

    target = binding.get_host_cpu_name()
    features = hashlib.sha256(binding.get_host_cpu_features().flatten().encode()).hexdigest()[:8]
    return f"{target}-{features}-numba{version('numba')}"


def machine_class(where: Provenance) -> str:
    """The kind of machine whose times can be compared, as a file name: the GPU, or the processor.

    A processor's name alone says little in a cloud, so what the compiler calls it stands beside it.
    """
    name = where.gpu or f"{where.cpu} {processor().partition('-numba')[0]}"
    return "-".join(re.findall(r"[a-z0-9.]+", name.lower()))


SITTING = timedelta(hours=1)
"""How far apart times may have been taken and still be those of one sitting: the ratios between two
programs' times drift with the state that a machine is in."""


def one_sitting(moments: Iterable[str]) -> bool:
    """Whether some moments, as provenances tell them, lie within an hour; unknown ones do not."""
    try:
        known = [datetime.fromisoformat(moment) for moment in moments]
        return not known or max(known) - min(known) <= SITTING
    except (TypeError, ValueError):  # no moment, or one without its time zone
        return False


def provenance(folder: Path, device: str, gpu: str = "", driver: str = "") -> Provenance:
    """The circumstances of a measurement made now.

    Parameters
    ----------
    folder
        Whose git state to note.
    device, gpu, driver
        `cpu` or `cuda`, the GPU's name and its driver's version.
    """
    return Provenance(
        commit=commit(folder),
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
