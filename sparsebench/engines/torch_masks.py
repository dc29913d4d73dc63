"""Masks of weights in PyTorch modules of any kind that contain recurrent layers.

Pruned weights stay entries of torch's own parameters, and are zero. So parameters keep their names,
checkpoints load into an unpruned module and the other way round, and cuDNN's flat buffers, which
share memory with the parameters, are never stale. Hooks of the module keep the weights at zero: they
zero their gradients, and set them to zero before each pass and around `state_dict`.

The alternatives multiply a mask into another tensor at each pass (`torch.nn.utils.prune`,
`torch.nn.utils.parametrize`). The product is then part of the recurrent layer's list of flat weights:
`copy.deepcopy` fails, names change in checkpoints, and gradients of some versions of torch go to a
stale product. Weights that are parametrised already cannot be zeroed in place; they get one more
parametrisation, and the layer forgets its flat weights after each pass, so that it can be copied.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.nn.utils import prune as torch_prune
from torch.utils.hooks import RemovableHandle

from sparsebench.parts.files import shown
from sparsebench.parts.pruning import prune
from sparsebench.values.checks import instance_of, one_of
from sparsebench.values.masks import Masks, check_mask
from sparsebench.values.protocol import TARGETS
from sparsebench.values.semantics import CORRECTED, Semantics

_MATRICES = {"i2h": "weight_ih", "h2h": "weight_hh"}
_RECURRENT = re.compile(r"weight_(ih|hh)(_l\d+(_reverse)?)?")
_SOURCES = re.compile(r"(.+)_(?:g|v|orig)")
"""What old functions of `torch.nn.utils` call the parameters of which they compute a weight."""


def prune_module(
    module: nn.Module,
    percent: int,
    target: str = "both",
    semantics: Semantics = CORRECTED,
    criterion: str = "magnitude",
    names: Iterable[str] | None = None,
) -> dict[str, np.ndarray]:
    """Prune the recurrent layers of a PyTorch module, in place.

    Parameters
    ----------
    module
        Any module that contains `nn.RNN`, `nn.LSTM`, `nn.GRU` or their cells, or is one.
    percent
        Percentage of the weights that it still has to prune, 0-100: 50 twice leaves a quarter.
    target
        `i2h`, `h2h` or `both`.
    semantics
        `CORRECTED`: a threshold for each layer and direction, and exactly so many weights.
        `PUBLISHED`: one percentile over all.
    criterion
        A name in `CRITERIA`; it gets the module's weights under their names in the module.
    names
        The parameters to prune in place of a target, such as `["encoder.gru.weight_hh_l0"]`; they
        may be those of any layer. Each is a layer of its own to `semantics`.

    Returns
    -------
    dict
        The masks of these parameters, by name: true where the weight is kept.

    Raises
    ------
    TypeError, ValueError
        If there is no such weight, or an argument is not allowed (`sparsebench.prune`); if a weight
        is computed by a hook of `torch.nn.utils.weight_norm` or `torch.nn.utils.spectral_norm`.
    """
    instance_of("module", module, nn.Module)
    one_of("target", target, TARGETS)
    if names is None:
        _check_plain(module, target)
    layers = [[name] for name in names] if names is not None else recurrent_matrices(module, target)
    if not layers:
        raise ValueError(
            f"{type(module).__name__} has no recurrent layer of torch.nn (nn.RNN, nn.LSTM, nn.GRU or "
            "their cells): name the parameters to prune, names=[...]"
        )
    places = {name: _place(module, name) for layer in layers for name in layer}
    weights = {name: _array(effective(*place)) for name, place in places.items()}
    present = {name: each for name, each in masks_of(module).items() if name in places}
    masks = prune(weights, layers, percent, semantics, criterion, present)
    apply_masks(module, masks)
    return masks


def apply_masks(module: nn.Module, masks: Masks) -> None:
    """Set pruned weights of a PyTorch module to zero, and keep them there in training, in place.

    What the module had before stays pruned only if these masks say so. Masks of
    `torch.nn.utils.prune` are replaced. Afterwards the module can be copied, saved, loaded and
    exported. Only `optimiser.step` with moments from before the pruning, or a write to the weights,
    can move a pruned weight, until the next pass, `state_dict` or `make_permanent`: call the last
    before an export, which runs none of the others.

    Parameters
    ----------
    module
        The module.
    masks
        Name of a parameter, as in `module.named_parameters()` -> boolean array of its shape, true
        where the weight is kept.

    Raises
    ------
    ValueError
        If a mask has the name of no parameter, is not boolean, or has another shape.
    """
    places = {name: _place(module, name) for name in masks}
    for name, mask in masks.items():
        check_mask(name, np.asarray(mask), tuple(effective(*places[name]).shape))
    for name, mask in masks.items():
        owner, own = places[name]
        if _is_pruned_by_torch(owner, own):
            torch_prune.remove(owner, own)
        kept = torch.from_numpy(np.array(mask))
        if parametrize.is_parametrized(owner, own):
            _parametrise(owner, own, kept)
        else:
            _hold(owner, own, kept)


def masks_of(module: nn.Module) -> dict[str, np.ndarray]:
    """The masks of a PyTorch module: which of its weights are kept.

    Read are the masks of `apply_masks` and of `torch.nn.utils.prune`, of any parameter. Other
    matrices of recurrent layers have a mask if some of their weights are exactly zero, as in
    checkpoints and after `torch.nn.utils.prune.remove`.

    Returns
    -------
    dict
        Name of a parameter -> boolean array, true where the weight is kept. Parameters that are
        kept whole have none.
    """
    instance_of("module", module, nn.Module)
    masks = {}
    zeros = {name for layer in recurrent_matrices(module, "both") for name in layer}
    for path, owner in module.named_modules():
        for own in _weights_of(owner):
            name = f"{path}.{own}" if path else own
            stored = _stored_mask(owner, own)
            if stored is not None:
                masks[name] = stored.detach().cpu().numpy() != 0
            elif name in zeros:
                masks[name] = _array(effective(owner, own)) != 0
    return {name: mask for name, mask in masks.items() if not mask.all()}


def make_permanent(module: nn.Module) -> nn.Module:
    """Leave plain parameters in place of masks: pruned weights are zero, and may be trained again.

    Weights with masks lose their parametrisations too. Without such masks nothing changes.

    Returns
    -------
    nn.Module
        The module itself.
    """
    for _, owner in list(module.named_modules()):
        for own in _weights_of(owner):
            if _is_pruned_by_torch(owner, own):
                torch_prune.remove(owner, own)
            elif _stored_mask(owner, own) is not None:
                held = _held(owner)
                if held is not None and own in held.kept:
                    held.release(owner, own)
                else:
                    _give_own_class(owner)
                    parametrize.remove_parametrizations(owner, own, leave_parametrized=True)
        _remember(owner)
    return module


def _give_own_class(module: nn.Module) -> None:
    """Part a parametrised module from its copies: these share its class, from which PyTorch removes the
    property of a parameter whose parametrisations it removes."""
    shared = type(module)
    content = {
        name: each for name, each in vars(shared).items() if name not in ("__dict__", "__weakref__")
    }
    module.__class__ = type(shared.__name__, shared.__bases__, content)


def recurrent_matrices(module: nn.Module, target: str) -> list[list[str]]:
    """The names of a module's recurrent matrices that a target names, by layer and direction."""
    kinds = list(_MATRICES) if target == "both" else [target]
    layers: dict[str, list[str]] = {}
    for path, owner in module.named_modules():
        if not isinstance(owner, nn.RNNBase | nn.RNNCellBase):
            continue
        for kind in kinds:
            for own in _weights_of(owner):
                if _RECURRENT.fullmatch(own) and own.startswith(_MATRICES[kind]):
                    name = f"{path}.{own}" if path else own
                    layers.setdefault(name.replace(_MATRICES[kind], ""), []).append(name)
    return list(layers.values())


