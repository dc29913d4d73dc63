"""The page on a PyTorch model of one's own is followed, from an empty folder to the gate."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

import sparsebench as sb
from sparsebench.judging.names import pytest_name
from sparsebench.parts.documents import read_document
from sparsebench.values.own_structure import READS
from tests.guide.pages import GUIDE, blocks, commands, files

PAGE = (GUIDE / "own-model.md").read_text(encoding="utf-8")

NUMBER = re.compile(r"(\d\.\d{3})$", re.MULTILINE)
"""An accuracy. PyTorch's training does not come out the same on every machine."""

APART = 0.05
"""Largest difference from an accuracy on the page that is taken for the same."""


NAMED = re.compile(r"^(?:(.+): )?accuracy (\d\.\d{3})$", re.MULTILINE)

SLOWLY = """
import time

def slowly(run):
    begin = time.perf_counter()
    run()
    until = begin + 1.2 * (time.perf_counter() - begin)
    while time.perf_counter() < until:
        pass
"""
"""Runs something, and waits for a fifth of the time that it took."""


@pytest.fixture
def followed(reader):
    """What the page's commands print, one after the other."""
    reader.write(files(PAGE))
    printed = []
    for line in commands(PAGE):
        done = reader.run(line)
        assert done.returncode == 0, done.stdout
        printed += done.stdout.splitlines()
    return printed


def test_the_page_does_what_it_says(followed, reader, monkeypatch):
    prints_what_it_says(followed)
    names_the_header(reader)
    shows_the_methods(followed)
    goes_red(reader, monkeypatch)


def prints_what_it_says(followed):
    told = [
        line for each in blocks(PAGE) if each.language == "text" for line in each.text.splitlines()
    ]
    for line in told:
        alike = [each for each in followed if NUMBER.sub("", each) == NUMBER.sub("", line)]
        assert alike, f"{line!r} is not printed"
        for expected, found in zip(NUMBER.findall(line), NUMBER.findall(alike[0]), strict=True):
            assert abs(float(expected) - float(found)) < APART, alike[0]
    found = {name: float(share) for name, share in NAMED.findall("\n".join(followed))}
    dense = found["trained"]
    assert found["pruned"] < found["fine-tuned"] - 0.3
    assert found["by 998 weights"] == found["fine-tuned"]
    assert found["as given, 100 %"] == dense
    for name in ("fine-tuned", "kept 998", "magnitude, 10 %", "gradual, 10 %", "blocks, 20 %"):
        assert found[name] > 0.9 * dense, name


def names_the_header(reader):
    header = (reader.folder / "spotter.h").read_text()
    named = re.findall(
        r"spotter_\w+|SPOTTER_\w+", "".join(c.text for c in blocks(PAGE) if c.language == "c")
    )
    assert len(set(named)) == 5
    assert all(name in header for name in named)


def shows_the_methods(followed):
    text = "\n".join(followed)
    assert "spotter on words, gru, 12 epochs: accuracy in %" in text
    for name in ("magnitude", "gradual", "blocks"):
        (share,) = re.findall(rf"^{name} +(\d+\.\d) *$", text, re.MULTILINE)
        assert float(share) > 90
    assert text.count("=== 6 passed in") == 2


def goes_red(reader, monkeypatch):
    """A point of accuracy less, and a fifth more time, each make one item fail, and no other."""
    monkeypatch.chdir(reader.folder)
    network = sb.load_network("blocks.safetensors")
    test = sb.own_examples(sb.own_data("words.npz", "class", standardised=False)).test
    before = heard(network, test)
    for step in range(1, 100):
        bias = network.weights["readout.bias"] + np.float32([0.05 * step, 0, 0])
        worse = network.with_weights({"readout.bias": bias})
        if heard(worse, test) <= before - 0.01:
            break
    assert before - 0.03 < heard(worse, test) <= before - 0.01
    sb.export_network(worse, "blocks.safetensors")
    reader.edit("test_spotter.py", "\nFRAMES = ", f"{SLOWLY}\nFRAMES = ")
    reader.edit(
        "test_spotter.py",
        '"blocks, beside dense": (lambda: listen(SPARSE)',
        '"blocks, beside dense": (lambda: slowly(lambda: listen(SPARSE))',
    )
    (gate,) = (line for line in commands(PAGE) if "--sparsebench-gate" in line)
    red = reader.run(gate)
    assert red.returncode == 1, red.stdout
    items = read_document(reader.folder / "results" / "after.json").items
    failed = {pytest_name(item) for item in items if item.outcome == "failed"}
    assert failed == {"test_shipped[blocks]", "test_steps[blocks-beside-dense]"}, red.stdout
    shown = " ".join(red.stdout.split())
    assert f"accuracy is {heard(worse, test)}, expected {before}" in shown
    assert "times as long, allowed is 1.12" in shown


def heard(network, examples):
    """The accuracy of a network."""
    said, _ = network.forward(examples.inputs)
    return float((said.argmax(1) == examples.answers).mean())


def test_what_the_page_names_is_there():
    for name in re.findall(
        r"`(from_\w+|to_torch|prun\w*|compile_network|export_network|load_network|masks_of|apply_masks|make_\w+)`",
        PAGE,
    ):
        assert callable(getattr(sb, name)), name
    for name in ("layout", "engine_weights", "forward"):
        assert f"`network.{name}" in PAGE
        assert hasattr(sb.OwnNetwork, name)
    assert all(f'"{name}"' in PAGE for name in READS)
    for name in ("state_for_torch", "state_from_torch"):
        assert f"`{name}`" in PAGE
        assert hasattr(sb.StreamingNetwork, name)
    assert {"reads", "embedding"} <= set(inspect.signature(sb.from_torch).parameters)
