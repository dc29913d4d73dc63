"""Labelled strings of two CSV files as a data set for networks, such as the thesis author's own.

A task identifies its strings by checksums of what was read, not by paths.
"""

from __future__ import annotations

from functools import cache

from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.files import FilePath
from sparsebench.parts.tables import read_strings
from sparsebench.parts.weight_files import checksum
from sparsebench.values.protocol import StringFiles

GIVEN: dict[StringFiles, Halves] = {}
"""Strings that this process has read, or that were sent to it."""


@cache
def string_files(train: FilePath, test: FilePath) -> StringFiles:
    """The data set of two files, which are read once.

    Parameters
    ----------
    train, test
        Files with strings to train and to test on (`sparsebench.parts.tables.read_strings`).

    Returns
    -------
    sparsebench.values.protocol.StringFiles
        The data set, which identifies its strings by checksums.

    Raises
    ------
    OSError, ValueError
        If a file cannot be read.
    """
    return give_examples(Halves(read_strings(train), read_strings(test)))


def give_examples(halves: Halves) -> StringFiles:
    """Register strings for the cases that refer to them, and return what these call them."""
    task = StringFiles(strings_checksum(halves.train), strings_checksum(halves.test))
    GIVEN[task] = halves
    return task


def strings_checksum(strings: Examples) -> str:
    """The checksum of strings and labels, in their order."""
    return checksum({"codes": strings.inputs, "labels": strings.answers})


def examples_of(task: StringFiles) -> Halves:
    """The strings of a data set.

    Raises
    ------
    ValueError
        If this process has not read them.
    """
    if task not in GIVEN:
        raise ValueError(
            f"the strings with checksums {task.train} (training) and {task.test} (test) were not read "
            "by this process: give the folder that has them with --sparsebench-artifacts"
        )
    return GIVEN[task]