def _check_plain(module: nn.Module, target: str) -> None:
    """Refuse recurrent matrices that a hook computes of other parameters."""
    for path, owner in module.named_modules():
        if not isinstance(owner, nn.RNNBase | nn.RNNCellBase):
            continue
        for own in filter(_RECURRENT.fullmatch, vars(owner)):
            wanted = target == "both" or own.startswith(_MATRICES[target])
            if wanted and _is_computed(owner, own):
                raise ValueError(_computed(f"{path}.{own}" if path else own))


def _is_computed(owner: nn.Module, own: str) -> bool:
    """Whether a hook computes a weight before each pass, other than by `torch.nn.utils.prune`."""
    return isinstance(vars(owner).get(own), Tensor) and not _is_pruned_by_torch(owner, own)


def _computed(name: str) -> str:
    """Why a weight that a hook computes is refused."""
    return (
        f"{name} is computed by a hook of torch.nn.utils.weight_norm or spectral_norm, which would "
        "undo a mask or divide by zero: use the function of the same name in "
        "torch.nn.utils.parametrizations, or prune other parameters, names=[...]"
    )


def effective(owner: nn.Module, own: str) -> Tensor:
    """The values with which a module computes: of a weight that torch prunes, those under its mask."""
    if _is_pruned_by_torch(owner, own):
        whole, mask = getattr(owner, f"{own}_orig"), getattr(owner, f"{own}_mask")
        return (whole * mask).detach()
    weight = getattr(owner, own).detach()
    held = _held(owner)
    if held is None or own not in held.kept:
        return weight
    return weight.masked_fill(~held.kept[own].to(weight.device), 0)


