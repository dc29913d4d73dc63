"""The report finds the baseline by which its newest run was judged."""

import pytest

from sparsebench.parts.baseline_folder import BaselineFolder
from sparsebench.parts.documents import write_document
from sparsebench.shell.command import main
from tests.report import made_up


@pytest.fixture
def pruned(tmp_path, monkeypatch):
    """A result of pruned networks only, in a folder that has a baseline with the dense ones."""
    monkeypatch.chdir(tmp_path)
    document = made_up.baseline(made_up.base_models())
    for name in ("baselines/thesis", "other/own"):
        (tmp_path / name).mkdir(parents=True)
        write_document(tmp_path / name / "base.json", document)
        BaselineFolder(tmp_path / name).check()
    write_document(tmp_path / "latest.json", made_up.result(made_up.pruned()))
    return tmp_path


def page(*arguments):
    assert main(["report", "latest.json", "-o", "site", *arguments]) == 0
    with open("site/index.html", encoding="utf-8") as file:
        return file.read()


def test_dense_networks_are_those_of_the_baseline_in_the_working_folder(pruned):
    assert "they are from the baseline thesis." in page()


def test_another_baseline_can_be_named(pruned):
    assert "they are from the baseline own." in page("--baseline=other/own")


def test_what_is_no_baseline_is_2_and_says_so(pruned, capsys):
    assert main(["report", "latest.json", "-o", "site", "--baseline=other"]) == 2
    assert "--baseline is other, which has no records" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "..", "../other/own", "elsewhere"])
def test_a_name_that_a_file_gives_leads_nowhere_else(pruned, name):
    document = made_up.result(made_up.pruned())
    document.run = type(document.run)(
        **{each: getattr(document.run, each) for each in document.run.__struct_fields__}
        | {"baseline": name}
    )
    write_document(pruned / "latest.json", document)
    assert "No dense networks to compare with are known of GRU" in page()
