"""A network of one's own, from a file or as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sparsebench.parts.files import FilePath
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.own_network_files import is_own_network, load_network
from sparsebench.values.checks import instance_of


def read_model(source: OwnNetwork | FilePath, state_dict: dict[str, Any] | None) -> OwnNetwork:
    """A network, or the one that a file has.

    Parameters
    ----------
    source
        A network; a file of `export_network`, `.safetensors` or `.npz`; or a file with a state dict.
    state_dict
        For the latter, further arguments of `from_state_dict`.

    Raises
    ------
    OSError, TypeError, ValueError
        If there is no such file, or it cannot be read.
    """
    if isinstance(source, OwnNetwork):
        return source
    instance_of("network", source, str, Path)
    if Path(source).suffix == ".npz" or is_own_network(source):
        return load_network(source)
    from sparsebench.engines.torch_state_dicts import from_state_dict

    return from_state_dict(source, **(state_dict or {}))
