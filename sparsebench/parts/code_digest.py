"""Which sources decide what a training gives, and the digest under which its result is kept.

A changed source that matters makes what is kept stale; an unrelated change does not. What matters is
found by following imports from the modules that train.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

ROOTS = (
    "experiments/networks.py",
    "experiments/work.py",
    "engines/population_training.py",
    "engines/training.py",
)
"""The modules that train: single models, and networks together."""

LAYERS = ("values", "parts", "engines")
"""Where imports are followed; what lies above only asks, judges and shows."""

PLUMBING = (
    "parts/files.py",
    "parts/machine.py",
    "parts/records.py",
    "parts/store.py",
    "values/analyses.py",
)
"""What training imports and is not decided by: how results are written down, kept and named."""

GPU = "engines/gpu/"


@cache
def code_digest(device: str) -> str:
    """12 hexadecimal digits of the sources that decide results on a device.

    Trained models are kept under it, so that changed code never meets what older code computed.

    Parameters
    ----------
    device
        `cpu` or `cuda`.
    """
    content = hashlib.sha256()
    for source in decisive_sources(device):
        content.update(source.encode() + b"\0")
        content.update((PACKAGE / source).read_bytes())
    return content.hexdigest()[:12]


def decisive_sources(device: str) -> list[str]:
    """The sources that training on a device reaches, as paths inside the package, in order.

    Imports count wherever they stand: at the top of a module, in a function, or for a type checker.
    """
    passed_over = (*PLUMBING, *((GPU,) if device == "cpu" else ()))
    found: set[str] = set()
    waiting = list(ROOTS)
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
