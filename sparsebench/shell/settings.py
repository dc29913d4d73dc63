"""The run's settings: made from the options, which are checked before any work."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sparsebench.shell.option_paths import (
    baselines_folder,
    default_store,
    json_path,
    named_text,
    path,
)
from sparsebench.shell.options import value

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Settings

_SETTINGS = pytest.StashKey["Settings"]()


def settings(config: pytest.Config) -> Settings:
    """Check all options and make the settings, once per process.

    Raises
    ------
    pytest.UsageError
        If an option is wrong; the message says what was received, what is allowed and what to do.
    """
    if _SETTINGS not in config.stash:
        config.stash[_SETTINGS] = _checked_settings(config)
    return config.stash[_SETTINGS]


def _checked_settings(config: pytest.Config) -> Settings:
    from sparsebench.harness.profiles import CLAIM_MODES, PROFILES, Settings
    from sparsebench.values.checks import one_of
    from sparsebench.values.semantics import SEMANTICS

    profile, semantics = value(config, "profile"), value(config, "semantics")
    device = value(config, "device")
    try:
        one_of("--sparsebench-profile", profile, PROFILES)
        seeds = _number(config, "seeds", PROFILES[profile].seeds)
        one_of("--sparsebench-semantics", semantics, [*SEMANTICS, "both"])
        one_of("--sparsebench-device", device, ("cpu", "cuda"))
        one_of("--sparsebench-claims", value(config, "claims"), CLAIM_MODES)
        result = Settings(
            profile=profile,
            seeds=seeds,
            max_seeds=_number(config, "max-seeds", seeds, low=seeds),
            first_seed=_number(config, "first-seed", 0, low=0),
            graphs=_number(config, "graphs", PROFILES[profile].graphs),
            threads=_threads(),
            semantics=tuple(SEMANTICS) if semantics == "both" else (semantics,),
            device=device,
            claims=value(config, "claims"),
            baselines=baselines_folder(config),
            baseline=value(config, "baseline") or "thesis",
            store=path(config, "store") or default_store(),
            update=_update(config),
            gate=bool(value(config, "gate")),
            judge_speed=bool(value(config, "judge-speed")),
            artifacts=_existing(path(config, "artifacts")),
            **_texts(named_text(config)),
            scheduler=_scheduler(value(config, "scheduler")),
        )
        if device == "cuda":
            _check_cuda()
        _check_baseline(config, result)
        _check_nothing_left_out(config, result)
    except (ValueError, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    return result


def _texts(own: str) -> dict[str, tuple[str, ...]]:
    """Texts and labelled texts: the package's and the user's, which are checked for use as a task."""
    if not own:
        return {}
    from sparsebench.harness.profiles import Settings
    from sparsebench.parts.labelled_texts import corpus_task
    from sparsebench.parts.texts import name_and_path, text_task

    texts, corpora = [*Settings.texts], [*Settings.corpora]
    try:
        _, place = name_and_path(own, {})
        labelled = place.is_dir() or place.suffix.lower() == ".csv"
        (corpus_task if labelled else text_task)(own)
    except (OSError, ValueError) as error:
        raise ValueError(f"--sparsebench-text: {error}") from None
    (corpora if labelled else texts).append(own)
    return {"texts": tuple(texts), "corpora": tuple(corpora)}


def _number(config: pytest.Config, name: str, default: int, low: int = 1) -> int:
    """A number of seeds or graphs, or the first seed, up to what a run can finish."""
    from sparsebench.values.checks import LARGEST_SEED, MOST_GRAPHS, MOST_SEEDS

    text = value(config, name)
    if not text:
        return default
    most = MOST_GRAPHS if name == "graphs" else MOST_SEEDS
    why = "for more, go on from --sparsebench-first-seed in another run"
    if name == "first-seed":
        most, why = (
            LARGEST_SEED - MOST_GRAPHS,
            "not all that read result files hold larger seeds exactly",
        )
    digits = len(text)  # Python refuses to parse thousands of digits
    if text.isdecimal() and (digits > 20 or int(text) > most):
        shown = text if digits <= 20 else f"{text[:9]}... ({digits} digits)"
        raise ValueError(
            f"--sparsebench-{name} is {shown!r}: give a whole number of at most {most}; {why}"
        )
    if not text.isdecimal() or int(text) < low:
        raise ValueError(f"--sparsebench-{name} is {text!r}: give a whole number of at least {low}")
    return int(text)


def _update(config: pytest.Config) -> str:
    if value(config, "update-new"):
        if value(config, "update"):
            raise ValueError(
                "--sparsebench-update and --sparsebench-update-new are both given: choose one; the "
                "first rewrites everything that was measured, the second adds what is new"
            )
        return "new"
    return "all" if value(config, "update") else ""


def _threads() -> int:
    """The cores available to this process; xdist's workers share them."""
    known = getattr(os, "sched_getaffinity", None)
    cores = len(known(0)) if known else os.cpu_count() or 1
    return max(1, cores // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _existing(folder: Path | None) -> Path | None:
    if folder is not None and not folder.is_dir():
        raise ValueError(f"--sparsebench-artifacts is {folder}: there is no such folder")
    return folder


def _scheduler(address: str) -> str:
    if not address:
        return ""
    scheme, _, rest = address.partition("://")
    if not scheme.isalpha() or not rest:
        raise ValueError(
            f"--sparsebench-scheduler is {address!r}: give the address that `dask scheduler` prints, "
            "such as tcp://10.0.0.1:8786"
        )
    if find_spec("distributed") is None:
        raise ValueError(
            "--sparsebench-scheduler needs Dask, which is not installed: "
            "pip install 'sparsebench[dask]', here and on the workers"
        )
    return address


def _check_cuda() -> None:
    import torch

    if not torch.cuda.is_available():
        built = (
            f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "a build without CUDA"
        )
        raise ValueError(
            f"--gpu needs a CUDA device, but torch {torch.__version__} ({built}) sees "
            f"{torch.cuda.device_count()}: install a CUDA build of torch, check the driver with "
            "nvidia-smi, or leave --gpu out to run on the CPU"
        )


def _check_nothing_left_out(config: pytest.Config, chosen: Settings) -> None:
    """Refuse a gate together with pytest-benchmark's options that skip items."""
    for name in ("benchmark_skip", "benchmark_only"):
        if chosen.gate and config.getoption(name, False):
            switch = f"--{name.replace('_', '-')}"
            raise ValueError(
                f"--sparsebench-gate and {switch} are both given: what {switch} skips would be green "
                "without being judged; leave one of the two out, or choose items with -k or --deselect"
            )


def _check_baseline(config: pytest.Config, chosen: Settings) -> None:
    from sparsebench.parts.baseline_folder import (
        NOT_BASELINES,
        BaselineFolder,
        baselines_in,
        has_baseline,
    )
    from sparsebench.parts.documents import read_baseline
    from sparsebench.shell.packaged import check_not_packaged

    _check_folder(config, chosen)
    if chosen.update:
        check_not_packaged(_update_switch(chosen), chosen.baselines)
    if chosen.baseline in NOT_BASELINES:
        raise ValueError(
            f"--sparsebench-baseline is {chosen.baseline!r}: {chosen.baseline_path} is there for other "
            "files; choose another name"
        )
    for times in sorted(chosen.times.glob("*.json")):
        read_baseline(times)
    if has_baseline(chosen.baseline_path):
        BaselineFolder(chosen.baseline_path).check()
    elif value(config, "baseline") and not chosen.update:
        raise ValueError(
            f"--sparsebench-baseline is {chosen.baseline!r}: {chosen.baselines} has "
            f"{', '.join(baselines_in(chosen.baselines)) or 'none'}; make one with "
            "--sparsebench-update"
        )


def _check_folder(config: pytest.Config, chosen: Settings) -> None:
    """Refuse a folder from the command line that has no baseline and will get none."""
    from sparsebench.parts.baseline_folder import has_baseline

    folder = chosen.baselines
    if folder.exists() and not folder.is_dir():
        raise ValueError(
            f"--sparsebench-baselines is {folder}: give the folder that baselines lie in"
        )
    named = config.getoption("sparsebench_baselines") is not None
    holds = has_baseline(chosen.baseline_path) or any(chosen.times.glob("*.json"))
    if named and not holds and not chosen.update:
        what = f"has no {chosen.baseline_path.name}" if folder.exists() else "does not exist"
        raise ValueError(
            f"--sparsebench-baselines is {folder}, which {what}: give the folder of a baseline, make "
            "one there with --sparsebench-update-new, or leave the option out"
        )


def missing_baseline(chosen: Settings) -> str:
    """The message, shown before training, that there is no baseline; empty if there is one.

    The base models that a baseline would hold must be trained then, a minute or two each.
    """
    from sparsebench.parts.baseline_folder import has_baseline

    folder = chosen.baseline_path
    if has_baseline(folder):
        return ""
    if chosen.update:
        return f"sparsebench: a new baseline will be made: {folder}"
    where = "" if folder.parent.exists() else f" (there is no folder {folder.parent})"
    return (
        f"sparsebench: no baseline: {folder} does not exist{where}; base models of the thesis, if "
        "items need any, are trained first, up to three minutes each, and what is measured is held "
        "to no baseline. Name another folder with --sparsebench-baselines=DIR, or make a baseline "
        "with --sparsebench-update-new"
    )


def measures_nothing(config: pytest.Config) -> bool:
    """Whether a run only collects, plans or shows fixtures, whichever items are selected."""
    passive = ("collectonly", "setuponly", "setupplan")
    return bool(value(config, "plan")) or any(config.getoption(name) for name in passive)


def check_writable_files(config: pytest.Config) -> None:
    """Check that a run that measures something can write its result file and its baseline.

    Raises
    ------
    pytest.UsageError
        If it cannot.
    """
    if measures_nothing(config):
        return
    chosen = settings(config)
    _check_writable("--sparsebench-json", json_path(config))
    if chosen.update:
        for written in _updated(chosen):
            _check_writable(_update_switch(chosen), written)


def _update_switch(chosen: Settings) -> str:
    """The option that requests the run's update."""
    return "--sparsebench-update" + ("-new" if chosen.update == "new" else "")


def _updated(chosen: Settings) -> list[Path]:
    """One file in each folder that an update may write to."""
    from sparsebench.parts.folder_lock import LOCK

    return [
        chosen.baseline_path / "new.json",
        chosen.models / "new.safetensors",
        chosen.times / "new.json",
        chosen.baselines / LOCK / "held",
    ]


def _check_writable(switch: str, chosen: Path | None) -> None:
    from sparsebench.parts.files import check_writable

    if chosen is None:
        return
    try:
        check_writable(chosen)
    except OSError as error:
        raise pytest.UsageError(f"{switch}: cannot write {chosen}: {error}") from None
