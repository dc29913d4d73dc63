"""Paths that options name: files, folders, and a text with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sparsebench.shell.options import value


def path(config: pytest.Config, name: str) -> Path | None:
    """An option's value as an absolute path, or None if there is none.

    A relative path is relative to the folder where pytest was called if it comes from the command
    line, and to the project's root if it comes from the ini file.
    """
    chosen = value(config, name)
    return _absolute(config, name, chosen) if chosen else None


def _absolute(config: pytest.Config, name: str, chosen: str) -> Path:
    """A path that an option names; see `path`."""
    given = config.getoption(f"sparsebench_{name}") is not None
    start = config.invocation_params.dir if given else config.rootpath
    try:
        return start / Path(chosen).expanduser()
    except RuntimeError:
        raise pytest.UsageError(
            f"--sparsebench-{name} is {chosen!r}: there is no such home directory; give another path"
        ) from None


def json_path(config: pytest.Config) -> Path | None:
    """The path of the result file, or None."""
    return path(config, "json")


def named_text(config: pytest.Config) -> str:
    """The user's text in the form that tasks take: its name, if given, and an absolute path."""
    chosen = value(config, "text")
    whole = path(config, "text")
    if whole is None:
        return ""
    name, named, place = chosen.partition("=")
    if not named or "/" in name or whole.exists():
        return str(whole)
    return f"{name}={_absolute(config, 'text', place)}"


def baselines_folder(config: pytest.Config) -> Path:
    """The folder of baselines: as named, the package's for its own benchmarks, or the project's."""
    from sparsebench.shell.packaged import packaged_baselines

    named = config.getoption("sparsebench_baselines") is not None
    named = named or config.getini("sparsebench_baselines") != "baselines"
    packaged = None if named else packaged_baselines(config)
    return packaged or path(config, "baselines") or config.rootpath / "baselines"


def default_store() -> Path:
    """The default folder of the store of trained models.

    Raises
    ------
    ValueError
        If the user has no home directory.
    """
    from platformdirs import user_cache_path

    try:
        cache = user_cache_path("sparsebench")
    except RuntimeError:
        cache = Path("~")  # older versions of platformdirs return it unexpanded
    if not cache.is_absolute():
        raise ValueError(
            "there is no folder to keep trained models in, as you have no home directory: name one "
            "with --sparsebench-store, or with --store for `sparsebench store`, or set HOME"
        )
    return cache / "models"
