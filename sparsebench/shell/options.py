"""The plugin's options on the command line and in the ini file, and the settings made from them."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Settings


@dataclass(frozen=True)
class Option:
    """A command-line option `--sparsebench-NAME` and the ini option `sparsebench_NAME`.

    Attributes
    ----------
    name
        In lower case, without the prefix.
    help
        One sentence that includes the default.
    default
        Used if neither the command line nor the ini file sets it.
    flag
        Takes no value on the command line; `true` or `false` in the ini file.
    """

    name: str
    help: str
    default: str = ""
    flag: bool = False
    metavar: str = "NAME"

    @property
    def switch(self) -> str:
        """The option on the command line."""
        return f"--sparsebench-{self.name}"

    @property
    def ini(self) -> str:
        """The option's name in the ini file, and in pytest for the command line's value."""
        return f"sparsebench_{self.name.replace('-', '_')}"


OPTIONS = (
    Option("profile", "amount of work: smoke, quick (default) or thesis", "quick"),
    Option("semantics", "published (default), corrected or both", "published"),
    Option("seeds", "seeds per item (default: the profile's)", metavar="N"),
    Option(
        "max-seeds",
        "measure up to this many seeds while fewer decide nothing (default: the seeds per item)",
        metavar="N",
    ),
    Option(
        "first-seed",
        "first seed of the networks that the run trains; stored base models always start at 0 "
        "(default: 0)",
        metavar="N",
    ),
    Option(
        "graphs",
        "randomly wired networks per variant and family (default: the profile's)",
        metavar="N",
    ),
    Option("device", "cpu (default) or cuda", "cpu"),
    Option(
        "claims",
        "how claims of the thesis are judged: baseline (default): one that the baseline also "
        "contradicts is an expected failure; strict: every contradicted claim fails; off: not at all",
        "baseline",
    ),
    Option("json", "write records and verdicts to this result file", metavar="PATH"),
    Option("baseline", "name of the baseline to judge against (default: thesis)"),
    Option(
        "baselines",
        "folder of baselines (default: baselines; for --pyargs sparsebench.benchmarks that of the "
        "package, which is never rewritten)",
        "baselines",
        metavar="DIR",
    ),
    Option("update", "rewrite the baseline with what this run measures", flag=True),
    Option(
        "update-new", "add to the baseline what it lacks, and leave the rest as it is", flag=True
    ),
    Option(
        "gate",
        "fail an item that has no record in the baseline, or whose comparison is undecided",
        flag=True,
    ),
    Option(
        "judge-speed",
        "fail if forward passes are slower than in the baseline, or the engine is slower than "
        "promised, in three measurements; for a quiet machine (default: speed is only reported)",
        flag=True,
    ),
    Option(
        "plan",
        "only show what would be trained and measured, and how long it would take",
        flag=True,
    ),
    Option("artifacts", "checkout of the thesis author's repository", metavar="DIR"),
    Option(
        "text",
        "a text file whose next letters are predicted, besides the package's own text; or labelled "
        "texts to classify: a folder with a subfolder of .txt files for each label (or train and test "
        "folders of these), or a CSV file with the columns text and label. Results identify it by its "
        "content, and by NAME if that is given",
        metavar="[NAME=]PATH",
    ),
    Option(
        "store",
        "folder in which trained models are cached (default: the user's cache)",
        metavar="DIR",
    ),
    Option(
        "scheduler",
        "address of a Dask scheduler, such as tcp://10.0.0.1:8786, whose workers train the networks "
        "(default: threads of this process)",
        metavar="ADDRESS",
    ),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare all options except `--gpu`."""
    group = parser.getgroup("sparsebench", "sparsebench: sparse recurrent networks")
    for option in OPTIONS:
        if option.flag:
            group.addoption(
                option.switch, dest=option.ini, action="store_true", default=None, help=option.help
            )
            parser.addini(option.ini, option.help, type="bool", default=False)
        else:
            group.addoption(
                option.switch,
                dest=option.ini,
                default=None,
                metavar=option.metavar,
                help=option.help,
            )
            parser.addini(option.ini, option.help, default=option.default)


def add_gpu(parser: pytest.Parser) -> None:
    """Declare `--gpu`, unless the project has an option of that name; then it is not ours."""
    try:
        _, unknown = parser.parse_known_and_unknown_args(["--gpu"])
    except pytest.UsageError:  # the option exists, and needs a value
        return
    if "--gpu" in unknown:
        parser.getgroup("sparsebench").addoption(
            "--gpu",
            action="store_const",
            const="cuda",
            dest="sparsebench_device",
            help="the same as --sparsebench-device=cuda",
        )


def given_on_command_line(config: pytest.Config) -> bool:
    """Whether the command line names any option of the plugin."""
    return any(config.getoption(option.ini) is not None for option in OPTIONS)


def given_in_ini(config: pytest.Config) -> bool:
    """Whether the ini file sets any option of the plugin."""
    unset = {option: False if option.flag else option.default for option in OPTIONS}
    return any(config.getini(option.ini) != default for option, default in unset.items())


