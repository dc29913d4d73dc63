"""The page on a PyTorch model of one's own is followed, from an empty folder to the export."""

from __future__ import annotations

import inspect
import re

import pytest

import sparsebench as sb
from sparsebench.values.own_structure import READS
from tests.guide.pages import GUIDE, blocks, commands, files

PAGE = (GUIDE / "own-model.md").read_text(encoding="utf-8")

NUMBER = re.compile(r"(\d\.\d{3})$", re.MULTILINE)
"""An accuracy. PyTorch's training does not come out the same on every machine."""

APART = 0.05
"""Largest difference from an accuracy on the page that is taken for the same."""


@pytest.fixture
def followed(reader, monkeypatch):
    """What the page's commands print, one after the other, and the folder."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    reader.write(files(PAGE))
    printed = []
    for line in commands(PAGE):
        done = reader.run(line)
        assert done.returncode == 0, done.stdout
        printed += done.stdout.splitlines()
    return printed


def test_the_page_does_what_it_says(followed, reader):
    folder = reader.folder
    told = [
        line for each in blocks(PAGE) if each.language == "text" for line in each.text.splitlines()
    ]
    for line in told:
        alike = [each for each in followed if NUMBER.sub("", each) == NUMBER.sub("", line)]
        assert alike, f"{line!r} is not printed"
        for expected, found in zip(NUMBER.findall(line), NUMBER.findall(alike[0]), strict=True):
            assert abs(float(expected) - float(found)) < APART, alike[0]
    dense, pruned, tuned, sparse, whole = (
        float(each) for each in NUMBER.findall("\n".join(followed))
    )
    assert pruned < tuned - 0.3
    assert tuned > 0.9 * dense
    assert sparse == tuned
    assert whole > 0.9 * dense
    header = (folder / "spotter.h").read_text()
    named = re.findall(
        r"spotter_\w+|SPOTTER_\w+", "".join(c.text for c in blocks(PAGE) if c.language == "c")
    )
    assert len(set(named)) == 5
    assert all(name in header for name in named)


def test_what_the_page_names_is_there():
    for name in re.findall(
        r"`(from_\w+|to_torch|prune\w*|export_network|load_network|masks_of|apply_masks|make_\w+)`",
        PAGE,
    ):
        assert callable(getattr(sb, name)), name
    for name in ("layout", "engine_weights", "forward"):
        assert f"`network.{name}" in PAGE
        assert hasattr(sb.OwnNetwork, name)
    assert all(f'"{name}"' in PAGE for name in READS)
    assert {"reads", "embedding"} <= set(inspect.signature(sb.from_torch).parameters)
