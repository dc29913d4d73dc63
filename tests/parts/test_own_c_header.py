"""The header compiles as C99, and its steps are those of the network."""

import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings

from sparsebench.parts.own_c_header import (
    arrays_in_header,
    save_c_header,
    weights_in_header,
)
from tests.own_networks import inputs_of, own_networks, small_network

needs_cc = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler, cc, on the path")

MAIN = """
#include <stdio.h>
#include "own.h"

int main(void)
{
    own_state state;
    float output[OWN_OUTPUTS];
    own_start(&state);
    READ
        own_step(&state, input, output);
        for (int i = 0; i < OWN_OUTPUTS; i++)
            printf("%.9g ", output[i]);
    }
    return 0;
}
"""
FRAMES = """float input[OWN_INPUTS];
    for (;;) {
        for (int i = 0; i < OWN_INPUTS; i++)
            if (scanf("%f", &input[i]) != 1)
                return 0;"""
SYMBOLS = """int input;
    while (scanf("%d", &input) == 1) {"""


def steps_in_c(network, folder, frames):
    """What the compiled header says after each frame of one sequence."""
    save_c_header(network, folder / "own.h", "own")
    read = SYMBOLS if network.structure.symbols else FRAMES
    (folder / "main.c").write_text(MAIN.replace("READ", read))
    warn = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unused-function"]
    command = ["cc", "-std=c99", "-O1", *warn, "main.c", "-o", "main", "-lm"]
    subprocess.run(command, cwd=folder, check=True)
    text = " ".join(str(each) for each in frames.ravel())
    done = subprocess.run([folder / "main"], input=text, capture_output=True, text=True, check=True)
    return np.array(done.stdout.split(), np.float64).reshape(len(frames), -1)


@needs_cc
@settings(max_examples=12)
@given(own_networks(bidirectional=False, batch_first=False))
def test_its_steps_are_those_of_the_network(scratch, network):
    frames = inputs_of(network, 6, 1)
    expected, _ = network.reading("every_step").forward(frames)
    said = steps_in_c(network, scratch, frames)
    np.testing.assert_allclose(said, expected[:, 0], rtol=1e-5, atol=1e-5)


@settings(max_examples=25)
@given(own_networks(bidirectional=False))
def test_its_weights_are_those_of_the_network_and_pruned_ones_are_not_there(scratch, network):
    path = scratch / "own.h"
    save_c_header(network, path, "own")
    found = weights_in_header(path, network.structure)
    assert found.keys() == network.weights.keys()
    for name, array in found.items():
        np.testing.assert_array_equal(array, network.weights[name])
    arrays = arrays_in_header(path)
    for name in (each for layer in network.prunable() for each in layer):
        there = int(np.count_nonzero(network.weights[name]))
        stored = arrays[f"own_{name.replace('.', '_')}_values"]
        assert np.count_nonzero(stored) == there


@settings(max_examples=10)
@given(own_networks(bidirectional=False))
def test_it_has_less_than_300_lines_beside_its_numbers(scratch, network):
    save_c_header(network, scratch / "own.h", "own")
    lines = (scratch / "own.h").read_text().splitlines()
    numbers = [line for line in lines if line.startswith("    ") and line.rstrip().endswith("f,")]
    code = [line for line in lines if line not in numbers and not line[4:5].isdigit()]
    assert len(code) < 300


@settings(max_examples=5)
@given(own_networks(bidirectional=True))
def test_a_network_of_two_directions_is_refused(scratch, network):
    with pytest.raises(ValueError, match=r"bidirectional, .* export to ONNX"):
        save_c_header(network, scratch / "own.h")


@pytest.mark.parametrize("name", ["", "Own", "1own", "own-network", "x" * 41])
def test_a_name_that_is_none_in_c_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="give small letters, digits and _"):
        save_c_header(small_network(), tmp_path / "own.h", name)
