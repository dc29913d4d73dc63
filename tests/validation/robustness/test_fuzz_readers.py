"""Readers read or refuse what nobody should trust; what fuzzes them sees if one does anything else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validation.robustness import fuzz_readers, readers, watch

EXAMPLES = 10

NAMES = (
    *("graph", "base checkpoint", "wired checkpoint", "strings", "text", "labelled texts"),
    *("own table", "own arrays"),
    *("published rows", "published accuracies", "result", "baseline", "weights"),
    *("state dict", "own network", "own blocks", "store"),
)


def test_every_reader_is_here():
    assert tuple(readers.READERS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_read_is_accepted_or_refused_as_documented(scratch, name):
    reader = readers.READERS[name]
    make = reader.make(EXAMPLES)

    @given(random=st.randoms(use_true_random=True))
    def fuzz(random):
        path = scratch / reader.file
        path.write_bytes(make(random))
        readers.accepted(reader, path)

    fuzz()


@pytest.mark.parametrize("name", NAMES)
def test_some_inputs_are_accepted_and_a_seed_repeats_them(tmp_path, name):
    reader = readers.READERS[name]
    make, again = reader.make(EXAMPLES), reader.make(EXAMPLES)
    path, found = tmp_path / reader.file, set()
    for number in range(1000):
        content = make(Random(number))
        # torch calls blocks after their addresses in its older archives
        assert number > 20 or "checkpoint" in name or content == again(Random(number))
        path.write_bytes(content)
        found.add(readers.accepted(reader, path))
        if len(found) == 2:
            break
    assert found == {True, False}


def call(function, *arguments):
    return lambda path: function(*arguments)


def refuse(text):
    def read(path):
        raise ValueError(text.format(path))

    return read


BAD_READERS = {
    "another error": (call({}.__getitem__, "x"), "KeyError"),
    "no file named": (refuse("x"), "a refusal that does not name the file: x"),
    "a page": (refuse("{}" + "x" * 5000), "a refusal of "),
    "code": (call(eval, "1"), "Forbidden: compile"),
    "an import": (call(__import__, "this"), "Forbidden: import"),
    "a program": (call(os.system, "true"), "Forbidden: os.system"),
    "a process": (call(subprocess.run, ["true"]), "Forbidden: subprocess.Popen"),
    "a file elsewhere": (lambda path: (path.parents[1] / "ran").write_text(""), "Forbidden: open"),
    "a file gone": (call(os.remove, "/nowhere/x"), "Forbidden: os.remove"),
    "a file moved": (lambda path: os.rename(path, "/nowhere/x"), "Forbidden: os.rename"),
    "a folder made": (call(os.mkdir, "/nowhere"), "Forbidden: os.mkdir"),
    "too long": (lambda path: [None for _ in range(10**12)], "Overdue: more than 0.1 s"),
    "too much": (call(bytes, 2**50), "MemoryError"),
}


@pytest.fixture(scope="module")
def watching(scratch):
    """One for all: what Python tells it cannot be turned off again, only not listened to."""
    return watch.Watch(scratch)


@pytest.fixture
def fuzzed(watching, scratch, tmp_path, monkeypatch):
    """What a few inputs make of a reader."""
    monkeypatch.setattr(watch, "SECONDS", 0.1)
    monkeypatch.setattr(fuzz_readers, "WARMING", 0)
    before = signal.signal(signal.SIGPROF, watch.overdue)

    def run(read):
        reader = readers.Reader("file", lambda count: lambda random: b"input", read)
        monkeypatch.setitem(readers.READERS, "bad", reader)
        return fuzz_readers.fuzz("bad", 2, 0, watching, scratch, tmp_path)

    yield run
    signal.signal(signal.SIGPROF, before)


@pytest.mark.parametrize("name", BAD_READERS)
def test_a_reader_that_does_more_is_a_finding_with_its_input(fuzzed, tmp_path, name, monkeypatch):
    monkeypatch.delitem(sys.modules, "this", raising=False)
    read, message = BAD_READERS[name]
    count = fuzzed(read)
    assert message in count.findings[-1]
    assert (count.accepted, count.refused) == (0, 0)
    (kept,) = tmp_path.glob("bad-0-1*")
    assert (kept / "file").read_bytes() == b"input"
    assert (kept / "error.txt").stat().st_size


def test_a_reader_that_reads_or_refuses_is_no_finding(fuzzed, tmp_path):
    refusing = fuzzed(refuse("{}: no"))
    assert (refusing.inputs, refusing.accepted, refusing.refused) == (2, 0, 2)
    reading = fuzzed(lambda path: path.with_name("other").write_bytes(path.read_bytes()))
    assert (reading.inputs, reading.accepted, reading.refused) == (2, 2, 0)
    assert refusing.findings == reading.findings == []
