"""One process at a time changes the files of a folder, and git sees nothing of the lock."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import filelock
import pytest

from sparsebench.parts.folder_lock import LOCK, locked


def test_what_is_read_changed_and_written_under_the_lock_is_never_lost(tmp_path):
    counter = tmp_path / "counter"
    counter.write_text("0")

    def count(_):
        with locked(tmp_path):
            number = int(counter.read_text())
            time.sleep(0.001)
            counter.write_text(str(number + 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(40)))
    assert counter.read_text() == "40"


def test_the_folder_is_made_and_git_sees_nothing_of_the_lock(tmp_path):
    with locked(tmp_path / "baselines"):
        (tmp_path / "baselines" / "thesis.json").touch()
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    command = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert told == "?? baselines/thesis.json\n"


def test_who_waits_too_long_is_told_which_folder_is_held(tmp_path):
    with (
        locked(tmp_path),
        pytest.raises(TimeoutError, match=f"{tmp_path}: another process .* run the update again"),
        locked(tmp_path, patience=0.01),
    ):
        pass
    with locked(tmp_path, patience=0.01):
        pass


def test_a_process_that_is_killed_lets_go_of_the_lock(tmp_path):
    source = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from sparsebench.parts.folder_lock import locked\n"
        "with locked(Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)\n"
    )
    command = [sys.executable, "-c", source, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(TimeoutError), locked(tmp_path, patience=0.01):
            pass
        os.kill(process.pid, signal.SIGKILL)
    with locked(tmp_path, patience=5):
        pass


@pytest.mark.parametrize("name", [LOCK, f"{LOCK}/held", f"{LOCK}/.gitignore"])
def test_nothing_is_written_through_a_link_out_of_the_folder(tmp_path, name):
    folder, elsewhere = tmp_path / "baselines", tmp_path / "elsewhere"
    link = folder / name
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere)
    with pytest.raises(OSError, match="leads out of"), locked(folder):
        pass
    assert not elsewhere.exists()


def test_a_disk_without_locks_is_named(tmp_path, monkeypatch):
    def acquire(self, **others):
        raise NotImplementedError("no flock here")

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)
    told = r"held cannot be locked \(no flock here\).*another disk"
    with pytest.raises(OSError, match=told), locked(tmp_path):
        pass
