"""Files of networks of one's own that nobody should trust."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
from safetensors.numpy import load, save

from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.own_network_files import save_blocks, save_safetensors
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import Architecture
from tests.own_networks import own_networks
from validation.robustness.hostile_files import Content, Make, damaged, drawn, safetensors, twisted

_WORDS = [b"PK", b".npy", b"layers.0.h2h", b"{}"]


def state_dicts(count: int) -> Make:
    """Safetensors files of a GRU and a linear head under PyTorch's names."""
    names = {"layers.0.i2h": "weight_ih_l0", "layers.0.h2h": "weight_hh_l0"}
    names |= {"layers.0.i2h_bias": "bias_ih_l0", "layers.0.h2h_bias": "bias_hh_l0"}
    names = {ours: f"gru.{theirs}" for ours, theirs in names.items()}
    names |= {f"readout.{part}": f"head.{part}" for part in ("weight", "bias")}
    layout = Architecture("gru", 1, 3).layout
    weights = (initial_weights(layout, number) for number in range(min(count, 5)))
    return safetensors([save({names[each]: arrays[each] for each in names}) for arrays in weights])


def networks(count: int) -> Make:
    """Safetensors files of networks, with other structures, and damaged."""
    whole = _written(save_safetensors, "own.safetensors", count)
    altered = safetensors(whole)

    def make(random: Random) -> Content:
        if random.random() < 0.5:
            return altered(random)
        content = random.choice(whole)
        text = content[8 : 8 + int.from_bytes(content[:8], "little")]
        structure = json.loads(json.loads(text)["__metadata__"]["sparsebench"])
        return save(load(content), {"sparsebench": json.dumps(twisted(random, structure))})

    return make


def archives(count: int) -> Make:
    """Archives of blocks, with other structures and arrays, and damaged."""
    whole = _written(save_blocks, "own.npz", count)
    parts = [dict(np.load(io.BytesIO(content))) for content in whole]

    def make(random: Random) -> Content:
        if random.random() < 0.2:
            return damaged(random, random.choice(whole), whole, _WORDS)
        arrays = dict(random.choice(parts))
        for _ in range(random.choice((0, 1, 1, 2))):
            name = random.choice(list(arrays))
            others = random.choice(parts)
            if name == "sparsebench":
                structure = json.loads(bytes(arrays[name]).decode())
                text = json.dumps(twisted(random, structure)).encode()
                arrays[name] = np.frombuffer(text, np.uint8)
            elif random.random() < 0.5:
                arrays[name] = others[random.choice(list(others))]
            else:
                changed = np.array(arrays[name])
                number = np.array(random.choice((-1, 1, 9, 99))).astype(changed.dtype)
                changed.reshape(-1)[random.randrange(changed.size)] = number
                arrays[name] = changed
        content = io.BytesIO()
        np.savez(content, **arrays)
        return content.getvalue()

    return make


def _written(write: Callable[[OwnNetwork, Path], None], name: str, count: int) -> list[Content]:
    """Files of some networks."""
    with tempfile.TemporaryDirectory() as folder:
        path, contents = Path(folder) / name, []
        for network in drawn(own_networks(), min(count, 20)):
            write(network, path)
            contents.append(path.read_bytes())
    return contents
