"""Fingerprints of code: which sources decide a result, and a digest of their meaning.

Results are cached under the fingerprint. It changes with the meaning of a source that matters, but
not with an unrelated source, a comment, a docstring, formatting, or the place of a file. The
sources that matter are found by following imports from the modules that train, make a network or
measure a case; an experiment's descriptor names these modules (`sparsebench.harness.fingerprints`).
Files of other projects count in the same way, with what they import from their own folder.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import resolve_name
from itertools import chain
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]

STRINGS = "parts/strings.py"
"""The module that makes the Reber strings that networks are trained and measured on."""

TRAINING = ("harness/jobs.py", "engines/population_training.py", STRINGS)
"""The modules that train networks."""

LAYERS = ("values", "parts", "engines", "experiments")
"""Folders in which imports are followed; other layers only select, judge and show."""

PLUMBING = (
    "engines/compiled_code.py",
    "parts/files.py",
    "parts/machine.py",
    "parts/records.py",
    "parts/store.py",
    "parts/store_names.py",
    "parts/stored_models.py",
)
"""Excluded: affects storage, not results."""

GPU = "engines/gpu/"

_NOTHING = ("Module()", "Module(body=[])")
"""The text of a source without statements: an empty one, and one of docstrings alone."""


def code_digest(device: str, *roots: str) -> str:
    """12 hexadecimal digits that identify the sources that decide results on a device.

    Changing such a source invalidates what was cached before.

    Parameters
    ----------
    device
        `cpu` or `cuda`.
    roots
        The modules from which imports are followed: paths inside this package, or absolute paths of
        files of other projects (`source_of`); by default `TRAINING`.

    Raises
    ------
    OSError, SyntaxError
        If a file of another project cannot be read.
    """
    chosen = tuple(sorted(set(roots or TRAINING)))
    ours = not any(Path(root).is_absolute() for root in chosen)
    return (_digest_of_ours if ours else _digest)(device, chosen)


@cache
def source_of(function: Callable[..., Any]) -> str:
    """The file of a function, as `code_digest` takes it.

    Raises
    ------
    TypeError
        If there is none, because it is written in another language or was typed into a console.
    """
    path = Path(inspect.getfile(inspect.unwrap(function))).resolve()
    return path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else str(path)


def decisive_sources(device: str, *roots: str) -> list[str]:
    """The sources that imports reach from the roots: sorted paths inside the package.

    Imports count at the top of a module, inside a function, and for a type checker alike.
    """
    return [_name(path) for path in _Sources().reached(device, roots or TRAINING)]


def _digest(device: str, roots: tuple[str, ...]) -> str:
    sources = _Sources()
    deciding = frozenset(sources.reached(device, roots))
    meanings = {sources.meaning(source, deciding) for source in deciding}
    return _hash("".join(sorted(meanings)))[:12]


_digest_of_ours = cache(_digest)
"""Cached, because the sources of this package do not change during a run."""


def _name(source: Path) -> str:
    """A path inside the package; of another project's file, the absolute path."""
    return source.relative_to(PACKAGE).as_posix() if source.is_relative_to(PACKAGE) else str(source)


@dataclass(frozen=True, eq=False)
class _Parsed:
    """A parsed source file.

    Attributes
    ----------
    texts
        Its syntax tree as text, without docstrings: what stands before, between and behind the
        statements that import from the file's own project or from this package.
    imports
        For each of these statements, the full names of the modules, or of the objects in them.
    """

    texts: tuple[str, ...]
    imports: tuple[tuple[str, ...], ...]

    @cached_property
    def own_meaning(self) -> str:
        """A digest of the file alone, without its imports; empty if it has nothing but docstrings."""
        text = "".join(self.texts)
        return "" if text in _NOTHING else _hash(text)

    def text(self, imported: Iterable[str]) -> str:
        """The syntax tree as text, with a given text for each statement that imports."""
        return "".join(chain.from_iterable(zip(self.texts, (*imported, ""), strict=True)))


