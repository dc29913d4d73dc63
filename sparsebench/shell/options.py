"""The plugin's options on the command line and in the ini file."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any

import pytest


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
