"""One sequence at a time: the streaming engine beside torch's layers and ONNX Runtime.

    python -m validation.performance.measure_streaming [--variants gru lstm] [--hidden 50 128 256]
        [--densities 1 .5 .1 .05] [--layers 3] [--steps 30] [--rounds 41]

times a whole sequence, and a single step with the state in and out, on one thread, all programs in turn
in each round, and prints medians in microseconds, with how many times as fast as dense ONNX Runtime (or
torch, without it) each is. Sparse networks are pruned at random: single weights, or blocks of 16 x 1;
dense ones and blocks also with weights as int8.
The last column is how long it takes to read the dense weights once, measured by a sum over as many
bytes that were read just before. ONNX Runtime comes with the extra `onnx`.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from sparsebench.engines.streaming.network import StreamingNetwork
from sparsebench.experiments.engine_speed.rivals import random_masks
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout
from sparsebench.values.protocol import VARIANTS

Run = Callable[[], object]

_LAYERS = {"rnn_tanh": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
CLASSES = 10


def layout_of(variant: str, hidden: int, layers: int) -> Layout:
    """A stack that reads as many numbers as a layer has units."""
    blocks = tuple(Block(layer - 1, layer) for layer in range(layers))
    return Layout(variant, (hidden,) * layers, blocks, hidden, 0, CLASSES)


def rivals(layer: torch.nn.Module, hidden: int, layers: int, steps: int) -> dict[str, Run]:
    """Dense programs for a sequence: torch's, and ONNX Runtime's if it is installed."""
    inputs, state = torch.randn(steps, 1, hidden), torch.zeros(layers, 1, hidden)
    start = (state, state) if isinstance(layer, torch.nn.LSTM) else state

    def of_torch() -> object:
        with torch.inference_mode():
            return layer(inputs, start)

    found: dict[str, Run] = {"torch": of_torch}
    with contextlib.suppress(ImportError):
        found["ONNX Runtime"] = _of_onnx(layer, inputs, start)
    return found


def _of_onnx(layer: torch.nn.Module, inputs: torch.Tensor, start: Any) -> Run:
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = str(Path(folder) / "layer.onnx")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            torch.onnx.export(layer, (inputs, start), path, dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    first, *states = [each.name for each in session.get_inputs()]
    zeros = (start if isinstance(start, torch.Tensor) else start[0]).numpy()
    feed = {first: inputs.numpy(), **dict.fromkeys(states, zeros)}
    return lambda: session.run(None, feed)


def medians(programs: dict[str, Run], rounds: int) -> dict[str, float]:
    """Microseconds of each program, all in turn in each round."""
    times: dict[str, list[float]] = {name: [] for name in programs}
    for number in range(rounds + 2):
        for name, run in programs.items():
            begin = time.perf_counter()
            run()
            if number >= 2:
                times[name].append(time.perf_counter() - begin)
    return {name: median(own) * 1e6 for name, own in times.items()}


def reading(size: int, rounds: int) -> float:
    """Microseconds to read so many bytes that were read just before."""
    data = np.ones(size // 8)
    return medians({"sum": data.sum}, rounds)["sum"]


def main() -> None:
    """Print two rows, a sequence and a step, for each variant and number of units."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=["gru", "lstm"], choices=list(_LAYERS))
    parser.add_argument("--hidden", nargs="+", type=int, default=[50, 128, 256])
    parser.add_argument("--densities", nargs="+", type=float, default=[0.5, 0.1, 0.05])
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=41)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    begun = False
    for variant in chosen.variants:
        assert variant in VARIANTS
        for hidden in chosen.hidden:
            layout = layout_of(variant, hidden, chosen.layers)
            weights = initial_weights(layout, 0)
            networks = {
                "dense": StreamingNetwork(layout, weights),
                "dense, int8": StreamingNetwork(layout, weights, dtype="int8"),
            }
            for density in chosen.densities:
                for name, rows in (("", 1), (" in blocks", 16)):
                    masks = random_masks(layout, density, rows)
                    what = f"{100 * density:g} %{name}"
                    networks[what] = StreamingNetwork(layout, weights, masks)
                    if rows > 1:
                        networks[f"{what}, int8"] = StreamingNetwork(
                            layout, weights, masks, dtype="int8"
                        )
            layer = _LAYERS[variant](hidden, hidden, chosen.layers).eval()
            frames = np.random.RandomState(0).standard_normal((chosen.steps, hidden))
            sequence = frames.astype(np.float32)
            for what, steps in (("sequence", chosen.steps), ("step", 1)):
                programs = rivals(layer, hidden, chosen.layers, steps)
                for name, network in networks.items():
                    programs[name] = _ours(network, sequence, what)
                times = medians(programs, chosen.rounds * (1 if steps > 1 else 10))
                if not begun:
                    print("| network | " + " | ".join((*times, "reading")) + " |")
                    print("|---|" + "---:|" * (len(times) + 1), flush=True)
                    begun = True
                beside = times.get("ONNX Runtime", times["torch"])
                cells = [f"{each:.1f} ({beside / each:.2f})" for each in times.values()]
                size = sum(array.nbytes for array in weights.values())
                cells.append(f"{reading(size, chosen.rounds):.1f}")
                print(f"| {variant} {hidden}, {what} | " + " | ".join(cells) + " |", flush=True)


def _ours(network: StreamingNetwork, sequence: np.ndarray, what: str) -> Run:
    if what == "sequence":
        return lambda: network.run(sequence)
    state = network.start()
    return lambda: network.step(sequence[0], state)


if __name__ == "__main__":
    main()
