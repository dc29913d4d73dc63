"""`sparsebench init`: write a starter project that gates a PyTorch model of your own."""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sparsebench.engines.torch_parts import Parts
    from sparsebench.parts.own_network import OwnNetwork

_TEMPLATES = Path(__file__).with_name("starter")
"""Texts with places to fill in, as `string.Template` has them."""

_STEPS, _PER_CLASS, _LEAST = 20, 32, 256
"""Steps of a sequence of the stand-in data; sequences for each class, and in all at least."""


def add_init_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    init = commands.add_parser(
        "init",
        help="write a starter project that gates a PyTorch model of your own",
        description="Writes a test, pytest's settings, a workflow for GitHub and stand-in data. Files "
        "that are there already stay as they are.",
    )
    init.add_argument("folder", type=Path, metavar="DIR", help="made if it is not there")
    init.add_argument(
        "--module",
        metavar="FILE.py:FUNCTION",
        help="a function without arguments that returns the trained nn.Module; it is called now. By "
        "default, a model.py with a small one is written",
    )
    init.add_argument(
        "--reads",
        choices=("last_step", "last_state", "every_step"),
        default="last_step",
        help="what the model's linear layer reads of the recurrent outputs (default: last_step)",
    )


@dataclass(frozen=True)
class _Source:
    """A function in a file.

    Attributes
    ----------
    path, function
        The file, and the function's name.
    make
        The function.
    """

    path: Path
    function: str
    make: Callable[[], Any]


def run(chosen: argparse.Namespace) -> int:
    """Write the project.

    Raises
    ------
    OSError
        If a file cannot be written.
    ValueError
        If the module is none that can be tested so, with what to do.
    """
    folder: Path = chosen.folder
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: give a folder")
    own = folder / "model.py"
    if chosen.module is None and not own.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(own, _template("model").encode())
        print(f"wrote {own}")
    source = _source(chosen.module or f"{own}:make_model")
    parts, network = _network(source, chosen.reads)
    for name, content in _files(folder, source, parts, network).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        print(
            f"wrote {path}" if _write(path, content) else f"{path} is there already: left as it is"
        )
    print(f"next: cd {folder} && python -m pytest -v, and read README.md")
    return 0


def _write(path: Path, content: bytes) -> bool:
    """Write a file unless there is one."""
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        return False
    return True


def _source(given: str) -> _Source:
    """The function that `FILE.py:FUNCTION` names.

    Raises
    ------
    ValueError
        If there is none, or its file cannot be imported.
    """
    place, _, function = given.rpartition(":")
    path = Path(place)
    if (
        not place
        or path.suffix != ".py"
        or not path.stem.isidentifier()
        or not function.isidentifier()
    ):
        raise ValueError(
            f"--module is {given!r}: give a file and a function in it, such as spotter.py:make_model"
        )
    if not path.is_file():
        raise ValueError(f"--module {given}: there is no file {path}")
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        found.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{path} cannot be imported ({type(error).__name__}: {error})") from error
    finally:
        sys.path.pop(0)
    make = getattr(module, function, None)
    if not callable(make):
        raise ValueError(f"{path} has no function {function}: name one that returns the nn.Module")
    return _Source(path, function, make)


def _network(source: _Source, reads: str) -> tuple[Parts, OwnNetwork]:
    """The parts of the module that a function makes, and the network that they are.

    Raises
    ------
    ValueError
        If it makes no module, one that cannot be converted or fine-tuned, or two different ones.
    """
    from torch import nn

    from sparsebench.engines.torch_parts import parts_of
    from sparsebench.parts.own_fit import check_dense, check_trainable

    made = []
    for _ in range(2):
        try:
            module = source.make()
        except Exception as error:
            advice = "give a function that needs no arguments"
            if isinstance(error, OSError):
                advice = "name files by Path(__file__).with_name(...), wherever it is called from"
            raise ValueError(
                f"{source.path}: {source.function}() failed ({type(error).__name__}: {error}): {advice}"
            ) from error
        if not isinstance(module, nn.Module):
            raise ValueError(
                f"{source.path}: {source.function}() returned a {type(module).__name__}: return the "
                "nn.Module"
            )
        parts = parts_of(module)
        made.append(parts.network(module.eval(), reads))
    if made[0].checksum != made[1].checksum:
        raise ValueError(
            f"{source.path}: {source.function}() made two modules of different weights: load trained "
            "weights in it, or seed it with torch.manual_seed, so that each run tests the same"
        )
    check_trainable(made[0])
    check_dense(made[0])
    _check_whole(module, parts, made[0], source)
    return parts, made[0]


