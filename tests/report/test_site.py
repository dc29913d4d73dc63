"""The report in a folder: whole files, in the folder and nowhere else."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.documents import write_document
from sparsebench.report.site import names_of, report
from tests.report import made_up


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "results" / "latest.json"
    write_document(path, made_up.result(made_up.base_models()))
    return path


def test_the_folder_has_the_page_every_figure_and_long_tables(file, tmp_path):
    page = report([file], tmp_path / "site")
    written = {
        path.relative_to(tmp_path / "site").as_posix()
        for path in (tmp_path / "site").rglob("*")
        if path.is_file()
    }
    figures = {f"figures/{each.name}.svg" for each in page.drawings}
    tables = {f"tables/{each.name}.csv" for each in page.tables}
    assert figures
    assert tables
    assert written == {"index.html", *figures, *tables}
    assert (tmp_path / "site" / "index.html").read_text(encoding="utf-8") == page.html


def test_other_files_in_the_folder_stay_as_they_are(file, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "index.html").write_text("old")
    report([file], tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "index.html").read_text() != "old"


def test_a_file_where_the_folder_should_be_is_refused(file, tmp_path):
    place = tmp_path / "site"
    place.write_text("mine")
    with pytest.raises(NotADirectoryError, match="name a folder"):
        report([file], place)
    assert place.read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no symbolic links here")
def test_a_link_out_of_the_folder_is_not_followed(file, tmp_path):
    outside, site = tmp_path / "outside", tmp_path / "site"
    outside.mkdir()
    site.mkdir()
    (site / "figures").symlink_to(outside)
    with pytest.raises(OSError, match="leads out of"):
        report([file], site)
    assert list(outside.iterdir()) == []


def test_what_cannot_be_read_leaves_the_folder_alone(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(ValueError, match=r"bad\.json"):
        report([tmp_path / "bad.json"], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_the_page_does_not_tell_where_its_files_lie(file, tmp_path):
    folder = tmp_path / "alice"
    (folder / "old").mkdir(parents=True)
    older, newer = folder / "old" / file.name, folder / file.name
    for path in (older, newer):
        path.write_bytes(file.read_bytes())
    page = report([older, newer], tmp_path / "site").html
    assert f"old/{file.name}" in page
    assert str(tmp_path) not in page


@given(paths=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), max_size=4))
def test_files_are_called_by_their_place_in_the_folder_that_all_lie_in(paths):
    files = [Path("/home", "alice", *parts) for parts in paths]
    names = names_of(files)
    assert len(set(names)) == len(set(files))
    for path, name in zip(files, names, strict=True):
        assert path.as_posix().endswith(f"/{name}")
        assert "alice" not in name
    assert len(files) != 1 or names == [files[0].name]