class _Held:
    """The hooks of one module that keep some of its weights at zero, with the masks of these.

    They are found by their class, and are copied and pickled with the module. Hooks of tensors
    cannot be, so a copy makes its own before its next pass.
    """

    def __init__(self) -> None:
        self.kept: dict[str, Tensor] = {}
        self._handles: list[RemovableHandle] = []
        self._of_gradients: dict[str, tuple[weakref.ref[Tensor], RemovableHandle]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"kept": self.kept, "_handles": self._handles, "_of_gradients": {}}

    def __call__(self, module: nn.Module, *ignored: object) -> None:
        """Before a pass. A graph that is compiled or exported has weights that are zero already."""
        if not torch.compiler.is_compiling():
            self.zero(module)

    def zero(self, module: nn.Module, *ignored: object) -> None:
        """Set pruned weights to zero, and see to their gradients."""
        for name in self.kept:
            weight = getattr(module, name, None)  # quantised layers inherit hooks, not parameters
            if isinstance(weight, nn.Parameter):
                # `.data`: the values that autograd has saved for an earlier pass do not change
                weight.data.masked_fill_(~self._kept_beside(name, weight), 0)
                self._watch(name, weight)

    def hold(self, module: nn.Module, name: str, kept: Tensor) -> None:
        """Keep one more weight at zero where it is pruned."""
        self.kept[name] = kept
        self._handles = self._handles or [
            module.register_forward_pre_hook(self),
            module.register_state_dict_pre_hook(self.zero),
            module.register_load_state_dict_post_hook(self.zero),
        ]
        self.zero(module)

    def release(self, module: nn.Module, name: str) -> None:
        """Let go of one weight, which is zero where it was pruned."""
        self.zero(module)
        del self.kept[name]
        _, handle = self._of_gradients.pop(name, (None, None))
        for each in (handle, *(() if self.kept else self._handles)):
            if each is not None:
                each.remove()

    def _kept_beside(self, name: str, tensor: Tensor) -> Tensor:
        """The mask of a weight, on the device of a tensor."""
        if self.kept[name].device != tensor.device:
            self.kept[name] = self.kept[name].to(tensor.device)
        return self.kept[name]

    def _watch(self, name: str, weight: Tensor) -> None:
        """Zero the gradients of pruned weights, so that neither norms nor moments count them."""
        known = self._of_gradients.get(name)
        if not weight.requires_grad or (known is not None and known[0]() is weight):
            return
        if known is not None:
            known[1].remove()

        def zeroed(gradient: Tensor) -> Tensor:
            return gradient.masked_fill(~self._kept_beside(name, gradient), 0)

        self._of_gradients[name] = weakref.ref(weight), weight.register_hook(zeroed)


