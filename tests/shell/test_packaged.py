"""The benchmarks run from an installed wheel, held to the baseline that came with it."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import sparsebench
from sparsebench.shell import packaged
from sparsebench.shell.packaged import check_not_packaged, packaged_baselines, rerun

ROOT = Path(sparsebench.__file__).parents[1]
BENCHMARKS = sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A folder that stands for the installed package's, with benchmarks and baselines in it."""
    for name in ("benchmarks", "baselines"):
        (tmp_path / "sparsebench" / name).mkdir(parents=True)
    monkeypatch.setattr(packaged, "_PACKAGE", tmp_path / "sparsebench")
    return tmp_path / "sparsebench"


def config(*args, pyargs=True, folder=Path("/somewhere")):
    return SimpleNamespace(
        args=list(args),
        option=SimpleNamespace(pyargs=pyargs),
        invocation_params=SimpleNamespace(dir=folder),
    )


@pytest.mark.parametrize(
    ("args", "pyargs", "own"),
    [
        (["sparsebench.benchmarks"], True, True),
        (["sparsebench.benchmarks.test_gate"], True, True),
        (["sparsebench.benchmarks.test_gate::test_gate[x::y]"], True, True),
        (["sparsebench.benchmarks"], False, False),
        (["sparsebench.benchmarks_of_mine"], True, False),
        (["sparsebench.benchmarks", "other"], True, False),
        (["benchmarks"], False, False),
        ([], True, False),
    ],
)
def test_only_a_run_of_the_package_s_benchmarks_takes_its_baseline(installed, args, pyargs, own):
    found = packaged_baselines(config(*args, pyargs=pyargs))
    assert found == (installed / "baselines" if own else None)


def test_they_are_known_by_their_path_too(installed):
    test = str(installed / "benchmarks" / "test_gate.py::test_gate")
    assert packaged_baselines(config(test, pyargs=False)) == installed / "baselines"
    beside = config("benchmarks", pyargs=False, folder=installed)
    assert packaged_baselines(beside) == installed / "baselines"


def test_in_a_checkout_it_is_the_one_beside_the_package_and_may_be_rewritten():
    assert packaged_baselines(config("sparsebench.benchmarks")) == ROOT / "baselines"
    assert packaged_baselines(config(str(ROOT / "benchmarks"), pyargs=False)) is None
    check_not_packaged("--sparsebench-update", ROOT / "baselines")


def test_the_package_s_baseline_is_never_rewritten(installed):
    with pytest.raises(
        ValueError, match=r"--sparsebench-update: .* never rewritten: name a folder"
    ):
        check_not_packaged("--sparsebench-update", installed / "baselines")
    check_not_packaged("--sparsebench-update", installed.parent / "baselines")


def test_an_item_is_run_again_by_the_name_that_it_was_run_by(installed):
    own, other = config("sparsebench.benchmarks"), config("benchmarks", pyargs=False)
    nodeid, options = "test_base.py::test_base[gru]", ["--sparsebench-gate"]
    assert rerun(own, nodeid, options) == (
        "pytest --pyargs 'sparsebench.benchmarks.test_base::test_base[gru]' --sparsebench-gate"
    )
    assert rerun(other, nodeid, []) == "pytest 'test_base.py::test_base[gru]'"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the sources."""
    pytest.importorskip("setuptools", minversion="77")
    source, made = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("sparsebench", "benchmarks", "baselines"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignore)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip("wheel", "--no-build-isolation", "-w", str(made), str(source))
    (found,) = made.glob("*.whl")
    return found


def pip(command, *arguments):
    quiet = ["--no-deps", "--quiet", "--disable-pip-version-check", "--no-index"]
    subprocess.run([sys.executable, "-m", "pip", command, *quiet, *arguments], check=True)


@pytest.mark.long
def test_the_wheel_has_benchmarks_and_baselines_and_no_package_beside_its_own(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"sparsebench"}
    assert {f"sparsebench/benchmarks/{name}" for name in BENCHMARKS} <= {*names}
    stored = [path for path in (ROOT / "baselines").glob("*/*") if not path.name.startswith(".")]
    assert {f"sparsebench/baselines/{path.parent.name}/{path.name}" for path in stored} <= {*names}
    sources = (ROOT / "sparsebench").rglob("*.py")
    assert {path.relative_to(ROOT).as_posix() for path in sources} <= {*names}
    assert wheel.stat().st_size < 20_000_000


@pytest.mark.long
def test_an_installed_wheel_runs_its_benchmarks_in_a_fresh_folder(wheel, tmp_path):
    """It is held to the baseline that came with it; an update is refused."""
    place, fresh = tmp_path / "installed", tmp_path / "fresh"
    fresh.mkdir()
    pip("install", "--target", str(place), str(wheel))
    ran = run(place, fresh, "-k", "test_gate")
    assert ran.returncode == 0, ran.stdout
    assert "skipped" not in ran.stdout
    refused = run(place, fresh, "-k", "test_gate", "--sparsebench-update-new")
    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--sparsebench-update-new: the baseline in" in refused.stderr
    plan = [sys.executable, "-m", "sparsebench", "campaign", "plan", "-k", "test_base and gru"]
    planned = subprocess.run(
        plan, cwd=fresh, env=environment(place), capture_output=True, text=True
    )
    assert "no benchmarks" not in planned.stdout
    assert planned.returncode == 0, planned.stdout


def run(place, folder, *arguments):
    """Run the installed benchmarks."""
    command = [sys.executable, "-m", "pytest", "--pyargs", "sparsebench.benchmarks", *arguments]
    command += ["-p", "no:cacheprovider", f"--sparsebench-store={folder / 'store'}"]
    environ = environment(place)
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)


def environment(place):
    """That of a process that finds the installed package before any other."""
    return {**os.environ, "PYTHONPATH": str(place)}
