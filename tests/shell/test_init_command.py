"""`sparsebench init` writes a project that passes, and never writes over a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch

from sparsebench.shell.command import main
from tests.conftest import without_plugins
from tests.guide.pages import GUIDE, Reader

WRITTEN = [
    ".github/workflows/sparsebench.yml",
    "README.md",
    "data.npz",
    "pyproject.toml",
    "requirements.txt",
    "test_model.py",
]

LETTERS = """
import torch
from torch import nn

class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(9, 8, padding_idx=2)
        self.lstm = nn.LSTM(8, 16)
        self.out = nn.Linear(16, 4)

def make():
    torch.manual_seed(0)
    return Tagger()
"""

NUMBERS = """
import torch
from torch import nn

def make():
    torch.manual_seed(0)
    return nn.ModuleDict({"cell": nn.RNN(3, 16), "out": nn.Linear(16, 1)})
"""


MEAN = """
import torch
from torch import nn


class Mean(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.rnn, self.head = nn.GRU(3, 4, batch_first=True), nn.Linear(4, 2)

    def forward(self, frames):
        return self.head(self.rnn(frames)[0].mean(1))


make = Mean
"""


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"--sparsebench-store={tmp_path / 'store'}"


def files_in(folder: Path) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(each for each in found if "__pycache__" not in each)


@pytest.mark.long
def test_what_it_writes_passes_from_the_first_run_to_the_gate(
    tmp_path: Path, store: str, capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config
) -> None:
    folder = tmp_path / "project"
    assert main(["init", str(folder)]) == 0
    assert f"wrote {folder}/test_model.py" in capsys.readouterr().out
    assert files_in(folder) == sorted([*WRITTEN, "model.py"])
    somebody = Reader(folder, [*without_plugins(pytestconfig), store])
    first = somebody.run("pytest")
    assert first.returncode == 0, first.stdout
    assert "5 skipped" in first.stdout  # no baseline yet
    accepted = somebody.run("pytest -v --sparsebench-update")
    assert accepted.returncode == 0, accepted.stdout
    assert "5 passed" in accepted.stdout
    shares = [
        float(each) for each in re.findall(r"^dense +(\d+\.\d)", accepted.stdout, re.MULTILINE)
    ]
    assert shares
    assert shares[0] > 60  # of three classes: the stand-in data can be learned
    gated = somebody.run("pytest --sparsebench-gate -k accuracy")
    assert gated.returncode == 0, gated.stdout
    somebody.edit("model.py", "manual_seed(0)", "manual_seed(1)")
    red = somebody.run("pytest --sparsebench-gate -k accuracy")
    assert red.returncode == 1, red.stdout


@pytest.mark.parametrize(
    ("source", "reads", "asks"),
    [(LETTERS, "every_step", "classes"), (NUMBERS, "last_step", "values")],
)
def test_a_module_of_ones_own_is_tested_where_it_lies(
    tmp_path: Path, store: str, pytestconfig: pytest.Config, source: str, reads: str, asks: str
) -> None:
    (tmp_path / "lib").mkdir()
    own = tmp_path / "lib" / "tagger.py"
    own.write_text(source, encoding="utf-8")
    folder = tmp_path / "project"
    assert main(["init", str(folder), "--module", f"{own}:make", "--reads", reads]) == 0
    assert files_in(folder) == WRITTEN
    text = (folder / "test_model.py").read_text(encoding="utf-8")
    assert "from tagger import make\n" in text
    assert f'"{asks}",' in text
    assert 'pythonpath = [".", "../lib"]' in (folder / "pyproject.toml").read_text(encoding="utf-8")
    somebody = Reader(folder, [*without_plugins(pytestconfig), store])
    done = somebody.run("pytest --sparsebench-update -k 'kept20 or steps'")
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def test_the_line_that_loads_trained_weights_works_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["init", str(tmp_path)]) == 0
    monkeypatch.chdir(tmp_path)
    own = Path("model.py").read_text(encoding="utf-8")
    loads = "# model.load_state_dict("
    assert own.count(loads) == 1
    names: dict[str, Any] = {}
    exec(own, names)
    trained = names["Model"]()
    torch.save(trained.state_dict(), "weights.pt")
    exec(own.replace(loads, loads.removeprefix("# ")), names)
    loaded = names["make_model"]()
    assert torch.equal(loaded.head.weight, trained.head.weight)


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("model.py", "pyproject.toml", "test_model.py"):
        (tmp_path / name).write_text(
            NUMBERS.replace("def make(", "def make_model("), encoding="utf-8"
        )
    before = (tmp_path / "model.py").read_bytes()
    assert main(["init", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    for name in ("pyproject.toml", "test_model.py"):
        assert f"{tmp_path / name} is there already: left as it is" in told
        assert (tmp_path / name).read_bytes() == before
    assert f"wrote {tmp_path / 'data.npz'}" in told
    written = (tmp_path / "data.npz").read_bytes()
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / "data.npz").read_bytes() == written
    assert "wrote" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("own", "", "give a file and a function in it, such as spotter.py:make_model"),
        ("own.py:make it", "", "give a file and a function"),
        ("other.py:make", "", "there is no file"),
        ("own.py:make", "raise OSError('gone')", r"cannot be imported (OSError: gone)"),
        ("own.py:make", "x = 1", "has no function make"),
        ("own.py:make", "def make(size): pass", "that needs no arguments"),
        ("own.py:make", "def make(): return 3", "returned a int: return the nn.Module"),
        ("own.py:make", "from torch import nn\ndef make(): return nn.Linear(2, 2)", "0 recurrent"),
        ("own.py:make", NUMBERS.replace("torch.manual_seed(0)", ""), "two modules of different"),
        ("own.py:make", NUMBERS.replace("RNN(3, 16)", "RNN(3, 16, bias=False)"), "bias=True"),
        ("own.py:make", NUMBERS.replace("16, 1", "16, 101"), "at most 128 and 100"),
        ("own.py:make", "def make(): open('weights.pt')", "name files by Path(__file__).with_name"),
        ("own.py:make", MEAN, "computes something else than rnn and head, read by last_step"),
    ],
    ids=range(13),
)
def test_what_cannot_be_tested_is_refused_and_nothing_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    module: str,
    source: str,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text(source, encoding="utf-8")
    assert main(["init", "project", "--module", module]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "project").exists()


def test_a_file_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "project").write_text("", encoding="utf-8")
    assert main(["init", str(tmp_path / "project")]) == 2
    assert "is a file: give a folder" in capsys.readouterr().err


def test_its_workflow_has_the_steps_of_the_guides(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    ours = (GUIDE / "github-actions.yml").read_text(encoding="utf-8")
    text = (tmp_path / ".github/workflows/sparsebench.yml").read_text(encoding="utf-8")
    steps = re.compile(r"^ +- (?:name|uses): (.+)$", re.MULTILINE)
    assert steps.findall(text) == steps.findall(ours)
    assert "--sparsebench-gate" in text
    assert len((tmp_path / "README.md").read_text(encoding="utf-8").splitlines()) <= 10
