"""Networks of your own from PyTorch's recurrent layers: what can be converted, and that it was."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from sparsebench.engines.reproducibility import reproducible
from sparsebench.engines.torch_masks import effective, masks_of
from sparsebench.engines.torch_networks import TorchNetwork, to_torch, torch_names
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.checks import one_of, with_article
from sparsebench.values.masks import Masks
from sparsebench.values.own_structure import READS, OwnStructure, Stack
from sparsebench.values.seeding import stream

AGREEMENT = 1e-5
"""Largest difference of outputs and states from PyTorch's, relative to the largest of them, or to 1.
It covers the rounding of single precision: with PyTorch's initial weights, and with three times
these, layers of up to 512 units were within 8e-6."""

CHECKED = (1, 2, 9)
"""Steps of the sequences on which a conversion is checked."""

_BATCH = 3
"""Sequences of each of these lengths."""

REAL = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
"""Precisions that are read."""

_LAYERS = "nn.RNN, nn.LSTM or nn.GRU"


def from_torch(
    module: nn.Module | Sequence[nn.Module],
    head: nn.Module | None = None,
    embedding: nn.Module | None = None,
    reads: str = READS[0],
    tolerance: float = AGREEMENT,
) -> OwnNetwork:
    """Convert trained PyTorch layers to a network of your own, and check that it computes the same.

    Weights of double and half precision are rounded to single precision, with a warning. Masks are
    those of `masks_of`, so a pruned module stays pruned.

    Parameters
    ----------
    module
        `nn.RNN`, `nn.LSTM` or `nn.GRU` of any size, with or without biases, of one or both
        directions; or a list of these, each of which reads the outputs of the one before. Dropout
        is noted for `to_torch`.
    head
        The `nn.Linear` that reads the outputs; None: the network returns them.
    embedding
        The `nn.Embedding` before the layers; None: they read frames of numbers.
    reads
        What the head reads: `last_step`, `last_state`, `every_step` or `mean`, see `OwnStructure`.
    tolerance
        Largest difference of outputs and states from the module's that is allowed, relative to the
        largest of them if that is more than 1. PyTorch rounds to single precision at each step; in
        networks with very large weights this grows beyond 1e-5.

    Returns
    -------
    OwnNetwork
        The network, compared with the module on seeded inputs of 1, 2 and 9 steps. Modules in half
        or mixed precision or on a GPU are compared as a copy in single precision on the CPU, with
        their hooks; of one that cannot be copied, only its arrays are, in layers of torch without
        hooks.

    Raises
    ------
    TypeError, ValueError
        If something cannot be converted, with the reason and what to do.
    ArithmeticError
        If the network computes something else than the module, with the largest difference.
    """
    one_of("reads", reads, READS)
    stacks = _stacks(module)
    checked = TorchNetwork(stacks, _head(head, stacks[-1]), _embedding(embedding, stacks[0]), reads)
    structure = OwnStructure(
        variant=stacks[0].mode.lower(),
        stacks=tuple(_stack(each) for each in stacks),
        width=stacks[0].input_size,
        symbols=0 if checked.embedding is None else checked.embedding.num_embeddings,
        padding=None if checked.embedding is None else checked.embedding.padding_idx,
        classes=0 if checked.head is None else checked.head.out_features,
        head_bias=checked.head is None or checked.head.bias is not None,
        reads=reads,
        batch_first=stacks[0].batch_first,
    )
    network = OwnNetwork(structure, *_arrays_and_masks(checked))
    _check(network, checked, tolerance)
    return network


def _stacks(module: nn.Module | Sequence[nn.Module]) -> list[nn.RNNBase]:
    """The recurrent layers that were given, checked."""
    given = [module] if isinstance(module, nn.Module) else module
    if isinstance(module, nn.ModuleList | nn.Sequential):
        given = list(module)
    if not isinstance(given, Sequence) or not given:
        raise TypeError(
            f"module is {with_article(type(module))}: give {_LAYERS}, or a list of these"
        )
    stacks = [_recurrent(each) for each in given]
    if len({id(each) for each in stacks}) < len(stacks):
        raise ValueError(
            "the same layer is given twice: give a copy, for each has arrays of its own"
        )
    for before, each in pairwise(stacks):
        outputs = _stack(before).outputs
        if each.input_size != outputs:
            raise ValueError(
                f"a layer reads {each.input_size} numbers, and the one before has {outputs} outputs: "
                "give the layers in order, and no others between them"
            )
    for what in ("mode", "batch_first"):
        values = sorted({str(getattr(each, what)) for each in stacks})
        if len(values) > 1:
            raise ValueError(
                f"layers of {what} {' and '.join(values)}: convert stacks of one cell type, and of one "
                "order of axes; others, one by one"
            )
    return stacks


def _recurrent(module: object) -> nn.RNNBase:
    """A recurrent layer, checked."""
    name = type(module).__name__
    if isinstance(module, nn.RNNCellBase):
        raise TypeError(
            f"{name} computes one step: give {name.removesuffix('Cell')}, whose parameters have the "
            "same values under names that end in _l0"
        )
    if not isinstance(module, nn.RNN | nn.LSTM | nn.GRU):
        found = []
        if isinstance(module, nn.Module):
            found = [path for path, each in module.named_modules() if isinstance(each, nn.RNNBase)]
        inside = f", such as {found[0]!r} of this one" if found else ""
        raise TypeError(
            f"module is a {name}, and what it does with its layers cannot be seen: give {_LAYERS}"
            f"{inside}, and its linear head; prune other modules as they are with prune_module"
        )
    if type(module).forward not in (nn.RNN.forward, nn.LSTM.forward, nn.GRU.forward):
        raise TypeError(
            f"{name} has a forward of its own, which cannot be converted: give {_LAYERS} with its "
            "weights, or prune the module as it is with prune_module"
        )
    if module.proj_size:
        raise ValueError(projected(module.proj_size))
    return module


def projected(size: int) -> str:
    """Why an LSTM with a projected hidden state is refused."""
    return (
        f"nn.LSTM with proj_size={size} projects its hidden state, which nothing here computes: train "
        "it with proj_size=0 and a smaller hidden_size, or prune the module as it is with prune_module"
    )


def _stack(module: nn.RNNBase) -> Stack:
    return Stack(
        module.num_layers, module.hidden_size, module.bias, module.bidirectional, module.dropout
    )


def _head(head: nn.Module | None, last: nn.RNNBase) -> nn.Linear | None:
    if head is None:
        return None
    if not isinstance(head, nn.Linear) or type(head).forward is not nn.Linear.forward:
        raise TypeError(
            f"head is {with_article(type(head))}: give the nn.Linear that reads the recurrent layers; "
            "what follows it can read this network's outputs"
        )
    outputs = _stack(last).outputs
    if head.in_features != outputs:
        raise ValueError(
            f"head reads {head.in_features} numbers, and the last layer has {outputs} outputs: give "
            "the nn.Linear right behind the recurrent layers"
        )
    return head


def _embedding(embedding: nn.Module | None, first: nn.RNNBase) -> nn.Embedding | None:
    if embedding is None:
        return None
    if not isinstance(embedding, nn.Embedding):
        raise TypeError(f"embedding is {with_article(type(embedding))}: give an nn.Embedding")
    if embedding.max_norm is not None:
        raise ValueError(
            f"nn.Embedding with max_norm={embedding.max_norm} changes its rows when they are read: "
            "embed every symbol once, then give a copy with max_norm=None"
        )
    if embedding.embedding_dim != first.input_size:
        raise ValueError(
            f"embedding has rows of {embedding.embedding_dim} numbers, and the first layer reads "
            f"{first.input_size}: give the nn.Embedding right before the recurrent layers"
        )
    return embedding


def _arrays_and_masks(checked: TorchNetwork) -> tuple[dict[str, np.ndarray], Masks]:
    """The arrays and masks of layers, under our names."""
    stacks = [_stack(_recurrent(each)) for each in checked.stacks]
    ours = {theirs: name for name, theirs in torch_names(stacks).items()}
    tensors = {}
    for path, owner in checked.named_modules():
        for theirs, name in ours.items():
            home, _, own = theirs.rpartition(".")
            if home == path and getattr(owner, own, None) is not None:
                tensors[name] = effective(owner, own)
    _check_tensors(tensors)
    arrays = {name: each.cpu().to(torch.float32).numpy() for name, each in tensors.items()}
    return arrays, {ours[theirs]: mask for theirs, mask in masks_of(checked).items()}


def _check_tensors(tensors: dict[str, Tensor]) -> None:
    kinds = sorted({str(each.dtype).removeprefix("torch.") for each in tensors.values()})
    if any(each.dtype not in REAL for each in tensors.values()):
        raise ValueError(
            f"weights are {', '.join(kinds)}: give a module in double, single or half precision"
        )
    if any(each.is_meta for each in tensors.values()):
        raise ValueError("the module is on the device 'meta', without weights: load them first")
    others = [kind for kind in kinds if kind != "float32"]
    if others:
        warnings.warn(
            f"weights in {', '.join(others)} are converted to float32"
            + ("" if "float64" in others else ", exactly"),
            stacklevel=4,
        )


def _check(network: OwnNetwork, module: TorchNetwork, tolerance: float) -> None:
    """Compare a network with the module that it was made of.

    Raises
    ------
    ArithmeticError
        With the largest difference, if it is too large.
    """
    tensors = [*module.parameters(), *module.buffers()]
    kinds = {each.dtype for each in tensors if each.is_floating_point()}
    exact = len(kinds) == 1 and kinds <= set(REAL[:2])
    if not exact or any(each.device.type != "cpu" for each in tensors):
        module = _in_single_precision(module) or to_torch(network)
    worst, where = 0.0, ""
    with _evaluating(module), torch.no_grad(), reproducible():
        kind = next(module.parameters()).dtype
        for steps in CHECKED:
            inputs = _inputs(network, steps)
            given = torch.from_numpy(inputs)
            theirs = module(given if network.structure.symbols else given.to(kind))
            ours = network.forward(inputs)
            for what, left, right in zip(("outputs", "state"), ours, theirs, strict=True):
                apart = _apart(_flat(left), _flat(right))
                if apart > worst:
                    worst, where = apart, f"{what} after {steps} steps"
    if worst > tolerance:
        raise ArithmeticError(
            f"{where} are off the module's by {worst:.2g} of the largest, and {tolerance} is allowed: "
            "a hook may change what the module computes, or it computes with weights of before a "
            "change: give a new module with its state dict; if weights are so large that rounding "
            "grows from step to step, allow the difference by tolerance=..."
        )


def _in_single_precision(module: TorchNetwork) -> TorchNetwork | None:
    """A copy with all hooks on the CPU; None, if something in the module cannot be copied."""
    computed = [
        each
        for part in module.modules()
        for value in vars(part).values()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, Tensor) and not each.is_leaf
    ]
    # `deepcopy` refuses what a hook or parametrisation has computed, and does so anew in a pass.
    known = {id(each): each.detach().clone() for each in computed}
    try:
        copied = copy.deepcopy(module, known)
    except (RuntimeError, TypeError):
        return None
    for part in copied.modules():
        chains: Any = part.parametrizations if parametrize.is_parametrized(part) else {}
        for name, chain in chains.items():
            # The module computes it in its own precision. A layer that got the same tensor twice
            # would take its list of weights for up to date.
            chain.forward = effective(part, name).to("cpu", torch.float32).clone
    return copied.to("cpu", torch.float32)


def _inputs(network: OwnNetwork, steps: int) -> np.ndarray:
    """Seeded inputs for a check: standard normal numbers, or any rows of the embedding."""
    random = stream("inputs of a conversion's check", steps)
    shape = (_BATCH, steps) if network.structure.batch_first else (steps, _BATCH)
    if network.structure.symbols:
        return random.randint(0, network.structure.symbols, shape)
    return random.standard_normal((*shape, network.structure.width)).astype(np.float32)


def _flat(value: Any) -> np.ndarray:
    """All numbers of outputs, or of a state."""
    if isinstance(value, tuple):
        return np.concatenate([_flat(each) for each in value])
    return np.asarray(value, np.float64).ravel()


def _apart(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference, relative to the largest number, or to 1."""
    if not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return float("inf")
    return float(np.abs(ours - theirs).max() / max(1.0, np.abs(theirs).max()))


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """All modules in evaluation mode for as long as this lasts."""
    before = {each: each.training for each in module.modules()}
    module.eval()
    try:
        yield
    finally:
        for each, training in before.items():
            each.training = training
