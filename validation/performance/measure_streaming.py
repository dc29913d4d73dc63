"""One sequence at a time: the streaming engine beside torch's layers and ONNX Runtime.

    python -m validation.performance.measure_streaming [--variants gru lstm] [--hidden 50 128 256]
        [--densities 1 .5 .1 .05] [--layers 3] [--steps 30] [--rounds 41]

times a whole sequence, and a single step with the state in and out, on one thread, all programs in turn
in each round, and prints medians in microseconds, with how many times as fast as dense ONNX Runtime (or
torch, without it) each is. Sparse networks are pruned at random: single weights, or blocks of 16 x 1;
dense ones and blocks also with weights as int8.
*Reading* is how long it takes to read the dense weights once, measured by a sum over as many bytes that
were read just before; *moved by int8* the largest change of an output of the dense network, relative to
the largest output. ONNX Runtime comes with the extra `onnx`.
"""

from __future__ import annotations

import argparse
import contextlib

import numpy as np

from sparsebench.engines.own_programs import Run, interleaved, one_thread, program
from sparsebench.engines.streaming.compiled import compile_network
from sparsebench.engines.streaming.network import StreamingNetwork
from sparsebench.experiments.engine_speed.rivals import COMPARED, DENSE, pruned_at_random
from sparsebench.parts.examples import Examples
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.weights import initial_weights
from sparsebench.values.own_structure import OwnStructure, Stack

CLASSES = 10


def network_of(variant: str, hidden: int, layers: int) -> OwnNetwork:
    """A stack that reads as many numbers as a layer has units."""
    structure = OwnStructure(variant, (Stack(layers, hidden),), hidden, classes=CLASSES)
    return OwnNetwork(structure, initial_weights(structure.layout, 0))


def reading(size: int, rounds: int) -> float:
    """Microseconds to read so many bytes that were read just before."""
    data = np.ones(size // 8)
    return 1e6 * interleaved({"sum": data.sum}, rounds)["sum"]


def compiled_networks(network: OwnNetwork, densities: list[float]) -> dict[str, StreamingNetwork]:
    """The network compiled dense and pruned at random, by what a column is called."""
    found = {
        "dense": compile_network(network),
        "dense, int8": compile_network(network, dtype="int8"),
    }
    for density in densities:
        single, blocks = (
            pruned_at_random(network, density, pattern) for pattern in ("single", "16x1")
        )
        what = f"{100 * density:g} %"
        found[what] = compile_network(single)
        found[f"{what} in blocks"] = compile_network(blocks)
        found[f"{what} in blocks, int8"] = compile_network(blocks, dtype="int8")
    return found


def main() -> None:
    """Print two rows, a sequence and a step, for each variant and number of units."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=COMPARED, choices=COMPARED)
    parser.add_argument("--hidden", nargs="+", type=int, default=[50, 128, 256])
    parser.add_argument("--densities", nargs="+", type=float, default=[0.5, 0.1, 0.05])
    parser.add_argument("--layers", type=int, default=3)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=41)
    chosen = parser.parse_args()
    begun = False
    for variant in chosen.variants:
        for hidden in chosen.hidden:
            network = network_of(variant, hidden, chosen.layers)
            compiled = compiled_networks(network, chosen.densities)
            frames = np.random.RandomState(0).standard_normal((1, chosen.steps, hidden))
            lengths, nothing = np.full(1, chosen.steps, np.int64), np.zeros(1, np.int64)
            sequence = Examples(frames.astype(np.float32), lengths, nothing)
            rivals = {}
            for name in DENSE:
                with contextlib.suppress(ModuleNotFoundError):
                    rivals[name] = program(name, network, sequence)
            for what, more in (("sequence", 1), ("step", 10)):
                programs = {
                    name: each.batch if what == "sequence" else each.step
                    for name, each in rivals.items()
                }
                for name, each in compiled.items():
                    programs[name] = _ours(each, sequence.inputs[0], what)
                with one_thread():
                    seconds = interleaved(programs, chosen.rounds * more)
                times = {name: 1e6 * each for name, each in seconds.items()}
                if not begun:
                    print("| network | " + " | ".join((*times, "reading", "moved by int8")) + " |")
                    print("|---|" + "---:|" * (len(times) + 2), flush=True)
                    begun = True
                beside = times.get(DENSE[1], times[DENSE[0]])
                cells = [f"{each:.1f} ({beside / each:.2f})" for each in times.values()]
                size = sum(array.nbytes for array in network.weights.values())
                cells.append(f"{reading(size, chosen.rounds):.1f}")
                exact, rough = (
                    compiled[name].run(sequence.inputs[0])[0] for name in ("dense", "dense, int8")
                )
                cells.append(f"{np.abs(rough - exact).max() / np.abs(exact).max():.2%}")
                print(f"| {variant} {hidden}, {what} | " + " | ".join(cells) + " |", flush=True)


def _ours(network: StreamingNetwork, sequence: np.ndarray, what: str) -> Run:
    if what == "sequence":
        return lambda: network.run(sequence)
    state = network.start()
    return lambda: network.step(sequence[0], state)


if __name__ == "__main__":
    main()
