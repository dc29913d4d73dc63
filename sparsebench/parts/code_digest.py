"""Which sources decide a result, and the fingerprint of their meaning, under which it is cached.

A change of meaning in a source that matters makes cached results stale; an unrelated source, a comment,
a docstring, formatting or another place for a file does not. Which sources matter is found by following
imports from the modules that train, or measure.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import resolve_name
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

ROOTS = {
    "training": (
        "experiments/base/network.py",
        "experiments/capacity/network.py",
        "experiments/finetuning/network.py",
        "experiments/random_wiring/network.py",
        "harness/jobs.py",
        "engines/population_training.py",
        "engines/training.py",
    ),
    "tasks": (
        "experiments/base/network.py",
        "experiments/capacity/network.py",
        "experiments/finetuning/network.py",
        "experiments/random_wiring/network.py",
        "harness/jobs.py",
        "engines/population_training.py",
        "parts/tasks.py",
    ),
    "pruning": ("experiments/pruning/measure.py",),
    "correlation": ("experiments/graph_statistics/correlation.py",),
    "prediction": ("experiments/graph_statistics/prediction.py",),
    "generation": ("experiments/language_modelling/generation.py",),
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
)
"""What these import and are not decided by: how results are written down, kept and named."""

GPU = "engines/gpu/"


@cache
def code_digest(device: str, *what: str) -> str:
    """12 hexadecimal digits of the meaning of the sources that decide results on a device.

    Results are cached under it, so that changed code never meets what older code computed.

    Parameters
    ----------
    device
        `cpu` or `cuda`.
    what
        Names in `ROOTS`; without any, `training`.
    """
    meanings: set[str] = set()
    for name in what or ("training",):
        sources = decisive_sources(device, name)
        meanings.update(_meaning(source, frozenset(sources)) for source in sources)
    return _hash("".join(sorted(meanings)))[:12]


def digest_of_file(device: str, path: Path) -> str:
    """The same of a file of another project, and of the sources of this package that it imports.

    Raises
    ------
    OSError, SyntaxError
        If it cannot be read.
    """
    own = _parse(path.read_bytes(), path.name)
    sources = _reached(device, [each for paths in own.imports.values() for each in paths])
    meanings = {_meaning(source, frozenset(sources)) for source in sources}
    return _hash("".join(sorted({own.own_meaning, *meanings})))[:12]


def decisive_sources(device: str, what: str = "training") -> list[str]:
    """The sources that training, or an experiment, reaches: paths inside the package, in order.

    Imports count wherever they stand: at the top of a module, in a function, or for a type checker.
    """
    return _reached(device, ROOTS[what])


def _reached(device: str, roots: Iterable[str]) -> list[str]:
    passed_over = (*PLUMBING, *((GPU,) if device == "cpu" else ()))
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        source = waiting.pop()
        if source not in found and not source.startswith(passed_over):
            found.add(source)
            waiting += (path for paths in _parsed(source).imports.values() for path in paths)
    return sorted(found)


@dataclass(frozen=True, eq=False)
class _Parsed:
    """A source file.

    Attributes
    ----------
    tree
        Its syntax.
    imports
        For each statement that imports from this package, the files that it runs.
    """

    tree: ast.Module
    imports: dict[ast.AST, list[str]]

    @cached_property
    def own_meaning(self) -> str:
        """What it says, whatever the files say that it imports; a file of words alone says nothing."""
        empty = all(map(_is_docstring, self.tree.body))
        return "" if empty else _hash(self.text({}))

    def text(self, imported: Mapping[ast.AST, str]) -> str:
        """Its syntax as text: without docstrings, and for each import of this package what is given.

        Fields that are empty are left out, for newer versions of Python add some.
        """

        def of(value: object) -> str:
            if isinstance(value, list):
                return f"[{','.join(of(item) for item in value if not _is_docstring(item))}]"
            if not isinstance(value, ast.AST):
                return repr(value)
            place = ("module", "level") if value in self.imports else ()
            fields = [
                f"{name}={of(field)}"
                for name, field in ast.iter_fields(value)
                if name not in place and field is not None and field != []
            ]
            return f"{type(value).__name__}({imported.get(value, '')}{','.join(fields)})"

        return of(self.tree)


def _meaning(source: str, deciding: frozenset[str]) -> str:
    """What a source says, and what those say from which it imports, as far as they decide.

    It depends on no path: neither on the source's own nor on those in its imports. Empty for a source
    that says nothing, such as the `__init__.py` of most packages.
    """
    parsed = _parsed(source)
    if not parsed.own_meaning:
        return ""
    imported = {
        node: "".join(_parsed(path).own_meaning for path in paths if path in deciding)
        for node, paths in parsed.imports.items()
    }
    return _hash(parsed.text(imported))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_docstring(node: object) -> bool:
    """Whether a statement is a bare string: a docstring, of an attribute too."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _parsed(source: str) -> _Parsed:
    return _parse((PACKAGE / source).read_bytes(), source)


@cache
def _parse(content: bytes, source: str) -> _Parsed:
    tree = ast.parse(content)
    package = ".".join([PACKAGE.name, *Path(source).parent.parts])
    imports = {}
    for node in ast.walk(tree):
        names = [
            name for name in _imported_names(node, package) if name.split(".")[0] == PACKAGE.name
        ]
        if names:
            imports[node] = [path for name in names for path in _sources(name)]
    return _Parsed(tree, imports)


def _imported_names(node: ast.AST, package: str) -> list[str]:
    """The full names of the modules, or of the objects in them, that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        home = resolve_name("." * node.level + (node.module or ""), package)
        return [home, *(f"{home}.{alias.name}" for alias in node.names)]
    return []


def _sources(name: str) -> Iterator[str]:
    """The files that importing a name runs, as far as it is a module of the layers that count."""
    parts = name.split(".")
    if len(parts) < 2 or parts[1] not in LAYERS:
        return
    for end in range(2, len(parts) + 1):
        inside = Path(*parts[1:end])
        for source in (inside / "__init__.py", inside.with_suffix(".py")):
            if (PACKAGE / source).is_file():
                yield source.as_posix()
