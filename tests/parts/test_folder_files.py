"""Files of a folder that change together: all of a change is seen or nothing, cut short or not."""

import os
import re
import threading
from contextlib import suppress
from itertools import count

import pytest

from sparsebench.parts import folder_files
from sparsebench.parts.folder_files import names_in, read_together, replace_together, settle

NAMES = re.compile(r"[a-z]+\.json")
OLD = {"a.json": b"old", "b.json": b"old"}
NEW = {"a.json": b"new", "b.json": b"new", "c.json": b"new"}


class Killed(BaseException):
    """The process ends here."""


def read(folder):
    return read_together(folder, NAMES, 100)


def test_what_is_written_is_read_and_nothing_else_is(tmp_path):
    folder = tmp_path / "made" / "for it"
    assert read(folder) == {}
    replace_together(folder, OLD)
    for name in ("A.json", ".b.json.x1", "notes.txt"):
        (folder / name).write_bytes(b"of somebody")
    assert read(folder) == OLD
    assert names_in(folder, NAMES) == ["a.json", "b.json"]


@pytest.mark.parametrize("calls", range(12))
def test_a_change_is_seen_whole_or_not_at_all_wherever_it_is_cut_short(
    tmp_path, monkeypatch, calls
):
    replace_together(tmp_path, OLD)
    left = count()

    def until_killed(do):
        def dying(*arguments):
            if next(left) == calls:
                raise Killed
            return do(*arguments)

        return dying

    for place, name in ((os, "fsync"), (os, "replace"), (os, "mkdir"), (os, "rmdir")):
        monkeypatch.setattr(place, name, until_killed(getattr(os, name)))
    with suppress(Killed):
        replace_together(tmp_path, NEW)
    monkeypatch.undo()
    assert read(tmp_path) in (OLD, NEW)
    seen = read(tmp_path)
    settle(tmp_path)
    assert read(tmp_path) == seen
    replace_together(tmp_path, {"b.json": b"newer"})
    assert read(tmp_path) == {**seen, "b.json": b"newer"}
    assert {path.name for path in tmp_path.iterdir()} == {*seen}


def test_who_reads_while_others_write_sees_one_state(tmp_path):
    replace_together(tmp_path, dict.fromkeys(OLD, b"0"))
    stop = threading.Event()

    def write():
        for number in count(1):
            if stop.is_set():
                return
            replace_together(tmp_path, dict.fromkeys(OLD, b"%d" % number))
            stop.wait(0.01)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        states = [read(tmp_path) for _ in range(30)]
    finally:
        stop.set()
        writer.join()
    assert all(len(set(state.values())) == 1 for state in states)
    assert {len(state) for state in states} == {2}


def test_files_that_are_replaced_all_the_time_are_an_error_that_says_so(tmp_path, monkeypatch):
    replace_together(tmp_path, OLD)
    monkeypatch.setattr(folder_files, "_WAITS", (0.0, 0.0))
    states = count()
    monkeypatch.setattr(folder_files, "_state", lambda path: (next(states), 0, 0))
    with pytest.raises(OSError, match="written to all the time"):
        read(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed_when_writing(tmp_path):
    folder, elsewhere = tmp_path / "folder", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / ".staged").symlink_to(elsewhere)
    with pytest.raises(OSError, match="leads out of"):
        replace_together(folder, OLD)
    assert list(elsewhere.iterdir()) == []
