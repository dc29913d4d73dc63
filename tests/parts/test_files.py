from __future__ import annotations

import os
import stat
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.conformance.base_models import published_accuracies
from sparsebench.parts.csv_files import read_columns
from sparsebench.parts.documents import baseline_at, read_baseline, read_document
from sparsebench.parts.files import (
    check_inside,
    check_writable,
    decoded,
    distinct_names,
    read_at_most,
    shown,
    while_folders_vanish,
    write_atomically,
)
from sparsebench.parts.graph_files import read_graph
from sparsebench.parts.labelled_texts import corpus_task, read_corpus
from sparsebench.parts.published_rows import read_rows
from sparsebench.parts.tables import read_strings
from sparsebench.parts.texts import read_text, text_task
from sparsebench.parts.torch_archives import read_tensors
from sparsebench.parts.weight_files import load_arrays
from sparsebench.report.site import report


def test_files_are_called_by_their_names_unless_others_are_called_so() -> None:
    paths = [Path("a/latest.json"), Path("b/latest.json"), Path("b/old.json")]
    assert distinct_names(paths) == ["a/latest.json", "b/latest.json", "old.json"]


@given(text=st.text(min_size=1).filter(lambda text: text[0] != "\ufeff"), mark=st.booleans())
def test_text_is_read_with_and_without_a_byte_order_mark(text: str, mark: bool) -> None:
    assert decoded(text.encode("utf-8-sig" if mark else "utf-8"), Path("a")) == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_of_another_unicode_it_is_said_what_it_is_and_what_to_do(encoding: str) -> None:
    with pytest.raises(
        ValueError, match=r"^strings\.csv: it is in UTF-16 or UTF-32: save it as UTF-8"
    ):
        decoded("string,valid\nBTXSE,1\n".encode(encoding), Path("strings.csv"))


@given(old=st.none() | st.binary(), new=st.binary())
def test_a_file_holds_exactly_what_was_written_last(
    scratch: Path, old: bytes | None, new: bytes
) -> None:
    path = scratch / "file.json"
    if old is not None:
        write_atomically(path, old)
    write_atomically(path, new)
    assert path.read_bytes() == new


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "file", b"new")
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"new"


