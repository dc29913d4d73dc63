"""A network of your own as one C99 header: its weights, and a function that computes one step.

Recurrent matrices are blocks of 16 rows and one column, or single weights, whichever takes fewer
bytes (`sparsebench.parts.own_blocks`); pruned weights are not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sparsebench.parts.files import FilePath, decoded, read_at_most, write_atomically
from sparsebench.parts.own_blocks import Blocks, smallest
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.layout import GATES
from sparsebench.values.own_structure import Direction, OwnStructure

LARGEST = 2**28
"""Largest header in bytes that is read again."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ARRAY = re.compile(r"static const (float|uint16_t|uint32_t) (\w+)\[\d+\] = \{\n([^}]*)\};")
_PER_LINE = 8
_TYPES = {"float": np.float32, "uint16_t": np.uint16, "uint32_t": np.uint32}

_ACTIVATIONS = """
static float NAME_sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }
"""

_MULTIPLY = """
/* y += W x, for a matrix whose blocks of so many rows and one column are listed by groups of rows. */
static void NAME_multiply(float *y, const float *x, const float *values, const uint16_t *columns,
                          const uint32_t *starts, int groups, int height)
{
    for (int group = 0; group < groups; group++) {
        float *rows = y + group * height;
        for (uint32_t block = starts[group]; block < starts[group + 1]; block++) {
            const float *weights = values + block * (uint32_t)height;
            const float input = x[columns[block]];
            for (int row = 0; row < height; row++)
                rows[row] += weights[row] * input;
        }
    }
}
"""

_CELLS = {
    "rnn_tanh": """
        for (int i = 0; i < SIZE; i++)
            h[i] = tanhf(in[i] + rec[i]);
""",
    "rnn_relu": """
        for (int i = 0; i < SIZE; i++) {
            const float sum = in[i] + rec[i];
            h[i] = sum > 0.0f ? sum : 0.0f;
        }
""",
    "lstm": """
        for (int i = 0; i < SIZE; i++) {
            const float entry = NAME_sigmoid(in[i] + rec[i]);
            const float forget = NAME_sigmoid(in[SIZE + i] + rec[SIZE + i]);
            const float candidate = tanhf(in[2 * SIZE + i] + rec[2 * SIZE + i]);
            const float leave = NAME_sigmoid(in[3 * SIZE + i] + rec[3 * SIZE + i]);
            c[i] = forget * c[i] + entry * candidate;
            h[i] = leave * tanhf(c[i]);
        }
""",
    "gru": """
        for (int i = 0; i < SIZE; i++) {
            const float reset = NAME_sigmoid(in[i] + rec[i]);
            const float update = NAME_sigmoid(in[SIZE + i] + rec[SIZE + i]);
            const float fresh = tanhf(in[2 * SIZE + i] + reset * rec[2 * SIZE + i]);
            h[i] = (1.0f - update) * fresh + update * h[i];
        }
""",
}


def save_c_header(network: OwnNetwork, path: Path, name: str = "network") -> None:
    """Write a network as a C99 header.

    It declares `NAME_state`, `NAME_start(&state)` and `NAME_step(&state, input, output)`, which
    reads one frame (or the number of a symbol) and writes the outputs after it.

    Parameters
    ----------
    network
        A network of one direction; one that reads the mean writes outputs whose mean is its own.
    path
        The file.
    name
        The beginning of all names: small letters, digits and `_`.

    Raises
    ------
    ValueError
        If a layer is bidirectional, a layer has more than 65,536 inputs, or the name is not allowed.
    """
    structure = network.structure
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"name is {name!r}: give small letters, digits and _, 40 at most, a letter first"
        )
    if any(stack.bidirectional for stack in structure.stacks):
        raise ValueError(
            "a layer is bidirectional, and cannot be computed step by step: export to ONNX, "
            "or train layers of one direction"
        )
    if max(structure.width, *(stack.size for stack in structure.stacks)) > 2**16:
        raise ValueError(
            "a layer has more than 65536 inputs: the header numbers columns by 16 bits"
        )
    text = "".join(_lines(network, name))
    write_atomically(path, text.replace("NAME", name).encode())


def arrays_in_header(path: FilePath) -> dict[str, np.ndarray]:
    """The arrays of numbers in a header that `save_c_header` wrote, by their names in C."""
    text = decoded(read_at_most(path, LARGEST), path)
    return {
        found[2]: np.array(
            [each.rstrip("f") for each in found[3].replace(",", " ").split()], np.float64
        ).astype(_TYPES[found[1]])
        for found in _ARRAY.finditer(text)
    }


def weights_in_header(path: FilePath, structure: OwnStructure) -> dict[str, np.ndarray]:
    """The weights in a header that `save_c_header` wrote, by their names in the network."""
    arrays, shapes = arrays_in_header(path), structure.shapes()
    recurrent = {name for layer in structure.prunable() for name in layer}
    ending = f"{_c(min(recurrent))}_starts"
    begin = next(each for each in arrays if each.endswith(f"_{ending}")).removesuffix(ending)
    result = {}
    for name, shape in shapes.items():
        own = f"{begin}{_c(name)}"
        if name not in recurrent:
            result[name] = arrays[own].reshape(shape)
            continue
        rows, columns = shape
        starts, values = arrays[f"{own}_starts"], arrays[f"{own}_values"]
        there = int(starts[-1])
        height = values.size // there if there else -(-rows // (len(starts) - 1))
        blocks = Blocks(
            (rows, columns),
            starts,
            arrays[f"{own}_columns"][:there],
            values[: there * height].reshape(there, height),
        )
        result[name] = blocks.matrix()
    return result