class _Mask(nn.Module):
    """The last parametrisation of a weight: zeros where it is pruned."""

    kept: Tensor

    def __init__(self, kept: Tensor) -> None:
        super().__init__()
        self.register_buffer("kept", kept)

    def forward(self, weight: Tensor) -> Tensor:
        return weight.masked_fill(~self.kept, 0)

    def right_inverse(self, weight: Tensor) -> Tensor:
        return weight


def _hold(owner: nn.Module, own: str, kept: Tensor) -> None:
    """Keep a plain parameter at zero where it is pruned."""
    kept = kept.to(getattr(owner, own).device)
    (_held(owner) or _Held()).hold(owner, own, kept)


def _held(owner: nn.Module) -> _Held | None:
    """The hooks of a module, if it has any."""
    return next(
        (each for each in owner._forward_pre_hooks.values() if isinstance(each, _Held)), None
    )


def _parametrise(owner: nn.Module, own: str, kept: Tensor) -> None:
    """Mask a weight that is parametrised already."""
    kept = kept.to(getattr(owner, own).device)
    chain: Any = owner.parametrizations
    for each in chain[own]:
        if isinstance(each, _Mask):
            each.kept = kept
            return
    parametrize.register_parametrization(owner, own, _Mask(kept))
    if isinstance(owner, nn.RNNBase) and _forget not in owner._forward_hooks.values():
        owner.register_forward_hook(_forget)
        _forget(owner)


def _forget(owner: nn.Module, *ignored: object) -> None:
    """Drop a recurrent layer's list of computed weights, with which it could not be copied.

    The layer makes the list anew at its next pass, as it always does for parametrised weights.
    """
    if not torch.compiler.is_compiling():
        owner._flat_weights = [None] * len(owner._flat_weights_names)  # type: ignore[arg-type, assignment]


def _remember(owner: nn.Module) -> None:
    """End `_forget`, if no weight of a layer is masked by a parametrisation any more."""
    if any(isinstance(each, _Mask) for each in owner.modules()):
        return
    for number, hook in list(owner._forward_hooks.items()):
        if hook is _forget:
            del owner._forward_hooks[number]


def _stored_mask(owner: nn.Module, own: str) -> Tensor | None:
    """The mask that a module has for one of its weights, if any."""
    if _is_pruned_by_torch(owner, own):
        return getattr(owner, f"{own}_mask") != 0
    if parametrize.is_parametrized(owner, own):
        chain: Any = owner.parametrizations
        masks = [each.kept for each in chain[own] if isinstance(each, _Mask)]
        return masks[0] if masks else None
    held = _held(owner)
    return None if held is None else held.kept.get(own)


def _is_pruned_by_torch(owner: nn.Module, own: str) -> bool:
    return f"{own}_orig" in owner._parameters and f"{own}_mask" in owner._buffers


def _weights_of(owner: nn.Module) -> Iterator[str]:
    """The names of a module's own weights, whatever computes them."""
    for own in [name for name, each in owner._parameters.items() if each is not None]:
        plain = own.removesuffix("_orig")
        yield plain if plain != own and _is_pruned_by_torch(owner, plain) else own
    if parametrize.is_parametrized(owner):
        yield from list(owner.parametrizations)  # type: ignore[arg-type]


def _place(module: nn.Module, name: str) -> tuple[nn.Module, str]:
    """The module that owns a parameter, and the parameter's name in it.

    Raises
    ------
    ValueError
        If there is no such parameter, or a hook computes it or computes another one of it.
    """
    path, _, own = name.rpartition(".")
    owners: Mapping[str, nn.Module] = dict(module.named_modules())
    source = _SOURCES.fullmatch(own)
    for each in (own, *(source.groups() if source else ())):
        if path in owners and _is_computed(owners[path], each):
            raise ValueError(_computed(f"{path}.{each}" if path else each))
    if path not in owners or own not in _weights_of(owners[path]):
        known = [each for layer in recurrent_matrices(module, "both") for each in layer]
        raise ValueError(
            f"{type(module).__name__} has no parameter {shown(name)}: its recurrent matrices are "
            f"{', '.join(known) or 'none'}"
        )
    return owners[path], own


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().to(torch.float32).numpy()
