"""Networks of your own from the state dict of a PyTorch model, or from a file of one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from sparsebench.engines.torch_conversion import AGREEMENT, REAL, from_torch, projected
from sparsebench.engines.torch_masks import apply_masks
from sparsebench.engines.torch_networks import recurrent_layers
from sparsebench.parts.files import FilePath, shown
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.torch_archives import read_tensors
from sparsebench.parts.weight_files import read_content
from sparsebench.values.layout import GATES
from sparsebench.values.own_structure import READS
from sparsebench.values.protocol import VARIANTS, check_torch_has

T = TypeVar("T", bound=nn.Module)

_RECURRENT = re.compile(r"(?:(.+)\.)?weight_hh_l0(?:_orig)?")
_OWN = re.compile(r"(?:weight|bias)_(?:ih|hh)_l(\d+)(_reverse)?")

_CHECKPOINT = (
    "give the state dict alone; of a checkpoint that has more, such as "
    '{"state_dict": ..., "epoch": 3}, give its entry "state_dict"'
)
"""What to do about entries that are no tensors."""


def from_state_dict(
    source: Mapping[str, Any] | FilePath,
    recurrent: str | None = None,
    head: str | None = None,
    embedding: str | None = None,
    variant: str | None = None,
    reads: str = READS[0],
    batch_first: bool = False,
    dropout: float = 0.0,
    tolerance: float = AGREEMENT,
) -> OwnNetwork:
    """Convert the state dict of a trained PyTorch model to a network of your own.

    Parameters
    ----------
    source
        A state dict, or the path of a file with one: safetensors, if its name ends in
        `.safetensors`, or else what `torch.save` wrote of a state dict. Files are read as data;
        nothing in them is run. Masks of `torch.nn.utils.prune` are read too.
    recurrent, head, embedding
        The names of the recurrent layers, the linear head and the embedding in the model, such as
        `"encoder.gru"`; an empty text for a state dict of the layers alone. None: the only
        recurrent layers that there are; no head; no embedding.
    variant
        `rnn_tanh` or `rnn_relu`, which have the same arrays; LSTM and GRU are told by their shapes.
    reads, tolerance
        As for `from_torch`.
    batch_first, dropout
        As given to the recurrent layers, because a state dict does not tell.

    Returns
    -------
    OwnNetwork
        As from `from_torch`.

    Raises
    ------
    OSError
        If the file cannot be read.
    TypeError, ValueError
        If names are missing, shapes do not fit, or the network cannot be converted.
    ArithmeticError
        As in `from_torch`.
    """
    with _naming(source):
        tensors = _tensors(source)
        prefix = _recurrent_name(tensors) if recurrent is None else recurrent
        layers, masks = _layers(_part(tensors, prefix, "recurrent"))
        module = _module(layers, variant, batch_first, dropout)
        apply_masks(module, masks)
        linear = rows = None
        if head is not None:
            part, masks = _unpruned(_part(tensors, head, "head", ["weight"]))
            outputs, inputs = _matrix(part, f"{head}.weight")
            empty = nn.Linear(inputs, outputs, "bias" in part, device="cpu")
            linear = _loaded(empty, part, head)
            apply_masks(linear, masks)
        if embedding is not None:
            part, masks = _unpruned(_part(tensors, embedding, "embedding", ["weight"]))
            shape = _matrix(part, f"{embedding}.weight")
            rows = nn.Embedding(*shape, device="cpu")
            rows = _loaded(rows, {"weight": part["weight"]}, embedding)
            apply_masks(rows, masks)
        return from_torch(module, linear, rows, reads, tolerance)


@contextmanager
def _naming(source: Mapping[str, Any] | FilePath) -> Iterator[None]:
    """Name the file in what is said against it."""
    try:
        yield
    except (ValueError, ArithmeticError) as error:
        if isinstance(source, Mapping) or str(error).startswith(str(source)):
            raise
        raise type(error)(f"{source}: {error}") from None


def _tensors(source: Mapping[str, Any] | FilePath) -> dict[str, Tensor]:
    """The named tensors of a state dict or a file."""
    if isinstance(source, Mapping):
        return {str(name): _tensor(name, each) for name, each in source.items()}
    if Path(source).suffix != ".safetensors":
        try:
            return {name: torch.from_numpy(each) for name, each in read_tensors(source).items()}
        except ValueError as error:
            advice = f": {_CHECKPOINT}" if str(error).endswith("not a tensor") else ""
            raise ValueError(f"{error}{advice}") from None
    try:
        return load(read_content(source))
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"{source}: not a whole safetensors file: {shown(str(error))}") from None


def _tensor(name: object, value: object) -> Tensor:
    """A tensor of a state dict, which may be an array of NumPy or a number."""
    if isinstance(value, Tensor) and value.is_meta:
        raise ValueError(
            f"entry {shown(str(name))} is on the device 'meta', without weights: load them first"
        )
    try:
        return torch.as_tensor(value, device="cpu").detach()
    except (RuntimeError, TypeError, ValueError):
        kind = type(value).__name__
        raise ValueError(
            f"entry {shown(str(name))} is a {kind}, not a tensor: {_CHECKPOINT}"
        ) from None


def _recurrent_name(tensors: Iterable[str]) -> str:
    """The name of the only recurrent layers of a state dict."""
    names = [found[1] or "" for name in tensors if (found := _RECURRENT.fullmatch(name))]
    if len(names) != 1:
        raise ValueError(
            f"a state dict with {len(names)} recurrent layers{_quoted(names)}: name one by "
            "recurrent=..., the path of an nn.RNN, nn.LSTM or nn.GRU in the model, whose arrays are "
            "called weight_ih_l0 and so on; parametrised ones are read from the module, by from_torch"
        )
    return names[0]


def _part(
    tensors: Mapping[str, Tensor], name: str, what: str, needed: Iterable[str] = ()
) -> dict[str, Tensor]:
    """The tensors of one module of a state dict, without its name."""
    start = f"{name}." if name else ""
    part = {
        each[len(start) :]: tensor for each, tensor in tensors.items() if each.startswith(start)
    }
    if not part or any(not {each, f"{each}_orig"} & part.keys() for each in needed):
        missing = "weight" if needed else "arrays"
        modules = sorted({each.rpartition(".")[0] for each in tensors})
        raise ValueError(
            f"{what} is {shown(name)}, of which the state dict has no {missing}: "
            f"it has modules{_quoted(modules)}"
        )
    return part


def _layers(part: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, np.ndarray]]:
    """The arrays and masks of recurrent layers; what else a state dict has beside them is left."""
    if "weight_hr_l0" in part:
        raise ValueError(projected(part["weight_hr_l0"].shape[0]))
    arrays, masks = _unpruned(part)
    layers = {name: each for name, each in arrays.items() if _OWN.fullmatch(name)}
    return layers, {name: mask for name, mask in masks.items() if name in layers}


def _unpruned(part: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, np.ndarray]]:
    """The arrays of a module, and the masks that `torch.nn.utils.prune` has stored."""
    arrays, masks = {}, {}
    for name, tensor in part.items():
        plain = name.removesuffix("_orig")
        if plain != name and f"{plain}_mask" in part:
            mask = part[f"{plain}_mask"]
            if mask.shape != tensor.shape:
                raise ValueError(
                    f"{plain}_mask has the shape {tuple(mask.shape)}, not {tuple(tensor.shape)}"
                )
            arrays[plain], masks[plain] = tensor * mask, mask.numpy() != 0
        elif f"{name.removesuffix('_mask')}_orig" not in part:
            arrays[name] = tensor
    return arrays, masks


def _module(
    layers: Mapping[str, Tensor], variant: str | None, batch_first: bool, dropout: float
) -> nn.RNNBase:
    """The recurrent layers that a part of a state dict is that of."""
    for name in ("weight_ih_l0", "weight_hh_l0"):
        if name not in layers:
            raise ValueError(f"the recurrent layers have no {name}; they have{_quoted(layers)}")
    rows, hidden = _matrix(layers, "weight_hh_l0")
    _, inputs = _matrix(layers, "weight_ih_l0")
    told = [each for each in VARIANTS if hidden and GATES[each] * hidden == rows]
    if variant is not None:
        check_torch_has(variant)
    if not told or variant not in (None, *told):
        raise ValueError(
            f"weight_hh_l0 is {(rows, hidden)}, which is no {variant or 'recurrent layer'}: these "
            f"have 1 (nn.RNN), 4 (nn.LSTM) or 3 (nn.GRU) rows for each of {hidden} columns"
        )
    if len(told) > 1 and variant is None:
        raise ValueError(f"an nn.RNN, whose arrays do not tell: give variant={' or '.join(told)}")
    chosen = variant or told[0]
    numbers = {found[1] for each in layers if (found := _OWN.fullmatch(each))}
    options: dict[str, Any] = {
        "num_layers": len(numbers),
        "bias": "bias_ih_l0" in layers,
        "batch_first": batch_first,
        "dropout": dropout,
        "bidirectional": "weight_hh_l0_reverse" in layers,
        "device": "cpu",
    }
    made = recurrent_layers(chosen, inputs, hidden, **options)
    return _loaded(made, layers, "the recurrent layers")


def _loaded(module: T, part: Mapping[str, Tensor], what: str) -> T:
    """A module with the arrays of a state dict, in a precision that holds all of them exactly."""
    expected = {name: tuple(each.shape) for name, each in module.state_dict().items()}
    found = {name: tuple(each.shape) for name, each in part.items()}
    faults = [f"{name} is missing" for name in expected if name not in found]
    faults += [f"{shown(name)} is not expected" for name in found if name not in expected]
    faults += [
        f"{name} has the shape {found[name]}, not {shape}"
        for name, shape in expected.items()
        if name in found and found[name] != shape
    ]
    kinds = {each.dtype for each in part.values()}
    if not kinds <= set(REAL):
        faults.append(f"it holds {', '.join(sorted(str(kind) for kind in kinds))}")
    if faults:
        raise ValueError(f"{shown(what)} of the state dict cannot be read: {'; '.join(faults[:5])}")
    module.to(reduce(torch.promote_types, kinds)).load_state_dict(dict(part))
    return module


def _matrix(part: Mapping[str, Tensor], name: str) -> tuple[int, int]:
    tensor = part[name.rpartition(".")[2]]
    if tensor.ndim != 2:
        raise ValueError(f"{name} has the shape {tuple(tensor.shape)}: it must be a matrix")
    rows, columns = tensor.shape
    return rows, columns


def _quoted(names: Iterable[str]) -> str:
    """Some names for a message, after what they are."""
    some = [shown(each) for each in names]
    return f" ({', '.join(some[:5])}{', ...' if len(some) > 5 else ''})" if some else ""
