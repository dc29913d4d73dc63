"""`python -m sparsebench` is the command `sparsebench`, which knows its version."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from sparsebench.shell.command import main
from sparsebench.values.numerics import NUMERICS

SAID = f"sparsebench {version('sparsebench')}, numerics {NUMERICS}"


def test_the_command_tells_the_version_of_the_package_and_of_the_arithmetic(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == SAID


def test_the_package_can_be_run_as_a_module():
    command = [sys.executable, "-m", "sparsebench", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == SAID