class _Sources:
    """The source files as they lie there now: each is read, and each import is followed, once."""

    def __init__(self) -> None:
        self._parsed = cache(_parsed)
        self._files = cache(_files)

    def reached(self, device: str, roots: Iterable[str]) -> list[Path]:
        """The files that imports reach from the roots, sorted."""
        passed_over = (*PLUMBING, *((GPU,) if device == "cpu" else ()))
        found: set[Path] = set()
        waiting = [PACKAGE / root for root in roots]
        while waiting:
            source = waiting.pop()
            if source not in found and not _name(source).startswith(passed_over):
                found.add(source)
                waiting += chain.from_iterable(self._imports(source))
        return sorted(found)

    def meaning(self, source: Path, deciding: frozenset[Path]) -> str:
        """A digest of a source, and of those that it imports directly, as far as they decide results.

        It depends on no paths, neither of the source nor in its imports. It is empty for a source
        with nothing but docstrings, such as most `__init__.py`.
        """
        parsed = self._parsed(source)
        if not parsed.own_meaning:
            return ""
        return _hash(
            parsed.text(
                "".join(self._parsed(path).own_meaning for path in paths if path in deciding)
                for paths in self._imports(source)
            )
        )

    def _imports(self, source: Path) -> list[list[Path]]:
        """For each importing statement of a source, the files of its project or ours that it runs."""
        home = _home(source)
        return [
            [path for name in names for path in self._files(name, home)]
            for names in self._parsed(source).imports
        ]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_docstring(node: object) -> bool:
    """Whether a statement is a bare string: a docstring, or the description of a constant."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _parsed(source: Path) -> _Parsed:
    home = _home(source)
    folders = source.parent.relative_to(home).parts
    beside = folders[:1] or (path.stem for path in home.iterdir())
    return _parse(source.read_bytes(), ".".join(folders), frozenset([PACKAGE.name, *beside]))


@cache
def _parse(content: bytes, package: str, followed: frozenset[str]) -> _Parsed:
    texts: list[str] = []
    imports: list[tuple[str, ...]] = []
    pieces: list[str] = []

    def write(value: object) -> None:
        """Empty fields are left out, because newer versions of Python add some."""
        if isinstance(value, list):
            between = "["
            for item in value:
                if not _is_docstring(item):
                    pieces.append(between)
                    write(item)
                    between = ","
            pieces.append("]" if between == "," else "[]")
            return
        if not isinstance(value, ast.AST):
            pieces.append(repr(value))
            return
        pieces.append(f"{type(value).__name__}(")
        fields = value._fields
        names = [name for name in _imported_names(value, package) if name.split(".")[0] in followed]
        if names:
            imports.append(tuple(names))
            texts.append("".join(pieces))
            pieces.clear()
            fields = tuple(name for name in fields if name not in ("module", "level"))
        between = ""
        for name in fields:
            field = getattr(value, name, None)
            if field is not None and field != []:
                pieces.append(f"{between}{name}=")
                write(field)
                between = ","
        pieces.append(")")

    write(ast.parse(content))
    return _Parsed((*texts, "".join(pieces)), tuple(imports))


def _imported_names(node: ast.AST, package: str) -> list[str]:
    """The full names of the modules, or of the objects in them, that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and (package or not node.level):
        home = resolve_name("." * node.level + (node.module or ""), package)
        return [home, *(f"{home}.{alias.name}" for alias in node.names)]
    return []


def _home(source: Path) -> Path:
    """The folder from which a file is imported: that of its outermost package, or its own."""
    if source.is_relative_to(PACKAGE):
        return PACKAGE.parent
    home = source.parent
    while (home / "__init__.py").is_file():
        home = home.parent
    return home


def _files(name: str, home: Path) -> list[Path]:
    """The files that importing a name runs, as far as they lie in a folder or in our layers."""
    parts = name.split(".")
    if parts[0] == PACKAGE.name:
        if len(parts) < 2 or parts[1] not in LAYERS:
            return []
        home, parts = PACKAGE, parts[1:]
    steps = (home.joinpath(*parts[:end]) for end in range(1, len(parts) + 1))
    candidates = (
        path for step in steps for path in (step / "__init__.py", step.with_suffix(".py"))
    )
    return [path for path in candidates if path.is_file()]
