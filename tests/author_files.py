"""Files as the thesis author's programs wrote them, of any network."""

import csv
import pickle
from pathlib import Path

import networkx as nx
import torch

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.parts.graphs import draw
from sparsebench.parts.properties import graph_properties
from sparsebench.parts.published_rows import ACCURACY, PROPERTIES
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tables import read_strings
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.parts.wirings import orient, wire
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights
from sparsebench.values.protocol import Training

_THEIRS = {"i2h": "weight_ih", "h2h": "weight_hh", "i2h_bias": "bias_ih", "h2h_bias": "bias_hh"}


def author_tensors(layout: Layout, weights: Weights, masks: Masks) -> dict[str, torch.Tensor]:
    """Tensors under his names, with a mask beside every matrix."""
    tensors = {"embedding.weight": weights["embedding"]}
    skips = 0
    for block in layout.blocks:
        theirs = f"recurrent.recurrent_layers.{block.target}"
        if block.source < block.target - 1:
            theirs, skips = f"recurrent.skip_layers.{skips}", skips + 1
        for ours, name in _THEIRS.items():
            tensors[f"{theirs}.{name}"] = weights[f"{block.name}.{ours}"]
        for kind in ("i2h", "h2h"):
            whole = weights[f"{block.name}.{kind}"] != float("inf")
            mask = masks.get(f"{block.name}.{kind}", whole)
            # edges were stored as numbers, and masks that keep all as booleans
            tensors[f"{theirs}.mask_{kind}"] = mask if mask is whole else mask.astype("float32")
    tensors["out.weight"] = weights["readout.weight"]
    tensors["out.bias"] = weights["readout.bias"]
    return {name: torch.from_numpy(array.copy()) for name, array in tensors.items()}


def write_graph(path: Path, graph: nx.Graph) -> None:
    """A .gpickle file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(graph, 4))


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """A .pt file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(tensors, path)


class WiredCheckout:
    """His repository with one wired network and five strings, over and over."""

    def __init__(self, folder: Path, variant: str = "gru") -> None:
        self.folder, self.variant = folder, variant
        experiments = folder / "Implementations" / "experiments"
        name = "watts_strogatz_12"
        states = experiments / "state_dicts" / "structure"
        self.graph_path = experiments / "graphs" / variant.upper() / f"{name}.gpickle"
        self.weights_path = states / variant.upper() / f"{name}.pt"
        self.table = experiments / "results" / "structure" / f"{variant}.csv"
        self.strings = folder / "Implementations" / "dataset" / "test_data.csv"
        self.graph = draw(GraphSpec("watts_strogatz", 3, vertices=12))
        self.wiring = wire(orient(self.graph))
        self.layout = wired_layout(self.wiring, variant)
        self.masks = dict(wired_masks(self.wiring, self.layout, "repeated"))
        self.weights = initial_weights(self.layout, seed=0)
        rows = ["BTXSE,1", "BPVVE,1", "BTSSXXTTE,0", "BPTVPSE,1", "BTTE,0"] * 1250
        self.strings.parent.mkdir(parents=True, exist_ok=True)
        self.strings.write_text("string,valid\n" + "\n".join(rows) + "\n")
        write_graph(self.graph_path, self.graph)
        self.write_weights()
        self.write_row()

    def write_weights(self) -> None:
        """Weights and masks as they are now."""
        tensors = author_tensors(self.layout, self.weights, self.masks)
        write_tensors(self.weights_path, tensors)

    def accuracy(self) -> float:
        """Of the weights and masks as they are now."""
        plans = [sparse_layout(self.layout, self.masks)]
        network = CpuPopulation(plans, [self.weights], "padded", Training(batch_size=128))
        return network.evaluate(read_strings(self.strings), 128)[0].accuracy

    def write_row(self, **changes: object) -> None:
        """The table's row, as it should be but for some columns."""
        properties = graph_properties(self.graph, self.wiring)
        keys = {"mode": self.variant.upper(), "graph": "watts_strogatz", "graph_nr": 12}
        row = {**keys, **properties, ACCURACY: self.accuracy(), **changes}
        self.table.parent.mkdir(parents=True, exist_ok=True)
        with self.table.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, (*keys, *PROPERTIES, ACCURACY), extrasaction="ignore")
            table.writeheader()
            table.writerow(row)