def _lines(network: OwnNetwork, name: str) -> Iterator[str]:
    structure = network.structure
    recurrent = {each for layer in structure.prunable() for each in layer}
    kept, total = network.kept
    guard = f"{name.upper()}_H"
    yield f"/* {structure}, {kept} of {total} recurrent weights kept; written by sparsebench. */\n"
    yield f"#ifndef {guard}\n#define {guard}\n\n#include <math.h>\n#include <stdint.h>\n"
    yield "#include <string.h>\n\n"
    yield f"#define {name.upper()}_INPUTS {structure.width}\n"
    yield f"#define {name.upper()}_OUTPUTS {structure.outputs}\n\n"
    blocks = {each: smallest(network.weights[each]) for each in sorted(recurrent)}
    for each, array in network.weights.items():
        if each in recurrent:
            yield from _block_arrays(_c(each), blocks[each])
        else:
            yield _array(_c(each), "float", array)
    yield _state(structure)
    if structure.variant in ("lstm", "gru"):
        yield _ACTIVATIONS
    yield _MULTIPLY
    yield _step(structure, blocks)
    yield "\n#endif\n"


def _block_arrays(name: str, blocks: Blocks) -> Iterator[str]:
    """The three arrays of a matrix; C has no empty ones, so a matrix of zeros has a zero."""
    yield _array(f"{name}_starts", "uint32_t", blocks.starts)
    yield _array(f"{name}_columns", "uint16_t", blocks.columns if blocks.columns.size else [0])
    yield _array(f"{name}_values", "float", blocks.values if blocks.values.size else [0])


def _array(name: str, kind: str, numbers: np.ndarray | list[int]) -> str:
    flat = np.asarray(numbers).ravel()
    written = [_float(each) if kind == "float" else str(each) for each in flat.tolist()]
    lines = [
        f"    {', '.join(written[place : place + _PER_LINE])},\n"
        for place in range(0, len(written), _PER_LINE)
    ]
    return f"static const {kind} NAME_{name}[{len(written)}] = {{\n{''.join(lines)}}};\n\n"


def _float(value: float) -> str:
    """A single-precision number that C reads as the same."""
    text = f"{np.float32(value):.9g}"
    return f"{text}f" if "." in text or "e" in text else f"{text}.0f"


def _state(structure: OwnStructure) -> str:
    """The state, and what begins a sequence."""
    parts = ["h", "c"] if structure.variant == "lstm" else ["h"]
    fields = "".join(
        f"    float {part}{each.layer}[{each.size}];\n"
        for each in structure.directions
        for part in parts
    )
    return f"""typedef struct {{
{fields}}} NAME_state;

/* Begin a sequence. */
static void NAME_start(NAME_state *state)
{{
    memset(state, 0, sizeof *state);
}}
"""


def _step(structure: OwnStructure, blocks: dict[str, Blocks]) -> str:
    """The function that computes a step."""
    given = "int symbol" if structure.symbols else "const float *input"
    begin = (
        f"    const float *input = NAME_embedding + symbol * {structure.width};\n"
        if structure.symbols
        else ""
    )
    layers = "".join(_layer(structure, each, blocks) for each in structure.directions)
    last = structure.directions[-1]
    if structure.classes:
        bias = "NAME_readout_bias[row]" if structure.head_bias else "0.0f"
        end = f"""    for (int row = 0; row < {structure.classes}; row++) {{
        output[row] = {bias};
        for (int i = 0; i < {last.size}; i++)
            output[row] += NAME_readout_weight[row * {last.size} + i] * state->h{last.layer}[i];
    }}
"""
    else:
        end = f"    memcpy(output, state->h{last.layer}, sizeof state->h{last.layer});\n"
    return f"""
/* Read one input, and write the outputs after it. */
static void NAME_step(NAME_state *state, {given}, float *output)
{{
{begin}{layers}{end}}}
"""


def _layer(structure: OwnStructure, layer: Direction, blocks: dict[str, Blocks]) -> str:
    """One layer's part of a step."""
    rows = GATES[structure.variant] * layer.size
    source = "input" if layer.layer == 0 else f"state->h{layer.layer - 1}"
    parts = [f"        float *h = state->h{layer.layer};\n"]
    if structure.variant == "lstm":
        parts.append(f"        float *c = state->c{layer.layer};\n")
    for sums, kind, read in (("in", "i2h", source), ("rec", "h2h", "h")):
        name = f"{layer.name}.{kind}"
        height = blocks[name].values.shape[1]
        groups = len(blocks[name].starts) - 1
        parts.append(f"        float {sums}[{groups * height}] = {{0}};\n")
        if layer.bias:
            bias = _c(f"{name}_bias")
            parts.append(f"        memcpy({sums}, NAME_{bias}, {rows} * sizeof(float));\n")
        arrays = ", ".join(f"NAME_{_c(name)}_{part}" for part in ("values", "columns", "starts"))
        parts.append(f"        NAME_multiply({sums}, {read}, {arrays}, {groups}, {height});\n")
    cell = _CELLS[structure.variant].replace("SIZE", str(layer.size))
    return f"    {{ /* layer {layer.layer} */\n{''.join(parts)}{cell.removeprefix(chr(10))}    }}\n"


def _c(name: str) -> str:
    """An array's name in C, without what all begin with."""
    return name.replace(".", "_")