def value(config: pytest.Config, name: str) -> Any:
    """An option's value: from the command line, else the ini file, else the default."""
    key = f"sparsebench_{name.replace('-', '_')}"
    chosen = config.getoption(key)
    return config.getini(key) if chosen is None else chosen


def path(config: pytest.Config, name: str) -> Path | None:
    """An option's value as an absolute path, or None if there is none.

    A relative path is relative to the folder where pytest was called if it comes from the command
    line, and to the project's root if it comes from the ini file.
    """
    chosen = value(config, name)
    return _absolute(config, name, chosen) if chosen else None


def _absolute(config: pytest.Config, name: str, chosen: str) -> Path:
    """A path that an option names; see `path`."""
    given = config.getoption(f"sparsebench_{name}") is not None
    start = config.invocation_params.dir if given else config.rootpath
    try:
        return start / Path(chosen).expanduser()
    except RuntimeError:
        raise pytest.UsageError(
            f"--sparsebench-{name} is {chosen!r}: there is no such home directory; give another path"
        ) from None


def json_path(config: pytest.Config) -> Path | None:
    """The path of the result file, or None."""
    return path(config, "json")


def deviating(config: pytest.Config) -> list[str]:
    """The options that decide what an item is and differ from the defaults, as on a command line."""
    passing = ("json", "store", "update", "update-new", "plan", "scheduler")
    chosen = {
        option: value(config, option.name) for option in OPTIONS if option.name not in passing
    }
    given = {
        option: found for option, found in chosen.items() if found not in (option.default, None)
    }
    return [
        option.switch if option.flag else f"{option.switch}={shlex.quote(str(found))}"
        for option, found in given.items()
        if not option.flag or found
    ]


def _text(config: pytest.Config) -> str:
    """The user's text in the form that tasks take: its name, if given, and an absolute path."""
    chosen = value(config, "text")
    whole = path(config, "text")
    if whole is None:
        return ""
    name, named, place = chosen.partition("=")
    if not named or "/" in name or whole.exists():
        return str(whole)
    return f"{name}={_absolute(config, 'text', place)}"


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
            baselines=_baselines(config),
            baseline=value(config, "baseline") or "thesis",
            store=path(config, "store") or default_store(),
            update=_update(config),
            gate=bool(value(config, "gate")),
            judge_speed=bool(value(config, "judge-speed")),
            artifacts=_existing(path(config, "artifacts")),
            **_texts(_text(config)),
            scheduler=_scheduler(value(config, "scheduler")),
        )
        if device == "cuda":
            _check_cuda()
        _check_baseline(config, result)
        _check_nothing_left_out(config, result)
    except (ValueError, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    return result


def _baselines(config: pytest.Config) -> Path:
    """The folder of baselines: as named, the package's for its own benchmarks, or the project's."""
    from sparsebench.shell.packaged import packaged_baselines

    named = config.getoption("sparsebench_baselines") is not None
    named = named or config.getini("sparsebench_baselines") != "baselines"
    packaged = None if named else packaged_baselines(config)
    return packaged or path(config, "baselines") or config.rootpath / "baselines"


def _check_nothing_left_out(config: pytest.Config, chosen: Settings) -> None:
    """Refuse a gate together with pytest-benchmark's options that skip items."""
    for name in ("benchmark_skip", "benchmark_only"):
        if chosen.gate and config.getoption(name, False):
            switch = f"--{name.replace('_', '-')}"
            raise ValueError(
                f"--sparsebench-gate and {switch} are both given: what {switch} skips would be green "
                "without being judged; leave one of the two out, or choose items with -k or --deselect"
            )


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


def default_store() -> Path:
    """The default folder of the store of trained models.

    Raises
    ------
    ValueError
        If the user has no home directory.
    """
    from platformdirs import user_cache_path

    try:
        cache = user_cache_path("sparsebench")
    except RuntimeError:
        cache = Path("~")  # older versions of platformdirs return it unexpanded
    if not cache.is_absolute():
        raise ValueError(
            "there is no folder to keep trained models in, as you have no home directory: name one "
            "with --sparsebench-store, or with --store for `sparsebench store`, or set HOME"
        )
    return cache / "models"


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
    for path in sorted(chosen.times.glob("*.json")):
        read_baseline(path)
    if has_baseline(chosen.baseline_path):
        BaselineFolder(chosen.baseline_path).check()
    elif value(config, "baseline") and not chosen.update:
        raise ValueError(
            f"--sparsebench-baseline is {chosen.baseline!r}: {chosen.baselines} has "
            f"{', '.join(baselines_in(chosen.baselines)) or 'none'}; make one with "
            "--sparsebench-update"
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

    path = chosen.baseline_path
    if has_baseline(path):
        return ""
    if chosen.update:
        return f"sparsebench: a new baseline will be made: {path}"
    where = "" if path.parent.exists() else f" (there is no folder {path.parent})"
    return (
        f"sparsebench: no baseline: {path} does not exist{where}; base models are trained first, up to "
        "three minutes each, and what is measured is held to no baseline. Name another folder with "
        "--sparsebench-baselines=DIR, or make a baseline with --sparsebench-update-new"
    )


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