def _check_whole(module: Any, parts: Parts, network: OwnNetwork, source: _Source) -> None:
    """Refuse a module that does more than its recurrent layers and head, as the test would not see it.

    Raises
    ------
    ValueError
        If it computes something else than the network.
    """
    import numpy as np
    import torch

    structure, random = network.structure, np.random.default_rng(0)
    if structure.symbols:
        inputs = random.integers(0, structure.symbols, (2, 5))
    else:
        inputs = random.standard_normal((2, 5, structure.width)).astype(np.float32)
    if not structure.batch_first:
        inputs = np.ascontiguousarray(inputs.swapaxes(0, 1))
    try:
        with torch.no_grad():
            said = module.float()(torch.from_numpy(inputs))
    except Exception as error:  # it may need more than its inputs
        print(f"the module was not compared with its layers: it failed on inputs alone ({error})")
        return
    said = said[0] if isinstance(said, tuple | list) else said
    expected, _ = network.forward(inputs)
    if tuple(said.shape) != expected.shape or not np.allclose(said.numpy(), expected, atol=1e-3):
        raise ValueError(
            f"{source.path}: the module of {source.function}() computes something else than "
            f"{parts.recurrent} and {parts.head}, read by {structure.reads}: choose another --reads, "
            "or leave out what lies before, between and after them; a test of such a module is written "
            "by hand, with from_torch"
        )


def _files(folder: Path, source: _Source, parts: Parts, network: OwnNetwork) -> dict[str, bytes]:
    """The project's files by name."""
    structure = network.structure
    asks = "values" if structure.classes == 1 else "class"
    if structure.reads == "every_step":
        asks = "classes"
    elsewhere = os.path.relpath(source.path.parent.resolve(), folder.resolve())
    paths = ["."] if elsewhere == "." else [".", Path(elsewhere).as_posix()]
    embedding = f'MODEL.get_submodule("{parts.embedding}")' if parts.embedding else "None"
    own = {"module": source.path.stem, "function": source.function}
    test = Template(_template("test_model")).substitute(
        own,
        recurrent=parts.recurrent,
        head=parts.head,
        embedding=embedding,
        reads=structure.reads,
        asks=asks,
        letters="inputs" if structure.symbols else "",
    )
    settings = Template(_template("settings")).substitute(
        paths=", ".join(f'"{each}"' for each in paths)
    )
    texts = {
        "test_model.py": test,
        "pyproject.toml": settings,
        "requirements.txt": _template("requirements"),
        "README.md": Template(_template("readme")).substitute(own),
        ".github/workflows/sparsebench.yml": _template("workflow"),
    }
    return {
        "data.npz": _stand_in(network, asks),
        **{name: text.encode() for name, text in texts.items()},
    }


def _template(name: str) -> str:
    return (_TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")


def _stand_in(network: OwnNetwork, asks: str) -> bytes:
    """A NumPy archive of sequences that the network can read, with a pattern for each answer.

    Raises
    ------
    ValueError
        If the network asks for more than own data may have.
    """
    from sparsebench.values.own_data import MOST_CLASSES, MOST_SYMBOLS

    structure, random = network.structure, np.random.default_rng(0)
    if structure.symbols > MOST_SYMBOLS or structure.classes > MOST_CLASSES:
        raise ValueError(
            f"the network has {structure.symbols} symbols and {structure.classes} outputs, and data of "
            f"your own have at most {MOST_SYMBOLS} and {MOST_CLASSES}: write the test by hand"
        )
    count = max(_LEAST, _PER_CLASS * structure.classes)
    labels = np.arange(count) % structure.classes
    if asks == "values":
        labels = random.integers(0, 2, count)
    if asks == "classes":
        labels = (labels[:, None] + np.arange(_STEPS) // 5) % structure.classes
    at_each = labels if labels.ndim == 2 else np.repeat(labels[:, None], _STEPS, 1)  # (N, T)
    kinds = int(labels.max()) + 1
    if structure.symbols:
        inputs = random.integers(0, structure.symbols, (count, _STEPS))
        favourites = random.permutation(structure.symbols)[np.arange(kinds) % structure.symbols]
        inputs = np.where(random.random(inputs.shape) < 0.5, favourites[at_each], inputs)
        inputs.flat[: structure.symbols] = np.arange(structure.symbols)  # each is there
        if structure.padding is not None:  # but for this one, which fine-tuning must not see
            inputs[inputs == structure.padding] = (structure.padding + 1) % structure.symbols
    else:
        patterns = random.standard_normal((kinds, structure.width))
        noise = random.standard_normal((count, _STEPS, structure.width))
        inputs = (0.5 * patterns[at_each] + noise).astype(np.float32)
    answers = labels.astype(np.float32) if asks == "values" else labels
    content = io.BytesIO()
    np.savez_compressed(content, inputs=inputs, answers=answers)
    return content.getvalue()
