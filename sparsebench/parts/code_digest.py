"""Which sources decide a result, and the digest under which it is kept.

A changed source that matters makes what is kept stale; an unrelated change does not. What matters is
found by following imports from the modules that train, or measure.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

ROOTS = {
    "training": (
        "experiments/networks.py",
        "experiments/work.py",
        "engines/population_training.py",
        "engines/training.py",
    ),
    "tasks": (
        "experiments/networks.py",
        "experiments/work.py",
        "engines/population_training.py",
        "parts/tasks.py",
    ),
    "pruning": ("experiments/pruning.py",),
    "correlation": ("experiments/correlation.py",),
    "prediction": ("experiments/prediction.py",),
    "generation": ("experiments/generation.py",),
}
"""The modules that train single models and networks together, those that train on other tasks than the
thesis's, and those of the experiments whose figures are kept."""

LAYERS = ("values", "parts", "engines")
"""Where imports are followed; what lies above only asks, judges and shows."""

PLUMBING = (
    "engines/compiled_code.py",
    "parts/files.py",
    "parts/machine.py",
    "parts/records.py",
    "parts/store.py",
    "parts/store_names.py",
    "values/analyses.py",
)
"""What these import and are not decided by: how results are written down, kept and named."""

GPU = "engines/gpu/"


@cache
def code_digest(device: str, what: str = "training") -> str:
    """12 hexadecimal digits of the sources that decide results on a device.

    What is kept lies under it, so that changed code never meets what older code computed.

    Parameters
    ----------
    device
        `cpu` or `cuda`.
    what
        A name in `ROOTS`.
    """
    content = hashlib.sha256()
    for source in decisive_sources(device, what):
        content.update(source.encode() + b"\0")
        content.update((PACKAGE / source).read_bytes())
    return content.hexdigest()[:12]


def decisive_sources(device: str, what: str = "training") -> list[str]:
    """The sources that training, or an experiment, reaches: paths inside the package, in order.

    Imports count wherever they stand: at the top of a module, in a function, or for a type checker.
    """
    passed_over = (*PLUMBING, *((GPU,) if device == "cpu" else ()))
    found: set[str] = set()
    waiting = list(ROOTS[what])
    while waiting:
        source = waiting.pop()
        if source not in found and not source.startswith(passed_over):
            found.add(source)
            waiting += _imported(source)
    return sorted(found)


def _imported(source: str) -> Iterator[str]:
    """The sources that a source imports, and the faces of the packages that they lie in."""
    package = ".".join(["sparsebench", *Path(source).parent.parts])
    for node in ast.walk(ast.parse((PACKAGE / source).read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            home = resolve_name("." * node.level + (node.module or ""), package)
            names = [home, *(f"{home}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            yield from _sources(name)


def _sources(name: str) -> Iterator[str]:
    """The files that importing a name runs, as far as it is a module of the layers that count."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name or len(parts) < 2 or parts[1] not in LAYERS:
        return
    for end in range(2, len(parts) + 1):
        inside = Path(*parts[1:end])
        for source in (inside / "__init__.py", inside.with_suffix(".py")):
            if (PACKAGE / source).is_file():
                yield source.as_posix()