def test_nothing_but_the_file_is_left_in_its_folder(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"old")
    write_atomically(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
@pytest.mark.parametrize("reason", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
def test_an_interrupted_write_leaves_the_old_content_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, reason: BaseException
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupted(*_: object) -> None:
        raise reason

    monkeypatch.setattr(os, step, interrupted)
    with pytest.raises(type(reason)):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_another_process_deletes_meanwhile_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, begin, deleted = tmp_path / "folder", tempfile.mkstemp, []

    def deleting(**place: object) -> tuple[int, str]:
        if len(deleted) < 3:
            folder.rmdir()
            deleted.append(folder)
        return begin(**place)  # type: ignore[call-overload]

    monkeypatch.setattr(tempfile, "mkstemp", deleting)
    write_atomically(folder / "file", b"new")
    assert (folder / "file").read_bytes() == b"new"
    assert len(deleted) == 3


@pytest.mark.parametrize("reason", [FileNotFoundError, FileExistsError])
def test_a_folder_that_can_never_be_made_is_an_error(reason: type[OSError]) -> None:
    def fail() -> None:
        raise reason("never")

    with pytest.raises(reason, match="never"):
        while_folders_vanish(fail)


@pytest.mark.parametrize("attempts", [1, 3, 5])
def test_a_file_that_another_process_has_open_is_replaced_when_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attempts: int
) -> None:
    """As Windows has it."""
    path, move, refused = tmp_path / "file", os.replace, []
    path.write_bytes(b"old")

    def open_elsewhere(source: str, target: Path) -> None:
        if len(refused) < attempts:
            refused.append(target.read_bytes())
            raise PermissionError(13, "Access is denied")
        move(source, target)

    monkeypatch.setattr(os, "replace", open_elsewhere)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert refused == [b"old"] * attempts
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_stays_open_is_left_and_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, waited = tmp_path / "file", []
    path.write_bytes(b"old")

    def open_elsewhere(source: str, target: Path) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(os, "replace", open_elsewhere)
    monkeypatch.setattr(time, "sleep", waited.append)
    with pytest.raises(PermissionError, match=f"^{path} cannot be replaced .*: close the program"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    assert 0.5 < sum(waited) < 2


def test_the_content_is_complete_on_disk_before_it_takes_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    seen = []
    move = os.replace

    def watched(source: str, target: Path) -> None:
        seen.append((Path(source).read_bytes(), target.read_bytes(), Path(source).parent))
        move(source, target)

    monkeypatch.setattr(os, "replace", watched)
    write_atomically(path, b"new")
    assert seen == [(b"new", b"old", tmp_path)]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_file_gets_the_permissions_that_open_would_give_it(
    tmp_path: Path, umask: int, mode: int
) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "file", b"")
    finally:
        after = os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == mode
    assert after == umask


def test_writing_over_a_folder_fails_and_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_atomically(tmp_path / "folder", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_checking_a_path_that_can_be_written_changes_nothing_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    check_writable(path)
    check_writable(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


def test_a_path_in_folders_that_can_be_made_is_writable(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b" / "file")
    assert list(tmp_path.iterdir()) == []
    write_atomically(tmp_path / "a" / "b" / "file", b"new")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=f"^{tmp_path} is a directory: give the path of a"):
        check_writable(tmp_path)


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(OSError, match="file"):
        check_writable(tmp_path / "file" / "result.json")
    with pytest.raises(OSError, match="file"):
        check_writable(tmp_path / "file" / "folder" / "result.json")


def test_a_folder_that_takes_no_files_is_refused() -> None:
    """Even root makes no files in /proc."""
    if not Path("/proc/self").is_dir():
        pytest.skip("there is no /proc here")
    with pytest.raises(OSError, match="proc"):
        check_writable(Path("/proc/result.json"))
    with pytest.raises(OSError, match="proc"):
        check_writable(Path("/proc/results/latest/result.json"))


def test_a_file_that_may_not_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write every file, so the system's answer is given by hand."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda asked, mode: (asked, mode) != (path, os.W_OK))
    with pytest.raises(PermissionError, match=f"^{path} is not writable: change its permiss"):
        check_writable(path)


def test_a_link_stays_a_link_to_the_new_content(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"


def test_a_pipe_is_no_place_for_a_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a device or a pipe"):
        check_writable(tmp_path / "pipe")


# Reading what somebody else may have written


@given(content=st.binary(max_size=20), most=st.integers(0, 20))
def test_a_file_is_read_if_it_is_no_larger_than_allowed(
    scratch: Path, content: bytes, most: int
) -> None:
    path = scratch / "file"
    path.write_bytes(content)
    if len(content) <= most:
        assert read_at_most(path, most) == content
    else:
        with pytest.raises(ValueError, match=f"^{path}: more than {most} bytes, the most that is"):
            read_at_most(path, most)


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(2**40)  # sparse: it takes no room on the disk
    with pytest.raises(ValueError, match="more than 9 bytes"):
        read_at_most(path, 9)


def test_a_pipe_is_not_waited_for_unless_the_user_named_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a device or a pipe: give the path of a regular file"):
        read_at_most(tmp_path / "pipe", 9)
    reading, writing = os.pipe()
    os.write(writing, b"content")
    os.close(writing)
    assert read_at_most(Path(f"/dev/fd/{reading}"), 9, pipe=True) == b"content"
    os.close(reading)


def test_what_cannot_be_read_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_at_most(tmp_path / "absent", 9)
    with pytest.raises(IsADirectoryError):
        read_at_most(tmp_path, 9)


def test_only_a_path_that_leads_out_of_a_folder_is_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (tmp_path / "store").symlink_to(inside)  # the folder itself may be a link
    (inside / "near").symlink_to("file")
    (inside / "far").symlink_to(outside / "file")
    (inside / "folder").symlink_to(outside)
    (inside / "round").symlink_to("round")
    for folder in (inside, tmp_path / "store"):
        for name in ("file", "near", "round", "a/b"):
            check_inside(folder / name, folder)
        for name in ("far", "folder", "folder/file", "../file", "near/../../file"):
            with pytest.raises(OSError, match=r"leads out of .*: remove the link, or name another"):
                check_inside(folder / name, folder)


@given(value=st.text() | st.integers() | st.none())
def test_a_value_in_an_error_is_one_short_line_of_ascii(value: object) -> None:
    text = shown(value)
    assert text.isascii()
    assert text.isprintable()
    assert len(text) <= 83
    assert text == ascii(value) or ascii(value).startswith(text.removesuffix("..."))


def test_of_what_is_nested_an_error_says_only_the_kind() -> None:
    """Written out, this would have 2 to the power of 60 brackets."""
    value: object = ()
    for _ in range(60):
        value = (value, value)
    assert shown(value) == "tuple"
    assert shown([value]) == "list"


@given(content=st.binary())
def test_a_path_may_be_a_text(scratch: Path, content: bytes) -> None:
    (scratch / "file").write_bytes(content)
    assert read_at_most(str(scratch / "file"), 10**6) == content


READERS: list[Callable[[str], object]] = [
    read_strings,
    lambda path: [*read_columns(path, ("a",))],
    read_graph,
    read_document,
    read_baseline,
    load_arrays,
    read_tensors,
    read_text,
    read_corpus,
    text_task,
    corpus_task,
    lambda path: report([path], "site"),
]


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("name", ["absent", "absent.csv"])
def test_every_reader_takes_a_path_as_a_text(
    read: Callable[[str], object], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in (name, str(tmp_path / name)):
        with pytest.raises(FileNotFoundError):
            read(path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "read", [baseline_at, read_rows, partial(published_accuracies, variant="gru")]
)
def test_readers_that_make_do_without_a_file_take_a_text_too(
    read: Callable[[str | Path], object], tmp_path: Path
) -> None:
    assert read(str(tmp_path / "gru.csv")) == read(tmp_path / "gru.csv")


def test_one_path_where_a_list_is_wanted_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(
        TypeError, match=r"^paths is 'a\.json': give a list, such as \['a\.json'\]$"
    ):
        report("a.json", tmp_path)
